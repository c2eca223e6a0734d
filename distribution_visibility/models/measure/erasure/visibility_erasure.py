from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ....lib.measure import person_search

TRACKED = ["old_value_char", "new_value_char", "old_value_text", "new_value_text"]
MANAGER = "distribution_visibility.group_manager"


class VisibilityErasure(models.Model):
    """That a person's data was erased: when, by whom, why and how much; never whose or what."""

    _name = "visibility.erasure"
    _description = "Erasure of a person's data"
    _order = "id desc"
    _rec_name = "reason"

    user_id = fields.Many2one("res.users", "Erased by", required=True, readonly=True)
    company_ids = fields.Many2many("res.company", string="Companies", readonly=True)
    reason = fields.Char(required=True, readonly=True)
    message_count = fields.Integer("Messages", readonly=True)
    record_count = fields.Integer(
        "Records", readonly=True, help="Events, shipments, exceptions, briefs and rows of the log of responses."
    )

    @api.model
    def _get_person_fields(self):
        """Where else a person's data may stand: model to text fields. Extend it in other modules."""
        return {
            "visibility.inbox.message": ["error", "traceback", "decision_reason"],
            "visibility.event": ["signed_by", "location", "description", "reason", "doubts", "proof_url"],
            "visibility.shipment": ["signed_by", "last_event_text", "proof_url"],
            "visibility.exception": ["reason", "resolution"],
        }

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a manager of Distribution Visibility may erase a person's data."))

    @api.model
    def _find(self, terms, companies):
        """What says one of the terms: (messages, dict of model to records)."""
        self._check_manager()
        messages = self.env["visibility.inbox.message"].sudo()._find_person(terms, companies)
        records = {
            model: self.env[model].sudo().browse(self._find_ids(model, names, terms, companies))
            for model, names in self._get_person_fields().items()
        }
        return messages, records

    @api.model
    def _find_ids(self, model, names, terms, companies):
        records = self.env[model]
        records.flush_model(names)
        query = SQL(
            "SELECT id FROM %s WHERE company_id IN %s AND concat_ws(E'\n', %s) ~* %s",
            SQL.identifier(records._table),
            companies._ids,
            SQL(", ").join(map(SQL.identifier, names)),
            person_search.sql_any(terms),
        )
        return [row[0] for row in self.env.execute_query(query)]

    @api.model
    def _erase(self, terms, companies, reason):
        """Erase what says one of the terms, and note that it was done.

        :param list terms: as :func:`person_search.read_terms` gives them
        :return: the note
        :raises AccessError: when the user is no manager
        """
        messages, records = self._find(terms, companies)
        messages._erase_person(terms)
        for model, names in self._get_person_fields().items():
            self._blank_fields(records[model], names, terms)
        return self.sudo().create(self._prepare_note(companies, reason, messages, records))

    @api.model
    def _blank_fields(self, records, names, terms):
        # Tracking would write what is erased into the chatter.
        for record in records.with_context(tracking_disable=True):
            record.write(self._prepare_blanks(record, names, terms))
        if "message_ids" in records._fields:
            self._blank_chatter(records, terms)

    @api.model
    def _blank_chatter(self, records, terms):
        """What was said about these records, and the values that were tracked before."""
        messages = self.env["mail.message"].sudo()
        messages = messages.search([("model", "=", records._name), ("res_id", "in", records.ids)])
        for message in messages:
            message.write(self._prepare_blanks(message, ["body", "subject"], terms))
        for value in messages.tracking_value_ids:
            value.write(self._prepare_blanks(value, TRACKED, terms))

    @api.model
    def _prepare_blanks(self, record, names, terms):
        old = {name: record[name] or "" for name in names}
        new = person_search.blank({name: self._to_plain(value) for name, value in old.items()}, terms)
        return {name: new[name] for name in names if new[name] != self._to_plain(old[name])}

    @api.model
    def _to_plain(self, value):
        """HTML as text, which it is in the database."""
        return str(value) if isinstance(value, str) else value

    @api.model
    def _prepare_note(self, companies, reason, messages, records):
        return {
            "user_id": self.env.uid,
            "company_ids": [fields.Command.set(companies.ids)],
            "reason": reason,
            "message_count": len(messages),
            "record_count": sum(map(len, records.values())),
        }
