from odoo import fields, models


class AccountMove(models.Model):
    """Invoices and bills: what is wrong with them, and what follows when they change."""

    _name = "account.move"
    _inherit = [
        "account.move",
        "visibility.document.mixin",
        "visibility.subject.mixin",
        "visibility.gated.mixin",
        "visibility.expectation.mixin",
    ]
    _visibility_exception_field = "invoice_ids"
    _visibility_aspects = {"at_risk": ["visibility_severity"], "owner": ["invoice_user_id"]}

    visibility_exception_ids = fields.Many2many(
        "visibility.exception",
        "visibility_exception_account_move_rel",
        string="Visibility exceptions",
        readonly=True,
        copy=False,
    )

    def write(self, vals):
        result = super(AccountMove, self._past_review(vals)).write(vals)
        if vals.get("state") == "cancel":
            self._refresh_risk()
        self._note_expected_changes(vals)
        return result

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
