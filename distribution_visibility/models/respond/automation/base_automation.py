from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ....lib.base.grant import CONSENT
from ...detect.exception.visibility_exception import SEVERITY_RANK
from ...detect.exception.visibility_exception_category import SEVERITY

#: Models whose records governed automations act on; never stock.move or lines (see docs/respond/automation.md).
GOVERNED_MODELS = ("visibility.exception", "sale.order", "purchase.order", "stock.picking", "account.move")
#: Triggers that nobody answers for: an unsaved form, a deleted record, an unsigned web address.
UNGOVERNABLE = ("on_change", "on_unlink", "on_webhook")
STATISTICS_DAYS = 30
#: Results that make the number of runs: what it was kept from doing is no run.
COUNTED = ("done", "failed")
#: Where a record says what it is worth, in this order, in company currency.
VALUE_FIELDS = ("value_at_risk", "amount_untaxed_signed", "amount_untaxed")


class BaseAutomation(models.Model):
    """Odoo's automation rules, made governed: somebody answers for them, they know their limits, and each
    thing that they do is recorded and can be taken back."""

    _name = "base.automation"
    _inherit = ["base.automation", "visibility.action.mixin"]

    is_governed = fields.Boolean(
        "Governed", tracking=True, help="Somebody answers for it, and each thing that it does is recorded."
    )
    accountable_id = fields.Many2one(
        "res.users",
        "Accountable owner",
        domain=[("share", "=", False)],
        tracking=True,
        ondelete="restrict",
        help="Answers for what this automation does, and is told when something is wrong with it.",
    )
    purpose = fields.Char(translate=True, tracking=True, help="Why it exists, in one sentence. Each run says it.")
    risk_class = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High")],
        "Risk",
        default="low",
        tracking=True,
        help="Low: nothing leaves the house, and it can be rolled back. Medium: tells somebody outside. High: costs "
        "money or goods; a high risk must ask before it acts.",
    )
    approval_mode = fields.Selection(
        [("never", "Acts by itself"), ("threshold", "Asks above a threshold"), ("always", "Always asks")],
        "Before it acts",
        default="never",
        required=True,
        tracking=True,
    )
    approval_value = fields.Float(
        "Asks from a value of",
        tracking=True,
        help="The value at risk, or the untaxed amount, in company currency. 0: the value does not matter.",
    )
    approval_severity = fields.Selection(SEVERITY, "Asks from severity", tracking=True)
    approver_id = fields.Many2one(
        "res.users", "Asks", domain=[("share", "=", False)], tracking=True, help="Empty: the accountable owner."
    )
    hourly_limit = fields.Integer(
        "At most, an hour",
        tracking=True,
        help="Records that it acts on within an hour. More are skipped, and the owner is told once. 0: no limit.",
    )
    is_test_mode = fields.Boolean(
        "Test mode", tracking=True, help="Records what it would have done, and changes nothing."
    )
    disagreement_minutes = fields.Integer(
        "Respects others for (minutes)",
        default=60,
        help="What another automation set is not changed to something else within this time; both owners are told. "
        "0: it is.",
    )
    rollback_info = fields.Text("How to take it back", translate=True)
    rollback_action_id = fields.Many2one(
        "ir.actions.server",
        "Rollback action",
        domain="[('model_id', '=', model_id)]",
        help="Runs on the record when a run is rolled back, for what values alone do not take back.",
    )
    is_reversible = fields.Boolean("Can be rolled back", compute="_compute_is_reversible")
    irreversible_reason = fields.Char(compute="_compute_is_reversible")

    # Coordinators and auditors read governed automations: not the addresses that are as good as a password
    webhook_uuid = fields.Char(groups="base.group_system")
    url = fields.Char(groups="base.group_system")

    run_ids = fields.One2many("visibility.action.run", "automation_id", "Runs", readonly=True)
    run_count = fields.Integer("Runs (30 days)", compute="_compute_statistics")
    success_rate = fields.Float("Success rate (30 days)", compute="_compute_statistics")
    average_ms = fields.Float("Average duration (ms)", compute="_compute_statistics")
    waiting_count = fields.Integer("Waiting for an answer", compute="_compute_statistics")
    last_failure_at = fields.Datetime("Last failure", compute="_compute_statistics")
    last_failure = fields.Char("What failed last", compute="_compute_statistics")

    _limit_not_negative = models.Constraint("CHECK (hourly_limit >= 0)", "A limit cannot be less than zero.")
    _window_not_negative = models.Constraint(
        "CHECK (disagreement_minutes >= 0)", "A time cannot be less than zero minutes."
    )

    # ------------------------------------------------------------------ what makes it governed
    @api.model
    def _get_governed_models(self):
        """Models that governed automations may act on; extend it for documents, never for moves or lines."""
        return list(GOVERNED_MODELS)

    @api.constrains(
        *("is_governed", "active", "accountable_id", "model_id", "trigger"),
        *("risk_class", "approval_mode", "is_test_mode"),
    )
    def _check_governance(self):
        for automation in self.filtered("is_governed"):
            automation._check_governed_model()
            if automation.active:
                automation._check_governed_activation()

    def _check_governed_model(self):
        if self.model_name not in self._get_governed_models():
            raise ValidationError(
                self.env._(
                    "Governed automations act on exceptions and documents, not on %(model)s: Odoo writes those far too "
                    "often for rules.",
                    model=self.model_id.name,
                )
            )
        if self.trigger in UNGOVERNABLE:
            raise ValidationError(
                self.env._("A governed automation cannot start with “%(trigger)s”.", trigger=self._label("trigger"))
            )

    def _check_governed_activation(self):
        if not self.accountable_id.active:
            raise ValidationError(self.env._("Name an accountable owner of “%s” before you switch it on.", self.name))
        if self.risk_class == "high" and self.approval_mode == "never" and not self.is_test_mode:
            raise ValidationError(
                self.env._("“%s” is of high risk: let it ask before it acts, or run it in test mode.", self.name)
            )

    @api.constrains("approval_mode", "approval_value", "approval_severity")
    def _check_threshold(self):
        for automation in self.filtered(lambda one: one.approval_mode == "threshold"):
            if automation.approval_value <= 0 and not automation.approval_severity:
                raise ValidationError(self.env._("Say from which value or severity on “%s” asks.", automation.name))

    @api.depends("action_server_ids.state", "rollback_action_id", "action_server_ids.child_ids.state")
    def _compute_is_reversible(self):
        for automation in self:
            reasons = automation.action_server_ids._get_irreversible_reasons()
            automation.is_reversible = bool(automation.rollback_action_id) or not reasons
            automation.irreversible_reason = False if automation.is_reversible else " ".join(reasons)

    # ------------------------------------------------------------------ asking a person first
    def _ask_first(self, records):
        """Leave out, and ask about, what is above the threshold."""
        if self._get_answered():
            return records
        to_ask = records.filtered(self._is_to_be_asked)
        asked = to_ask - self._get_waiting(to_ask, "asked")
        if asked:
            values = [self._prepare_governed_run(record, "asked") for record in asked]
            self._request_approval(self.env["visibility.action.run"]._record(values))
        return records - to_ask

    def _get_waiting(self, records, result):
        """The records about which a question of this automation is open already: it is not put again."""
        if not records:
            return records
        runs = self.env["visibility.action.run"].sudo()
        domain = [("automation_id", "=", self.id), ("result", "=", result), ("status", "=", "open")]
        waiting = runs.search([*domain, ("res_model", "=", records._name), ("res_id", "in", records.ids)])
        return records & records.browse(waiting.mapped("res_id"))

    def _get_answered(self):
        """The id of the run whose answer is carried out now; False in whatever that sets off."""
        automation_id, run_id = CONSENT.get(self.env.context, (False, False))
        return automation_id == self.id and run_id

    def _is_to_be_asked(self, record):
        automation = self.sudo()
        if not automation.accountable_id.active:
            return True
        if automation.approval_mode != "threshold":
            return automation.approval_mode == "always"
        by_value = automation.approval_value > 0 and self._get_stake(record) >= automation.approval_value
        severity = automation.approval_severity
        return by_value or bool(severity) and self._get_severity_rank(record) >= SEVERITY_RANK[severity]

    def _get_stake(self, record):
        """What a record is worth, in its company's currency."""
        record = record.sudo()
        if record._name != "stock.picking":
            return self._get_worth(record)
        orders = [*record._get_sale_orders(), *record._get_purchase_orders()]
        return sum(self._get_worth(order) for order in orders)

    def _get_worth(self, record):
        name = next((name for name in VALUE_FIELDS if name in record._fields), None)
        rate = record.currency_rate if name == "amount_untaxed" and "currency_rate" in record._fields else 1
        return abs(record[name]) / (rate or 1) if name else 0

    def _get_severity_rank(self, record):
        record = record.sudo()
        name = "severity" if "severity" in record._fields else "visibility_severity"
        severity = record[name] if name in record._fields else False
        return SEVERITY_RANK.get(severity, -1)

    def _get_approver(self):
        """Who is asked, of those who are still here: the approver, the owner, else an administrator."""
        automation = self.sudo()
        people = [automation.approver_id, automation.accountable_id]
        return next((one for one in people if one.active), self.env["visibility.incident"].sudo()._get_manager())

    def _request_approval(self, runs):
        """Seam: have a person decide about these runs. Here one task, however many there are.

        Whoever decides calls ``_answer`` on the run: once, yes or no.
        """
        runs[:1]._tell(self._get_approver(), self._get_question(runs))

    def _get_question(self, runs):
        name, count = self.sudo().name, len(runs)
        if count > 1:
            return self.env._("“%(automation)s” asks about %(count)s records", automation=name, count=count)
        return self.env._("“%(automation)s” asks: %(record)s", automation=name, record=runs.record_name)

    def _get_answerable(self, run):
        """What was asked about, empty when it is gone or the conditions do not hold any more."""
        record = run._get_record().with_env(self.env)
        return self._filter_post(record) if record else record

    def _act_on_answer(self, run):
        """What was asked about is done now, if the conditions still hold.

        :raises UserError: when they do not, or a person holds all of it
        """
        self._check_left_to_people(run._get_record())
        record = self._get_answerable(run)
        if not record:
            raise UserError(self.env._("This is over: the conditions of “%s” do not hold any more.", self.sudo().name))
        self.with_context(**CONSENT.carry((self.id, run.id)), __action_done={self: record})._attempt(record)

    # ------------------------------------------------------------------ how well it does
    def _compute_statistics(self):
        runs = self.env["visibility.action.run"].sudo()
        domain, recent = self._get_own_domain(), self._get_recent_domain()
        counts, durations = {}, {}
        groups = runs._read_group(recent, ["automation_id", "result"], ["__count", "duration_ms:avg"])
        for automation, result, count, duration in groups:
            counts.setdefault(automation.id, {})[result] = count
            if result == "done":
                durations[automation.id] = duration
        waiting = dict(runs._read_group([*domain, ("status", "=", "open")], ["automation_id"], ["__count"]))
        failed = dict(runs._read_group([*domain, ("result", "=", "failed")], ["automation_id"], ["id:max"]))
        for automation in self:
            found = counts.get(automation.id, {})
            done, lost = (found.get(result, 0) for result in COUNTED)
            automation.run_count = done + lost
            automation.success_rate = done / (done + lost) if done + lost else 0
            automation.average_ms = durations.get(automation.id, 0)
            automation.waiting_count = waiting.get(automation, 0)
            last = runs.browse(failed.get(automation))
            automation.last_failure_at = last.occurred_at
            automation.last_failure = f"{last.record_name or ''}: {last.detail or ''}" if last else False

    def _get_own_domain(self):
        """What these did themselves: not what took it back."""
        return [("automation_id", "in", self.ids), ("origin", "!=", "rollback")]

    def _get_recent_domain(self):
        since = self.env["visibility.action.run"]._since(days=STATISTICS_DAYS)
        return [*self._get_own_domain(), ("occurred_at", ">=", since)]

    # ------------------------------------------------------------------ who sees what of it
    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Odoo's own form is for administrators: it reads what nobody else may. The others see how it is governed."""
        if view_type == "form" and not view_id and not self.env.user.has_group("base.group_system"):
            view_id = self.env.ref("distribution_visibility.base_automation_view_form_governed").id
        return super().get_view(view_id, view_type, **options)

    # ------------------------------------------------------------------ buttons
    def action_open_runs(self):
        """What this automation did in the time that its figures are about."""
        self.ensure_one()
        return self._open_own_runs(self._get_recent_domain() + [("result", "in", COUNTED)])

    def action_open_waiting(self):
        """What it asked and nobody has answered."""
        self.ensure_one()
        return self._open_own_runs(self._get_own_domain() + [("status", "=", "open")])

    def _open_own_runs(self, domain):
        return self._open_action("distribution_visibility.visibility_action_run_action", domain=domain)
