from odoo import models


class MailActivitySchedule(models.TransientModel):
    """Steps know the playbook they came from, whoever started it and from where."""

    _inherit = "mail.activity.schedule"

    def action_schedule_plan(self):
        wizard = self
        if self.res_model == "visibility.exception":
            wizard = self.with_context(default_visibility_playbook_id=self.plan_id.id)
        return super(MailActivitySchedule, wizard).action_schedule_plan()
