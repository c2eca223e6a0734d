from odoo import api, models


class VisibilityException(models.Model):
    """Exceptions of expectations that nothing met in time, and how they end.

    What came of events reaches expectations here: track calls detect, never the other way.
    """

    _inherit = "visibility.exception"

    @api.model
    def _meet_expectations(self, events):
        self.env["visibility.expectation"]._meet_events(events)

    @api.model
    def _unmeet_expectations(self, events):
        self.env["visibility.expectation"]._unmeet_events(events)

    @api.model
    def _clear_expectations(self, expectations, sentence, event_id=False):
        """End the exceptions of expectations that are not overdue any more, unless another one still is."""
        alike = expectations.grouped(lambda one: (one.template_id.category_id, one.res_model))
        for (category, model), rows in alike.items():
            subjects = self.env[model].browse(set(rows.mapped("res_id")))
            if event_id:
                subjects -= self._get_still_caused(category, subjects)
                self._find_open(category, subjects)._clear(self.env["visibility.event"].browse(event_id))
            else:
                self._clear_subjects(category, subjects, sentence)

    @api.model
    def _clear_moved(self, categories, left, order):
        """Lines went from one purchase order to another: what they caused on the first one ends there."""
        sentence = self.env._("Its line was moved to %s.", order.display_name)
        for category in categories:
            self._clear_subjects(category, left, sentence)

    # ------------------------------------------------------------------ several causes of one exception
    def _filter_overdue(self):
        """Those of these that an overdue expectation is a cause of."""
        overdue = self.browse()
        for (category, model), found in self.grouped(lambda one: (one.category_id, one.res_model)).items():
            if model in self.env:
                subjects = self._get_overdue(category, self.env[model].browse(set(found.mapped("res_id"))))
                overdue |= found.filtered(lambda one, ids=set(subjects.ids): one.res_id in ids)
        return overdue

    @api.model
    def _get_still_caused(self, category, subjects):
        """Of these subjects those whose exception still has a cause: an overdue expectation, or a rule."""
        held = self._find_open(category, subjects).filtered("rule_ids")
        return self._get_overdue(category, subjects) | subjects.browse(held.mapped("res_id"))

    @api.model
    def _get_overdue(self, category, subjects):
        rows = self.env["visibility.expectation"].search_fetch(
            [
                ("res_model", "=", subjects._name),
                ("res_id", "in", subjects.ids),
                ("state", "=", "overdue"),
                ("template_id.category_id", "=", category.id),
            ],
            ["res_id"],
        )
        return subjects.browse(set(rows.mapped("res_id")))
