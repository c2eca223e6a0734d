"""The only exceptions that the plain-Python side of ingest raises on purpose."""


class IngestError(Exception):
    """Base class: its text is one sentence that may be shown to a person."""


class InvalidJson(IngestError):
    """The body is not JSON under the strict profile (see ``strict_json``)."""


class UnknownShape(IngestError):
    """Authentic and well formed, but not a body this adapter understands."""


class InvalidEvents(UnknownShape):
    """A canonical body breaks its schema; nothing of it is accepted.

    ``errors`` is a list of ``{"pointer", "detail", "code"}`` as RFC 9457 section 3.1 shows it:
    ``pointer`` is a JSON Pointer as URI fragment (``#/events/3/data``). It never holds the
    sender's values, so it can be answered and stored. ``count`` is the number found, which may
    be higher than what is listed.
    """

    def __init__(self, text: str, errors: list[dict[str, str]], count: int):
        super().__init__(text)
        self.errors = errors
        self.count = count


class VerificationError(IngestError):
    """The request is not proven to come from its source. Always answered 401."""


class ConfigurationError(IngestError):
    """A source's own settings cannot work (for an administrator, never for a sender)."""
