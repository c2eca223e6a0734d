from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..exception.visibility_exception import CLOSED_STATES

# Changes that take a document away from an exception, or the exception out of the way
RELEASING = frozenset({"is_open", "severity_rank"})


class VisibilityException(models.Model):
    """Blocking exceptions stop what their category names, until they are closed or overridden."""

    _inherit = "visibility.exception"

    gate_ids = fields.Many2many("visibility.gate", compute="_compute_gate_ids", string="Stops")
    override_ids = fields.One2many("visibility.override", "exception_id", "Overrides", readonly=True)
    former_owner_ids = fields.Many2many(
        "res.users",
        "visibility_exception_former_owner_rel",
        "exception_id",
        "user_id",
        "Former owners",
        readonly=True,
        copy=False,
        groups="base.group_system",
        written_by="detect",
    )
    override_count = fields.Integer("Number of overrides", compute="_compute_override_count")

    @api.depends("override_ids")
    def _compute_override_count(self):
        for exception in self:
            exception.override_count = len(exception.override_ids)

    @api.depends("category_id.gate_ids", "rule_id.gate_ids", "rule_ids.gate_ids")
    def _compute_gate_ids(self):
        for exception in self:
            own = exception.sudo()
            rules = own.rule_id | own.rule_ids
            exception.gate_ids = exception.category_id.gate_ids | rules.gate_ids

    # ------------------------------------------------------------------ what stops what
    @api.model
    def _get_stops(self, gate, documents):
        """The open exceptions that stop these documents at this gate, by document: two queries.

        :param documents: records of one model that inherits ``visibility.gated.mixin``
        """
        exceptions = self.search(self._get_stops_domain(gate, documents))
        passed = self.env["visibility.override"]._get_in_force(exceptions, gate, documents)
        stops = {}
        for document in documents:
            found = exceptions.filtered(lambda one, doc=document: one._concerns(doc) and (one.id, doc.id) not in passed)
            if found:
                stops[document] = found
        return stops

    @api.model
    def _get_stops_domain(self, gate, documents):
        about = Domain(documents._visibility_exception_field, "in", documents.ids)
        for model, records in documents._get_gate_subjects().items():
            about |= Domain("res_model", "=", model) & Domain("res_id", "in", records.ids)
        return Domain([("is_open", "=", True), ("severity", "=", "blocking")]) & self._get_gate_domain(gate) & about

    @api.model
    def _get_gate_domain(self, gate):
        """Seam: exceptions that stop this gate, by their category or by a rule that found them."""
        paths = ("category_id.gate_ids", "rule_id.gate_ids", "rule_ids.gate_ids")
        return Domain.OR(Domain(path, "in", gate.ids) for path in paths)

    def _concerns(self, document):
        """Whether this is about a document itself, or about the order or customer that it belongs to."""
        if document in self[document._visibility_exception_field]:
            return True
        subjects = document._get_gate_subjects().get(self.res_model)
        return bool(subjects) and self.res_id in subjects.ids and self.company_id == document.company_id

    def _get_stop_line(self):
        """Which exception, why, whose it is, and what to do."""
        owner = self.user_id.name or self.env._("nobody")
        parts = [f"{self.name} {self.category_id.name}", self.reason or "", self.env._("Owner: %(name)s", name=owner)]
        return ". ".join([part.rstrip(".") for part in parts if part] + [self.category_id.description or ""])

    def action_open_form(self):
        """From the window that says what stops a document to the exception itself."""
        self.ensure_one()
        return self._open_record(self._name, self.id)

    # ------------------------------------------------------------------ who may release
    def _check_releasing(self, vals):
        if not self.env.su and self._is_releasing(vals):
            self._check_release()

    def _check_unlink(self):
        if not self.env.su:
            self._check_release()

    @api.model
    def _is_releasing(self, vals):
        if vals.get("state") in CLOSED_STATES or vals.get("severity", "blocking") != "blocking":
            return True
        return bool(vals.keys() & (RELEASING | set(self._get_document_fields())))

    def _check_release(self):
        """Closing what stops a document lets it pass, so it takes the same right as an override."""
        for exception in self.sudo().filtered(lambda one: one.is_open and one.severity == "blocking" and one.gate_ids):
            refusal = exception.category_id._get_refusal(self.env.user, exception, exception._get_document().exists())
            if refusal:
                raise UserError(refusal)

    def _get_involved(self, document=None):
        """Users who own or owned this, or who made the document or answer for it: not the second pair of eyes."""
        self.ensure_one()
        exception = self.sudo()
        people = exception.user_id | self._get_former_owners()
        if document:
            document = document.sudo()
            people |= document.create_uid | self._get_subject_owners(document, exception.category_id.owner_role)
        return people

    def _get_moving(self, vals):
        """Those of these that are about to change hands, by who owns them until now."""
        if "user_id" not in vals:
            return {}
        moving = self.sudo().filtered(lambda one: one.user_id and one.user_id.id != vals["user_id"])
        return moving.grouped("user_id")

    def _remember_owners(self, moved):
        """Whose it was, whatever the context says about tracking."""
        for owner, exceptions in moved.items():
            fresh = exceptions.filtered(lambda one, owner=owner: owner not in one.former_owner_ids)
            fresh.write({"former_owner_ids": [fields.Command.link(owner.id)]})

    def _get_former_owners(self):
        """Handing it to somebody else first does not open the way. Tracking knows owners of older exceptions."""
        changes = (
            self.env["mail.tracking.value"]
            .sudo()
            .search(
                [
                    ("mail_message_id.model", "=", self._name),
                    ("mail_message_id.res_id", "=", self.id),
                    ("field_id.name", "=", "user_id"),
                ]
            )
        )
        return self.env["res.users"].browse(set(changes.mapped("old_value_integer")) - {0}) | self.former_owner_ids

    def _revoke_overrides(self):
        """What was overridden was the old trouble: that it came back has to be looked at anew."""
        self.sudo().override_ids._revoke(self.env._("The exception came back."))
