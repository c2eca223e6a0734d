"""What a template says, in a form that every process keeps in memory, and how an expectation was met."""

import datetime as dt
from dataclasses import dataclass

from ...base.due_time import DueRule
from ...track.milestones import RANK_DELIVERED


@dataclass(frozen=True, eq=False)
class ExpectationPlan:
    """One active expectation template. Ids are database ids, ``company_id`` is 0 for all companies.

    Plans are the same only as objects: the domain may hold lists, which have no hash.
    """

    template_id: int
    company_id: int
    res_model: str
    trigger: str
    domain: tuple
    base: str
    rule: DueRule
    fact: str = ""
    milestone_id: int = 0
    milestone_rank: int = 0
    is_milestone_main: bool = False
    calendar_source: str = "company"
    calendar_id: int = 0
    zone: str = ""

    @property
    def recurs(self):
        """Whether each fact of this kind makes the next one expected."""
        return self.fact == "any_scan"

    @property
    def grows(self):
        """Whether what was done once is never undone, but more may be wanted."""
        return self.fact in ("shipped", "receipt_validated")

    @property
    def is_promised_delivery(self):
        """Whether it is the promise itself that must be kept, at the place where it is delivered."""
        is_delivery = self.is_milestone_main and self.milestone_rank >= RANK_DELIVERED
        return is_delivery and self.base in ("first_promise", "latest_promise")

    def is_reached_by(self, rank, is_main, milestone_id):
        """Whether a milestone fulfils the expected one: it itself, or one further on the way there.

        A return or a cancellation comes later, too, but fulfils nothing.
        """
        if milestone_id == self.milestone_id:
            return True
        return self.is_milestone_main and is_main and rank >= self.milestone_rank


@dataclass(frozen=True)
class Reached:
    """The fact that an expectation was waiting for: since when (naive UTC), and what tells it."""

    at: dt.datetime
    event_id: int | bool = False
    sentence: str = ""
