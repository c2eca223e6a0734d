import time

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ....lib.respond.automation.scope import Scope, Scopes

#: How the kinds of actions begin that respond.
RESPONDS = "visibility_"

#: Kinds of Odoo's own actions that can be rehearsed: everything they do is in the database.
REHEARSED = frozenset(
    {"object_write", "object_create", "object_copy", "next_activity", "followers", "remove_followers", "mail_post",
     "multi"}
)  # fmt: skip


class IrActionsServer(models.Model):
    """Server actions as parts of a governed response: on many records at once, and with a way back or none.

    A kind of action that responds is a ``state`` that begins with ``visibility_``. It is run without code, on any
    number of records at once, and recorded wherever it is used. The room that runs it defines beside
    ``_run_action_<state>_multi`` what there is to say about it:

    * ``_get_problem_<state>``: what is missing, in one sentence, or False,
    * ``_get_irreversible_<state>``: why it cannot be taken back, or False.

    What people hold is left alone: the steps for that (``_leave_held``, ``_leave_told``, ``_prepare_held``) are in
    the room of overrides.
    """

    _inherit = "ir.actions.server"  # pylint: disable=consider-merging-classes-inherited

    # Often with a key in it, and with what the latest record says
    webhook_url = fields.Char(groups="base.group_system")
    webhook_sample_payload = fields.Text(groups="base.group_system")

    visibility_reason = fields.Char("Reason", translate=True, help="Said wherever this is seen later.")
    visibility_rollback_ids = fields.One2many(
        "base.automation", "rollback_action_id", "Rolls back", context={"active_test": False}
    )

    # ------------------------------------------------------------------ which kinds respond
    @api.model
    def _get_visibility_states(self):
        """Seam: kinds of actions that respond; an add-on that brings one adds it to ``state``."""
        return {state for state, _label in self._fields["state"].selection if state.startswith(RESPONDS)}

    @api.model
    def _get_set_based_states(self):
        """Kinds of actions that take any number of records at once; Odoo's own are run record by record."""
        return self._get_visibility_states()

    @api.model
    def _get_rehearsed_states(self):
        """Kinds of actions that may run in test mode, because undoing the transaction undoes all they do."""
        return REHEARSED | self._get_visibility_states()

    def _ask_about_state(self, what):
        """What the room that runs this kind of action says about it; False where it says nothing."""
        answer = getattr(self, f"_get_{what}_{self.state}", None)
        return answer() if answer and self.state in self._get_visibility_states() else False

    # ------------------------------------------------------------------ what is missing
    @api.model
    def _warning_depends(self):
        """Whatever is chosen for our kinds of actions."""
        chosen = [
            name
            for name, field in self._fields.items()
            if name.startswith(RESPONDS) and field.store and field.type != "one2many"
        ]
        return [*super()._warning_depends(), *chosen]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state in self._get_visibility_states() and (problem := self._get_visibility_problem()):
            warnings.append(problem)
        return warnings

    def _get_visibility_problem(self):
        """What is missing, in one sentence, or False."""
        return self._ask_about_state("problem")

    # ------------------------------------------------------------------ as a part of a response

    def _run_on_records(self, records, is_test=False):
        """Run this action on records, as a part of a response.

        :param is_test: leave out what cannot be undone, and say so
        """
        self.ensure_one()
        if is_test and not self._is_rehearsable():
            self._note(records, self.env._("Would run “%s”.", self.name))
        elif self.state in self._get_set_based_states():
            self.with_context(active_model=records._name, active_ids=records.ids, active_id=records[:1].id).run()
        else:
            self._relate_targets(records)
            for record in records:
                self.with_context(active_model=record._name, active_ids=record.ids, active_id=record.id).run()

    def _is_rehearsable(self):
        return self.state in self._get_rehearsed_states() and all(child._is_rehearsable() for child in self.child_ids)

    # ------------------------------------------------------------------ what a response notes of itself
    def _get_scope(self):
        scopes = Scopes.of(self.env.context)
        return scopes[-1][1] if scopes else None

    def _note(self, records, sentence):
        scope = self._get_scope()
        if scope:
            for record in records:
                scope.note((record._name, record.id), sentence)

    def _relate(self, record, others):
        """Say that this action, run on ``record``, is about to change ``others`` as well."""
        scope = self._get_scope()
        if scope and others:
            recorder = self.env["visibility.action.recorder"]
            scope.relate((record._name, record.id), [(other._name, other.id) for other in others])
            fresh = others.filtered(lambda other: (other._name, other.id) not in scope.before)
            scope.before.update(recorder._snapshot(fresh))

    def _made(self, record, made):
        """Say that this action, run on ``record``, created ``made``."""
        scope = self._get_scope()
        if scope:
            for one in made:
                scope.made((record._name, record.id), (one._name, one.id))

    def _relate_targets(self, records):
        """Where an action updates a field of a related record (``partner_id.name``), that record is compared too."""
        for action in self | self.child_ids:
            path = (action.update_path or "").split(".")[:-1] if action.state == "object_write" else []
            if path:
                for record in records.sudo():
                    self._relate(record, record.mapped(".".join(path)))

    # ------------------------------------------------------------------ the way back
    def _get_irreversible_reasons(self):
        """Why what these actions do cannot be taken back: sentences, none when it can."""
        reasons = []
        for action in self:
            if action.state == "multi":
                reasons += action.child_ids._get_irreversible_reasons()
            elif reason := action._get_irreversible_reason():
                reasons.append(reason)
        return list(dict.fromkeys(reasons))

    def _get_irreversible_reason(self):
        """Why this action cannot be taken back, or False."""
        if self.state in self._get_visibility_states():
            return self._ask_about_state("irreversible")
        return {
            "object_write": False,
            "next_activity": False,
            "mail_post": self.env._("Messages that were sent stay sent."),
            "followers": self.env._("Who follows was told."),
            "remove_followers": self.env._("Followers that were removed are not known any more."),
            "object_create": self.env._("The record that was created stays."),
            "object_copy": self.env._("The record that was created stays."),
            "webhook": self.env._("What was sent to another system stays sent."),
        }.get(self.state, self.env._("What its code does is not known."))

    # ------------------------------------------------------------------ running and recording
    def _run(self, records, eval_context):
        self._check_may_run(records)
        if self.state not in self._get_visibility_states() or self._get_scope() or not records:
            return super()._run(records, eval_context)
        # Outside of a governed automation each of these writes runs of its own
        recorder, scope, started = self.env["visibility.action.recorder"], Scope(), time.monotonic()
        scope.before = recorder._snapshot(records)
        last_activity = recorder._get_last_activity()
        entering = Scopes().entering(False, scope)
        eval_context["env"] = eval_context["env"](context={**eval_context["env"].context, **entering})
        action = self.with_context(**entering)
        result = super(IrActionsServer, action)._run(records, eval_context)
        recorder._note_new_activities(scope, records, last_activity)
        self._record_own(records, scope, started)
        return result

    def _check_may_run(self, records):
        """Raise AccessError when this belongs to an automation that decides when it runs, or responds to records
        that whoever runs it may not change. ``records`` come with the rights of the caller.
        """
        automation = self._get_owning_automation()
        if automation and automation.id not in dict(Scopes.of(self.env.context)):
            raise AccessError(self.env._("“%s” does this by itself, and asks first where it should.", automation.name))
        if self._responds():
            # A group of the action says who may run it, not on what
            records.check_access("write")

    def _get_owning_automation(self):
        """The governed automation that this is a part of, empty where there is none."""
        action = self
        while action.parent_id and not action.base_automation_id:
            action = action.parent_id
        return action.base_automation_id.filtered("is_governed")

    def _responds(self):
        return self.state in self._get_visibility_states() or any(child._responds() for child in self.child_ids)

    def _record_own(self, records, scope, started):
        records = self._leave_told(records, scope)
        if not records:
            return
        self.env.flush_all()
        compared = self.env["visibility.action.recorder"]._compare(scope.before)
        duration = round((time.monotonic() - started) * 1000 / len(records))
        runs = self.env["visibility.action.run"]
        runs._record([self._prepare_own_run(record, scope, compared, duration) for record in records])

    def _prepare_own_run(self, record, scope, compared, duration):
        key = (record._name, record.id)
        automation = self.base_automation_id
        reason = self._get_irreversible_reason()
        changes = self.env["visibility.action.recorder"]._prepare_changes(key, scope, compared)
        values = {
            "automation": automation,
            "name": self.name,
            "origin": "automation" if automation else "server_action",
            "result": "done",
            "reason": self.visibility_reason or automation.name or False,
            "detail": "\n".join(scope.notes.get(key, ())) or False,
            "duration_ms": duration,
            "is_reversible": not reason,
            "irreversible_reason": reason,
            "change_ids": changes,
            **({} if changes else self._prepare_held(key, scope)),
        }
        return self.env["visibility.action.run"]._prepare_run(record, **values)

    def _get_active_records(self):
        """The records this runs on, as superuser like Odoo's own kinds of actions; not those that a person holds.

        None where the ids are said to be another model's: Odoo has not checked those.
        """
        context, records = self.env.context, self.env[self.model_id.model].sudo()
        if context.get("active_model") != records._name:
            return records
        ids = context.get("active_ids") or [context.get("active_id")]
        return self._leave_held(records.browse([one for one in ids if one]).exists())

    def _get_documents_of(self, records):
        """By record the document that it is, or that it is about: none where it is left to people."""
        if records._name != "visibility.exception":
            return {record: record for record in records}
        return {record: self._leave_held(record._get_document().exists(), about=record) for record in records}
