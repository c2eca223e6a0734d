from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ....lib.base.comparisons import COMPARISONS
from ..exception.visibility_exception import SEVERITY_RANK
from ..exception.visibility_exception_category import SEVERITY
from .visibility_document_mixin import AT_RISK_FROM

GROUPED = frozenset({"visibility_is_at_risk", "visibility_severity", "visibility_exception_count"})
SEVERITIES = [name for name, _label in SEVERITY]


class ResPartner(models.Model):
    """Customers and suppliers at risk, as the companies see them that one works in.

    Contacts show what their company has. The fields are read, searched, sorted and grouped from the
    rows of ``visibility.partner.risk``.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "visibility.action.mixin"]

    visibility_is_at_risk = fields.Boolean(
        "At risk", compute="_compute_visibility_risk", search="_search_visibility_is_at_risk"
    )
    visibility_severity = fields.Selection(
        SEVERITY, "Worst severity", compute="_compute_visibility_risk", search="_search_visibility_severity"
    )
    visibility_exception_count = fields.Integer(
        "Open exceptions", compute="_compute_visibility_risk", search="_search_visibility_exception_count"
    )
    visibility_tag_ids = fields.Many2many(
        "visibility.tag",
        string="Visibility tags",
        compute="_compute_visibility_risk",
        search="_search_visibility_tag_ids",
    )

    @api.model
    def _get_risk_fields(self):
        return ["visibility_is_at_risk", "visibility_severity", "visibility_exception_count", "visibility_tag_ids"]

    @api.depends("commercial_partner_id")
    @api.depends_context("allowed_company_ids")
    def _compute_visibility_risk(self):
        # sudo: an employee may see how it stands in their own companies, which the domain says
        rows = (
            self.env["visibility.partner.risk"]
            .sudo()
            .search(
                [("partner_id", "in", self.commercial_partner_id.ids), ("company_id", "in", self.env.companies.ids)]
            )
        )
        by_partner = rows.grouped("partner_id")
        for partner in self:
            found = by_partner.get(partner.commercial_partner_id, rows.browse())
            rank = max(found.mapped("severity_rank"), default=-1)
            partner.visibility_is_at_risk = rank >= AT_RISK_FROM
            partner.visibility_severity = SEVERITIES[rank] if rank >= 0 else False
            partner.visibility_exception_count = sum(found.mapped("exception_count"))
            partner.visibility_tag_ids = found.tag_ids

    # ------------------------------------------------------------------ filters
    def _search_visibility_is_at_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_having_domain(SQL("max(severity_rank) >= %s", AT_RISK_FROM))

    def _search_visibility_severity(self, operator, value):
        if operator != "in":
            return NotImplemented
        ranks = tuple(SEVERITY_RANK[name] for name in value if name) or (-1,)
        found = self._get_having_domain(SQL("max(severity_rank) IN %s", ranks))
        return found | ~self._get_having_domain(SQL("true")) if False in value else found

    def _search_visibility_exception_count(self, operator, value):
        if operator == "in":
            numbers = tuple(int(number) for number in value) or (-1,)
            found = self._get_having_domain(SQL("sum(exception_count) IN %s", numbers))
            return found | ~self._get_having_domain(SQL("true")) if 0 in numbers else found
        if operator not in COMPARISONS:
            return NotImplemented
        found = self._get_having_domain(SQL(f"sum(exception_count) {operator} %s", value))
        return found | ~self._get_having_domain(SQL("true")) if COMPARISONS[operator](0, value) else found

    def _search_visibility_tag_ids(self, operator, value):
        if operator not in ("in", "any", "ilike", "=ilike", "like"):
            return NotImplemented
        risks = self.env["visibility.partner.risk"].sudo()
        companies = Domain("company_id", "in", self.env.companies.ids)
        found = self._get_rows_domain(risks._search(companies & Domain("tag_ids", operator, value)))
        if operator == "in" and False in value:
            found |= ~self._get_rows_domain(risks._search(companies & Domain("tag_ids", "!=", False)))
        return found

    @api.model
    def _get_rows_domain(self, query):
        return Domain("commercial_partner_id", "in", query.subselect("partner_id"))

    @api.model
    def _get_having_domain(self, condition):
        """Partners whose rows, over the companies one works in now, are together so."""
        companies = tuple(self.env.companies.ids) or (0,)
        return Domain(
            "commercial_partner_id",
            "in",
            SQL(
                "(SELECT partner_id FROM visibility_partner_risk WHERE company_id IN %s GROUP BY partner_id HAVING %s)",
                companies,
                condition,
            ),
        )

    # ------------------------------------------------------------------ sorted and grouped
    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in GROUPED or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        worst = self._join_risk(alias, "visibility_worst", self.env["visibility.partner.risk"]._get_worst_sql(), query)
        rank = SQL.identifier(worst, "severity_rank")
        if field_expr == "visibility_severity":
            return SQL("(%s::varchar[])[%s + 1]", SEVERITIES, rank)
        if field_expr == "visibility_is_at_risk":
            return SQL("(COALESCE(%s, -1) >= %s)", rank, AT_RISK_FROM)
        return SQL("COALESCE(%s, 0)", SQL.identifier(worst, "exception_count"))

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "visibility_tag_ids":
            return super()._read_group_groupby(alias, groupby_spec, query)
        tags = SQL(
            "(SELECT DISTINCT risk.partner_id, rel.visibility_tag_id FROM visibility_partner_risk risk "
            "JOIN visibility_partner_risk_visibility_tag_rel rel ON rel.visibility_partner_risk_id = risk.id "
            "WHERE risk.company_id IN %s)",
            tuple(self.env.companies.ids) or (0,),
        )
        return SQL.identifier(self._join_risk(alias, "visibility_tags", tags, query), "visibility_tag_id")

    def _join_risk(self, alias, name, rows, query):
        joined = query.make_alias(alias, name)
        partner = self._field_to_sql(alias, "commercial_partner_id", query)
        query.add_join("LEFT JOIN", joined, rows, SQL("%s = %s", partner, SQL.identifier(joined, "partner_id")))
        return joined

    # ------------------------------------------------------------------ changes and buttons
    def _refresh_moved_risk(self, before):
        """A contact that changes its company takes its exceptions along."""
        partners = before | self.commercial_partner_id
        self.env.flush_all()
        exceptions = (
            self.env["visibility.exception"]
            .sudo()
            .search([("commercial_partner_id", "in", partners.ids), ("is_open", "=", True)])
        )
        risks = self.env["visibility.partner.risk"].sudo()
        companies = exceptions.company_id | risks.search([("partner_id", "in", partners.ids)]).company_id
        risks._refresh({(partner.id, company.id) for partner in partners for company in companies})

    def action_open_visibility_exceptions(self):
        """The smart button: one click from the partner to what is wrong."""
        self.ensure_one()
        return self._open_exceptions([("commercial_partner_id", "in", self.commercial_partner_id.ids)])
