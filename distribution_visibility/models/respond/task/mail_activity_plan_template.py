from odoo import api, fields, models
from odoo.exceptions import ValidationError

EXCEPTION = "visibility.exception"


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
