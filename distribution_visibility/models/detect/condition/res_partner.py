from odoo import models
from odoo.tools import formatLang


class ResPartner(models.Model):
    """Who owes more than agreed, by Odoo's own figures."""

    _inherit = "res.partner"

    def _get_over_credit(self, company):
        """The commercial partners among these who owe a company more than agreed; in that company's context."""
        # sudo: the figures are for accountants; whether somebody is over is for who ships
        partners = self.commercial_partner_id.sudo().with_company(company)
        if not company.account_use_credit_limit:
            return partners.browse()
        # Odoo does not notice when these change, and an invoice may have been posted a moment ago
        partners.invalidate_recordset(["credit", "credit_to_invoice"])
        limited = partners.filtered("credit_limit")
        return limited.filtered(lambda one: company.currency_id.compare_amounts(one._get_owed(), one.credit_limit) > 0)

    def _get_owed(self):
        return self.credit + self.credit_to_invoice

    def _get_credit_text(self, company):
        return self.env._(
            "owes %(owed)s, agreed are %(limit)s",
            owed=formatLang(self.env, self.sudo()._get_owed(), currency_obj=company.currency_id),
            limit=formatLang(self.env, self.sudo().credit_limit, currency_obj=company.currency_id),
        )
