from odoo import api, models
from odoo.tools import clean_context


class VisibilityEvidenceMixin(models.AbstractModel):
    """Rows that say what happened: nothing in them comes from defaults that a caller put into the context.

    A model names it first in its ``_inherit``. What its own ``create`` does besides, it does on
    :meth:`_forget_caller`.
    """

    _name = "visibility.evidence.mixin"
    _description = "Row that says what happened"

    @api.model_create_multi
    def create(self, vals_list):
        made = super(VisibilityEvidenceMixin, self._forget_caller()).create(vals_list)
        return made.with_env(self.env)

    def _forget_caller(self):
        """The same records without the defaults and switches that a caller may have put into the context."""
        return self.with_context(clean_context(self.env.context))
