import logging
from datetime import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.base.days import SECOND, to_local
from ....lib.base.told import mark_day, mark_moment
from ....lib.detect.exception.finding import Finding
from ....lib.detect.rule.reason_template import render
from ...base.guard import attempt_all
from ...base.words.told import say_all

_logger = logging.getLogger(__name__)
#: Due expectations that one transaction of the scan works off.
MOST_SCANNED = 500
LIVE_STATES = ("open", "overdue")
#: Facts that nobody may miss although they did not happen, and that nothing tells of when that changes.
EXCUSABLE = ("reserved",)
#: A cut-off that is the end of a day, and from when on a time means that end, too.
END_OF_DAY, LAST_MINUTE = 24, time(23, 59)


class VisibilityExpectation(models.Model):
    """One thing that should happen with a document by a certain time: met, overdue, or not expected any more.

    The scan makes overdue what is open, due, and out of grace, and opens its exception. Nothing else is looked at.
    """

    _name = "visibility.expectation"
    _description = "Expectation"
    _inherit = ["visibility.evidence.mixin", "visibility.action.mixin", "visibility.average.mixin"]
    _order = "due_at, id"

    template_id = fields.Many2one(
        "visibility.expectation.template", "Expectation", required=True, index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    res_model = fields.Char("Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document id", model_field="res_model", required=True, readonly=True)
    may_open_document = fields.Boolean(compute="_compute_may_open_document")
    document_name = fields.Char("Document", compute="_compute_document_name", compute_sudo=True)
    purchase_line_id = fields.Many2one(
        "purchase.order.line", "Order line", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    milestone_id = fields.Many2one("visibility.milestone", readonly=True, ondelete="restrict")
    fact = fields.Selection("_selection_fact", "What", readonly=True)

    base_at = fields.Datetime("Counted from", required=True, readonly=True, help="The trigger or promise, as named.")
    due_at = fields.Datetime("Due", required=True, readonly=True)
    tell_at = fields.Datetime(
        "Told from", required=True, readonly=True, help="The due time and the grace: from then on it is overdue."
    )
    state = fields.Selection(
        [("open", "Open"), ("overdue", "Overdue"), ("met", "Met"), ("cancelled", "Cancelled")],
        default="open",
        required=True,
        readonly=True,
    )
    overdue_at = fields.Datetime("Noticed overdue", readonly=True)
    met_at = fields.Datetime("Met", readonly=True, help="When it happened, by the fact that met it.")
    met_by_event_id = fields.Many2one(
        "visibility.event", "Met by event", index="btree_not_null", readonly=True, ondelete="set null"
    )
    met_by = fields.Char("Met by", readonly=True)
    late_hours = fields.Float(
        "Late by (hours)",
        readonly=True,
        aggregator="avg",
        averaged_over="met_at",
        help="How long after the due time it was met.",
    )
    cancel_reason = fields.Char("Why cancelled", readonly=True)
    reopened_at = fields.Datetime(
        "Opened again", readonly=True, help="It had happened, and by then was not so any more: or more was wanted."
    )
    anew_at = fields.Datetime(
        "Confirmed anew", readonly=True, help="Of which confirmation it is; empty: of the first one."
    )
    is_waived = fields.Boolean("Waived", readonly=True, help="A person said that this need not happen.")
    error = fields.Char(readonly=True, help="Why no exception could be opened; tried again every hour.")

    # The scan is one range scan of the first. Of each template a document has at most one that is not settled.
    _due = models.Index("(tell_at) WHERE state = 'open'")
    _failed = models.Index("(id) WHERE error IS NOT NULL")
    _by_document = models.Index("(res_model, res_id)")
    _one_live = models.UniqueIndex(
        "(res_model, res_id, template_id, COALESCE(purchase_line_id, 0)) WHERE state IN ('open', 'overdue')",
        "This is expected of the document already.",
    )

    @api.model
    def _selection_fact(self):
        return self.env["visibility.expectation.template"]._fields["fact"]._description_selection(self.env)

    def _compute_document_name(self):
        for model, expectations in self.grouped("res_model").items():
            known = self.env[model].browse(expectations.mapped("res_id")) if model in self.env else []
            names = {record.id: record.display_name for record in known and known.exists()}
            for expectation in expectations:
                name = names.get(expectation.res_id, self.env._("Deleted"))
                product = expectation.purchase_line_id.product_id.display_name
                expectation.document_name = f"{name}: {product}" if product else name

    def _compute_display_name(self):
        for expectation in self:
            expectation.display_name = f"{expectation.template_id.sudo().name}: {expectation.document_name}"

    # ------------------------------------------------------------------ what it is about
    def _get_document(self):
        return self.env[self.res_model].browse(self.res_id)

    def _get_part(self):
        """The record that says of itself what is true: the line, or the document."""
        return self.purchase_line_id or self._get_document()

    def _get_what(self):
        """What is expected, in the words that people see."""
        if self.milestone_id:
            return self.milestone_id.name
        return self._label("fact")

    def _mark_due(self, part):
        """The due time for a text that is kept: a day where a day is due, by the wall clock that it was counted by."""
        template = self.template_id.sudo()
        plan = template._get_plan()
        day = self._get_due_day(plan, self.due_at, template._get_plan_zone(plan, part))
        return mark_day(day) if day else mark_moment(self.due_at)

    @api.model
    def _get_due_day(self, plan, due, zone):
        """The day of a due time that means a whole day; None where the hour counts."""
        local = to_local(due, zone)
        if local.time() == time.min:
            return (local - SECOND).date() if plan.rule.cut_off == END_OF_DAY else local.date()
        return local.date() if local.time() >= LAST_MINUTE else None

    def _tell_overdue(self):
        """What is missing, for whom and since when, in the words of the template, as it is kept."""
        part = self._get_part()
        words = {
            **part._get_overdue_words(),
            "what": self._get_what(),
            "due": self._mark_due(part),
            "since": mark_moment(self.base_at),
        }
        sentence = render(self.template_id.sudo()._get_overdue_template(), lambda name: words.get(name) or "-")
        progress = part._get_progress_words(self.fact)
        return f"{sentence} ({progress})" if progress else sentence

    @api.model
    def _find_live_of(self, records):
        """What is still expected of these documents, or of these order lines."""
        if not records:
            return self.browse()
        if records._name == "purchase.order.line":
            return self.search([("purchase_line_id", "in", records.ids), ("state", "in", LIVE_STATES)])
        return self.search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids), ("state", "in", LIVE_STATES)]
        )

    # ------------------------------------------------------------------ buttons
    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_may_open_document(self):
        for one in self:
            one.may_open_document = self._may_open(one.res_model, one.res_id)

    def action_open_document(self):
        self.ensure_one()
        return self._open_record(self.res_model, self.res_id)

    def action_waive(self):
        """This need not happen: it is settled, and never expected of this document again."""
        self.check_access("read")
        if not self.env.user.has_group("distribution_visibility.group_coordinator"):
            raise UserError(self.env._("Only a coordinator may say that something need not happen any more."))
        live = self.sudo().filtered(lambda one: one.state in LIVE_STATES)
        live.is_waived = True
        live._cancel(self.env._("Waived by %(user)s", user=self.env.user.name))

    # ------------------------------------------------------------------ scheduled actions
    @api.model
    def _cron_scan(self):
        """Work off everything that is due, batch by batch. Called by the scheduled action only."""
        while batch := self._claim_due(MOST_SCANNED):
            batch._notice_overdue()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    @api.model
    def _cron_retry(self):
        """Try again to open the exceptions that could not be opened, and look whether overdue ones are still missed."""
        failed = self.search([("error", "!=", False), ("state", "=", "overdue")], limit=MOST_SCANNED)
        failed.try_lock_for_update()._notice_overdue()
        looked_at = self._look_again()
        self.env["ir.cron"]._commit_progress(len(failed) + len(looked_at))

    @api.model
    def _look_again(self):
        """Look whether overdue ones are still missed, where nothing tells that they are not."""
        overdue = self.search([("fact", "in", EXCUSABLE), ("state", "=", "overdue")], limit=MOST_SCANNED)
        overdue = overdue.try_lock_for_update()
        overdue._excuse()
        return overdue

    # ------------------------------------------------------------------ one batch
    @api.model
    def _claim_due(self, limit):
        """Lock up to ``limit`` rows to be told of, the longest overdue first, and none of another worker's."""
        self.flush_model(["state", "tell_at"])
        self.env.cr.execute(
            "SELECT id FROM visibility_expectation WHERE state = 'open' AND tell_at <= %s"
            " ORDER BY tell_at LIMIT %s FOR UPDATE SKIP LOCKED",
            (fields.Datetime.now(), limit),
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    def _notice_overdue(self):
        """Open the exceptions of these rows: all at once, and parts of them where that fails."""
        attempt_all(self.env, self, type(self)._open_exceptions, type(self)._note_failure)

    def _note_failure(self, attempt):
        """What fails is overdue all the same, and says why."""
        _logger.error("no exception for expectation %s", self.id, exc_info=attempt.error)
        reason = str(attempt.error).partition("\n")[0] or type(attempt.error).__name__
        self.write({"state": "overdue", "overdue_at": fields.Datetime.now(), "error": reason})

    def _open_exceptions(self):
        """Look once more whether it has happened by now, then open the exceptions of what has not."""
        self._follow_rows()
        self._excuse()
        now = fields.Datetime.now()
        late = self.filtered(lambda row: row.error or (row.state == "open" and row.tell_at <= now))
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

    def _excuse(self):
        """Settle what did not happen and is missed by nobody, such as goods that are not reserved and lie there."""
        now = fields.Datetime.now()
        waiting = self.filtered(lambda row: row.state in LIVE_STATES and row.fact and row.tell_at <= now)
        for (model, fact), rows in waiting.grouped(lambda row: (row.res_model, row.fact)).items():
            parts = {row: row._get_part() for row in rows}
            excused = self.env[model]._get_excused(list(parts.values()), fact)
            self._meet({row: excused[part] for row, part in parts.items() if part in excused})

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
            reason=say_all(self.env, lambda env: self.with_env(env)._tell_overdue()),
            reason_code=self.milestone_id.code or self.fact or "",
            responsible_party=template.responsible_party or "",
            severity=template.severity or "",
        )
