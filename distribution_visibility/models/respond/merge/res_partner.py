from odoo import fields, models


class ResPartner(models.Model):
    """A contact that others were merged into: what they had chosen holds, and their links go on working."""

    _inherit = "res.partner"

    visibility_former_ids = fields.Char(
        "Merged contacts", readonly=True, copy=False, help="The numbers of the contacts that became part of this one."
    )

    def _remember_former(self, gone):
        """Those who have a link of a contact that is gone by now still choose what they get."""
        numbers = {number for one in (self | gone) for number in (one.visibility_former_ids or "").split(",") if number}
        numbers |= {str(one) for one in gone.ids}
        self.visibility_former_ids = f",{','.join(sorted(numbers, key=int))},"

    def _find_former(self, partner_id):
        """The contact that one of this number became part of."""
        return (
            self.sudo()
            .with_context(active_test=False)
            .search([("visibility_former_ids", "like", f",{partner_id},")], limit=1)
        )
