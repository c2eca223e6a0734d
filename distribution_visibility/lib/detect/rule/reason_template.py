"""A reason in words with the fields of a record in it: ``{partner_id} waits since {date_order}``.

Deliberately less than Python's formatting: a name, or a name and one more behind a dot. Nothing is
evaluated, so that whoever may write a text cannot reach into the server.
"""

import re

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class TemplateError(ValueError):
    """The text cannot be a template; ``wrong`` is the part of it that is not understood."""

    def __init__(self, wrong):
        super().__init__(wrong)
        self.wrong = wrong


def get_paths(template):
    """The field paths that a template names, in order.

    :raises TemplateError: for anything in braces that is no plain field path, and for a single brace
    """
    paths = PLACEHOLDER.findall(template)
    for path in paths:
        if not PATH.fullmatch(path):
            raise TemplateError(f"{{{path}}}")
    rest = PLACEHOLDER.sub("", template)
    if "{" in rest or "}" in rest:
        raise TemplateError("{" if "{" in rest else "}")
    return paths


def render(template, read):
    """The template with ``read(path)`` in place of each path.

    :param read: takes a path such as ``partner_id`` or ``partner_id.city`` and gives text
    :raises TemplateError: see :func:`get_paths`
    """
    get_paths(template)
    return PLACEHOLDER.sub(lambda found: read(found[1]), template)
