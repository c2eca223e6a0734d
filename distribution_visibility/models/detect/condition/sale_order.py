import operator as operators

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

COMPARISONS = {"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}
# What still can be held back: a quotation, or an order with goods to go
OPEN_DELIVERY = ("pending", "started", "partial")
STILL_OPEN = Domain("state", "in", ("draft", "sent")) | (
    Domain("state", "=", "sale") & Domain("delivery_status", "in", OPEN_DELIVERY)
)


class SaleOrder(models.Model):
    """Does the customer owe more than agreed, or too late? By Odoo's own figures, asked of all orders at once.

    Odoo itself warns on quotations only. What was confirmed since, or was confirmed all the same, is
    looked at here for as long as goods have still to go.
    """

    _inherit = "sale.order"

    visibility_is_over_credit = fields.Boolean(
        "Customer over the credit limit",
        compute="_compute_visibility_credit",
        search="_search_visibility_is_over_credit",
        compute_sudo=True,
        help="What the customer owes and what is confirmed and not invoiced yet is more than the credit limit. Of "
        "quotations and orders with goods to go.",
    )
    visibility_credit_text = fields.Char("Credit in words", compute="_compute_visibility_credit", compute_sudo=True)
    visibility_overdue_days = fields.Integer(
        "Days the customer's oldest unpaid invoice is overdue",
        compute="_compute_visibility_overdue_days",
        search="_search_visibility_overdue_days",
        compute_sudo=True,
    )

    # ------------------------------------------------------------------ credit limit
    @api.depends("partner_id", "company_id", "state", "delivery_status")
    def _compute_visibility_credit(self):
        self.visibility_is_over_credit, self.visibility_credit_text = False, False
        for company, orders in self.filtered_domain(STILL_OPEN).grouped("company_id").items():
            over = orders.partner_id._get_over_credit(company)
            for order in orders:
                partner = order.partner_id.commercial_partner_id.with_company(company)
                if partner in over:
                    order.visibility_is_over_credit = True
                    order.visibility_credit_text = partner._get_credit_text(company)

    @api.model
    def _search_visibility_is_over_credit(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain.FALSE
        for company in self.env.companies:
            over = self._get_customers_of_open_orders(company)._get_over_credit(company)
            found |= Domain("company_id", "=", company.id) & Domain("partner_id.commercial_partner_id", "in", over.ids)
        return STILL_OPEN & found

    @api.model
    def _get_customers_of_open_orders(self, company):
        if not company.account_use_credit_limit:
            return self.env["res.partner"]
        among = self.env.context.get("visibility_among")
        domain = STILL_OPEN & Domain("company_id", "=", company.id)
        domain &= Domain.TRUE if among is None else Domain("id", "in", list(among))
        return self.env["res.partner"].union(*(row[0] for row in self.sudo()._read_group(domain, ["partner_id"])))

    # ------------------------------------------------------------------ overdue invoices
    @api.depends("partner_id", "company_id")
    def _compute_visibility_overdue_days(self):
        for company, orders in self.grouped("company_id").items():
            days = dict(self.env.execute_query(self._get_overdue_sql(company, orders.partner_id.commercial_partner_id)))
            for order in orders:
                order.visibility_overdue_days = days.get(order.partner_id.commercial_partner_id.id, 0)

    @api.model
    def _search_visibility_overdue_days(self, operator, value):
        found = Domain.FALSE
        for company in self.env.companies:
            partners = self._get_overdue_domain(company, operator, value)
            if partners is NotImplemented:
                return NotImplemented
            found |= Domain("company_id", "=", company.id) & partners
        return found

    @api.model
    def _get_overdue_domain(self, company, operator, value):
        def late(condition):
            overdue = SQL("(SELECT late.partner_id FROM (%s) late WHERE %s)", self._get_overdue_sql(company), condition)
            return Domain("partner_id.commercial_partner_id", "in", overdue)

        if operator == "in":
            numbers = tuple(int(number) for number in value) or (-1,)
            found = late(SQL("late.days IN %s", numbers))
            return found | ~late(SQL("TRUE")) if 0 in numbers else found
        if operator not in COMPARISONS:
            return NotImplemented
        found = late(SQL(f"late.days {operator} %s", value))
        return found | ~late(SQL("TRUE")) if COMPARISONS[operator](0, value) else found

    @api.model
    def _get_overdue_sql(self, company, partners=None):
        """Commercial partners with posted, unpaid invoices past their due date, and the days of the oldest one."""
        names = ["state", "move_type", "payment_state", "invoice_date_due", "commercial_partner_id", "company_id"]
        self.env["account.move"].flush_model(names)
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, %(today)s::date - min(invoice_date_due) AS days
              FROM account_move
             WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_receipt')
               AND payment_state IN ('not_paid', 'partial') AND invoice_date_due < %(today)s
               AND company_id = %(company)s AND %(among)s
             GROUP BY commercial_partner_id
            """,
            today=today,
            company=company.id,
            among=SQL("TRUE") if partners is None else SQL("commercial_partner_id IN %s", tuple(partners.ids) or (0,)),
        )


class ResPartner(models.Model):
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
