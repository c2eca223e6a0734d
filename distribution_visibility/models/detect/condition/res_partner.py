from odoo import api, models
from odoo.tools import formatLang

from ....lib.base.neighbours import knows, told


class ResPartner(models.Model):
    """Who owes more than agreed, by Odoo's own figures."""

    _inherit = "res.partner"

    def _get_over_credit(self, company):
        """The commercial partners among these who owe a company more than agreed; in that company's context."""
        # sudo: the figures are for accountants; whether somebody is over is for who ships
        partners = self.commercial_partner_id.sudo().with_company(company)
        return partners._get_over_odoos_limit(company) | partners._get_over_risk(company)

    @api.model
    def _is_credit_watched(self, company):
        """Whether anybody says how much customers of a company may owe."""
        return company.account_use_credit_limit or knows(self, "risk_exception")

    def _get_over_risk(self, company):
        """Those who owe more than agreed by OCA's financial risk, which does not need Odoo's own limit."""
        if not knows(self, "risk_exception"):
            return self.browse()
        self._forget_risk()
        return self.with_context(allowed_company_ids=company.ids).filtered("risk_exception").with_env(self.env)

    def _forget_risk(self):
        """It is kept for whatever companies were asked for before."""
        self.invalidate_recordset([name for name in self._fields if name.startswith("risk_")])

    def _get_over_odoos_limit(self, company):
        partners = self
        if not company.account_use_credit_limit:
            return partners.browse()
        # Odoo does not notice when these change, and an invoice may have been posted a moment ago
        partners.invalidate_recordset(["credit", "credit_to_invoice"])
        limited = partners.filtered("credit_limit")
        return limited.filtered(lambda one: company.currency_id.compare_amounts(one._get_owed(), one.credit_limit) > 0)

    def _get_owed(self):
        return self.credit + self.credit_to_invoice

    def _get_credit_text(self, company):
        if over := told(self.sudo().with_context(allowed_company_ids=company.ids), "risk_amount_exceeded"):
            exceeded = formatLang(self.env, over, currency_obj=self.sudo().risk_currency_id)
            return self.env._("owes %(exceeded)s more than agreed", exceeded=exceeded)
        return self.env._(
            "owes %(owed)s, agreed are %(limit)s",
            owed=formatLang(self.env, self.sudo()._get_owed(), currency_obj=company.currency_id),
            limit=formatLang(self.env, self.sudo().credit_limit, currency_obj=company.currency_id),
        )
