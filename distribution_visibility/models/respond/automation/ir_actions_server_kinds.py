from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding
from ..ownership.visibility_exception import Desk

#: The reason code of what an action holds, so that an action releases only that.
HELD = "held_by_action"


class IrActionsServer(models.Model):
    """Actions that raise, clear and assign exceptions, and hold and release documents."""

    _inherit = "ir.actions.server"

    # ------------------------------------------------------------------ raise and hold
    def _run_action_visibility_raise_multi(self, eval_context=None):
        records = self._get_active_records()
        self._open_for({record: record for record in records}, "raised_by_action")

    def _run_action_visibility_hold_multi(self, eval_context=None):
        documents = self._get_documents_of(self._get_active_records())
        exceptions = self._open_for(documents, HELD)
        exceptions.filtered(lambda one: one.severity != "blocking").severity = "blocking"

    def _open_for(self, documents, code):
        """Open the category for the documents of records; what was open already is seen again.

        :param dict documents: record to document
        :return: the exceptions that are open now and were not before
        """
        exceptions = self.env["visibility.exception"].sudo()
        category, now = self.visibility_category_id, fields.Datetime.now()
        finding = Finding(now, self.visibility_reason or self.name, code)
        wanted = {document for document in documents.values() if document}
        known = self._find_open_of(wanted)
        exceptions._open_findings({(category, document): [finding] for document in wanted})
        found = self._find_open_of(wanted)
        new = exceptions
        for record, document in documents.items():
            if document and document not in found:
                self._note([record], self.env._("A person has closed it a short time ago: it stays closed."))
            elif document and document not in known:
                new |= found[document]
                self._made(record, found[document])
            elif document:
                self._note([record], self.env._("Open already: %s", found[document].name))
        return new

    def _find_open_of(self, documents):
        """By document its open exception of this action's category."""
        by_model = {}
        for document in documents:
            by_model.setdefault(document._name, []).append(document.id)
        exceptions, found = self.env["visibility.exception"].sudo(), {}
        for model, ids in by_model.items():
            for one in exceptions._find_open(self.visibility_category_id, self.env[model].browse(ids)):
                found[self.env[model].sudo().browse(one.res_id)] = one
        return found

    # ------------------------------------------------------------------ clear and release
    def _run_action_visibility_clear_multi(self, eval_context=None):
        records = self._get_active_records()
        if records._name == "visibility.exception":
            self._close(records, {record: record for record in records})
        else:
            self._close(records, self._find_open_of(set(records)))

    def _run_action_visibility_release_multi(self, eval_context=None):
        records = self._get_active_records()
        documents = self._get_documents_of(records)
        found = self._find_open_of({document for document in documents.values() if document})
        held = {record: found[doc] for record, doc in documents.items() if doc in found}
        for record, exception in held.items():
            if exception.reason_code != HELD:
                self._note([record], self.env._("Not held by an action: a person releases it."))
        self._close(records, {record: one for record, one in held.items() if one.reason_code == HELD})

    def _close(self, records, exceptions):
        """Resolve the exceptions of records, but not what stops a document for a reason of its own."""
        to_close = self.env["visibility.exception"].sudo()
        for record, exception in exceptions.items():
            is_stopping = exception.severity == "blocking" and exception.gate_ids and exception.reason_code != HELD
            if is_stopping:
                self._note([record], self.env._("It stops a document: only a person closes it."))
            elif exception.is_open:
                self._relate(record, exception)
                to_close |= exception
        resolution = self.visibility_reason or self.env._("Cleared by “%s”.", self.name)
        to_close.write({"state": "resolved", "resolution": resolution})

    # ------------------------------------------------------------------ assign
    def _run_action_visibility_assign_multi(self, eval_context=None):
        records = self._get_active_records()
        if records._name == "visibility.exception" and not (self.visibility_team_id or self.visibility_role):
            records.filtered("is_open")._reassign()
        else:
            self._assign_from_team(records)

    def _assign_from_team(self, records):
        """The member who has the least to do gets it: one write a person."""
        desk, groups = Desk(self.env), {}
        for record in records:
            team = self._get_team(desk, record)
            person = team and desk.pick(team, self._get_company(record))
            if person:
                desk.hand_out(person)
                groups.setdefault((person.id, team.record.id), []).append(record.id)
            else:
                self._note([record], self.env._("Nobody of the team is there: it stays with whom it is."))
        for (person, team), ids in groups.items():
            values = {"user_id": person}
            if records._name == "visibility.exception":
                values.update(owner_source="team", team_id=team)
            records.browse(ids).write(values)

    @api.model
    def _get_team_of_role(self, desk, role, record):
        """The team of a role that fits a record best, whatever its category."""
        exceptions = self.env["visibility.exception"]
        category = exceptions.category_id.new({"owner_role": role})
        company = self._get_company(record)
        warehouse = exceptions._get_subject_warehouse(record).id if desk.needs_warehouse else False
        return desk.get_team(category, company, warehouse)

    def _get_team(self, desk, record):
        if self.visibility_team_id:
            return next((team for team in desk.teams if team.record == self.visibility_team_id), None)
        return self._get_team_of_role(desk, self.visibility_role, record)

    @api.model
    def _get_company(self, record):
        return self.env["visibility.exception"]._get_subject_company(record)
