import functools
import json
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.measure.person_search import ERASED
from ....lib.respond.log.hash_chain import SealedRow, canonical_json, commit
from ...base.quiet import QUIET
from .visibility_action_change import ERASED_VALUE

RESULTS = [
    ("done", "Done"),
    ("failed", "Failed"),
    ("asked", "Asked first"),
    ("test", "Test: would have"),
    ("limited", "Skipped: limit"),
    ("disagreed", "Held back: disagreement"),
    ("overridden", "Left alone: overridden"),
    ("declined", "Declined"),
]
ORIGINS = [
    ("automation", "Automation"),
    ("server_action", "Server action"),
    ("button", "Button"),
    ("approval", "Approval"),
    ("escalation", "Escalation"),
    ("rollback", "Rollback"),
    ("override", "Override"),
    ("erasure", "Erasure of personal data"),
]
#: Texts in which somebody may be named, and where the payload has what is sealed of them.
PERSONAL = {
    "name": ("what",),
    "reason": ("why",),
    "detail": ("detail",),
    "record_name": ("on", 2),
    "automation_ref": ("automation", 1),
    "exception_ref": ("exception", 1),
    "user_ref": ("user", 1),
}
#: These begin with an id, which stays: ``12 Jane Doe``.
NUMBERED = ("automation_ref", "exception_ref", "user_ref")
VALUES = ("before", "after")


class VisibilityActionRun(models.Model):
    """One response, by a person or by itself: what, why, on what, as whom, what it changed, and the result.

    Rows are written once. What becomes of a response later (it is approved, declined, rolled back) is
    a row of its own that points to it. See :mod:`visibility_action_chain` for how rows are sealed.

    The hash covers a digest of each text that may have to be erased one day, made with a salt of its own that
    stands beside the text. An erasure blanks the text and removes its salt; the digest stays in the payload, so
    every hash stays true. That the text is allowed to be blank is said by a later row of the same log, the
    erasure. What is blank without such a row, or says anything but ``[erased]``, is found as changed.
    """

    _name = "visibility.action.run"
    _description = "Run of a response"
    _inherit = [
        "visibility.evidence.mixin",
        "visibility.written.once.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "visibility.action.mixin",
    ]
    _order = "id desc"
    _rec_name = "name"
    _mail_post_access = "read"

    name = fields.Char("What", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    occurred_at = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now)
    origin = fields.Selection(ORIGINS, required=True, readonly=True)
    result = fields.Selection(RESULTS, required=True, readonly=True)
    reason = fields.Char("Why", readonly=True)
    detail = fields.Text(readonly=True, help="What happened, in words; the error if it failed.")
    duration_ms = fields.Integer("Milliseconds", readonly=True, aggregator="avg")

    # Links, for as long as what they point to exists; the words beside them stay
    automation_id = fields.Many2one("base.automation", readonly=True, ondelete="set null")
    automation_ref = fields.Char("Automation (as it was named)", readonly=True)
    exception_id = fields.Many2one("visibility.exception", readonly=True, ondelete="set null", index="btree_not_null")
    exception_ref = fields.Char("Exception (as it was named)", readonly=True)
    override_id = fields.Many2one(
        "visibility.override",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="What stopped it, or the override that it is about.",
    )
    user_id = fields.Many2one("res.users", "As whom", readonly=True, ondelete="set null")
    user_ref = fields.Char("As whom (as they were named)", readonly=True)

    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    record_name = fields.Char("On", readonly=True)
    record_count = fields.Integer("Records", readonly=True, default=1)
    record_ids = fields.Json("Ids of records", readonly=True, help="Where one row stands for many records.")

    change_ids = fields.One2many("visibility.action.change", "run_id", "Changes", readonly=True)
    is_reversible = fields.Boolean("Can be rolled back", readonly=True)
    may_open_document = fields.Boolean(compute="_compute_may_open_document")
    irreversible_reason = fields.Char("Why it cannot be rolled back", readonly=True)
    run_id = fields.Many2one(
        "visibility.action.run", "Follows", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    follow_ids = fields.One2many("visibility.action.run", "run_id", "What followed", readonly=True)
    status = fields.Selection(
        [("open", "Waits for an answer"), ("answered", "Answered"), ("rolled_back", "Rolled back")],
        "What became of it",
        compute="_compute_status",
        search="_search_status",
    )

    payload = fields.Text(
        "What was sealed", compute="_compute_payload", store=True, precompute=True, readonly=True, copy=False
    )
    salts = fields.Json(readonly=True, help="What the texts are sealed with; gone with what was erased.")
    erased = fields.Json(
        readonly=True, help="Of an erasure: rows by their place in the log, and which of their texts it blanked."
    )
    chain_sequence = fields.Integer("Place in the log", readonly=True)
    previous_hash = fields.Char(readonly=True)
    hash = fields.Char(readonly=True)

    _place = models.UniqueIndex("(company_id, chain_sequence) WHERE chain_sequence > 0", "This place is taken.")
    _unsealed = models.Index("(company_id, id) WHERE chain_sequence IS NULL OR chain_sequence = 0")
    _by_automation = models.Index("(automation_id, occurred_at) WHERE automation_id IS NOT NULL")
    _by_record = models.Index("(res_model, res_id)")
    # What is looked at every minute is little, and the log is long
    _failed = models.Index("(automation_id, occurred_at) WHERE result = 'failed' AND automation_id IS NOT NULL")
    _asked = models.Index("(automation_id, id) WHERE result IN ('asked', 'disagreed')")

    # ------------------------------------------------------------------ written once
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["salts"] = self._draw_salts(name for name in PERSONAL if vals.get(name))
            for command in vals.get("change_ids") or ():
                if command[0] == fields.Command.CREATE:
                    row = command[2]
                    row["salts"] = self._draw_salts(name for name in VALUES if row.get(name))
        return super().create(vals_list)

    @api.model
    def _draw_salts(self, names):
        return {name: secrets.token_hex(16) for name in names}

    def _compute_payload(self):
        """Once, before the row is inserted. It depends on nothing, so that it is never computed again."""
        for run in self:
            run.payload = canonical_json(run._get_facts())

    def _get_facts(self, vouched=None):
        """What is hashed. Of texts that may be somebody's only a salted digest.

        :param dict vouched: what was sealed of texts that were erased since, by name
        """
        self.ensure_one()
        seal = functools.partial(self._seal_text, vouched or {})
        return {
            "v": 2,
            "company": self.company_id.id,
            "at": fields.Datetime.to_string(self.occurred_at),
            "origin": self.origin,
            "what": seal("name"),
            "result": self.result,
            "why": seal("reason"),
            "detail": seal("detail"),
            "ms": self.duration_ms,
            "automation": [self._get_number(self.automation_ref), seal("automation_ref")],
            "exception": [self._get_number(self.exception_ref), seal("exception_ref")],
            "user": [self._get_number(self.user_ref), seal("user_ref")],
            "on": [self.res_model or "", self.res_id or 0, seal("record_name")],
            "count": self.record_count,
            "ids": self.record_ids or [],
            "reversible": self.is_reversible,
            "follows": self.run_id.id or 0,
            "changes": [change._get_facts(vouched or {}, place) for place, change in enumerate(self.change_ids)],
            "erased": self.erased or [],
        }

    def _get_facts_now(self, names=()):
        """What the columns say now; links that contradict the words beside them count as changed.

        :param names: the texts of this row whose erasure a later row vouches for
        """
        facts = self._get_facts(self._get_sealed(names))
        for name, key in (("automation_id", "automation"), ("exception_id", "exception"), ("user_id", "user")):
            if self[name] and facts[key][0] != str(self[name].id):
                facts[key] = [f"{self[name].id} ?", ""]
        return facts

    def _get_sealed_row(self, names=()):
        """The row as it is now, for the check of the log."""
        facts = canonical_json(self._get_facts_now(names))
        return SealedRow(self.chain_sequence, self.previous_hash or "", self.hash or "", self.payload or "", facts)

    # ------------------------------------------------------------------ what may have to be erased
    @api.model
    def _get_number(self, ref):
        return (ref or "").partition(" ")[0]

    def _get_sealed_text(self, name):
        text = self[name] or ""
        return text.partition(" ")[2] if name in NUMBERED else text

    def _seal_text(self, vouched, name):
        text, salt = self._get_sealed_text(name), (self.salts or {}).get(name)
        if name in vouched and text == ERASED and not salt:
            return vouched[name]
        return commit(text, salt or "")

    @api.model
    def _seal_value(self, vouched, change, name, key):
        salt = (change.salts or {}).get(name)
        if key in vouched and change[name] == ERASED_VALUE and not salt:
            return vouched[key]
        return commit(change[name] or "", salt or "")

    def _get_sealed(self, names):
        """What the payload says of texts that were erased since, by name."""
        if not names:
            return {}
        payload, found = json.loads(self.payload or "{}"), {}
        for name in names:
            path = PERSONAL.get(name)
            if path is None:
                place, _dot, value = name.partition(".")
                path = ("changes", int(place), 4 + VALUES.index(value))
            sealed = payload
            for step in path:
                sealed = sealed[step]
            found[name] = sealed
        return found

    # ------------------------------------------------------------------ writing
    @api.model
    def _record(self, vals_list):
        """Write rows, as superuser and without mails, followers or tracking.

        :param vals_list: as :meth:`_prepare_run` gives them
        """
        return self.sudo().with_context(**QUIET).create(vals_list).with_env(self.env)

    @api.model
    def _prepare_run(self, record, **values):
        """Values of a row about a record (or about none: an empty recordset)."""
        exception = record if record._name == "visibility.exception" else self.env["visibility.exception"]
        exception = values.pop("exception", exception)
        automation = values.pop("automation", self.env["base.automation"])
        company = values.pop("company", None) or self.env["visibility.exception"]._get_subject_company(record.sudo())
        return {
            "company_id": company.id,
            "occurred_at": fields.Datetime.now(),
            "automation_id": automation.id,
            "automation_ref": self._get_ref(automation),
            "exception_id": exception.id,
            "exception_ref": self._get_ref(exception),
            "user_id": self.env.uid,
            "user_ref": self._get_ref(self.env.user),
            "res_model": record._name,
            "res_id": record.id,
            "record_name": record.sudo().display_name if record else False,
            **values,
        }

    @api.model
    def _get_ref(self, record):
        return f"{record.id} {record.sudo().name}" if record else False

    # ------------------------------------------------------------------ what became of it
    @api.depends("follow_ids.origin", "follow_ids.result")
    def _compute_status(self):
        for run in self:
            follow = run.sudo().follow_ids
            if any(one.origin == "rollback" and one.result == "done" for one in follow):
                run.status = "rolled_back"
            elif run.result in ("asked", "disagreed"):
                run.status = "answered" if follow else "open"
            else:
                run.status = False

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = {
            "rolled_back": [("follow_ids", "any", [("origin", "=", "rollback"), ("result", "=", "done")])],
            "open": [("result", "in", ("asked", "disagreed")), ("follow_ids", "=", False)],
            "answered": [("result", "in", ("asked", "disagreed")), ("follow_ids", "!=", False)],
        }
        return fields.Domain.OR(domains[name] for name in value if name in domains)

    def _get_record(self):
        """The record this was about, empty where it or its model is gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return self.browse()
        return self.env[self.res_model].browse(self.res_id or ()).exists()

    @api.model
    def _since(self, **delta):
        return fields.Datetime.now() - timedelta(**delta)

    # ------------------------------------------------------------------ buttons
    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_may_open_document(self):
        for run in self:
            run.may_open_document = bool(run.res_id) and self._may_open(run.res_model, run.res_id)

    def action_open_record(self):
        """The record that this was done to."""
        self.ensure_one()
        record = self._get_record()
        if not record:
            raise UserError(self.env._("%s does not exist any more.", self.record_name))
        return self._open_record(record._name, record.id)

    def action_open_skipped(self):
        """The records that one row stands for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.record_ids or [])],
        }
