from odoo import api, models

from ...lib.respond.assignment import pick_least_loaded
from .visibility_exception_ownership import Desk

#: Where the transfers of a record are, by model.
PICKING_PATHS = {
    "stock.picking": "",
    "sale.order": "picking_ids",
    "purchase.order": "picking_ids",
    "visibility.exception": "picking_ids",
}
OPEN = ("draft", "waiting", "confirmed", "assigned")


class IrActionsServer(models.Model):
    """An action that moves transfers ahead in the warehouse, says why, and may give them to a picker."""

    _inherit = "ir.actions.server"

    @api.model
    def _get_picking_path(self, model):
        """The field that leads from a model to its transfers; ``id`` for a transfer; None where there are none."""
        return PICKING_PATHS.get(model) if model != "stock.picking" else "id"

    def _run_action_visibility_priority_multi(self, eval_context=None):
        records = self._get_active_records()
        path, pickings = PICKING_PATHS[records._name], self.env["stock.picking"].sudo()
        for record in records:
            found = (record[path] if path else record).filtered(lambda picking: picking.state in OPEN)
            self._relate(record, found)
            pickings |= found
            if not found:
                self._note([record], self.env._("No transfer of it is open."))
        self._move_ahead(pickings)
        if self.visibility_assigns_picker:
            self._assign_pickers(pickings.filtered(lambda picking: not picking.user_id))

    def _move_ahead(self, pickings):
        pickings = pickings.filtered(lambda picking: picking.priority != self.visibility_priority)
        before = pickings._get_positions(["priority"])
        pickings.write({"priority": self.visibility_priority})
        for picking, positions in before.items():
            picking._note_moved(positions, self.visibility_reason or self.name)

    def _assign_pickers(self, pickings):
        """Share them among the warehouse teams' members, by open transfers."""
        desk = Desk(self.env)
        load = self._get_picker_load()
        for picking in pickings:
            team = self._get_team_of_role(desk, "warehouse", picking)
            people = [one for one in team.members if one not in desk.absences] if team else []
            person = pick_least_loaded(people, load, team.shares if team else {})
            if person:
                load[person] = load.get(person, 0) + 1
                picking.user_id = person

    @api.model
    def _get_picker_load(self):
        groups = (
            self.env["stock.picking"]
            .sudo()
            ._read_group([("state", "in", OPEN), ("user_id", "!=", False)], ["user_id"], ["__count"])
        )
        return {user.id: count for user, count in groups}
