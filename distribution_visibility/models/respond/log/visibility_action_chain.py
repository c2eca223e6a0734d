import base64
import json
import logging

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ....lib.respond.log.hash_chain import GENESIS, find_break, seal
from ...base.guard import CONFLICTS

_logger = logging.getLogger(__name__)

SEAL_BATCH = 1000
VERIFY_BATCH = 2000
#: Where a check begins: the place and hash before the first row.
START = (0, GENESIS)
#: Somebody seals every minute and a slice takes a moment: so many conflicts are something else.
MOST_CONFLICTS = 20


class VisibilityActionChain(models.Model):
    """The head of a company's log of responses, and what the last check of the log found.

    Rows are written by whatever transaction does the work, and sealed afterwards, one company at a
    time: no transaction waits for another one's place in the log.
    """

    _name = "visibility.action.chain"
    _description = "Log of responses"
    _inherit = ["visibility.action.mixin"]
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    head_sequence = fields.Integer("Sealed rows", readonly=True)
    head_hash = fields.Char(readonly=True, default=GENESIS)
    sealed_at = fields.Datetime("Last sealed", readonly=True)
    verified_at = fields.Datetime("Last checked", readonly=True)
    verified_sequence = fields.Integer("Rows found intact", readonly=True)
    broken_sequence = fields.Integer("First broken row", readonly=True)
    broken_reason = fields.Char("What is wrong", readonly=True)
    state = fields.Selection(
        [("unchecked", "Not checked yet"), ("intact", "Intact"), ("broken", "Broken")],
        compute="_compute_state",
    )

    head_file = fields.Binary("Head as a file", compute="_compute_head_file")

    _company_unique = models.Constraint("UNIQUE (company_id)", "A company has one log of responses.")

    @api.depends("verified_at", "broken_sequence")
    def _compute_state(self):
        for chain in self:
            chain.state = "broken" if chain.broken_sequence else "intact" if chain.verified_at else "unchecked"

    @api.depends("head_hash")
    def _compute_head_file(self):
        for chain in self:
            chain.head_file = base64.b64encode(json.dumps(chain._get_head(), indent=2).encode())

    # ------------------------------------------------------------------ sealing
    @api.model
    def _cron_seal(self):
        """Seal what was written since; each batch is committed, so that a long queue is no long lock."""
        progress = self.env["ir.cron"]
        while sealed := self._seal():
            progress._commit_progress(sealed)

    @api.model
    def _seal(self):
        """Seal one batch of rows of each company; gives how many. A log that somebody else seals is left alone."""
        return sum(self._get_chain(company)._seal_batch() for company in self._get_unsealed_companies())

    @api.model
    def _get_unsealed_companies(self):
        self.env["visibility.action.run"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT company_id FROM visibility_action_run
                    WHERE chain_sequence IS NULL OR chain_sequence = 0"""
            )
        )
        return self.env["res.company"].browse(company for (company,) in rows)

    @api.model
    def _get_chain(self, company):
        chain = self.sudo().search([("company_id", "=", company.id)])
        return chain or self.sudo().create({"company_id": company.id})

    def _seal_batch(self):
        try:
            self.lock_for_update()
        except LockError:
            return 0
        rows = self.env.execute_query(
            SQL(
                """SELECT id, payload FROM visibility_action_run
                    WHERE company_id = %s AND (chain_sequence IS NULL OR chain_sequence = 0) ORDER BY id LIMIT %s""",
                self.company_id.id,
                SEAL_BATCH,
            )
        )
        if rows:
            sealed = seal([row[1] for row in rows], self.head_hash, self.head_sequence)
            self._write_seals([row[0] for row in rows], sealed)
        return len(rows)

    def _write_seals(self, ids, sealed):
        values = SQL(", ").join(SQL("(%s, %s, %s, %s)", run_id, *row) for run_id, row in zip(ids, sealed, strict=True))
        # By SQL: nobody, and no code, may write these rows through the ORM
        self.env.cr.execute(
            SQL(
                """UPDATE visibility_action_run run
                      SET chain_sequence = new.place, previous_hash = new.before, hash = new.hash
                     FROM (VALUES %s) AS new (id, place, before, hash) WHERE run.id = new.id""",
                values,
            )
        )
        self.env["visibility.action.run"].browse(ids).invalidate_recordset(["chain_sequence", "previous_hash", "hash"])
        place, _before, head = sealed[-1]
        self.write({"head_sequence": place, "head_hash": head, "sealed_at": fields.Datetime.now()})

    # ------------------------------------------------------------------ checking
    @api.model
    def _cron_verify(self):
        """Check all logs from the first row to the head, in slices; a broken one wakes the watch.

        The log grows meanwhile: a slice only reads, so that sealing never undoes it, and the result is
        written in a moment of its own, again if somebody sealed in that moment.
        """
        for chain in self.sudo().search([("head_sequence", ">", 0)]):
            place, conflicts = START, 0
            while place:
                try:
                    following = chain._verify_slice(*place)
                    self.env["ir.cron"]._commit_progress(1)
                    place = following
                except CONFLICTS:
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    conflicts += 1
                    if conflicts > MOST_CONFLICTS:
                        raise

    def _verify(self):
        """Check from the first row to the head at once."""
        for chain in self.sudo():
            place = START
            while place:
                place = chain._verify_slice(*place)
        return self

    def _verify_slice(self, sequence, head):
        """Check the rows behind the one with this place and hash; gives the last one's, None at the end."""
        self.env.invalidate_all()
        runs, vouched = self._get_slice(sequence), self._get_vouched()
        rows = [run._get_sealed_row(vouched.get(run.chain_sequence, ())) for run in runs]
        found = find_break(rows, head, sequence)
        if rows and not found:
            return rows[-1].sequence, rows[-1].hash
        if found:
            self._conclude(found.sequence, self._get_break_sentence(found.why), found.sequence - 1)
        elif (sequence, head) != (self.head_sequence, self.head_hash):
            self._conclude(sequence + 1, self.env._("Rows at the end are missing."), sequence)
        else:
            self._conclude(0, False, sequence)
        return None

    def _get_slice(self, sequence):
        runs = self.env["visibility.action.run"].sudo()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("chain_sequence", ">", sequence),
            ("chain_sequence", "<=", self.head_sequence),
        ]
        return runs.search(domain, order="chain_sequence", limit=VERIFY_BATCH)

    def _get_vouched(self):
        """What the erasures of this log allow to be blank: place of a row to names of its texts."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("origin", "=", "erasure"),
            ("chain_sequence", ">", 0),
            ("chain_sequence", "<=", self.head_sequence),
        ]
        vouched = {}
        for erasure in self.env["visibility.action.run"].sudo().search(domain, order="chain_sequence"):
            for place, names in erasure.erased or ():
                # A row cannot vouch for what comes after it
                if place < erasure.chain_sequence:
                    vouched.setdefault(place, set()).update(names)
        return vouched

    def _get_break_sentence(self, why):
        return {
            "missing": self.env._("The row is missing."),
            "twice": self.env._("There are two rows with this place."),
            "unlinked": self.env._("The row does not follow the one before it: this one or that one was changed."),
            "payload": self.env._("What was sealed was changed afterwards."),
            "columns": self.env._("The columns or the recorded values were changed afterwards."),
        }[why]

    def _conclude(self, broken, reason, intact):
        self.write(
            {
                "verified_at": fields.Datetime.now(),
                "verified_sequence": intact,
                "broken_sequence": broken,
                "broken_reason": reason,
            }
        )
        self.flush_recordset()
        if broken:
            self.env["visibility.watch"]._wake()
            _logger.error("log of responses of company %s: row %s: %s", self.company_id.id, broken, reason)
        else:
            # A head in the server's log is one outside of this database
            _logger.info("log of responses of company %s: %s", self.company_id.id, self._get_head_line())

    def _get_head_line(self):
        return f"{self.company_id.id}:{self.head_sequence}:{self.head_hash}"

    def _contains(self, sequence, head):
        """Whether the log still has the row with this place and hash, such as a head that was exported."""
        runs = self.env["visibility.action.run"].sudo()
        return bool(
            runs.search_count(
                [("company_id", "=", self.company_id.id), ("chain_sequence", "=", sequence), ("hash", "=", head)]
            )
        )

    # ------------------------------------------------------------------ buttons
    def action_verify(self):
        """Seal what is not, check everything, and say what was found."""
        self.ensure_one()
        self.check_access("read")
        chain = self.sudo()
        chain._seal_batch()
        chain._verify()
        if chain.broken_sequence:
            sentence = self.env._("Row %(row)s: %(reason)s", row=chain.broken_sequence, reason=chain.broken_reason)
            return self._say(sentence, "danger", after="reload", sticky=True)
        return self._say(self.env._("%s rows are as they were written.", chain.verified_sequence), after="reload")

    def action_export_head(self):
        """The head as a small file, to be kept where this database's administrators cannot change it."""
        self.ensure_one()
        self.check_access("read")
        if not self.head_sequence:
            raise UserError(self.env._("Nothing is sealed yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/head_file?download=true&filename={self._get_head_name()}",
            "target": "download",
        }

    def _get_head_name(self):
        return f"responses-{self.company_id.id}-{self.head_sequence}.json"

    def _get_head(self):
        """What the exported file says."""
        return {
            "database": self.env.cr.dbname,
            "company": self.company_id.name,
            "company_id": self.company_id.id,
            "rows": self.head_sequence,
            "head": self.head_hash,
            "sealed_at": fields.Datetime.to_string(self.sealed_at),
            "exported_at": fields.Datetime.to_string(fields.Datetime.now()),
        }
