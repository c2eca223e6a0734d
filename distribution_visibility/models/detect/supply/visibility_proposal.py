from odoo import api, fields, models
from odoo.tools import format_amount


class VisibilityProposal(models.Model):
    """What a proposal would do to customers, in numbers and in one sentence."""

    _inherit = "visibility.proposal"
    _order = "is_open desc, value_at_risk desc, responded_at desc, id desc"

    effect_ids = fields.One2many(
        "visibility.proposal.effect", "proposal_id", "Customers who wait for it", readonly=True
    )
    effect_at = fields.Datetime("Worked out", readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    waiting_count = fields.Integer("Customer orders that wait", readonly=True)
    affected_count = fields.Integer("Promises that would fall", readonly=True, help="Customer orders.")
    value_at_risk = fields.Monetary(
        "Value at risk",
        currency_field="company_currency_id",
        readonly=True,
        help="Of the goods whose promise would fall, untaxed, in company currency.",
    )
    worst_days = fields.Integer("Worst delay (days)", readonly=True)
    worst_tier = fields.Selection("_selection_tier", "Highest tier concerned", readonly=True)
    summary = fields.Char("Effect", readonly=True)

    @api.model
    def _selection_tier(self):
        return self.env["res.partner"]._fields["visibility_tier"].selection

    def _work_out(self):
        """Find out who waits for what would change, and what becomes of the promises: in one go for all."""
        self.effect_ids.unlink()
        self.env["visibility.proposal.effect"].create(self.line_ids._prepare_effects())
        self.invalidate_recordset(["effect_ids"])
        for proposal in self:
            proposal.write({"effect_at": fields.Datetime.now(), **proposal._prepare_summary()})

    def _prepare_summary(self):
        missed = self.effect_ids.filtered("misses")
        worst = missed.sorted("tier_rank")[-1:]
        values = {
            "waiting_count": len(self.effect_ids.sale_order_id),
            "affected_count": len(missed.sale_order_id),
            "value_at_risk": sum(missed.mapped("value")),
            "worst_days": max(missed.mapped("days_late"), default=0),
            "worst_tier": worst.tier,
        }
        return {**values, "summary": self._summarise(missed, values)}

    def _summarise(self, missed, values):
        """The sentence: how many customers' promises, worth what, and the worst of them."""
        if not missed:
            return self._summarise_good(values["waiting_count"])
        worst = max(missed, key=lambda effect: effect._get_order_key())
        numbers = {
            "count": values["affected_count"],
            "value": format_amount(self.env, values["value_at_risk"], self.company_currency_id),
            "order": worst.sale_order_id.name,
            "customer": worst.partner_id.display_name,
            "late": self._tell_delay(worst),
        }
        if values["affected_count"] == 1:
            return self.env._(
                "1 customer order with goods worth %(value)s would miss its promise: "
                "%(order)s (%(customer)s), %(late)s.",
                **numbers,
            )
        return self.env._(
            "%(count)s customer orders with goods worth %(value)s would miss their promise; "
            "the worst is %(order)s (%(customer)s), %(late)s.",
            **numbers,
        )

    def _summarise_good(self, waiting):
        if waiting == 1:
            return self.env._("No customer's promise would fall; 1 customer order waits for it.")
        if waiting:
            return self.env._("No customer's promise would fall; %s customer orders wait for it.", waiting)
        return self.env._("No customer's order waits for it.")

    def _tell_delay(self, effect):
        if not effect.possible_at:
            return self.env._("without a new date")
        return self.env._("by 1 day") if effect.days_late == 1 else self.env._("by %s days", effect.days_late)

    # ------------------------------------------------------------------ exceptions
    def _get_category_code(self):
        """What kind of trouble it is, by what the supplier says of the lines that are not decided."""
        refusing = {"rejected", "cancelled", "backordered"}
        lines = self.line_ids.filtered(lambda line: line.status == "proposed")
        is_refusal = refusing & set(lines.mapped("answer_status"))
        return "supplier_reject_or_backorder" if is_refusal else "supplier_change_proposed"

    def _get_reason(self):
        """The supplier's own words, and whose promise falls."""
        parts = [self.note] if self.note else []
        if self.waiting_count or not parts:
            parts.append(self._prepare_summary()["summary"])
        return " · ".join(filter(None, parts))

    def _tell_withdrawal(self):
        """Exceptions about what was taken back are over; those about what stands again come back."""
        exceptions = self.env["visibility.exception"]
        exceptions._clear_proposals(self.purchase_order_id, self.env._("The supplier took its answer back."))
        standing = self.search([("purchase_order_id", "in", self.purchase_order_id.ids), ("is_open", "=", True)])
        standing._work_out()
        exceptions._detect_proposals(standing, stands_again=True)

    def action_work_out(self):
        """Look again at who waits: stock and orders have moved on since the answer came."""
        self.check_access("read")
        proposals = self.sudo()
        proposals._work_out()
        proposals.filtered("is_open")._tell_exceptions()

    def _tell_exceptions(self):
        """What is known better now is the reason of the exceptions that are open; nothing is counted."""
        exceptions = self.env["visibility.exception"]
        exceptions._link_affected(exceptions._get_proposal_categories(self))
