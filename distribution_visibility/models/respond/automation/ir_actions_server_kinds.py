from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding
from ...base.words.told import say_all
from ..ownership.visibility_exception import Desk

KINDS = [
    ("visibility_raise", "Raise Exception"),
    ("visibility_clear", "Clear Exception"),
    ("visibility_assign", "Assign by Role"),
    ("visibility_hold", "Hold Document"),
    ("visibility_release", "Release Document"),
    ("visibility_decision", "Request Decision"),
    ("visibility_notify", "Notify Role"),
]
#: Records that a message to a person names.
NAMED_RECORDS = 10
#: The reason code of what an action holds, so that an action releases only that.
HELD = "held_by_action"


class IrActionsServer(models.Model):
    """Actions that raise, clear and assign exceptions, hold and release documents, ask for a decision and tell
    people."""

    _inherit = "ir.actions.server"  # pylint: disable=consider-merging-classes-inherited

    state = fields.Selection(selection_add=KINDS, ondelete={state: "cascade" for state, _label in KINDS})
    visibility_category_id = fields.Many2one("visibility.exception.category", "Category", ondelete="restrict")
    visibility_role = fields.Selection(
        selection=lambda self: self.env["visibility.exception.category"]._fields["owner_role"].selection,
        string="Role",
    )
    visibility_team_id = fields.Many2one("visibility.team", "Team", ondelete="restrict")

    # ------------------------------------------------------------------ what is missing
    def _is_on_exceptions(self):
        return self.model_id.model == "visibility.exception"

    def _get_problem_visibility_raise(self):
        if self.visibility_category_id and self._is_on_exceptions():
            return self.env._("An exception is raised on a document, not on an exception.")
        return self._get_problem_of_category()

    def _get_problem_visibility_hold(self):
        return self._get_problem_of_category()

    def _get_problem_visibility_release(self):
        return self._get_problem_of_category()

    def _get_problem_of_category(self):
        return False if self.visibility_category_id else self.env._("Choose a category.")

    def _get_problem_visibility_clear(self):
        if self.visibility_category_id or self._is_on_exceptions():
            return False
        return self.env._("Choose which category is cleared.")

    def _get_problem_visibility_assign(self):
        if self._is_on_exceptions():
            return False
        if "user_id" not in self.env[self.model_id.model]._fields:
            return self.env._("These records have no person responsible.")
        return self._get_problem_visibility_notify()

    def _get_problem_visibility_notify(self):
        is_said = self.visibility_role or self.visibility_team_id
        return False if is_said else self.env._("Choose a role or a team.")

    def _get_irreversible_visibility_notify(self):
        return self.env._("Who was told knows it.")

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
        reason = say_all(self.env, lambda env: self.with_env(env).visibility_reason or self.with_env(env).name)
        finding = Finding(now, reason, code)
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
        for record, exception in self._leave_held_states(exceptions).items():
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
        for record in self._leave_held(records, "owner"):
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

    # ------------------------------------------------------------------ ask for a decision
    def _run_action_visibility_decision_multi(self, eval_context=None):
        self._request_decision(self._get_active_records())

    def _request_decision(self, records):
        """Seam: ask somebody to decide about these records. Here a task for whoever is responsible.

        An add-on that knows decisions may ask for one of its own kind instead.
        """
        activity_type = self.env.ref("mail.mail_activity_data_todo")
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        desk = Desk(self.env)
        made = activities.create([self._prepare_decision_task(desk, activity_type, record) for record in records])
        for record, activity in zip(records, made, strict=True):
            self._made(record, activity)

    def _prepare_decision_task(self, desk, activity_type, record):
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "activity_type_id": activity_type.id,
            "summary": self.env._("Decide: %s", self.visibility_reason or self.name),
            "user_id": self._get_decider(desk, record).id,
            "date_deadline": fields.Date.context_today(self),
        }

    def _get_decider(self, desk, record):
        """The leader of the team that is named, else whoever answers for the record, else who ran this."""
        if self.visibility_team_id or self.visibility_role:
            team = self._get_team(desk, record)
            if team and team.leader and (leader := desk.stand_in(team.leader, self._get_company(record))):
                return leader
        return ("user_id" in record._fields and record.user_id) or self.env.user

    # ------------------------------------------------------------------ tell people
    def _run_action_visibility_notify_multi(self, eval_context=None):
        """One message a person, however many records there are."""
        records, desk, told = self._get_active_records(), Desk(self.env), {}
        for record in records:
            team = self._get_team(desk, record)
            people = self._get_present(desk, team, self._get_company(record)) if team else self.env["res.users"]
            for person in people:
                told.setdefault(person, []).append(record)
            sentence = self.env._("Told: %s", ", ".join(people.mapped("name")))
            self._note([record], sentence if people else self.env._("Nobody of the team is there."))
        for person, about in told.items():
            self._notify_person(person, about)

    def _get_present(self, desk, team, company):
        members = self.env["res.users"].browse(team.members)
        present = members.browse()
        for member in members:
            present |= desk.stand_in(member, company)
        return present or desk.stand_in(team.leader, company)

    def _notify_person(self, person, records):
        action = self.with_context(lang=person.lang)
        body = self.env["ir.qweb"].with_context(lang=person.lang)._render(
            "distribution_visibility.visibility_notify_role",
            {
                "reason": action.visibility_reason or action.name,
                "records": records[:NAMED_RECORDS],
                "more": len(records) - NAMED_RECORDS,
            },
        )
        thread = self.env["mail.thread"].with_context(mail_notify_force_send=False)
        thread.message_notify(
            partner_ids=person.partner_id.ids,
            subject=action.visibility_reason or action.name,
            body=body,
            model=records[0]._name if len(records) == 1 else False,
            res_id=records[0].id if len(records) == 1 else False,
        )
