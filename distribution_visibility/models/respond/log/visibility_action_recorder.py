from odoo import api, fields, models, tools

from ....lib.respond.log.hash_chain import canonical_json

#: Kept on records by Odoo itself, and no value that somebody decided about.
TECHNICAL = frozenset(
    {*models.MAGIC_COLUMNS, "date_automation_last", "message_main_attachment_id", "access_token", "has_message",
     "has_message_draft"}
)  # fmt: skip
KINDS = frozenset(
    {"char", "text", "html", "integer", "float", "monetary", "boolean", "date", "datetime", "selection", "many2one",
     "many2many"}
)  # fmt: skip


class VisibilityActionRecorder(models.AbstractModel):
    """Reads records before and after a response, in batches, and says what is different."""

    _name = "visibility.action.recorder"
    _description = "Recorder of changes"

    @api.model
    @tools.ormcache("model")
    def _get_recorded_fields(self, model):
        """Names of the fields that are compared: stored, and such that a person or an action decides them.

        Values that Odoo works out from others follow when those are put back.
        """
        return [name for name, field in self.env[model]._fields.items() if self._is_recorded(field)]

    @api.model
    def _is_recorded(self, field):
        """Whether somebody decides this field; a model names in ``_visibility_unrecorded`` what only follows."""
        is_worked_out = field.compute and field.readonly and not field.inverse
        return (
            field.store
            and field.type in KINDS
            and field.name not in TECHNICAL
            and field.name not in getattr(self.env[field.model_name], "_visibility_unrecorded", ())
            and not is_worked_out
            and not field.related
            and "base.group_system" not in (field.groups or "")
        )

    @api.model
    def _snapshot(self, records):
        """Values by (model, id) and field name, as JSON values."""
        records = records.sudo()
        names = self._get_recorded_fields(records._name)
        return {
            (record._name, record.id): {name: self._to_json(record._fields[name], record[name]) for name in names}
            for record in records
        }

    @api.model
    def _to_json(self, field, value):
        if field.type == "many2one":
            return value.id or False
        if field.type == "many2many":
            return sorted(value.ids)
        if field.type in ("date", "datetime"):
            return field.to_string(value) if value else False
        return str(value) if field.type == "html" and value else value

    @api.model
    def _compare(self, before):
        """What is different now: (model, id) to a list of (field name, before, after).

        :param dict before: as :meth:`_snapshot` gave it
        """
        by_model = {}
        for model, record_id in before:
            by_model.setdefault(model, []).append(record_id)
        now = {}
        for model, ids in by_model.items():
            now.update(self._snapshot(self.env[model].browse(ids).exists()))
        return {
            key: changed
            for key, values in now.items()
            if (changed := [(name, old, values[name]) for name, old in before[key].items() if values[name] != old])
        }

    @api.model
    def _prepare_changes(self, key, scope, compared):
        """Commands of change rows of one response: on its record, on related ones, and what it created."""
        rows = []
        for model, record_id in dict.fromkeys([key, *scope.related.get(key, ())]):
            for name, before, after in compared.get((model, record_id), ()):
                if (model, record_id, name) not in scope.claimed:
                    rows.append(self._prepare_change(model, record_id, name, before, after))
        for model, record_id in scope.created.get(key, ()):
            rows.append(self._prepare_creation(model, record_id))
        return [fields.Command.create(row) for row in rows]

    @api.model
    def _prepare_change(self, model, record_id, name, before, after):
        return {
            "kind": "changed",
            "res_model": model,
            "res_id": record_id,
            "field_name": name,
            "before": canonical_json(before),
            "after": canonical_json(after),
        }

    @api.model
    def _prepare_creation(self, model, record_id):
        watched = self._read_watched(self.env[model].browse(record_id))
        after = canonical_json(watched) if watched else False
        return {"kind": "created", "res_model": model, "res_id": record_id, "after": after}

    @api.model
    def _read_watched(self, record):
        """Values that say whether somebody works with what a response created, see ``_visibility_watched``."""
        record = record.sudo()
        names = getattr(record, "_visibility_watched", ())
        return {name: self._to_json(record._fields[name], record[name]) for name in names}

    # ------------------------------------------------------------------ activities
    @api.model
    def _get_last_activity(self):
        return self.env["mail.activity"].sudo().search([], order="id desc", limit=1).id or 0

    @api.model
    def _note_new_activities(self, scope, records, last):
        """Activities that were planned on records since the one with the id ``last``."""
        activities = self.env["mail.activity"].sudo()
        new = activities.search(
            [("id", ">", last), ("res_model", "=", records._name), ("res_id", "in", records.ids)], order="id"
        )
        known = {made for rows in scope.created.values() for made in rows}
        for activity in new:
            if ("mail.activity", activity.id) not in known:
                scope.made((records._name, activity.res_id), ("mail.activity", activity.id))
