from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context, format_datetime


class VisibilityOverride(models.Model):
    """Somebody let a document pass a step that an exception stops: who, which, why, until when.

    Rows are only ever added, as superuser too. An override that is taken back is a further row; the
    latest row of an exception, a document and a gate says what holds.
    """

    _name = "visibility.override"
    _description = "Override of a blocking exception"
    _order = "id desc"
    _rec_name = "reason"

    kind = fields.Selection(
        [("grant", "Lets pass"), ("revoke", "Stops again")], required=True, readonly=True, default="grant"
    )
    exception_id = fields.Many2one(
        "visibility.exception", required=True, readonly=True, index=True, ondelete="restrict"
    )
    category_id = fields.Many2one("visibility.exception.category", readonly=True, required=True, ondelete="restrict")
    gate_id = fields.Many2one("visibility.gate", "Step", required=True, readonly=True, ondelete="restrict")
    res_model = fields.Char("Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model", required=True, readonly=True)
    document_name = fields.Char("Document", readonly=True, help="As it was called then.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True)
    reason = fields.Char("Why", required=True, readonly=True)
    until = fields.Datetime(readonly=True, help="The step is stopped again after this time. Empty: without end.")
    create_date = fields.Datetime("When", readonly=True)
    is_in_force = fields.Boolean("In force", compute="_compute_is_in_force")

    _by_document = models.Index("(res_model, res_id, gate_id)")

    def _compute_is_in_force(self):
        latest = self._get_latest(self.exception_id, self.gate_id)
        for override in self:
            key = (override.exception_id.id, override.gate_id.id, override.res_model, override.res_id)
            override.is_in_force = latest.get(key) == override and override._holds()

    # ------------------------------------------------------------------ rows are only ever added
    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create([self._complete(vals) for vals in vals_list])
        overrides.filtered(lambda override: override.kind == "grant")._check_grant()
        overrides._tell()
        return overrides

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
        exception = self.env["visibility.exception"].sudo().browse(vals["exception_id"])
        document = self.env[vals["res_model"]].sudo().browse(vals["res_id"])
        return {
            **vals,
            "category_id": exception.category_id.id,
            "company_id": exception.company_id.id,
            "document_name": document.display_name,
            "user_id": self.env.uid,
            "reason": (vals.get("reason") or "").strip(),
        }

    def _check_grant(self):
        """Who may, for a reason, until a time to come; whoever calls this, superuser included."""
        if self and self.env.uid == SUPERUSER_ID:
            raise AccessError(self.env._("Only a person can override a blocking exception."))
        for override in self:
            if not override.reason:
                raise UserError(self.env._("Say why this may pass."))
            if override.until and override.until <= fields.Datetime.now():
                raise UserError(self.env._("The time until which it may pass is over already."))
            exception = override.exception_id
            refusal = exception.category_id._get_refusal(self.env.user, exception, override._get_document())
            if refusal:
                raise AccessError(refusal)

    # ------------------------------------------------------------------ what holds
    @api.model
    def _get_in_force(self, exceptions, gate, documents):
        """Which documents may pass which exceptions at this gate now: a set of (exception id, document id)."""
        latest = self._get_latest(exceptions, gate, documents)
        return {(row.exception_id.id, row.res_id) for row in latest.values() if row._holds()}

    @api.model
    def _get_latest(self, exceptions, gates, documents=None):
        """The latest row by (exception, gate, model, document)."""
        domain = [("exception_id", "in", exceptions.ids), ("gate_id", "in", gates.ids)]
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
        self.sudo().create([override._prepare_end(reason) for override in self if override.is_in_force])

    def _prepare_end(self, reason):
        return {
            "kind": "revoke",
            "exception_id": self.exception_id.id,
            "gate_id": self.gate_id.id,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "reason": reason,
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
        values = {
            "gate": self.gate_id.name,
            "document": self.document_name,
            "exception": self.exception_id.name,
            "reason": self.reason,
        }
        if self.kind == "revoke":
            return self.env._("%(exception)s stops again: %(gate)s, %(document)s. %(reason)s", **values)
        if not self.until:
            return self.env._("%(exception)s overridden: %(gate)s, %(document)s. Why: %(reason)s", **values)
        return self.env._(
            "%(exception)s overridden until %(until)s: %(gate)s, %(document)s. Why: %(reason)s",
            until=format_datetime(self.env, self.until),
            **values,
        )

    def action_open_document(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
