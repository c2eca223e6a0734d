from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ....lib.measure import person_search
from ...respond.log.visibility_action_change import ERASED_VALUE
from ...respond.log.visibility_action_run import NUMBERED, PERSONAL, VALUES

RUN, CHANGE, OVERRIDE = "visibility.action.run", "visibility.action.change", "visibility.override"
#: What people wrote in overrides, or what names a record or a person there.
OVERRIDE_TEXTS = ("reason", "document_name", "value_label", "before_label")
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
            "visibility.brief": ["content", "draft", "text"],
            "visibility.outbox.message": ["body", "error", "answer_excerpt", "decision_reason"],
            "visibility.message": ["text_subject", "text_body", "reason"],
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
        return messages, {
            **records,
            RUN: self._find_runs(terms, companies),
            OVERRIDE: self.env[OVERRIDE].sudo().browse(self._find_ids(OVERRIDE, OVERRIDE_TEXTS, terms, companies)),
        }

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
        note = self.sudo().create(self._prepare_note(companies, reason, messages, records))
        self._erase_in_logs(records[RUN], terms, note)
        self._erase_in_overrides(records[OVERRIDE], terms)
        return note

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

    # ------------------------------------------------------------------ in the log of responses
    @api.model
    def _find_runs(self, terms, companies):
        """Rows of the log that name the person, in their own texts or in the values that they changed."""
        self.env[RUN].flush_model()
        self.env[CHANGE].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT run.id FROM visibility_action_run run
                    WHERE run.company_id IN %(companies)s AND (concat_ws(E'\n', %(texts)s) ~* %(pattern)s OR EXISTS (
                          SELECT 1 FROM visibility_action_change change
                           WHERE change.run_id = run.id
                             AND concat_ws(E'\n', change.before, change.after) ~* %(pattern)s))
                    ORDER BY run.id""",
                companies=companies._ids,
                texts=SQL(", ").join(SQL.identifier("run", name) for name in PERSONAL),
                pattern=person_search.sql_any(terms),
            )
        )
        return self.env[RUN].sudo().browse([row[0] for row in rows])

    @api.model
    def _erase_in_logs(self, runs, terms, note):
        """The log of responses is erased like everything else, and stays a log.

        Its rows are written once and sealed, so that this is done by SQL, and a new row of the log says where.
        """
        for company, some in runs.grouped("company_id").items():
            self._erase_in_log(company, some, terms, note)

    @api.model
    def _erase_in_log(self, company, runs, terms, note):
        """Blank what names the person, and have a row of the same log vouch for it; all of it is sealed then."""
        chain = self.env["visibility.action.chain"].sudo()._get_chain(company)
        self._seal_all(chain, runs)
        erased = [[run.chain_sequence, names] for run in runs if (names := self._blank_run(run, terms))]
        self._blank_said(runs, terms)
        if erased:
            self.env.invalidate_all()
            self.env[RUN]._record([self._prepare_erasure_run(company, erased, note)])
            self._seal_all(chain, runs)

    @api.model
    def _seal_all(self, chain, runs):
        """A row can only be vouched for by its place in the log."""
        while chain._seal_batch():
            pass
        runs.invalidate_recordset(["chain_sequence"])
        if not all(runs.mapped("chain_sequence")):
            raise UserError(self.env._("The log of responses is being sealed just now. Please try again in a minute."))

    @api.model
    def _prepare_erasure_run(self, company, erased, note):
        return {
            **self.env[RUN]._prepare_run(note, company=company),
            "name": self.env._("Personal data erased"),
            "origin": "erasure",
            "result": "done",
            "reason": note.reason,
            "record_name": False,
            "record_count": len(erased),
            "erased": erased,
        }

    @api.model
    def _blank_run(self, run, terms):
        """Blank the texts of a row that name the person; gives their names."""
        texts = {name: run[name] or "" for name in PERSONAL}
        blank = person_search.blank(texts, terms)
        names = [name for name in PERSONAL if blank[name] != texts[name]]
        if names:
            values = {name: self._get_blank(run, name) for name in names}
            self._write_blanks(run, values, names)
        return names + self._blank_changes(run, terms)

    @api.model
    def _get_blank(self, run, name):
        number = f"{run._get_number(run[name])} " if name in NUMBERED else ""
        return f"{number}{person_search.ERASED}"

    @api.model
    def _blank_changes(self, run, terms):
        found = []
        for place, change in enumerate(run.change_ids):
            texts = {name: change[name] or "" for name in VALUES}
            blank = person_search.blank(texts, terms)
            names = [name for name in VALUES if blank[name] != texts[name]]
            if names:
                self._write_blanks(change, dict.fromkeys(names, ERASED_VALUE), names)
                found += [f"{place}.{name}" for name in names]
        return found

    @api.model
    def _write_blanks(self, row, values, names):
        """By SQL: nobody, and no code, may write these rows through the ORM. The salts go with the texts."""
        columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s, salts = salts - %s::text[] WHERE id = %s",
                SQL.identifier(row._table),
                columns,
                names,
                row.id,
            )
        )

    @api.model
    def _blank_said(self, runs, terms):
        """What was said about the rows, and the tasks on them."""
        self._blank_chatter(runs, terms)
        activities = self.env["mail.activity"].sudo().with_context(active_test=False, mail_activity_quick_update=True)
        for activity in activities.search([("res_model", "=", RUN), ("res_id", "in", runs.ids)]):
            activity.write(self._prepare_blanks(activity, ["summary", "note"], terms))

    # ------------------------------------------------------------------ in overrides
    @api.model
    def _erase_in_overrides(self, overrides, terms):
        """Overrides name people in their reasons, and where a person was made responsible."""
        for override in overrides:
            self._blank_override(override, self._prepare_blanks(override, OVERRIDE_TEXTS, terms))
        for model, some in overrides.grouped("res_model").items():
            self._blank_chatter(self.env[model].sudo().browse(some.mapped("res_id")), terms)

    @api.model
    def _blank_override(self, override, values):
        """By SQL: nobody, and no code, may write these rows through the ORM."""
        columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
        self.env.cr.execute(SQL("UPDATE visibility_override SET %s WHERE id = %s", columns, override.id))
        override.invalidate_recordset(list(values))
