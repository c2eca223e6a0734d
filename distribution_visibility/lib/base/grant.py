"""What only code may say through the context.

The context of a call comes from whoever calls, from outside too, as JSON. So a plain value in it grants nothing: what
lets something pass is an object of one of these classes, which no caller can send. There are three kinds: a
:class:`Mark` says that something is being done, a :class:`Once` passes one time, and :class:`Carried` holds a value.
"""

from collections.abc import Mapping
from typing import Any

Context = Mapping[str, Any]


class Mark:
    """Something that our own code is doing now."""

    def __init__(self, key: str):
        self.key = key

    def says(self, context: Context) -> bool:
        """Whether this very mark is in a context."""
        return context.get(self.key) is self

    @property
    def context(self) -> dict[str, Any]:
        """What to put into a context."""
        return {self.key: self}


class _Pass:
    """One passage, for whoever asks first."""

    def __init__(self, owner: "Once"):
        self.owner = owner
        self.is_taken = False


class Once:
    """A word that passes once, so that what follows from the first passage is like anybody's again."""

    def __init__(self, key: str):
        self.key = key

    @property
    def context(self) -> dict[str, Any]:
        """What to put into a context: a new passage each time."""
        return {self.key: _Pass(self)}

    def take(self, context: Context) -> bool:
        """Whether a context has a passage that nobody has taken yet; takes it."""
        found = context.get(self.key)
        if not isinstance(found, _Pass) or found.owner is not self or found.is_taken:
            return False
        found.is_taken = True
        return True


class _Parcel:
    """A value and who packed it."""

    def __init__(self, owner: "Carried", value: Any):
        self.owner = owner
        self.value = value


class Carried:
    """A value that one piece of our code hands to another, past what lies between them."""

    def __init__(self, key: str):
        self.key = key

    def carry(self, value: Any) -> dict[str, Any]:
        """What to put into a context."""
        return {self.key: _Parcel(self, value)}

    def get(self, context: Context, default: Any = None) -> Any:
        """The value that our code put into a context; ``default`` where it put none, whatever else is there."""
        found = context.get(self.key)
        return found.value if isinstance(found, _Parcel) and found.owner is self else default


#: What a response changed is being put back: that is no reason for automations to start.
ROLLS_BACK = Mark("visibility_rolls_back")
#: A shipment is worked out anew: only what differs in the end is told.
HOLDS_EVENTS = Mark("visibility_shipment_events_held")
#: The same for what partners are told.
HOLDS_MESSAGES = Mark("visibility_shipment_messages_held")
#: What names a person is blanked in decisions.
ERASES = Mark("visibility_erases")
#: Odoo's own steps move transfers about: nobody decided that.
OWN_DOING = Mark("visibility_is_own_doing")
#: A person overrides what goes by itself, and the superuser writes it for them.
BY_HAND = Mark("visibility_is_by_hand")
#: A person overrides a state, and the first write of it passes what would keep the record as it is.
OVERRIDES = Once("visibility_overrides")
#: A person said yes to a run of an automation, and that is carried out now: the ids of both.
CONSENT = Carried("visibility_answers")
#: The responses that made one another run, see :mod:`scope`.
RESPONSES = Carried("visibility_scopes")
#: Ids of the only documents that a costly search has to look at.
AMONG = Carried("visibility_among")
#: The receipts of a purchase line are lowered by ourselves.
KEEPS_MOVES = Mark("visibility_keeps_moves")
#: Who wanted a promise to move, as a person said in the form where they moved it.
WANTED_BY = Carried("visibility_wanted_by")
#: What an accepted answer split off a purchase line goes back to it.
JOINS_PARTS = Mark("visibility_joins_parts")
