from ast import literal_eval

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..exception.visibility_exception_category import SEVERITY

TRIGGERS = [
    ("order_confirmed", "Sale order confirmed"),
    ("purchase_approved", "Purchase order approved"),
    ("purchase_line_approved", "Purchase order approved: each line"),
    ("picking_confirmed", "Transfer confirmed"),
    ("picking_ready", "Transfer ready (reserved)"),
    ("picking_done", "Transfer validated: shipped or received"),
    ("shipment_moving", "Shipment on its way: each scan"),
    ("shipment_delivered", "Shipment delivered"),
    ("invoice_posted", "Invoice posted"),
]
TRIGGER_MODELS = {
    "order_confirmed": "sale.order",
    "purchase_approved": "purchase.order",
    "purchase_line_approved": "purchase.order.line",
    "picking_confirmed": "stock.picking",
    "picking_ready": "stock.picking",
    "picking_done": "stock.picking",
    "shipment_moving": "visibility.shipment",
    "shipment_delivered": "visibility.shipment",
    "invoice_posted": "account.move",
}
FACTS = [
    ("reserved", "Reserved"),
    ("picking_started", "Picking started"),
    ("picking_done", "Transfer validated"),
    ("shipped", "Everything shipped"),
    ("receipt_validated", "Everything received"),
    ("any_scan", "Next scan"),
    ("proof_of_delivery", "Proof of delivery"),
    ("invoiced", "Invoice issued"),
    ("paid", "Paid"),
]
FACT_MODELS = {
    "reserved": ("sale.order", "stock.picking"),
    "picking_started": ("stock.picking",),
    "picking_done": ("stock.picking", "visibility.shipment"),
    "shipped": ("sale.order",),
    "receipt_validated": ("purchase.order", "purchase.order.line"),
    "any_scan": ("visibility.shipment",),
    "proof_of_delivery": ("visibility.shipment",),
    "invoiced": ("sale.order", "stock.picking"),
    "paid": ("account.move",),
}
BASES = [
    ("trigger", "The trigger"),
    ("first_promise", "First promise"),
    ("latest_promise", "Latest promise"),
    ("scheduled", "Scheduled date"),
    ("deadline", "Deadline"),
    ("invoice_due", "Invoice due date"),
]
BASE_MODELS = {
    "first_promise": ("sale.order", "purchase.order", "purchase.order.line", "stock.picking", "visibility.shipment"),
    "latest_promise": ("sale.order", "purchase.order", "purchase.order.line", "stock.picking", "visibility.shipment"),
    "scheduled": ("stock.picking",),
    "deadline": ("stock.picking",),
    "invoice_due": ("account.move",),
}


class VisibilityExpectationTemplate(models.Model):
    """What should happen with documents, and by when: one row of it is expected of each document that fits."""

    _name = "visibility.expectation.template"
    _description = "Expectation template"
    _inherit = ["visibility.cached.mixin"]
    _order = "sequence, id"
    _uncached_fields = frozenset({"sequence", "name", "note"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    note = fields.Text("Notes", translate=True)

    # Of what, and what
    trigger = fields.Selection(TRIGGERS, "When", required=True, default="order_confirmed")
    res_model = fields.Char("Document model", compute="_compute_res_model", store=True)
    domain = fields.Char("Only for", default="[]", help="Empty: for every document of this kind.")
    expects = fields.Selection(
        [("fact", "Something in Odoo"), ("milestone", "A milestone")], "What is expected", required=True, default="fact"
    )
    milestone_id = fields.Many2one(
        "visibility.milestone", ondelete="restrict", help="Reported by a carrier or supplier; a later one counts, too."
    )
    fact = fields.Selection(FACTS, "What")

    # By when
    base = fields.Selection(BASES, "Counted from", required=True, default="trigger")
    offset = fields.Float("Time", help="Zero: at that moment itself.")
    offset_unit = fields.Selection(
        [
            ("working_hours", "working hours"),
            ("working_days", "working days"),
            ("hours", "hours"),
            ("days", "days"),
        ],
        "Unit",
        required=True,
        default="working_hours",
    )
    offset_direction = fields.Selection(
        [("after", "after"), ("before", "before")], "Direction", required=True, default="after"
    )
    has_cut_off = fields.Boolean("Cut-off", help="Due at a time of day. What comes later counts for the next day.")
    cut_off = fields.Float("Time of day", default=17, help="24:00 is the end of the day.")
    calendar_source = fields.Selection(
        [
            ("warehouse", "The warehouse's"),
            ("company", "The company's"),
            ("named", "These"),
            ("none", "None: every hour counts"),
        ],
        "Working hours",
        required=True,
        default="warehouse",
    )
    calendar_id = fields.Many2one("resource.calendar", "Named working hours", ondelete="restrict")
    tz = fields.Selection(_tz_get, "Time zone", help="Empty: the warehouse's, else the company's.")
    grace_hours = fields.Float("Grace (hours)", help="So much longer before anybody is told.")

    # What happens when it is late
    category_id = fields.Many2one("visibility.exception.category", "Raises", required=True, ondelete="restrict")
    severity = fields.Selection(SEVERITY, help="Empty: the category's.")
    responsible_party = fields.Selection("_selection_responsible_party", "Responsible")

    open_count = fields.Integer("Open", compute="_compute_counts")
    overdue_count = fields.Integer("Overdue", compute="_compute_counts")

    _times_positive = models.Constraint(
        'CHECK ("offset" >= 0 AND grace_hours >= 0)', "Times are zero or more; say before or after beside them."
    )
    _cut_off_in_day = models.Constraint(
        "CHECK (cut_off >= 0 AND cut_off <= 24)", "The cut-off is between 0:00 and 24:00."
    )

    @api.model
    def _selection_responsible_party(self):
        return self.env["visibility.exception"]._fields["responsible_party"].selection

    # ------------------------------------------------------------------ seams for further documents
    @api.model
    def _get_trigger_models(self):
        """The model that each trigger is about. Extend it along with the selection of ``trigger``."""
        return TRIGGER_MODELS

    @api.model
    def _get_fact_models(self):
        """The models that each fact can be expected of. Extend it along with the selection of ``fact``."""
        return FACT_MODELS

    @api.model
    def _get_base_models(self):
        """The models that have each date to count from; the trigger itself is there for all."""
        return BASE_MODELS

    # ------------------------------------------------------------------ computes and constraints
    @api.depends("trigger")
    def _compute_res_model(self):
        models_by_trigger = self._get_trigger_models()
        for template in self:
            template.res_model = models_by_trigger.get(template.trigger)

    def _compute_counts(self):
        groups = self.env["visibility.expectation"]._read_group(
            [("template_id", "in", self.ids), ("state", "in", ("open", "overdue"))],
            ["template_id", "state"],
            ["__count"],
        )
        found = {(template.id, state): count for template, state, count in groups}
        for template in self:
            template.open_count = found.get((template.id, "open"), 0)
            template.overdue_count = found.get((template.id, "overdue"), 0)

    @api.constrains("trigger", "expects", "fact", "milestone_id")
    def _check_expected(self):
        for template in self:
            if template.expects == "milestone" and not template.milestone_id:
                raise ValidationError(self.env._("Choose the milestone that is expected."))
            if template.expects == "fact" and not template.fact:
                raise ValidationError(self.env._("Choose what is expected."))
            fact = template.fact if template.expects == "fact" else False
            if fact and template.res_model not in self._get_fact_models().get(fact, ()):
                raise ValidationError(
                    self.env._("“%(fact)s” cannot be expected of this document.", fact=template._get_label("fact"))
                )
            if template.expects == "milestone" and template.res_model == "account.move":
                raise ValidationError(self.env._("Milestones cannot be expected of an invoice."))

    @api.constrains("trigger", "base")
    def _check_base(self):
        for template in self.filtered(lambda one: one.base != "trigger"):
            if template.res_model not in self._get_base_models().get(template.base, ()):
                raise ValidationError(self.env._("This document has no “%(date)s”.", date=template._get_label("base")))

    @api.constrains("offset", "offset_unit", "calendar_source", "calendar_id")
    def _check_time(self):
        for template in self:
            if template.offset_unit.endswith("days") and template.offset % 1:
                raise ValidationError(self.env._("Days are whole days; give parts of a day in hours."))
            if template.calendar_source == "named" and not template.calendar_id:
                raise ValidationError(self.env._("Choose the working hours that count."))

    @api.constrains("domain", "trigger")
    def _check_domain(self):
        for template in self:
            try:
                domain = Domain(template._parse_domain())
                self.env[template.res_model].search(domain, limit=1)
            except Exception as error:
                raise ValidationError(self.env._("The filter “Only for” cannot be used on this document.")) from error

    def _parse_domain(self):
        return literal_eval(self.domain or "[]")

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    @api.onchange("trigger")
    def _onchange_trigger(self):
        """A filter for another document, or a fact that this one cannot have, is of no use."""
        self.domain = "[]"
        if self.fact and self.res_model not in self._get_fact_models().get(self.fact, ()):
            self.fact = False
        if self.base != "trigger" and self.res_model not in self._get_base_models().get(self.base, ()):
            self.base = "trigger"

    # ------------------------------------------------------------------ changes
    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._cancel_live()
        return result

    def _cancel_live(self):
        """What an archived template expected is not expected any more: one statement for what is only open."""
        rows = self.env["visibility.expectation"].sudo()
        rows.search([("template_id", "in", self.ids), ("state", "=", "overdue")])._cancel(
            self.env._("Its template was archived.")
        )
        rows.flush_model()
        self.env.cr.execute(
            "UPDATE visibility_expectation SET state = 'cancelled', cancel_reason = %s, write_date = %s"
            " WHERE template_id IN %s AND state = 'open'",
            (self.env._("Its template was archived."), fields.Datetime.now(), self._ids or (0,)),
        )
        rows.invalidate_model(["state", "cancel_reason"])

    def _remove_with_expectations(self):
        """For ``ondelete`` of added triggers and facts: nothing is left of what an add-on expected."""
        self.env["visibility.expectation"].search([("template_id", "in", self.ids)]).unlink()
        self.unlink()

    # ------------------------------------------------------------------ buttons
    def action_open_expectations(self):
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_expectation_action")
        return {**action, "domain": [("template_id", "in", self.ids)], "context": {"search_default_live": 1}}

    def action_apply(self):
        """Count the due times of open expectations again, and add what is missing on recent documents."""
        self.ensure_one()
        rows = self.env["visibility.expectation"].sudo()
        count = rows._apply_template(self.sudo())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("%(count)s document(s) looked at.", count=count)},
        }
