from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.measure.door_tally import REFUSED

#: So long it is told what was refused.
DAYS_KEPT = 30


class VisibilityRefusal(models.Model):
    """How many requests of a source were refused on a day, and why: counted, and nothing of them kept.

    The door counts in memory, and each process adds its sums to the counters every few seconds. So a flood of refused
    requests is a few rows a day, whatever the sender sends. What comes to an address that no source has stands together
    in rows without a source: a stranger's text becomes nobody's row.
    """

    _name = "visibility.refusal"
    _description = "Refused requests"
    _auto = False
    _order = "day desc, last_at desc, id"
    _rec_name = "status"

    source_id = fields.Many2one("visibility.source", readonly=True, help="Empty: the address is that of no source.")
    company_id = fields.Many2one("res.company", readonly=True)
    day = fields.Date("Day (UTC)", readonly=True)
    status = fields.Integer("Answer", readonly=True, aggregator=None, help="The HTTP status that the sender got.")
    amount = fields.Integer("Requests", readonly=True)
    last_at = fields.Datetime("Last", readonly=True)
    why = fields.Char(compute="_compute_words")
    what_to_do = fields.Char("What to do", compute="_compute_words")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ('x' || substr(md5(counter.label || ' ' || COALESCE(counter.source_id, 0)), 1, 7))::bit(28)::int
                       AS id,
                   counter.source_id, source.company_id, left(counter.label, 10)::date AS day,
                   substr(counter.label, 12)::int AS status, sum(counter.amount)::int AS amount,
                   max(counter.noted_at) AS last_at
              FROM visibility_counter counter LEFT JOIN visibility_source source ON source.id = counter.source_id
             WHERE counter.name = %s
             GROUP BY counter.source_id, source.company_id, counter.label
            """,
            REFUSED,
        )

    @api.depends("status", "source_id")
    @api.depends_context("lang")
    def _compute_words(self):
        words = self._get_words()
        for refusal in self:
            key = "unknown" if refusal.status == 401 and not refusal.source_id else refusal.status
            refusal.why, refusal.what_to_do = words.get(key, words["other"])

    @api.model
    def _get_words(self):
        """By status why a request was refused, and what helps."""
        return {
            "unknown": (
                self.env._("Nobody has this address."),
                self.env._(
                    "Compare the address in the sender's settings with the one on the source, letter by letter."
                ),
            ),
            401: (
                self.env._("The proof does not fit: signature, key, user or address."),
                self.env._(
                    "Enter the sender's key on the source anew, and compare the scheme and the allowed addresses."
                ),
            ),
            405: (self.env._("It was no POST."), self.env._("Have the sender deliver by POST.")),
            411: (
                self.env._("The length was missing."),
                self.env._("Switch off chunked sending: a Content-Length is needed."),
            ),
            413: (
                self.env._("The body was too large."),
                self.env._("Raise the limit on the source, or have the sender send smaller batches."),
            ),
            415: (
                self.env._("It was no JSON, or it was compressed."),
                self.env._("Have the sender deliver application/json without compression, not a form."),
            ),
            400: (
                self.env._("The request or its JSON was malformed."),
                self.env._("Ask the sender for the body that they sent."),
            ),
            422: (
                self.env._("An event did not have the agreed form."),
                self.env._("The sender's log has each error by its field."),
            ),
            429: (self.env._("There were too many at once."), self.env._("Raise the requests a minute on the source.")),
            431: (
                self.env._("The headers were too large."),
                self.env._("Have the sender leave out headers that nobody needs."),
            ),
            503: (
                self.env._("We could not keep up."),
                self.env._("The sender tries again. Look at Ingest / Incidents."),
            ),
            "other": (self.env._("The request was refused."), self.env._("The sender's log has the answer in words.")),
        }

    @api.autovacuum
    def _gc_refusals(self):
        """Days that nobody looks at any more."""
        oldest = f"{fields.Date.context_today(self) - timedelta(days=DAYS_KEPT):%Y-%m-%d}"
        self.env.cr.execute("DELETE FROM visibility_counter WHERE name = %s AND label < %s", (REFUSED, oldest))
        return self.env.cr.rowcount, False
