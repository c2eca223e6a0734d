"""What only code may say through the context.

The context of a call comes from whoever calls, from outside too, as JSON. So a plain value in it grants nothing: what
lets something pass is an object of one of these classes, which no caller can send.
"""


class Answer:
    """A person said yes to a run of an automation, and that is carried out now."""

    def __init__(self, automation_id, run_id):
        self.automation_id = automation_id
        self.run_id = run_id


class Mark:
    """Something that our own code is doing now."""

    def __init__(self, key):
        self.key = key

    def says(self, context):
        """Whether this very mark is in a context."""
        return context.get(self.key) is self

    @property
    def context(self):
        """What to put into a context."""
        return {self.key: self}


#: What a response changed is being put back: that is no reason for automations to start.
ROLLS_BACK = Mark("visibility_rolls_back")
#: A shipment is worked out anew: only what differs in the end is told.
HOLDS_EVENTS = Mark("visibility_shipment_events_held")
#: What names a person is blanked in decisions.
ERASES = Mark("visibility_erases")
#: Odoo's own steps move transfers about: nobody decided that.
OWN_DOING = Mark("visibility_is_own_doing")
#: A person overrides what goes by itself, and the superuser writes it for them.
BY_HAND = Mark("visibility_is_by_hand")
#: The receipts of a purchase line are lowered by ourselves.
KEEPS_MOVES = Mark("visibility_keeps_moves")
