from odoo import api, models


class VisibilityExpectation(models.Model):
    """What meets an expectation, and what takes that back."""

    _inherit = "visibility.expectation"

    @api.model
    def _meet(self, reached):
        """Settle rows with the facts that they were waiting for.

        :param dict reached: rows to :class:`Reached`
        """
        overdue = {}
        for row, fact in reached.items():
            if row.state == "overdue":
                overdue.setdefault((fact.event_id, fact.sentence), self.browse())
                overdue[fact.event_id, fact.sentence] |= row
            row.write(row._prepare_met(fact))
        for (event_id, sentence), rows in overdue.items():
            self.env["visibility.exception"]._clear_expectations(rows, sentence, event_id)

    def _prepare_met(self, fact):
        late = (fact.at - self.due_at).total_seconds() / 3600
        return {
            "state": "met",
            "met_at": fact.at,
            "met_by_event_id": fact.event_id,
            "met_by": fact.sentence,
            "late_hours": max(late, 0),
            "error": False,
        }

    @api.model
    def _meet_events(self, events):
        """Follow everything that proven events may be about: shipments, their transfers, and their orders."""
        shipments = events.shipment_id.filtered(lambda shipment: not shipment.is_test)
        noted = {"visibility.shipment": shipments.ids, "purchase.order": events.purchase_order_id.ids}
        self._follow_noted({model: ids for model, ids in noted.items() if ids})

    @api.model
    def _unmeet_events(self, events):
        """Facts were withdrawn: what only they had met is expected again, or overdue again."""
        rows = self.search([("met_by_event_id", "in", events.ids), ("state", "=", "met")])
        values = {"met_at": False, "met_by_event_id": False, "met_by": False, "late_hours": 0}
        live = {(row.template_id, row.res_model, row.res_id) for row in self._find_live_like(rows)}
        for row in rows.filtered(lambda one: (one.template_id, one.res_model, one.res_id) not in live):
            row.write({**values, "state": "overdue" if row.overdue_at else "open"})
        self._meet_events(events)

    @api.model
    def _find_live_like(self, rows):
        """Rows that already stand for the same: what recurs may be expected anew by now."""
        return self.search(
            [
                ("template_id", "in", rows.template_id.ids),
                ("res_id", "in", rows.mapped("res_id")),
                ("state", "in", ("open", "overdue")),
            ]
        )
