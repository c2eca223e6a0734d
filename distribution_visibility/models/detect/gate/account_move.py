from odoo import models


class AccountMove(models.Model):
    """What stops the posting of an invoice or a bill."""

    _inherit = "account.move"

    def _post(self, soft=True):
        self.filtered(lambda move: move.is_sale_document())._check_gate("invoice_post")
        self.filtered(lambda move: move.is_purchase_document())._check_gate("bill_post")
        return super()._post(soft=soft)

    def _get_gate_subjects(self):
        return {"res.partner": self.commercial_partner_id}
