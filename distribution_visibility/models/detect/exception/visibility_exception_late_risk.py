from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding

CODES = ("risk_passed", "risk_eta", "risk_estimate", "risk_lane", "risk_waiting")


class VisibilityException(models.Model):
    """Shipments that will probably miss the promise: opened at the company's threshold, cleared below it."""

    _inherit = "visibility.exception"

    @api.model
    def _detect_late_risk(self, before):
        """Look at shipments whose late risk was worked out anew.

        Only what crossed the threshold, or is at risk for another reason than before, is news.

        :param dict before: shipments to (at risk before, basis before)
        """
        category = self._get_category("late_risk")
        risen = [
            shipment
            for shipment, (was_at_risk, basis) in before.items()
            if shipment.is_late_risk and (not was_at_risk or basis != shipment.risk_basis)
        ]
        if risen:
            self._open_findings({(category, shipment): [self._find_late_risk(shipment)] for shipment in risen})
        fallen = [
            shipment.id
            for shipment, (was_at_risk, _basis) in before.items()
            # What was delivered is cleared by the fact that says so.
            if was_at_risk and not shipment.is_late_risk and not shipment.delivered_at
        ]
        if fallen:
            self._clear_late_risk(category, self.env["visibility.shipment"].browse(fallen))

    @api.model
    def _find_late_risk(self, shipment):
        party = "" if shipment.risk_basis == "waiting" else "carrier"
        shipment = shipment.with_context(lang=shipment.company_id.partner_id.lang or self.env.lang)
        return Finding(fields.Datetime.now(), shipment.late_risk_text, f"risk_{shipment.risk_basis}", party)

    @api.model
    def _clear_late_risk(self, category, shipments):
        """What a carrier itself reported as late is not ours to clear."""
        mine = self._find_open(category, shipments).filtered(lambda exception: exception.reason_code in CODES)
        for exception in mine:
            sentence = self.env._("It is likely in time again: %(why)s", why=exception.shipment_id.late_risk_text or "")
            self._clear_subjects(category, exception.shipment_id, sentence)
