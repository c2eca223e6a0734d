from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..exception.visibility_exception import SEVERITY_RANK
from ..exception.visibility_exception_category import SEVERITY


class VisibilityPartnerRisk(models.Model):
    """What is wrong with a customer or supplier in one company: a row only while something is.

    Companies share their partners, and not each other's trouble. So it is kept beside the partner, by
    company, under a record rule; and nothing is written on the partner that others may be working on.
    """

    _name = "visibility.partner.risk"
    _description = "At-risk state of a partner"
    _order = "severity_rank desc, exception_count desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer or supplier", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    severity = fields.Selection(SEVERITY, "Worst severity", required=True, readonly=True)
    severity_rank = fields.Integer(readonly=True, index=True)
    exception_count = fields.Integer("Open exceptions", readonly=True)
    tag_ids = fields.Many2many("visibility.tag", string="Tags", readonly=True)

    _one_each = models.UniqueIndex("(partner_id, company_id)", "There is a row of this partner already.")

    # ------------------------------------------------------------------ brought up to date
    @api.model
    def _refresh(self, pairs):
        """Work out these rows from the open exceptions, and write only what changed: four queries.

        :param pairs: a set of (id of a commercial partner, id of a company)
        """
        pairs = {pair for pair in pairs if all(pair)}
        if not pairs:
            return
        wanted = self._get_wanted(pairs)
        self._hold_wanted(wanted)
        rows = self.search(self._get_pairs_domain(pairs, "partner_id"))
        kept = {(row.partner_id.id, row.company_id.id): row for row in rows}
        over = self.union(*(row for pair, row in kept.items() if pair in pairs and pair not in wanted))
        changes = [(kept[pair], kept[pair]._get_changes(values)) for pair, values in wanted.items() if pair in kept]
        new = [self._prepare_row(pair, values) for pair, values in wanted.items() if pair not in kept]
        if over or new or any(values for _row, values in changes):
            over.unlink()
            for row, values in changes:
                row.write(values)
            self.create(new)
            self.env.flush_all()
            self.env["res.partner"].invalidate_model(self.env["res.partner"]._get_risk_fields())

    @api.model
    def _get_pairs_domain(self, pairs, field):
        partners, companies = zip(*pairs, strict=True)
        return Domain(field, "in", list(set(partners))) & Domain("company_id", "in", list(set(companies)))

    @api.model
    def _get_wanted(self, pairs):
        """What the rows should say, by pair; pairs with nothing open are left out."""
        exceptions = self.env["visibility.exception"]
        domain = self._get_pairs_domain(pairs, "commercial_partner_id") & Domain("is_open", "=", True)
        by = ["commercial_partner_id", "company_id"]
        wanted = {}
        for partner, company, count, rank in exceptions._read_group(domain, by, ["__count", "severity_rank:max"]):
            values = {"exception_count": count, "severity_rank": rank, "severity": SEVERITY[rank][0], "tag_ids": set()}
            wanted[partner.id, company.id] = values
        tags = exceptions._read_group(domain & Domain("tag_ids", "!=", False), [*by, "tag_ids"])
        for partner, company, tag in tags:
            wanted[partner.id, company.id]["tag_ids"].add(tag.id)
        return {pair: values for pair, values in wanted.items() if pair in pairs}

    def _get_changes(self, values):
        changes = {name: value for name, value in values.items() if name != "tag_ids" and self[name] != value}
        if set(self.tag_ids.ids) != values["tag_ids"]:
            changes["tag_ids"] = [Command.set(sorted(values["tag_ids"]))]
        return changes

    @api.model
    def _prepare_row(self, pair, values):
        tags = [Command.set(sorted(values["tag_ids"]))]
        return {**values, "partner_id": pair[0], "company_id": pair[1], "tag_ids": tags}

    @api.autovacuum
    def _heal(self):
        """Merged partners and restored backups leave rows that say what is not so any more."""
        open_ones = self.env["visibility.exception"]._read_group(
            [("is_open", "=", True), ("commercial_partner_id", "!=", False)], ["commercial_partner_id", "company_id"]
        )
        pairs = {(partner.id, company.id) for partner, company in open_ones}
        self._refresh(pairs | {(row.partner_id.id, row.company_id.id) for row in self.search([])})

    # ------------------------------------------------------------------ asked by others
    @api.model
    def _get_blocked(self, partners):
        """Which of these commercial partners something blocking is open on: (partner id, company id), one query."""
        if not partners:
            return set()
        # SQL, because every confirmation and validation asks; rows are flushed as soon as they change
        query = SQL(
            "SELECT partner_id, company_id FROM visibility_partner_risk WHERE partner_id IN %s AND severity_rank = %s",
            tuple(partners.ids),
            SEVERITY_RANK["blocking"],
        )
        return set(self.env.execute_query(query))

    @api.model
    def _get_worst_sql(self):
        """The worst of a partner over the companies that a person works in now."""
        return SQL(
            "(SELECT partner_id, max(severity_rank) AS severity_rank, sum(exception_count)::int AS exception_count "
            "FROM visibility_partner_risk WHERE company_id IN %s GROUP BY partner_id)",
            tuple(self.env.companies.ids) or (0,),
        )
