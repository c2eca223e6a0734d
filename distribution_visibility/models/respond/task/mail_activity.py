from odoo import api, fields, models
from odoo.exceptions import ValidationError

EXCEPTION = "visibility.exception"


class MailActivity(models.Model):
    _inherit = "mail.activity"

    visibility_playbook_id = fields.Many2one(
        "mail.activity.plan", "Playbook", readonly=True, index="btree_not_null", ondelete="set null"
    )


class MailActivityPlan(models.Model):
    """Odoo's activity plan is our playbook: the usual steps for exceptions of some categories."""

    _inherit = "mail.activity.plan"

    visibility_category_ids = fields.One2many(
        "visibility.exception.category",
        "playbook_id",
        "Exception categories",
        help="Exceptions of these categories offer this plan as their playbook.",
    )


class MailActivityPlanTemplate(models.Model):
    """A step of a playbook may be for whoever answers for the exception."""

    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(
        selection_add=[("exception_owner", "Owner of the exception")], ondelete={"exception_owner": "cascade"}
    )

    @api.constrains("plan_id", "responsible_type")
    def _check_exception_owner(self):
        steps = self.filtered(lambda step: step.responsible_type == "exception_owner")
        if any(step.plan_id.res_model != EXCEPTION for step in steps):
            raise ValidationError(self.env._("Only steps for exceptions can go to the owner of the exception."))

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if self.responsible_type != "exception_owner" or applied_on_record._name != EXCEPTION:
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        owner = applied_on_record.user_id or on_demand_responsible or self.env.user
        return {"responsible": owner, "error": False, "warning": False}


class MailActivitySchedule(models.TransientModel):
    """Steps know the playbook they came from, whoever started it and from where."""

    _inherit = "mail.activity.schedule"

    def action_schedule_plan(self):
        wizard = self
        if self.res_model == "visibility.exception":
            wizard = self.with_context(default_visibility_playbook_id=self.plan_id.id)
        return super(MailActivitySchedule, wizard).action_schedule_plan()
