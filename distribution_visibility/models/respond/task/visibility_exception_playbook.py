from odoo import api, fields, models
from odoo.exceptions import UserError


class VisibilityException(models.Model):
    """The usual steps for this kind of exception, as a checklist: Odoo's activity plan."""

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

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("resolved", "dismissed"):
            self._end_playbook()
        return result

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
