from collections import Counter

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...base.guard import guarded
from ..exception.visibility_exception_category import SEVERITY

#: How many records a preview and a run in test mode name.
SAMPLE = 10
#: The counts that a preview shows.
COUNTS = ("matched", "would_open", "seen")
#: What people set and see that does not change which documents a process has to watch.
EFFECT_FIELDS = frozenset(
    {
        "next_run_at", "last_run_at", "swept_at", "last_matched", "last_opened", "last_cleared", "last_ms", "error",
        "is_paused", "sequence", "activity_ids", "message_ids", "message_follower_ids",
    }
)  # fmt: skip


class VisibilityRule(models.Model):
    """A detector that an administrator writes: what is trouble, whose it is, and how soon it is looked for."""

    _name = "visibility.rule"
    _description = "Rule"
    _inherit = ["mail.thread", "mail.activity.mixin", "visibility.cached.mixin", "visibility.action.mixin"]
    _order = "sequence, id"
    _uncached_fields = EFFECT_FIELDS

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: the rule is for all companies.")
    kind = fields.Selection(
        [("condition", "Condition: a document is like this"), ("event", "Event: somebody reports this")],
        required=True,
        default="condition",
        help="A condition looks at documents again and again, and clears what it opened when it is not so any more. "
        "An event rule looks at each event once, before its exception opens.",
    )
    purpose = fields.Text(translate=True, help="Why this rule exists, and what somebody should do about what it finds.")
    accountable_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        tracking=True,
        help="Who answers for this rule: is told when it cannot be worked out or finds too much.",
    )

    # What it makes of what it finds
    category_id = fields.Many2one("visibility.exception.category", "Opens", index=True, tracking=True)
    severity = fields.Selection(SEVERITY, tracking=True, help="Empty: as the category says.")
    user_id = fields.Many2one("res.users", "Owner of what it finds", help="Empty: the category decides.")
    owner_role = fields.Selection("_selection_owner_role", "Or the document's", help="Empty: the category decides.")
    reason_template = fields.Char(
        "Reason in words",
        translate=True,
        help="With fields in braces: {partner_id} waits since {date_order}. Empty: the name of the rule.",
    )

    # How it looks
    latency = fields.Selection(
        [("immediate", "At once"), ("scheduled", "On schedule"), ("nightly", "Nightly")],
        "Looks",
        required=True,
        default="scheduled",
        tracking=True,
        help="At once: when somebody saves an order, transfer or invoice. On schedule: every so many minutes. "
        "Nightly: at two, where the company is.",
    )
    interval_minutes = fields.Integer(
        "Every (minutes)", default=15, help="Rules that look at once look at everything this often, too."
    )
    is_test = fields.Boolean(
        "Test mode", tracking=True, help="It writes down what it would have opened, and opens nothing."
    )
    max_new = fields.Integer(
        "At most",
        default=200,
        required=True,
        help="New exceptions in one run. When there are more, the rule pauses and asks who is accountable.",
    )
    is_paused = fields.Boolean("Paused", readonly=True, copy=False, help="It found too much and opens nothing new.")

    # Which documents it means
    model_id = fields.Many2one(
        "ir.model",
        "Documents",
        compute="_compute_model_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('transient', '=', False), ('abstract', '=', False)]",
        ondelete="set null",
    )
    # Kept apart from model_id, so that a rule whose add-on was uninstalled can say what it misses
    model_name = fields.Char(compute="_compute_model_name", store=True, precompute=True)
    domain = fields.Char("Condition", default="[]", required=True)
    age_field_id = fields.Many2one(
        "ir.model.fields",
        "Only if",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('date', 'datetime')), ('store', '=', True)]",
        ondelete="set null",
        help="Only documents whose date lies longer ago than this. So no date has to stand in the condition.",
    )
    age_field_name = fields.Char(compute="_compute_age_field_name", store=True, precompute=True)
    age_hours = fields.Float("Is longer ago than (hours)")
    grace_minutes = fields.Integer(
        "Leave alone for (minutes)", help="Nothing is opened about what somebody changed within these minutes."
    )

    # Which events it means
    milestone_ids = fields.Many2many("visibility.milestone", string="Milestones", help="One of these. Empty: any.")
    event_category_ids = fields.Many2many(
        "visibility.exception.category", string="Reported as", help="One of these. Empty: any, or no trouble at all."
    )
    source_ids = fields.Many2many("visibility.source", string="Sources", help="From one of these. Empty: from any.")
    responsible_party = fields.Selection("_selection_responsible_party", "Responsible")

    # What became of it
    next_run_at = fields.Datetime("Next look", readonly=True, copy=False, index=True)
    last_run_at = fields.Datetime("Last look", readonly=True, copy=False)
    swept_at = fields.Datetime(readonly=True, copy=False)
    last_matched = fields.Integer("Matched", readonly=True, copy=False)
    last_opened = fields.Integer("Opened", readonly=True, copy=False)
    last_cleared = fields.Integer("Cleared", readonly=True, copy=False)
    last_ms = fields.Integer("Took (ms)", readonly=True, copy=False)
    error = fields.Char("Cannot be worked out", readonly=True, copy=False)
    run_ids = fields.One2many("visibility.rule.run", "rule_id", "Runs", readonly=True)
    open_exception_count = fields.Integer(compute="_compute_open_exception_count")
    is_previewed = fields.Boolean("What would this find now?", store=False, help="Shows it here, before you save.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    _interval_positive = models.Constraint(
        "CHECK (latency = 'nightly' OR interval_minutes > 0)", "A rule looks every minute at most."
    )
    _max_new_positive = models.Constraint("CHECK (max_new > 0)", "A rule must be allowed to open one exception.")
    _grace_positive = models.Constraint("CHECK (grace_minutes >= 0)", "A time to wait cannot be negative.")

    @api.model
    def _selection_owner_role(self):
        return self.env["visibility.exception.category"]._fields["owner_role"].selection

    @api.model
    def _selection_responsible_party(self):
        return self.env["visibility.exception"]._fields["responsible_party"].selection

    # ------------------------------------------------------------------ which documents
    @api.depends("kind")
    def _compute_model_id(self):
        """Events are rows of one model; of conditions a person says which model they look at."""
        events = self.env["ir.model"].sudo()._get("visibility.event")
        for rule in self:
            if rule.kind == "event":
                rule.model_id = events
            elif rule.model_id == events:
                rule.model_id = False

    @api.depends("model_id")
    def _compute_model_name(self):
        for rule in self:
            rule.model_name = rule.sudo().model_id.model or rule.model_name

    @api.depends("age_field_id")
    def _compute_age_field_name(self):
        for rule in self:
            rule.age_field_name = rule.sudo().age_field_id.name

    @api.onchange("model_id")
    def _onchange_model_id(self):
        if self.model_name and self.model_id and self._origin.model_id != self.model_id:
            self.domain = "[]"
            self.age_field_id = False

    # ------------------------------------------------------------------ checks
    @api.constrains("active", "accountable_id")
    def _check_accountable(self):
        for rule in self.filtered("active"):
            if not rule.accountable_id:
                raise ValidationError(
                    self.env._("%(rule)s: say who is accountable before you switch it on.", rule=rule.name)
                )

    @api.constrains("kind", "category_id")
    def _check_category(self):
        for rule in self.filtered(lambda rule: rule.kind == "condition" and not rule.category_id):
            raise ValidationError(self.env._("%(rule)s: say which exception it opens.", rule=rule.name))

    # ------------------------------------------------------------------ what it holds
    def _compute_open_exception_count(self):
        domain = self._get_exception_domain() & Domain("is_open", "=", True)
        found = self.env["visibility.exception"].search_fetch(domain, ["rule_id", "rule_ids"])
        counts = Counter(rule for exception in found for rule in exception.rule_ids | exception.rule_id)
        for rule in self:
            rule.open_exception_count = counts[rule]

    def _get_exception_domain(self):
        """Exceptions that these hold, or that they made of what was reported."""
        return Domain("rule_ids", "in", self.ids) | Domain("rule_id", "in", self.ids)

    def action_open_exceptions(self):
        self.ensure_one()
        return self._open_exceptions(list(self._get_exception_domain()))

    # ------------------------------------------------------------------ changes
    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._plan_next_run()
        return rules

    def write(self, vals):
        released = self.filtered(lambda rule: rule._lets_go(vals))
        result = super().write(vals)
        for rule in released:
            rule._release(self.env._("The rule “%(rule)s” was switched off or changed.", rule=rule.name))
        if vals.keys() & {"active", "latency", "interval_minutes", "domain", "age_hours", "is_test", "company_id"}:
            self._plan_next_run()
        return result

    def unlink(self):
        for rule in self:
            rule._release(self.env._("The rule “%(rule)s” was deleted.", rule=rule.name))
        return super().unlink()

    def _lets_go(self, vals):
        """Whether a change takes away what held this rule's exceptions: nobody would ever clear them."""
        if vals.get("active") is False or vals.get("is_test"):
            return True
        changed = {"category_id", "company_id", "model_id", "kind"} & vals.keys()
        return any((self[name].id if name.endswith("_id") else self[name]) != vals[name] for name in changed)

    # ------------------------------------------------------------------ what it would find
    @api.depends(
        "is_previewed", "kind", "model_id", "domain", "age_field_id", "age_hours", "grace_minutes", "company_id",
        "category_id", "milestone_ids", "event_category_ids", "source_ids", "responsible_party",
    )  # fmt: skip
    def _compute_preview(self):
        for rule in self:
            rule.preview = rule._get_preview() if rule.is_previewed else False

    def _get_preview(self):
        """Counts and some records, or one sentence that says what is wrong."""
        self.check_access("read")
        # without flush: rolling back must not forget what stands in the form
        with guarded(self.env, flush=False) as attempt:
            self._check_readable()
            return self._render_preview(*self._look_ahead())
        return Markup('<p class="text-danger mb-0">%s</p>') % self._explain(attempt.error)

    def _look_ahead(self):
        """What the rule would find in the companies that the user sees: counts, and some ids of new ones."""
        if self.kind == "event":
            return self._look_back()
        companies = self._get_companies() & self.env.companies
        surveys = [self._survey(company) for company in companies]
        counts = {name: sum(survey[name][0] for survey in surveys) for name in COUNTS}
        counts["gone"] = sum(len(survey["gone"]) for survey in surveys)
        sample = [record_id for survey in surveys for record_id in survey["new"] or survey["sample"]]
        return counts, sample[:SAMPLE]

    def _look_back(self):
        """How many events that are stored already would have been meant, and the ids of some."""
        domain = self._get_event_domain() & Domain("company_id", "in", self.env.companies.ids)
        events = self.env["visibility.event"].sudo()
        return {"matched": events.search_count(domain)}, events.search(domain, limit=SAMPLE).ids

    def _render_preview(self, counts, sample):
        model = "visibility.event" if self.kind == "event" else self.model_name
        links = self.env["visibility.rule.run"]._get_links(model, sample) or ""
        return Markup("<p class='mb-1'><b>%s</b></p>%s") % (self._summarise_preview(counts), links)

    def _summarise_preview(self, counts):
        if self.kind == "event":
            return self.env._(
                "%(count)s events of the past are like this. Here are the latest:", count=counts["matched"]
            )
        return self.env._(
            "%(matched)s match now: %(new)s would be new, %(seen)s are open already; %(gone)s would be cleared.",
            matched=counts["matched"],
            new=counts["would_open"],
            seen=counts["seen"],
            gone=counts["gone"],
        )
