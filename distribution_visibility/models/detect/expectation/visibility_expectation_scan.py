import logging

from odoo import api, fields, models
from psycopg2.extensions import TransactionRollbackError

from ....lib.detect.exception.finding import Finding

_logger = logging.getLogger(__name__)
BATCH = 500


class VisibilityExpectation(models.Model):
    """The scan: what is due and open becomes overdue, and opens its exception. Nothing else is looked at."""

    _inherit = "visibility.expectation"

    # ------------------------------------------------------------------ scheduled actions
    @api.model
    def _cron_scan(self):
        """Work off everything that is due, batch by batch. Called by the scheduled action only."""
        while batch := self._claim_due(BATCH):
            batch._notice_overdue()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    @api.model
    def _cron_retry(self):
        """Try again to open the exceptions that could not be opened."""
        failed = self.search([("error", "!=", False), ("state", "=", "overdue")], limit=BATCH)
        failed.try_lock_for_update()._notice_overdue()
        self.env["ir.cron"]._commit_progress(len(failed))

    # ------------------------------------------------------------------ one batch
    @api.model
    def _claim_due(self, limit):
        """Lock up to ``limit`` rows that are open and due, the longest overdue first, and none of another worker's."""
        self.flush_model(["state", "due_at"])
        self.env.cr.execute(
            "SELECT id FROM visibility_expectation WHERE state = 'open' AND due_at <= %s"
            " ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED",
            (fields.Datetime.now(), limit),
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    def _notice_overdue(self):
        """Open the exceptions of these rows: all at once, and one by one where that fails."""
        try:
            with self.env.cr.savepoint():
                self._open_exceptions()
        except TransactionRollbackError:
            raise
        except Exception:
            _logger.warning("%d due expectations are tried one by one", len(self), exc_info=True)
            for row in self:
                row._notice_alone()

    def _notice_alone(self):
        """Like :meth:`_notice_overdue` for one row. What fails is overdue all the same, and says why."""
        try:
            with self.env.cr.savepoint():
                self._open_exceptions()
        except TransactionRollbackError:
            raise
        except Exception as error:
            _logger.exception("no exception for expectation %s", self.id)
            reason = str(error).partition("\n")[0] or type(error).__name__
            self.write({"state": "overdue", "overdue_at": fields.Datetime.now(), "error": reason})

    def _open_exceptions(self):
        """Look once more whether it has happened by now, then open the exceptions of what has not."""
        self._follow_rows()
        now = fields.Datetime.now()
        late = self.filtered(lambda row: row.error or (row.state == "open" and row.due_at <= now))
        late.write({"state": "overdue", "overdue_at": now, "error": False})
        self.env["visibility.exception"]._open_findings(late._get_findings())

    def _follow_rows(self):
        """Bring the documents' expectations in line first: nothing is overdue that Odoo knows to be done."""
        for model, rows in self.grouped("res_model").items():
            if model not in self.env:
                rows._cancel(self.env._("What it is about is not installed any more."))
                continue
            documents = self.env[model].browse(set(rows.mapped("res_id")))
            known = documents.exists()
            gone = rows.filtered(lambda row, ids=set(known.ids): row.res_id not in ids)
            if gone:
                gone._cancel(self.env._("The document was deleted."))
            self._follow(known)

    def _get_findings(self):
        """What these rows report, by category and document."""
        findings = {}
        for row in self.sorted(lambda one: (one.due_at, one.id)):
            key = (row.template_id.category_id, row._get_document())
            findings.setdefault(key, []).append(row._get_finding())
        return findings

    def _get_finding(self):
        template = self.template_id
        return Finding(
            at=fields.Datetime.now(),
            reason=self._get_part()._get_overdue_reason(self),
            reason_code=self.milestone_id.code or self.fact or "",
            responsible_party=template.responsible_party or "",
            severity=template.severity or "",
        )
