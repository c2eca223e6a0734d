from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, clean_context, split_every

from ...base.words.told import tell_moment

GATE = "gate"
#: Rows that one statement closes.
CLOSED_AT_ONCE = 1000


class VisibilityOverride(models.Model):
    """A person decided against what goes by itself: who, what, why, until when.

    They let a document pass a step that an exception stops (the aspect ``gate``), or took a state out of automation's
    hands (any other aspect: what is said of these is in the room of overrides). Rows are only ever added, as
    superuser too. What is taken back or is over is a further row; the latest row of an exception, a document and a
    gate, or of a record and an aspect, says what holds.
    """

    _name = "visibility.override"
    _description = "Override"
    _inherit = ["visibility.evidence.mixin", "visibility.action.mixin"]
    _order = "id desc"
    _rec_name = "reason"

    kind = fields.Selection(
        [("grant", "Overridden"), ("revoke", "Given back"), ("expire", "Time is over")],
        "What happened",
        required=True,
        readonly=True,
        default="grant",
    )
    aspect = fields.Char("Code of what is overridden", required=True, readonly=True, default=GATE)
    aspect_id = fields.Many2one("visibility.aspect", "What", readonly=True, ondelete="restrict")
    is_open = fields.Boolean(
        "Latest",
        readonly=True,
        default=True,
        help="No later row ended or replaced this one. Kept beside what is written once, so that it is found fast.",
    )
    exception_id = fields.Many2one("visibility.exception", readonly=True, index=True, ondelete="restrict")
    category_id = fields.Many2one("visibility.exception.category", readonly=True, ondelete="restrict")
    rule_id = fields.Many2one(
        "visibility.rule",
        "Against the rule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="It had found the exception that this is about, or the worst one on the document.",
    )
    gate_id = fields.Many2one("visibility.gate", "Step", readonly=True, ondelete="restrict")
    res_model = fields.Char("Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model", required=True, readonly=True)
    document_name = fields.Char("Document", readonly=True, help="As it was called then.")
    may_open_document = fields.Boolean(compute="_compute_may_open_document")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True)
    reason = fields.Char("Why", required=True, readonly=True)
    until = fields.Datetime(readonly=True, help="It is over after this time. Empty: without end.")
    create_date = fields.Datetime("When", readonly=True)
    is_in_force = fields.Boolean("In force", compute="_compute_is_in_force")

    _by_document = models.Index("(res_model, res_id, gate_id)")
    _standing = models.Index("(res_model, res_id, aspect) WHERE is_open")
    _due = models.Index("(until) WHERE is_open AND until IS NOT NULL")
    _gate_is_complete = models.Constraint(
        "CHECK (aspect != 'gate' OR (exception_id IS NOT NULL AND gate_id IS NOT NULL AND category_id IS NOT NULL))",
        "Say which step passes in spite of which exception.",
    )

    def _compute_is_in_force(self):
        gates = self.filtered(lambda override: override.aspect == GATE)
        latest = self._get_latest(gates.exception_id, gates.gate_id)
        for override in gates:
            key = (override.exception_id.id, override.gate_id.id, override.res_model, override.res_id)
            override.is_in_force = latest.get(key) == override and override._holds()
        for override in self - gates:
            override.is_in_force = override.is_open

    # ------------------------------------------------------------------ rows are only ever added
    @api.model_create_multi
    def create(self, vals_list):
        plain = self._forget_caller()
        vals_list = [plain._complete(vals) for vals in vals_list]
        plain.browse().union(*(plain.new(vals) for vals in vals_list if vals["kind"] == "grant"))._check_grant()
        plain._supersede(vals_list)
        overrides = super(VisibilityOverride, plain).create(vals_list)
        overrides._tell()
        overrides._refresh_records()
        return overrides.with_env(self.env)

    def write(self, vals):
        if self:
            raise UserError(self.env._("What was overridden, by whom and why, cannot be changed afterwards."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was overridden, by whom and why, cannot be deleted."))

    @api.model
    def _complete(self, vals):
        """Who does it is who it is: nobody overrides in another one's name."""
        vals = {"kind": "grant", "aspect": GATE, **vals}
        record = self.env[vals["res_model"]].sudo().browse(vals["res_id"]).exists()
        return {
            **vals,
            **(self._prepare_gate(vals) if vals["aspect"] == GATE else self._prepare_state(vals, record)),
            "aspect_id": self.env["visibility.aspect"]._get_ids_by_code().get(vals["aspect"]),
            "document_name": record.display_name if record else vals.get("document_name"),
            "user_id": self.env.uid,
            "reason": (vals.get("reason") or "").strip(),
            "is_open": vals["kind"] == "grant",
        }

    @api.model
    def _prepare_gate(self, vals):
        """Whose category, company and rule it is: of the exception that is overridden."""
        exception = self.env["visibility.exception"].sudo().browse(vals["exception_id"])
        return {
            "category_id": exception.category_id.id,
            "company_id": exception.company_id.id,
            "rule_id": exception.rule_id.id,
        }

    @api.model
    def _supersede(self, vals_list):
        """What these rows are about is not as the rows before say any more.

        By SQL: what was written of an override is never written again through Odoo.
        """
        self.flush_model()
        # A list of many thousand pairs is too deep for PostgreSQL
        for keys in split_every(CLOSED_AT_ONCE, {self._get_key(vals) for vals in vals_list}):
            self._close_before(keys)
        self.invalidate_model(["is_open", "is_in_force"])

    @api.model
    def _close_before(self, keys):
        self.env.cr.execute(
            SQL(
                """UPDATE visibility_override SET is_open = FALSE
                    WHERE is_open AND (res_model, res_id) IN %s
                      AND (res_model, res_id, company_id, aspect, COALESCE(exception_id, 0), COALESCE(gate_id, 0))
                          IN %s""",
                tuple({key[:2] for key in keys}),
                tuple(keys),
            )
        )

    @api.model
    def _get_key(self, vals):
        """What a row is about: there is one latest row of each."""
        return (
            *(vals["res_model"], vals["res_id"], vals["company_id"], vals["aspect"]),
            *(vals.get("exception_id") or 0, vals.get("gate_id") or 0),
        )

    def _check_grant(self):
        """Who may, for a reason, until a time to come; whoever calls this, superuser included."""
        if self and self.env.uid == SUPERUSER_ID:
            raise AccessError(self.env._("Only a person can override what goes by itself."))
        for override in self:
            if not override.reason:
                raise UserError(self.env._("Say why."))
            if override.until and override.until <= fields.Datetime.now():
                raise UserError(self.env._("The time until which it shall hold is over already."))
            refusal = override._get_refusal()
            if refusal:
                raise AccessError(refusal)

    def _get_refusal(self):
        """Why the user may not override this; one sentence, empty if they may."""
        if self.aspect != GATE:
            return self._get_state_refusal()
        return self.category_id._get_refusal(self.env.user, self.exception_id, self._get_document())

    # ------------------------------------------------------------------ what holds
    @api.model
    def _get_in_force(self, exceptions, gate, documents):
        """Which documents may pass which exceptions at this gate now: a set of (exception id, document id)."""
        latest = self._get_latest(exceptions, gate, documents)
        return {(row.exception_id.id, row.res_id) for row in latest.values() if row._holds()}

    @api.model
    def _get_latest(self, exceptions, gates, documents=None):
        """The latest row by (exception, gate, model, document)."""
        domain = [("exception_id", "in", exceptions.ids), ("gate_id", "in", gates.ids), ("aspect", "=", GATE)]
        if documents is not None:
            domain += [("res_model", "=", documents._name), ("res_id", "in", documents.ids)]
        rows = self.sudo().search(domain, order="id") if exceptions else self
        return {(row.exception_id.id, row.gate_id.id, row.res_model, row.res_id): row for row in rows}

    def _holds(self):
        return self.kind == "grant" and (not self.until or self.until > fields.Datetime.now())

    def _get_document(self):
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    def action_revoke(self):
        """Stop the step again before the time is over; who gave the override may, and who could have given it."""
        for override in self:
            refusal = override.category_id._get_refusal(self.env.user)
            if override.user_id != self.env.user and refusal:
                raise AccessError(refusal)
        self._revoke(self.env._("Taken back."))

    def _revoke(self, reason):
        """Add a row that ends each of these that are in force."""
        self.filtered("is_in_force")._end("revoke", reason)

    def _end(self, kind, reason):
        """Add a row that ends each of these, and let what goes by itself have its way.

        :param str kind: ``revoke`` or ``expire``
        """
        gates = self.filtered(lambda override: override.aspect == GATE)
        ends = gates._add_ends(kind, reason) if gates else self.browse()
        return ends | (self - gates)._end_states(kind, reason)

    def _add_ends(self, kind, reason):
        return self.sudo().create([override._prepare_end(kind, reason) for override in self])

    def _prepare_end(self, kind, reason):
        kept = {} if self.aspect == GATE else self._prepare_state_end()
        return {
            "kind": kind,
            "aspect": self.aspect,
            "document_name": self.document_name,
            "exception_id": self.exception_id.id,
            "gate_id": self.gate_id.id,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "reason": reason,
            **kept,
        }

    # ------------------------------------------------------------------ told where people look
    def _tell(self):
        """A note on the exception and on the document."""
        for override in self.sudo():
            body = override._get_sentence()
            for record in (override.exception_id, override._get_document()):
                if record and "message_ids" in record._fields:
                    record = record.with_context(clean_context(self.env.context))
                    record.message_post(body=body, author_id=self.env.user.partner_id.id)

    def _get_sentence(self):
        """What happened, in one sentence."""
        if self.aspect != GATE:
            return self._get_state_sentence()
        values = {
            "gate": self.gate_id.name,
            "document": self.document_name,
            "exception": self.exception_id.name,
            "reason": self.reason,
        }
        if self.kind != "grant":
            return self.env._("%(exception)s stops again: %(gate)s, %(document)s. %(reason)s", **values)
        if not self.until:
            return self.env._("%(exception)s overridden: %(gate)s, %(document)s. Why: %(reason)s", **values)
        return self.env._(
            "%(exception)s overridden until %(until)s: %(gate)s, %(document)s. Why: %(reason)s",
            until=tell_moment(self.env, self.until),
            **values,
        )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_may_open_document(self):
        for one in self:
            one.may_open_document = self._may_open(one.res_model, one.res_id)

    def action_open_document(self):
        self.ensure_one()
        return self._open_record(self.res_model, self.res_id)
