from odoo import fields, models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "visibility.document.mixin", "visibility.subject.mixin", "visibility.gated.mixin"]
    _visibility_exception_field = "invoice_ids"

    visibility_exception_ids = fields.Many2many(
        "visibility.exception", "visibility_exception_account_move_rel", string="Exceptions", readonly=True, copy=False
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self._refresh_risk()
        return result

    def _post(self, soft=True):
        self.filtered(lambda move: move.is_sale_document())._check_gate("invoice_post")
        self.filtered(lambda move: move.is_purchase_document())._check_gate("bill_post")
        return super()._post(soft=soft)

    def _get_gate_subjects(self):
        return {"res.partner": self.commercial_partner_id}

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        orders = self.line_ids.sale_line_ids.order_id
        return {
            "invoice_ids": [fields.Command.set(self.ids)],
            "sale_order_ids": [fields.Command.set(orders.ids)],
            "purchase_order_ids": [fields.Command.set(self.line_ids.purchase_line_id.order_id.ids)],
            "partner_id": self.partner_id.id,
        }

    def _get_facts(self):
        return self.env["visibility.event"]

    def _get_exception_owners(self, role):
        return self.invoice_user_id
