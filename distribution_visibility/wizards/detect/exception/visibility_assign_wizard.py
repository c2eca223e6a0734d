from odoo import fields, models
from odoo.exceptions import UserError


class VisibilityAssignWizard(models.TransientModel):
    """Give exceptions to somebody; their tasks go along."""

    _name = "visibility.assign.wizard"
    _description = "Assign exceptions"
    _inherit = ["visibility.exception.wizard"]

    user_id = fields.Many2one(
        "res.users", "Owner", required=True, domain="[('share', '=', False)]", default=lambda self: self.env.user
    )

    def action_confirm(self):
        self.ensure_one()
        exceptions = self.exception_ids.filtered("is_open")
        if not exceptions:
            raise UserError(self.env._("None of these is open any more: nothing was changed."))
        self._check_companies(exceptions.company_id)
        exceptions.write({"user_id": self.user_id.id})
        count, name = len(exceptions), self.user_id.name
        message = self.env._("%(name)s answers for %(count)s exceptions.", name=name, count=count)
        return self._finish(message, exceptions)

    def _check_companies(self, companies):
        foreign = companies - self.user_id.sudo().company_ids
        if foreign:
            raise UserError(
                self.env._(
                    "%(name)s does not work in %(company)s: nothing was changed.",
                    name=self.user_id.name,
                    company=", ".join(foreign.mapped("name")),
                )
            )
