from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

#: By audience the model of the documents that messages are about and posted on.
DOCUMENTS = {"customer": "sale.order", "supplier": "purchase.order"}


class Plan(NamedTuple):
    """An occasion as every process keeps it in memory."""

    id: int
    sequence: int
    company_id: int
    audience: str
    event: str
    milestones: frozenset
    categories: frozenset
    tells_updates: bool
    date_hours: float
    max_age_hours: float


class VisibilityMessageOccasion(models.Model):
    """What is told to whom at which occasion. The text is Odoo's mail template; what comes of it is a draft."""

    _name = "visibility.message.occasion"
    _description = "Occasion for a message"
    _inherit = ["visibility.cached.mixin", "visibility.action.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=50, help="Where several apply to the same shipment or order, what stands higher up is told."
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade", help="Empty: all companies."
    )
    audience = fields.Selection([("customer", "The customer"), ("supplier", "The supplier")], "Tells", required=True)
    event = fields.Selection(
        [
            ("milestone", "A shipment gets to a milestone"),
            ("opened", "An exception opens"),
            ("cleared", "An exception that was told of is over"),
            ("date", "The expected day moves"),
        ],
        "When",
        required=True,
        default="opened",
    )
    milestone_ids = fields.Many2many("visibility.milestone", string="Milestones")
    category_ids = fields.Many2many(
        "visibility.exception.category", "visibility_message_occasion_category_rel", string="Categories"
    )
    template_id = fields.Many2one(
        "mail.template",
        "Text",
        required=True,
        ondelete="restrict",
        domain="[('model', 'in', ('visibility.message', audience == 'supplier' and 'purchase.order' or 'sale.order'))]",
        help="A mail template of the message itself, which knows the shipment and the dates, or of the order.",
    )
    tells_updates = fields.Boolean(
        "Also as an update",
        help="Also drafted when the partner was told something of the same shipment or order before.",
    )
    is_good_news = fields.Boolean(
        "Stays true",
        help="The draft stays when the exception is over or the shipment has moved on. Others are discarded then.",
    )
    date_hours = fields.Float(
        "New day counts from (hours)",
        default=12,
        help="How far the expected arrival must differ from what the partner was told or promised last.",
    )
    max_age_hours = fields.Float(
        "Not if older than (hours)", default=48, help="What a carrier reports this late is told to nobody. 0: always."
    )
    about = fields.Char(compute="_compute_about", help="Its milestones or categories.")
    draft_count = fields.Integer("To review", compute="_compute_counts", compute_sudo=True)
    sent_count = fields.Integer("Sent", compute="_compute_counts", compute_sudo=True)

    _not_negative = models.Constraint(
        "CHECK (date_hours >= 0 AND max_age_hours >= 0)", "A time cannot be less than zero."
    )

    @api.depends("event", "milestone_ids.name", "category_ids.name")
    @api.depends_context("lang")
    def _compute_about(self):
        for occasion in self:
            named = occasion.milestone_ids if occasion.event == "milestone" else occasion.category_ids
            occasion.about = ", ".join(named.mapped("name"))

    def _compute_counts(self):
        groups = self.env["visibility.message"]._read_group(
            [("occasion_id", "in", self.ids)], ["occasion_id", "state"], ["__count"]
        )
        counts = {(occasion.id, state): count for occasion, state, count in groups}
        for occasion in self:
            occasion.draft_count = counts.get((occasion.id, "draft"), 0)
            occasion.sent_count = counts.get((occasion.id, "sent"), 0)

    @api.constrains("event", "milestone_ids", "category_ids", "active")
    def _check_complete(self):
        for occasion in self.filtered("active"):
            if occasion.event == "milestone" and not occasion.milestone_ids:
                raise ValidationError(self.env._("Say which milestones “%s” is about.", occasion.name))
            if occasion.event in ("opened", "cleared") and not occasion.category_ids:
                raise ValidationError(self.env._("Say which categories “%s” is about.", occasion.name))

    @api.constrains("template_id", "audience")
    def _check_template(self):
        for occasion in self:
            wanted = DOCUMENTS[occasion.audience]
            if occasion.template_id.sudo().model not in ("visibility.message", wanted):
                raise ValidationError(
                    self.env._(
                        "The mail “%(mail)s” cannot be used here: it must be for messages or for %(model)s.",
                        mail=occasion.template_id.sudo().name,
                        model=self.env["ir.model"]._get(wanted).name,
                    )
                )

    # ------------------------------------------------------------------ kept in memory
    @api.model
    @tools.ormcache()
    def _get_plans(self):
        """All active occasions, those that stand higher up first. Any change makes all processes forget them."""
        return tuple(occasion._get_plan() for occasion in self.sudo().search([]))

    def _get_plan(self):
        return Plan(
            self.id,
            self.sequence,
            self.company_id.id or 0,
            self.audience,
            self.event,
            frozenset(self.milestone_ids.ids),
            frozenset(self.category_ids.ids),
            self.tells_updates,
            self.date_hours,
            self.max_age_hours,
        )

    @api.model
    def _is_wanted(self, *events):
        """Whether any occasion waits for one of these events: asked before anything is read."""
        return any(plan.event in events for plan in self._get_plans())

    # ------------------------------------------------------------------ buttons
    def action_open_drafts(self):
        """What came of this occasion and is to be looked through."""
        return self._open_of_state("draft")

    def action_open_sent(self):
        """What was sent on this occasion."""
        return self._open_of_state("sent")

    def _open_of_state(self, state):
        domain = [("occasion_id", "in", self.ids), ("state", "=", state)]
        return self._open_action("distribution_visibility.visibility_message_action", domain=domain)
