"""Do two fields of one body tell the same story? Before, under way or delivered."""

from collections.abc import Iterable


class Phases:
    """Sorts a provider's codes by the phase that they claim.

    Codes that claim none (exceptions, returns, unknown ones) never contradict anything.
    """

    def __init__(self, *, before: Iterable[str], moving: Iterable[str], delivered: Iterable[str]):
        self._phase = {
            **dict.fromkeys(before, "before"),
            **dict.fromkeys(moving, "moving"),
            **dict.fromkeys(delivered, "delivered"),
        }

    def contradict(self, one: str, other: str) -> bool:
        """Whether both codes claim a phase, and not the same one."""
        phases = {self._phase.get(one), self._phase.get(other)}
        return None not in phases and len(phases) == 2

    def is_delivery(self, code: str) -> bool:
        """Whether the code claims that the parcel was delivered."""
        return self._phase.get(code) == "delivered"
