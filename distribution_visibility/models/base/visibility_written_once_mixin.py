from odoo import api, models
from odoo.exceptions import UserError


class VisibilityWrittenOnceMixin(models.AbstractModel):
    """Rows that nobody changes or deletes through Odoo, superuser included."""

    _name = "visibility.written.once.mixin"
    _description = "Row that is written once"

    def write(self, vals):
        self._refuse_to_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was done is kept: the log of responses cannot be deleted."))

    def copy_data(self, default=None):
        self._refuse_to_change()
        return super().copy_data(default)

    def _refuse_to_change(self):
        if self:
            raise UserError(
                self.env._("What was done is kept as it was written: the log of responses cannot be changed or copied.")
            )
