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

    # ------------------------------------------------------------------ instalments
    def _get_next_due_date(self):
        """The day of the first instalment that is not paid yet; Odoo's own due date is that of the last one."""
        return self._get_open_instalments()[:1].date_maturity or self.invoice_date_due

    def _get_open_instalments(self):
        """What is still to be paid, the first first.

        Where payments make no entries Odoo reconciles nothing and calls the whole invoice paid with the first one:
        what they are worth is taken off the instalments here, one after the other.
        """
        lines = self.line_ids.filtered(lambda line: line.display_type == "payment_term" and not line.reconciled)
        left, found = self._get_paid_without_entries(), lines.browse()
        for line in lines.sorted("date_maturity"):
            amount = abs(line.amount_residual_currency)
            if self.currency_id.compare_amounts(left, amount) < 0:
                found |= line
            left = max(left - amount, 0)
        return found

    def _get_paid_without_entries(self):
        """What payments without entries are worth, in the invoice's currency."""
        payments = self.sudo().matched_payment_ids.filtered(
            lambda one: not one.move_id and one.state in ("in_process", "paid")
        )
        return sum(
            one.currency_id._convert(one.amount, self.currency_id, self.company_id, one.date) for one in payments
        )

    def _is_paid_in_full(self):
        """By Odoo's word; of several instalments only when none of them is open."""
        if self.payment_state not in ("in_payment", "paid", "reversed"):
            return False
        terms = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return len(terms) < 2 or not self._get_open_instalments()

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
