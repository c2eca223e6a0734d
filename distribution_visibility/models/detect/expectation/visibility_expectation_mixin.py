from odoo import api, models

from ...base.notes import note


class VisibilityExpectationMixin(models.AbstractModel):
    """A document that things are expected of, or a line of one.

    The methods say what is true of one record now. Whatever happens to a document, its expectations are brought
    in line with that: see :meth:`visibility.expectation._follow`.
    """

    _name = "visibility.expectation.mixin"
    _description = "Document with expectations"

    # ------------------------------------------------------------------ what a model says of itself
    def _get_expected_triggers(self):
        """The triggers that hold now: to since when (naive UTC), or None where nobody knows."""
        return {}

    def _get_expected_dates(self):
        """The dates that a due time may be counted from (naive UTC, False for none), by name."""
        return {}

    def _get_reached_fact(self, fact):
        """How a fact of Odoo's own came true, as :class:`Reached`; nothing while it has not."""

    @api.model
    def _get_excused(self, parts, fact):
        """Those of these that a fact is not missed of although it has not happened: by part how it stands, as
        :class:`Reached`. Asked once, when somebody would be told."""
        return {}

    def _get_reached_milestone(self, plan):
        """The proven event that brought this to the plan's milestone, as :class:`Reached`, or nothing."""

    def _is_still_reached(self, plan):
        """Whether what met a plan once is still so: facts go back, and what is expected grows."""
        return bool(self._get_reached_fact(plan.fact) if plan.fact else self._get_reached_milestone(plan))

    def _get_expected_anew(self):
        """Since when (naive UTC) it is confirmed again after it was cancelled; False where it never was.

        What was expected and reported before was of another confirmation.
        """
        return False

    def _get_expected_end(self):
        """Why nothing is to be expected any more, in one sentence; empty as long as something is."""
        return ""

    def _get_matter_end(self):
        """Why nothing can be wrong with it, nor asked about it, any more, in one sentence; empty while it goes on."""
        return self._get_expected_end()

    def _get_expected_warehouse(self):
        return self.env["stock.warehouse"]

    def _get_visibility_zone(self):
        """The name of the time zone whose days count for promises: where it is delivered."""
        return self.env["visibility.expectation.template"]._get_zone(self)

    def _get_expectation_document(self):
        """The documents on which exceptions are opened."""
        return self

    def _get_expected_parts(self, model):
        """The records of a plan's model that belong to these documents."""
        return self if model == self._name else self.env[model]

    def _get_dependent_documents(self):
        """Recordsets of further documents whose expectations may depend on these."""
        return []

    def _get_expected_partner(self):
        """The customer or supplier whom this is for, or from."""
        return self.partner_id if "partner_id" in self._fields else self.env["res.partner"]

    def _get_overdue_words(self):
        """What the words of a template may name of this document, by placeholder, in the reader's language."""
        document = self._get_expectation_document()
        name = document.display_name or ""
        return {"document": name, "partner": self._get_expected_partner().display_name or name}

    def _get_progress_words(self, fact):
        """How much of a fact is there already, in a few words; empty where nothing is."""
        return ""

    # ------------------------------------------------------------------ following
    def _note_expectations(self):
        """Have the expectations of these documents brought in line at the end of the transaction, once for all."""
        ids = [record_id for record_id in self._ids if isinstance(record_id, int)]
        if ids:
            note(self.env, "expectations", self._name, ids)

    def unlink(self):
        expectations = self.env["visibility.expectation"].sudo()._find_live_of(self)
        expectations._cancel(self.env._("The document was deleted."))
        return super().unlink()
