from odoo import api, fields, models

from ....lib.respond.automation.scope import Scopes

#: Kinds of Odoo's own actions that can be rehearsed: everything they do is in the database.
REHEARSED = frozenset(
    {"object_write", "object_create", "object_copy", "next_activity", "followers", "remove_followers", "mail_post",
     "multi"}
)  # fmt: skip


class IrActionsServer(models.Model):
    """Server actions as parts of a governed response: on many records at once, and with a way back or none."""

    _inherit = "ir.actions.server"

    # Often with a key in it, and with what the latest record says
    webhook_url = fields.Char(groups="base.group_system")
    webhook_sample_payload = fields.Text(groups="base.group_system")

    visibility_rollback_ids = fields.One2many(
        "base.automation", "rollback_action_id", "Rolls back", context={"active_test": False}
    )

    @api.model
    def _get_set_based_states(self):
        """Kinds of actions that take any number of records at once; Odoo's own are run record by record."""
        return set()

    @api.model
    def _get_rehearsed_states(self):
        """Kinds of actions that may run in test mode, because undoing the transaction undoes all they do."""
        return set(REHEARSED)

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
        """Why this action cannot be taken back, or False; extend it for kinds of your own."""
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
