from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ....lib.measure import person_search
from ...respond.log.visibility_action_change import ERASED_VALUE
from ...respond.log.visibility_action_run import NUMBERED, PERSONAL, VALUES

RUN, CHANGE = "visibility.action.run", "visibility.action.change"


class VisibilityErasure(models.Model):
    """The log of responses names people, too. It is erased like everything else, and stays a log.

    Its rows are written once and sealed, so that this is done by SQL, and a new row of the log says where.
    """

    _inherit = "visibility.erasure"

    @api.model
    def _find(self, terms, companies):
        messages, records = super()._find(terms, companies)
        return messages, {**records, RUN: self._find_runs(terms, companies)}

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
    def _erase(self, terms, companies, reason):
        self._check_manager()
        runs = self._find_runs(terms, companies)
        note = super()._erase(terms, companies, reason)
        for company, some in runs.grouped("company_id").items():
            self._erase_in_log(company, some, terms, note)
        return note

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

    # ------------------------------------------------------------------ blanking
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
