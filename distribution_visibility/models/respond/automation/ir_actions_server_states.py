import time

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ....lib.respond.automation.scope import Scope, Scopes

STATES = [
    ("visibility_raise", "Raise Exception"),
    ("visibility_clear", "Clear Exception"),
    ("visibility_assign", "Assign by Role"),
    ("visibility_priority", "Set Warehouse Priority"),
    ("visibility_hold", "Hold Document"),
    ("visibility_release", "Release Document"),
    ("visibility_decision", "Request Decision"),
    ("visibility_notify", "Notify Role"),
    ("visibility_emit", "Emit Event"),
    ("visibility_brief", "Ask for a Brief"),
]


class IrActionsServer(models.Model):
    """Kinds of server actions that respond to exceptions: without code, on any number of records at once,
    recorded wherever they are used."""

    _inherit = "ir.actions.server"

    state = fields.Selection(selection_add=STATES, ondelete={state: "cascade" for state, _label in STATES})
    visibility_category_id = fields.Many2one("visibility.exception.category", "Category", ondelete="restrict")
    visibility_reason = fields.Char("Reason", translate=True, help="Said wherever this is seen later.")
    visibility_role = fields.Selection(
        selection=lambda self: self.env["visibility.exception.category"]._fields["owner_role"].selection,
        string="Role",
    )
    visibility_team_id = fields.Many2one("visibility.team", "Team", ondelete="restrict")
    visibility_priority = fields.Selection(
        [("0", "Normal"), ("1", "Urgent"), ("keep", "As it is")], "In the warehouse", default="1"
    )
    visibility_place = fields.Selection(
        [("ahead", "Ahead of all others"), ("back", "Behind all others"), ("own", "Where it belongs")],
        "Place on the picking list",
        help="Empty: as it is.",
    )
    visibility_due_hours = fields.Float(
        "Due within (working hours)",
        help="Of the warehouse, from now on; never later than it is due already. Zero: as it is.",
    )
    visibility_assigns_picker = fields.Boolean(
        "Give it to a picker", help="To the member of the warehouse's team who has the least transfers to do."
    )
    visibility_event_type_id = fields.Many2one(
        "visibility.outbox.type", "Event", domain=[("name", "=like", "exception.%")], ondelete="restrict"
    )

    @api.model
    def _get_visibility_states(self):
        """Seam: kinds of actions that respond; an add-on that brings one names it here and in ``state``."""
        return {state for state, _label in STATES}

    @api.model
    def _get_set_based_states(self):
        return super()._get_set_based_states() | self._get_visibility_states()

    @api.model
    def _get_rehearsed_states(self):
        return super()._get_rehearsed_states() | self._get_visibility_states()

    def _get_irreversible_reason(self):
        if self.state in ("visibility_notify", "visibility_emit"):
            return self.env._("Who was told knows it.")
        return False if self.state in self._get_visibility_states() else super()._get_irreversible_reason()

    # ------------------------------------------------------------------ what is missing
    @api.model
    def _warning_depends(self):
        return [
            *super()._warning_depends(),
            *("visibility_category_id", "visibility_role", "visibility_team_id", "visibility_event_type_id"),
            *("visibility_priority", "visibility_place", "visibility_due_hours", "visibility_assigns_picker"),
        ]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state in self._get_visibility_states() and (problem := self._get_visibility_problem()):
            warnings.append(problem)
        return warnings

    def _get_visibility_problem(self):
        """What is missing, in one sentence, or False."""
        model, on_exceptions = self.model_id.model, self.model_id.model == "visibility.exception"
        needs_category = self.state in ("visibility_raise", "visibility_hold", "visibility_release")
        if needs_category and not self.visibility_category_id:
            return self.env._("Choose a category.")
        if self.state == "visibility_clear" and not on_exceptions and not self.visibility_category_id:
            return self.env._("Choose which category is cleared.")
        if self.state == "visibility_raise" and on_exceptions:
            return self.env._("An exception is raised on a document, not on an exception.")
        if self.state == "visibility_emit" and not (on_exceptions and self.visibility_event_type_id):
            return self.env._("Choose an event; events are told of exceptions.")
        if self.state == "visibility_notify" and not (self.visibility_role or self.visibility_team_id):
            return self.env._("Choose a role or a team.")
        if self.state == "visibility_priority" and not self._get_picking_path(model):
            return self.env._("Only transfers, orders and exceptions have a place in the warehouse.")
        if self.state == "visibility_priority" and not self._is_moving():
            return self.env._("Choose what is changed: the priority, the place, the due time or the picker.")
        return self._get_assignment_problem() if self.state == "visibility_assign" else False

    def _get_assignment_problem(self):
        if self.model_id.model == "visibility.exception":
            return False
        if "user_id" not in self.env[self.model_id.model]._fields:
            return self.env._("These records have no person responsible.")
        return False if self.visibility_role or self.visibility_team_id else self.env._("Choose a role or a team.")

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
        self.env.flush_all()
        compared = self.env["visibility.action.recorder"]._compare(scope.before)
        duration = round((time.monotonic() - started) * 1000 / len(records))
        runs = self.env["visibility.action.run"]
        runs._record([self._prepare_own_run(record, scope, compared, duration) for record in records])

    def _prepare_own_run(self, record, scope, compared, duration):
        key = (record._name, record.id)
        automation = self.base_automation_id
        reason = self._get_irreversible_reason()
        return self.env["visibility.action.run"]._prepare_run(
            record,
            automation=automation,
            name=self.name,
            origin="automation" if automation else "server_action",
            result="done",
            reason=self.visibility_reason or automation.name or False,
            detail="\n".join(scope.notes.get(key, ())) or False,
            duration_ms=duration,
            is_reversible=not reason,
            irreversible_reason=reason,
            change_ids=self.env["visibility.action.recorder"]._prepare_changes(key, scope, compared),
        )

    def _get_active_records(self):
        """The records this runs on, as superuser like Odoo's own kinds of actions.

        None where the ids are said to be another model's: Odoo has not checked those.
        """
        context, records = self.env.context, self.env[self.model_id.model].sudo()
        if context.get("active_model") != records._name:
            return records
        ids = context.get("active_ids") or [context.get("active_id")]
        return records.browse([one for one in ids if one]).exists()

    @api.model
    def _get_documents_of(self, records):
        """By record the document that it is, or that it is about."""
        if records._name != "visibility.exception":
            return {record: record for record in records}
        return {record: record._get_document().exists() for record in records}
