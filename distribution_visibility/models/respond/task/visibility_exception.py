from odoo import api, fields, models
from odoo.exceptions import UserError

from ...detect.exception.visibility_exception import CLOSED_STATES


class VisibilityException(models.Model):
    """What is done about an exception: its owner gets a task with a date, and the usual steps as a checklist.

    That one is the playbook of the category, Odoo's activity plan.
    """

    _inherit = "visibility.exception"

    playbook_id = fields.Many2one(related="category_id.playbook_id")
    playbook_preview_ids = fields.One2many(related="category_id.playbook_id.template_ids", string="Steps to start")
    default_approval = fields.Selection(related="category_id.default_approval", string="Usually needs")
    playbook_step_ids = fields.Many2many(
        "mail.activity",
        compute="_compute_playbook_steps",
        compute_sudo=True,
        string="Steps",
        context={"active_test": False},
    )
    playbook_done = fields.Integer("Steps done", compute="_compute_playbook_steps", compute_sudo=True)
    playbook_total = fields.Integer("Number of steps", compute="_compute_playbook_steps", compute_sudo=True)
    playbook_progress = fields.Integer("Progress (%)", compute="_compute_playbook_steps", compute_sudo=True)

    # ------------------------------------------------------------------ the owner's task
    def _follow_response(self, vals, owners):
        """The task ends with the exception, and goes with the owner and the deadline."""
        if vals.get("state") in CLOSED_STATES:
            self._get_response_activities().unlink()
        elif owners:
            self._move_response_activities(vals, owners)

    def _move_response_activities(self, vals, owners):
        """The owners' tasks go to whoever answers now, and to the day by which they should.

        What others were told in an escalation is theirs and stays with them.

        :param dict owners: ids of the owners until now by ids of the exceptions
        """
        activities = self._get_response_activities().sorted("id")
        first = {res_id: mine[:1] for res_id, mine in activities.grouped("res_id").items()}
        # Where nobody was the owner, the oldest is the response. What was handed to a team alone is nobody's yet
        activities = activities.filtered(
            lambda one: (
                one.user_id.id in (owners[one.res_id], False) if owners[one.res_id] else one == first[one.res_id]
            )
        )
        if vals.get("user_id"):
            activities.user_id = vals["user_id"]
        if "deadline" in vals:
            days = {exception.id: exception._get_deadline_day() for exception in self}
            for day, alike in activities.grouped(lambda activity: days[activity.res_id]).items():
                alike.date_deadline = day

    def _get_response_type(self):
        return self.env.ref("distribution_visibility.mail_activity_type_respond", raise_if_not_found=False)

    def _get_response_activities(self):
        """The owners' tasks that are still to be done, as superuser: they may be another person's."""
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        activity_type = self._get_response_type()
        if not activity_type:
            return activities
        return activities.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", activity_type.id)]
        )

    def _plan_response(self):
        """One activity for the owner, due at the deadline, created in one go."""
        activity_type = self._get_response_type()
        if not activity_type:
            return
        # The owner sees it in the list of activities; a mail for each would be noise.
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [exception._prepare_response_activity(activity_type) for exception in self if exception.severity_rank]
        )

    def _prepare_response_activity(self, activity_type):
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": activity_type.id,
            "summary": self.title,
            "user_id": self.user_id.id or self.env.uid,
            "date_deadline": self._get_deadline_day(),
        }

    def _get_deadline_day(self):
        """The deadline's day where the owner is; today when there is no deadline."""
        deadline = self.deadline or fields.Datetime.now()
        return fields.Datetime.context_timestamp(self.with_user(self.user_id or self.env.user), deadline).date()

    # ------------------------------------------------------------------ the playbook
    @api.depends("activity_ids.active", "category_id.playbook_id")
    def _compute_playbook_steps(self):
        steps = self._get_playbook_steps().grouped("res_id")
        for exception in self:
            mine = steps.get(exception.id, self.env["mail.activity"])
            done = mine.filtered(lambda step: not step.active)
            exception.playbook_step_ids = mine
            exception.playbook_done = len(done)
            exception.playbook_total = max(len(mine), len(mine.visibility_playbook_id.template_ids))
            exception.playbook_progress = round(100 * len(done) / (exception.playbook_total or 1))

    def _get_playbook_steps(self):
        """Steps that were started, done ones (Odoo archives them) included, as superuser."""
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(active_test=False, mail_activity_quick_update=True)
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("visibility_playbook_id", "!=", False),
                ],
                order="id",
            )
        )

    def action_start_playbook(self):
        """Make the steps: activities with a date, for the owner or whom the step names."""
        self._check_may_work()
        self._check_playbook()
        for playbook, exceptions in self.grouped("playbook_id").items():
            values = {"res_model": self._name, "res_ids": str(exceptions.ids), "plan_id": playbook.id}
            # Whoever gets a step sees it in the list of activities; a mail for each would be noise
            quiet = self.env["mail.activity.schedule"].with_context(mail_activity_quick_update=True)
            quiet.create({**values, "plan_on_demand_user_id": self.env.uid}).action_schedule_plan()

    def _check_playbook(self):
        for exception in self:
            if not exception.is_open:
                raise UserError(self.env._("%s is closed: reopen it before you start its playbook.", exception.name))
            if not exception.playbook_preview_ids:
                raise UserError(self.env._("The category %s has no playbook.", exception.category_id.name))
            if exception.playbook_step_ids.filtered("active"):
                raise UserError(self.env._("The playbook of %s is under way already.", exception.name))

    def _follow_playbook(self, vals):
        if vals.get("state") in CLOSED_STATES:
            self._end_playbook()

    def _end_playbook(self):
        """What was not done by then need not be done any more; what was done stays."""
        steps = self._get_playbook_steps()
        left = steps.filtered("active")
        if not left:
            return
        counts = {res_id: (len(mine - left), len(mine)) for res_id, mine in steps.grouped("res_id").items()}
        bodies = {
            res_id: self.env._("%(done)s of %(total)s steps of the playbook were done.", done=done, total=total)
            for res_id, (done, total) in counts.items()
        }
        left.unlink()
        self.browse(bodies).sudo()._message_log_batch(bodies)
