from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ....lib.respond.supply.acceptance import Change, Limits, exceeded
from ...base.guard import guarded

#: Answers in which there is nothing that could be accepted without thinking.
NEVER = frozenset({"rejected", "cancelled", "backordered", "on_hold"})


class VisibilityProposalPolicy(models.Model):
    """Which changes of suppliers are accepted without a person, in whose name, and within which limits."""

    _name = "visibility.proposal.policy"
    _description = "Policy for supplier proposals"
    _inherit = ["mail.thread", "visibility.action.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10, help="The first policy that fits a supplier is the only one that counts.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_ids = fields.Many2many("res.partner", string="Suppliers", help="Empty: all suppliers.")
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        tracking=True,
        default=lambda self: self.env.user,
        help="Answers for what it does: orders are changed in this person's name and with this person's rights.",
    )
    is_test = fields.Boolean(
        "Test mode", default=True, tracking=True, help="Writes down what it would accept, and changes nothing."
    )
    max_days_later = fields.Integer("Later by at most (days)", default=2, tracking=True)
    max_price_percent = fields.Float("Price higher by at most (%)", default=0, tracking=True)
    min_quantity_percent = fields.Float("At least of the quantity (%)", default=100, tracking=True)
    change_ids = fields.One2many("visibility.proposal.change", "policy_id", "What it did", readonly=True)
    change_count = fields.Integer(compute="_compute_change_count")

    _limits_make_sense = models.Constraint(
        "CHECK (max_days_later >= 0 AND max_price_percent >= 0 AND min_quantity_percent BETWEEN 0 AND 100)",
        "Days and prices cannot be below zero, and a share is between 0 and 100 per cent.",
    )

    @api.depends("change_ids")
    def _compute_change_count(self):
        groups = self.env["visibility.proposal.change"]._read_group(
            [("policy_id", "in", self.ids)], ["policy_id"], ["__count"]
        )
        counts = {policy.id: count for policy, count in groups}
        for policy in self:
            policy.change_count = counts.get(policy.id, 0)

    @api.constrains("user_id", "company_id")
    def _check_owner(self):
        for policy in self:
            if not policy._has_owner():
                raise ValidationError(policy._tell_no_owner())

    def _has_owner(self):
        """Whether its owner is still here and may still do what it does in their name."""
        owner = self.user_id
        return owner.active and self.company_id in owner.company_ids and owner.has_group("purchase.group_purchase_user")

    def _tell_no_owner(self):
        return self.env._("%s may not change purchase orders of this company.", self.user_id.name)

    # ------------------------------------------------------------------ applying
    @api.model
    def _apply_to(self, proposals):
        """Accept what a policy allows to accept; of everything else say on the proposal why not."""
        policies = self.search([("company_id", "in", proposals.company_id.ids)])
        for proposal in proposals if policies else ():
            policy = policies.filtered(lambda one, p=proposal: one._fits(p))[:1]
            if policy:
                policy._apply_one(proposal)

    def _fits(self, proposal):
        suppliers = self.partner_ids.commercial_partner_id
        supplier = proposal.partner_id.commercial_partner_id
        return self.company_id == proposal.company_id and (not suppliers or supplier in suppliers)

    def _apply_one(self, proposal):
        lines = proposal.line_ids.filtered(lambda line: line.status == "proposed")
        refusal = self._get_refusal(proposal, lines)
        if refusal:
            proposal.policy_note = self.env._("Not accepted by itself: %s", refusal)
        elif self.is_test:
            lines._log("test", reason=self.name, policy=self)
            proposal.policy_note = self.env._("%s would have accepted this (test mode).", self.name)
        else:
            self._accept(proposal, lines)

    def _accept(self, proposal, lines):
        """In the owner's name and with no more rights than the owner has."""
        owner = self.user_id
        mine = lines.with_user(owner).with_context(allowed_company_ids=self.company_id.ids)
        with guarded(self.env, catches=(UserError, AccessError)) as attempt:
            mine._accept(self.env._("Accepted by the policy %s", self.name), policy=self)
        if attempt.error:
            proposal.policy_note = self.env._("Not accepted by itself: %s", attempt.error.args[0])
        else:
            proposal.policy_note = self.env._(
                "%(policy)s accepted this for %(owner)s.", policy=self.name, owner=owner.name
            )

    def _get_refusal(self, proposal, lines):
        """Why a person has to decide, in one sentence; None when none has to."""
        if not self._has_owner():
            return self._tell_no_owner()
        if proposal.is_unproven:
            return self.env._("its source cannot prove what it says")
        if proposal.affected_count:
            return self.env._("a customer's promise would fall")
        for line in lines:
            refusal = self._get_line_refusal(line)
            if refusal:
                return refusal
        return None

    def _get_line_refusal(self, line):
        if line.answer_status in NEVER or line.substitute:
            return self.env._("%s is refused, on hold or another product", line.display_name)
        if line.is_split:
            return self.env._("%s would come on several dates", line.display_name)
        if not line._prepare_order_values() and line.purchase_line_id:
            return self.env._("the supplier did not say what changes for %s", line.display_name)
        return line._get_obstacle() or self._tell_exceeded(exceeded(self._get_change(line), self._get_limits()))

    def _get_limits(self):
        return Limits(self.max_days_later, self.max_price_percent, self.min_quantity_percent)

    def _get_change(self, line):
        """What would change, against what a person last agreed to: steps within the limits do not add up."""
        agreed = line._get_agreed_values()
        return Change(
            date=fields.Datetime.to_datetime(agreed["date_planned"]) or None,
            new_date=line.proposed_date or None,
            quantity=agreed["product_qty"],
            new_quantity=line.proposed_quantity if line.has_quantity else None,
            price=agreed["price_unit"],
            new_price=line.proposed_price if line.has_price else None,
            zone=line.order_id._get_visibility_zone(),
        )

    def _tell_exceeded(self, found):
        if not found:
            return None
        kind, value, limit = found[0]
        value, limit = f"{value:g}", f"{limit:g}"
        sentences = {
            "days": self.env._("%(value)s days later, %(limit)s are allowed", value=value, limit=limit),
            "price": self.env._("price %(value)s %% higher, %(limit)s %% are allowed", value=value, limit=limit),
            "quantity": self.env._(
                "%(value)s %% of the quantity, %(limit)s %% are the least", value=value, limit=limit
            ),
            "more": self.env._("more than was ordered"),
        }
        return sentences[kind]

    def action_open_changes(self):
        domain = [("policy_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_proposal_change_action", domain=domain)
