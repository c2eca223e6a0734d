from odoo import models

from ....lib.detect.expectation.expectation_plan import Reached


class VisibilityEvent(models.Model):
    """Facts as what meets expectations."""

    _inherit = "visibility.event"

    def _get_first_reached(self, plan, since=False):
        """The first of these facts that fulfils a plan's milestone, as :class:`Reached`, or None.

        :param since: naive UTC; what happened before is of an earlier time
        """
        facts = self.filtered(
            lambda fact: (
                fact.counts
                and fact.milestone_id
                and not (since and fact.occurred_at < since)
                and plan.is_reached_by(fact.milestone_id.rank, fact.milestone_id.branch == "main", fact.milestone_id.id)
            )
        )
        first = facts.sorted(lambda fact: (fact.occurred_at, fact.id))[:1]
        return Reached(first.occurred_at, first.id, first._get_headline()) if first else None
