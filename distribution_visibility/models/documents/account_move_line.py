from odoo import models


class AccountMoveLine(models.Model):
    """An instalment whose day is moved: what is expected of its invoice moves with it."""

    _inherit = "account.move.line"

    def write(self, vals):
        result = super().write(vals)
        if "date_maturity" in vals:
            self.move_id.filtered(lambda move: move.is_invoice())._note_expectations()
        return result
