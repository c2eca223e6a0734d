from odoo import fields, models

# What the at-risk state of a partner follows from
COUNTS = frozenset({"state", "severity", "tag_ids", "is_unproven", "partner_id"})


class VisibilityException(models.Model):
    """Customers and suppliers carry what is open on them, too, by company."""

    _inherit = "visibility.exception"

    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        index="btree_not_null",
        string="Company of the customer or supplier",
    )

    def _get_partner_pairs(self):
        return {(one.commercial_partner_id.id, one.company_id.id) for one in self.sudo()}

    def _refresh_partners(self, before=frozenset()):
        self.env["visibility.partner.risk"].sudo()._refresh(self._get_partner_pairs() | before)

    def _on_opened(self):
        result = super()._on_opened()
        self._refresh_partners()
        return result

    def write(self, vals):
        before = self._get_partner_pairs() if "partner_id" in vals else set()
        result = super().write(vals)
        if vals.keys() & COUNTS:
            self._refresh_partners(before)
        return result

    def unlink(self):
        before = self._get_partner_pairs()
        result = super().unlink()
        self.browse()._refresh_partners(before)
        return result
