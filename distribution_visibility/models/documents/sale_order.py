from odoo import fields, models


class SaleOrder(models.Model):
    """Orders of customers: what is wrong with them, what was promised, and what follows when they change."""

    _name = "sale.order"
    _inherit = [
        "sale.order",
        "visibility.document.mixin",
        "visibility.subject.mixin",
        "visibility.promise.mixin",
        "visibility.gated.mixin",
        "visibility.expectation.mixin",
    ]
    _visibility_exception_field = "sale_order_ids"
    _visibility_aspects = {"at_risk": ["visibility_severity"], "owner": ["user_id"]}
    _visibility_promise_field = "sale_order_id"

    visibility_exception_ids = fields.Many2many(
        "visibility.exception", "visibility_exception_sale_order_rel", string="Exceptions", readonly=True, copy=False
    )
    visibility_promise_ids = fields.One2many("visibility.promise", "sale_order_id", "Promises", readonly=True)

    # ------------------------------------------------------------------ changes and promises
    def action_confirm(self):
        result = super().action_confirm()
        self._keep_customer_promises()
        self._note_expectations()
        return result

    def write(self, vals):
        self._check_steps(vals)
        result = super(SaleOrder, self._past_review(vals)).write(vals)
        if vals.get("state") in ("cancel", "draft"):
            self._refresh_risk()
        if "commitment_date" in vals:
            self.filtered(lambda order: order.state == "sale")._keep_customer_promises()
        self._note_expected_changes(vals)
        return result

    def _keep_customer_promises(self):
        """What customers were told: by order and by line, the first time and each time it moves."""
        self._keep_promises()
        self.order_line._keep_promises()

    def _get_promised_date(self):
        return (self.commitment_date or self.expected_date) if self.state == "sale" else False

    def _get_visibility_zone(self):
        """The customer's, where we know it, else that of the warehouse that delivers."""
        order = self.sudo()
        place = order.warehouse_id or order.company_id
        return order.partner_shipping_id.tz or order.partner_id.tz or place._get_visibility_zone()

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return {
            "sale_order_ids": [fields.Command.set(self.ids)],
            "picking_ids": [fields.Command.set(self.picking_ids.ids)],
            "partner_id": self.partner_id.id,
        }

    def _get_facts(self):
        return self.env["visibility.event"]

    def _get_exception_owners(self, role):
        return self.user_id
