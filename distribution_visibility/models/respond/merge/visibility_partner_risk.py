from odoo import api, models


class VisibilityPartnerRisk(models.Model):
    _inherit = "visibility.partner.risk"

    @api.model
    def _forget(self, partners):
        """Make room before partners are merged: there is one row of each partner and company."""
        self.search([("partner_id", "in", partners.ids)]).unlink()
        self.env.flush_all()

    @api.model
    def _work_out_anew(self, partners):
        """The rows of these, and of what they belong to, from what is open on them now."""
        commercial = partners.commercial_partner_id
        exceptions = self.env["visibility.exception"].sudo().search([("partner_id", "child_of", partners.ids)])
        # Odoo has moved the partner by SQL, and what follows from it is kept in columns
        for name in ("commercial_partner_id", "priority_score"):
            self.env.add_to_compute(exceptions._fields[name], exceptions)
        self.env.flush_all()
        self._refresh({(partner.id, company.id) for partner in commercial for company in exceptions.company_id})
