from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ....lib.base.grant import ROLLS_BACK

MANAGER = "distribution_visibility.group_manager"


class VisibilityActionRun(models.Model):
    """What an automation asked and a person answers, and how its owner said that what it did is taken back."""

    _inherit = "visibility.action.run"

    can_answer = fields.Boolean(compute="_compute_can_answer")
    answered_at = fields.Datetime("Answered", readonly=True, help="Whoever writes this first has answered.")

    @api.depends("status")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        is_manager = self.env.user.has_group(MANAGER)
        for run in self:
            is_manager_here = is_manager and run.with_user(self.env.user).has_access("read")
            is_asked = is_manager_here or self.env.user in run.sudo()._get_answerers()
            run.can_answer = run.status == "open" and is_asked

    def _get_answerers(self):
        owner = self.automation_id.accountable_id
        return self.automation_id._get_approver() | owner.filtered("active")

    # ------------------------------------------------------------------ buttons
    def action_approve(self):
        """Yes, do it now.

        :raises AccessError: when somebody else is asked
        :raises UserError: when it was answered already, or does not apply any more
        """
        for run in self:
            run._answer(True)
        return True

    def action_decline(self):
        """No; nothing is done."""
        for run in self:
            run._answer(False)
        return True

    def _answer(self, is_yes, reason=None):
        """Act, or note that nothing is done: once, however many people answer at the same moment.

        :param str reason: why nothing is done, else that this user declined
        """
        self.ensure_one()
        self.check_access("read")
        run = self.sudo()
        if run.status == "open":
            self._check_may_answer()
        run._claim_answer()
        if is_yes:
            run.automation_id.sudo(False)._act_on_answer(run)
        else:
            self._record([run._prepare_decline(reason)])
        run._hand_on_tasks()
        run.invalidate_recordset()

    @api.model
    def _find_questions(self, domain):
        """What automations asked and nobody has answered yet."""
        return self.search([("result", "=", "asked"), ("status", "=", "open"), *domain])

    def _withdraw(self, reason):
        """What was asked is over by itself: nothing is done, and nobody is asked any more."""
        for run in self:
            run._claim_answer()
            self._record([{**run._prepare_decline(reason), "origin": "automation"}])
            run._hand_on_tasks()
            run.invalidate_recordset()

    def _check_may_answer(self):
        """Seam: raises AccessError when this user is not asked."""
        if not self.can_answer:
            raise AccessError(self.env._("Somebody else is asked about this."))

    def _claim_answer(self):
        """Who comes second waits here, is run again by Odoo, and then sees the first one's answer.

        The rows that follow would not tell: they are new, and a transaction does not see another one's.
        """
        is_open = self.status == "open"
        claim = SQL(
            "UPDATE visibility_action_run SET answered_at = %s WHERE id = %s AND answered_at IS NULL RETURNING id",
            fields.Datetime.now(),
            self.id,
        )
        if not is_open or not self.env.execute_query(claim):
            raise UserError(self.env._("This was answered already."))

    def _prepare_decline(self, reason=None):
        return {
            **self._prepare_run(
                self._get_record(), company=self.company_id, exception=self.exception_id, automation=self.automation_id
            ),
            "name": self.name,
            "origin": "button",
            "result": "declined",
            "reason": reason or self.env._("Declined by %s", self.env.user.name),
            "run_id": self.id,
        }

    # ------------------------------------------------------------------ the way back
    def _get_further_undoing(self):
        """What the automation's owner set down for what values alone do not take back."""
        action = self.automation_id.rollback_action_id
        return (lambda: self._run_rollback_action(action)) if action else super()._get_further_undoing()

    def _run_rollback_action(self, action):
        if record := self._get_record():
            action.with_context(**ROLLS_BACK.context)._run_on_records(record)

    # ------------------------------------------------------------------ telling
    def _tell(self, users, sentence):
        """One task a person on this run; none where the same is on their list already. No mails."""
        activity_type = self.env.ref("distribution_visibility.mail_activity_type_automation", raise_if_not_found=False)
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        if not activity_type:
            return
        same = activities.search(
            [("activity_type_id", "=", activity_type.id), ("summary", "=", sentence), ("user_id", "in", users.ids)]
        )
        activities.create([self._prepare_telling(activity_type, user, sentence) for user in users - same.user_id])

    def _hand_on_tasks(self):
        """One task stands for many questions: it goes on to the next one that is open, and ends with the last."""
        tasks = self.activity_ids.with_context(mail_activity_quick_update=True)
        waiting = self._find_open_without_task() if tasks else self.browse()
        if not waiting:
            tasks.unlink()
            return
        following = waiting[:1]
        values = {"res_id": following.id}
        if self.result == "asked":
            values["summary"] = self.automation_id._get_question(waiting)
        tasks.write(values)
        following.invalidate_recordset(["activity_ids"])

    def _find_open_without_task(self):
        """Questions of the same automation and kind that nobody has answered, and that have no task of their own."""
        domain = [
            ("automation_id", "=", self.automation_id.id),
            ("result", "=", self.result),
            ("status", "=", "open"),
            ("id", "!=", self.id),
            ("activity_ids", "=", False),
        ]
        return self.search(domain, order="id") if self.automation_id else self.browse()

    def _prepare_telling(self, activity_type, user, sentence):
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": activity_type.id,
            "summary": sentence,
            "user_id": user.id,
            "date_deadline": fields.Date.context_today(self),
        }
