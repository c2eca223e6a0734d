from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..exception.visibility_exception import SEVERITY_RANK
from ..exception.visibility_exception_category import SEVERITY

AT_RISK_FROM = SEVERITY_RANK["warning"]
RISK_FIELDS = frozenset(
    {"visibility_is_at_risk", "visibility_severity", "visibility_exception_count", "visibility_tag_ids"}
)


#: What the names of all our fields on Odoo's models begin with.
OURS = "visibility_"


class VisibilityDocumentMixin(models.AbstractModel):
    """A business document that carries, stored and searchable, what is wrong with it right now."""

    _name = "visibility.document.mixin"
    _description = "Document with an at-risk state"
    _inherit = ["visibility.action.mixin"]

    #: The field of an exception that holds documents of this model.
    _visibility_exception_field = None

    visibility_is_at_risk = fields.Boolean("At risk", readonly=True, copy=False, index="btree_not_null")
    visibility_severity = fields.Selection(
        SEVERITY, "Worst severity", readonly=True, copy=False, index="btree_not_null"
    )
    visibility_exception_count = fields.Integer("Open exceptions", readonly=True, copy=False)
    visibility_tag_ids = fields.Many2many("visibility.tag", string="Visibility tags", readonly=True, copy=False)

    # ------------------------------------------------------------------ told to the rules
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["visibility.rule"]._note_touched(records)
        return records

    def write(self, vals):
        self._check_risk_fields(vals)
        result = super().write(vals)
        self.env["visibility.rule"]._note_touched(self, vals)
        self._note_what_is_open(vals)
        return result

    def _note_what_is_open(self, vals):
        """What is open about these is compared with what they are now, whatever was written by whomever."""
        if any(not name.startswith("visibility_") for name in vals):
            self.sudo().filtered("visibility_exception_count")._note_expectations()

    def _compute_field_value(self, field):
        result = super()._compute_field_value(field)
        if field.store:
            self.env["visibility.rule"]._note_touched(self, [field.name])
        return result

    def _past_review(self, vals):
        """These documents for their own ``write``: what changes only fields of ours passes reviews.

        OCA's ``base_tier_validation`` and its like lock documents that are under review, and those that were approved.
        That something is late, what was promised and where a transfer stands are no part of what people approve.
        """
        is_ours = bool(vals) and all(name.startswith(OURS) for name in vals)
        return self.with_context(skip_validation_check=True) if is_ours else self

    # ------------------------------------------------------------------ at risk
    def _check_risk_fields(self, vals):
        if not self.env.su and not RISK_FIELDS.isdisjoint(vals):
            raise AccessError(self.env._("What is wrong with a document follows from its exceptions."))

    def _refresh_risk(self):
        """Work out the at-risk state from the open exceptions, write it where it changed, and tell subscribers."""
        records = self.sudo()
        told = records._get_told_risks()
        records._write_risk()
        records._tell_risks(told)

    def _write_risk(self):
        open_exceptions = self._get_open_exceptions()
        alike = {}
        for record in self:
            found = () if record._is_over() else open_exceptions.get(record.id, ())
            changes = record._prepare_risk_changes(record._hold_risk(record._prepare_risk_values(found)))
            if changes:
                alike.setdefault(repr(changes), (changes, []))[1].append(record.id)
        for changes, ids in alike.values():
            self.browse(ids).write(changes)

    def _is_over(self):
        """Whether nothing can be at risk any more, whatever is still open around it."""
        return self.state == "cancel"

    def _get_open_exceptions(self):
        field = self._visibility_exception_field
        exceptions = self.env["visibility.exception"].search([(field, "in", self.ids), ("is_open", "=", True)])
        found = {}
        for exception in exceptions:
            for record_id in exception[field].ids:
                found.setdefault(record_id, exception.browse())
                found[record_id] |= exception
        return found

    @api.model
    def _prepare_risk_values(self, exceptions):
        worst = max(exceptions.mapped("severity_rank")) if exceptions else None
        return {
            "visibility_is_at_risk": worst is not None and worst >= AT_RISK_FROM,
            "visibility_severity": False if worst is None else SEVERITY[worst][0],
            "visibility_exception_count": len(exceptions),
            "visibility_tag_ids": exceptions.tag_ids.ids if exceptions else [],
        }

    def _prepare_risk_changes(self, values):
        """Of these values those that are not on the document already."""
        tags = set(values.pop("visibility_tag_ids"))
        changes = {name: value for name, value in values.items() if self[name] != value}
        if set(self.visibility_tag_ids.ids) != tags:
            changes["visibility_tag_ids"] = [fields.Command.set(sorted(tags))]
        return changes

    def action_open_visibility_exceptions(self):
        """The smart button: one click from the document to what is wrong with it."""
        return self._open_exceptions([(self._visibility_exception_field, "in", self.ids)])
