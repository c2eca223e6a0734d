"""What one response touches while it runs, noted by the actions that make it up."""

from ...base.grant import RESPONSES


class Scope:
    """Collects, for each record a response runs on, what else it changes and what it creates.

    Keys are (model, id). The recorder fills ``before`` with the values from before the actions ran;
    ``held`` says which override kept an action from doing something to a record.
    """

    def __init__(self):
        self.before = {}
        self.related = {}
        self.created = {}
        self.notes = {}
        self.claimed = set()
        self.held = {}

    def relate(self, key, others):
        """Say that a response to ``key`` changes the records ``others`` too."""
        self.related.setdefault(key, []).extend(others)

    def made(self, key, record):
        """Say that a response to ``key`` created the record (model, id)."""
        self.created.setdefault(key, []).append(record)

    def note(self, key, sentence):
        """Say in words what a response to ``key`` did that no field shows."""
        self.notes.setdefault(key, []).append(sentence)


class Scopes(tuple):
    """The responses that made one another run, outermost first: pairs of (automation id or False, scope)."""

    @classmethod
    def of(cls, context):
        return RESPONSES.get(context, cls())

    def entering(self, automation_id, scope):
        """What to put into the context while one more response runs."""
        return RESPONSES.carry(Scopes((*self, (automation_id, scope))))
