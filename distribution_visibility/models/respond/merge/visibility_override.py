from odoo import api, models
from odoo.tools import SQL


class VisibilityOverride(models.Model):
    _inherit = "visibility.override"

    @api.model
    def _follow_merge(self, gone, kept):
        """What a person holds on a merged record they hold on the one that stays, unless somebody holds that.

        By SQL: what was written of an override is never written again through Odoo. Who, what, why and how the record
        was called stay.
        """
        self.flush_model()
        rows = self.search([("res_model", "=", gone._name), ("res_id", "in", [*gone.ids, kept.id])], order="id")
        latest = {}
        for row in rows.filtered("is_open").sorted(lambda one: (one.res_id == kept.id, one.id)):
            latest[row.company_id, row.aspect, row.exception_id, row.gate_id] = row
        over = rows.filtered("is_open") - self.union(*latest.values())
        if over:
            self.env.cr.execute(SQL("UPDATE visibility_override SET is_open = FALSE WHERE id IN %s", over._ids))
        if rows:
            self.env.cr.execute(SQL("UPDATE visibility_override SET res_id = %s WHERE id IN %s", kept.id, rows._ids))
        self.invalidate_model(["res_id", "is_open", "is_in_force"])
