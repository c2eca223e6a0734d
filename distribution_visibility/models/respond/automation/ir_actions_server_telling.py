from odoo import fields, models

from ..ownership.visibility_exception import Desk

NAMED = 10


class IrActionsServer(models.Model):
    """Actions that ask a person for a decision, and tell people and other systems."""

    _inherit = "ir.actions.server"

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
                "records": records[:NAMED],
                "more": len(records) - NAMED,
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

    # ------------------------------------------------------------------ tell other systems
    def _run_action_visibility_emit_multi(self, eval_context=None):
        """One event about each exception for everybody who subscribed to its type, on the outbox."""
        records = self._get_active_records()
        records._emit_event(self.visibility_event_type_id.name)
        self._note(records, self.env._("Event: %s", self.visibility_event_type_id.name))
