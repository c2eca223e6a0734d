from odoo import api, fields, models
from odoo.tools import SQL

# Fewer rows than this are not worth a rewrite.
MERGE_FROM = 500


class VisibilityCounter(models.Model):
    """One increment of a total that only grows. The total is the sum of all rows of a name.

    Workers only ever add rows: a shared total would be the one row that all of them fight for, and
    a conflict there would throw away a batch of work. A scheduled action merges rows now and then.
    Totals outlive the messages they count, so that they never fall when messages are deleted.
    """

    _name = "visibility.counter"
    _description = "Counter"
    _log_access = False
    _rec_name = "name"

    name = fields.Char(required=True, readonly=True, index=True)
    source_id = fields.Many2one("visibility.source", readonly=True, index="btree_not_null", ondelete="cascade")
    label = fields.Char(required=True, readonly=True, default="", help="An outcome, or the bucket of a histogram.")
    amount = fields.Float(required=True, readonly=True, digits=False)
    noted_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    @api.model
    def _add(self, amounts):
        """Add to totals, in one INSERT.

        :param dict amounts: (name, source id or None, label) to the amount
        """
        rows = [(*key, amount, fields.Datetime.now()) for key, amount in amounts.items() if amount]
        if rows:
            query = SQL(
                "INSERT INTO visibility_counter (name, source_id, label, amount, noted_at) VALUES %s",
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
            self.env.cr.execute(query)

    @api.model
    def _get_totals(self):
        """All totals: a dict of (name, source code or "", label) to (amount, time of the last one)."""
        self.flush_model()
        query = """
            SELECT c.name, COALESCE(s.code, ''), c.label, sum(c.amount), max(c.noted_at)
              FROM visibility_counter c LEFT JOIN visibility_source s ON s.id = c.source_id
             GROUP BY c.name, s.code, c.label
        """
        self.env.cr.execute(query)
        return {tuple(row[:3]): (row[3], row[4]) for row in self.env.cr.fetchall()}

    @api.model
    def _merge(self, at_least=MERGE_FROM):
        """One row for each total. Called by one scheduled action only, so that no two merge at once."""
        self.flush_model()
        self.env.cr.execute("SELECT count(*) FROM visibility_counter")
        if self.env.cr.fetchone()[0] < at_least:
            return
        query = """
            WITH gone AS (DELETE FROM visibility_counter RETURNING name, source_id, label, amount, noted_at)
            INSERT INTO visibility_counter (name, source_id, label, amount, noted_at)
            SELECT name, source_id, label, sum(amount), max(noted_at) FROM gone GROUP BY name, source_id, label
        """
        self.env.cr.execute(query)
        self.invalidate_model()
