from ...lib.respond.outbox import openapi
from ..ingest.openapi import VisibilityOpenApi


class VisibilityOpenApiOut(VisibilityOpenApi):
    """The same document also says what subscriptions receive."""

    def _get_webhooks(self):
        return openapi.webhooks(), openapi.schemas()
