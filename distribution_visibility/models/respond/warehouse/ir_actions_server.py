from odoo import api, fields, models

from ....lib.respond.ownership.assignment import pick_least_loaded
from ..ownership.visibility_exception import Desk

#: Where the transfers of a record are, by model.
PICKING_PATHS = {
    "stock.picking": "",
    "sale.order": "order_line.move_ids.picking_id",
    "purchase.order": "picking_ids",
    "visibility.exception": "picking_ids",
}
STATE = "visibility_priority"
OPEN = ("draft", "waiting", "confirmed", "assigned")


class IrActionsServer(models.Model):
    """An action that moves transfers ahead or back in the warehouse, says why, and routes them to a picker."""

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[("visibility_assign",), (STATE, "Set Warehouse Priority"), ("visibility_hold",)],
        ondelete={STATE: "cascade"},
    )
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

    def _get_problem_visibility_priority(self):
        if not self._get_picking_path(self.model_id.model):
            return self.env._("Only transfers, orders and exceptions have a place in the warehouse.")
        if not self._is_moving():
            return self.env._("Choose what is changed: the priority, the place, the due time or the picker.")
        return False

    @api.model
    def _get_picking_path(self, model):
        """The field that leads from a model to its transfers; ``id`` for a transfer; None where there are none."""
        return PICKING_PATHS.get(model) if model != "stock.picking" else "id"

    def _run_action_visibility_priority_multi(self, eval_context=None):
        records = self._get_active_records()
        path, pickings = PICKING_PATHS[records._name], self.env["stock.picking"].sudo()
        owners = {}
        for record in records:
            found = record.mapped(path).filtered(lambda picking: picking.state in OPEN)
            self._relate(record, found)
            owners.update((picking, record) for picking in found if picking not in owners)
            pickings |= found
            if not found:
                self._note([record], self.env._("No transfer of it is open."))
        self._move_ahead(pickings.with_context(visibility_move_reason=self.visibility_reason or self.name))
        self._route(pickings.with_context(visibility_move_reason=self.visibility_reason or self.name), owners)

    # ------------------------------------------------------------------ reorder
    def _move_ahead(self, pickings):
        """Star, place and due time: what this action sets, on those that do not have it."""
        pickings = self._leave_held(pickings, "warehouse_priority")
        if self.visibility_priority != "keep":
            pickings.filtered(lambda picking: picking.priority != self.visibility_priority).write(
                {"priority": self.visibility_priority}
            )
        if self.visibility_due_hours > 0:
            self._set_due(pickings)
        if self.visibility_place == "own":
            pickings.filtered("visibility_place").write({"visibility_place": 0})
        elif self.visibility_place:
            for _company, some in pickings.grouped("company_id").items():
                some._move_to_end(self.visibility_place, some.env.context["visibility_move_reason"])

    def _set_due(self, pickings):
        """Due within some working hours of their warehouse; never later than they are due already."""
        due = pickings._get_dues_within(self.visibility_due_hours)
        for moment, some in pickings.grouped(due.get).items():
            some.filtered(lambda one, by=moment: not one.visibility_due_at or one.visibility_due_at > by).write(
                {"visibility_due_hand_at": moment}
            )

    # ------------------------------------------------------------------ route
    def _route(self, pickings, owners):
        """Seam: to whom the transfers go. What is stopped stays where it is.

        :param dict owners: transfer to the record that this action runs on
        """
        stopped = pickings._get_stopped() if self._is_routing() else pickings.browse()
        for picking in stopped:
            self._note([owners[picking]], self.env._("%s is stopped, and not given to anybody.", picking.name))
        if self.visibility_assigns_picker:
            self._assign_pickers((pickings - stopped).filtered(lambda picking: not picking.user_id))
        return pickings - stopped

    def _is_moving(self):
        """Whether it would change anything."""
        is_ordering = self.visibility_priority != "keep" or self.visibility_place or self.visibility_due_hours > 0
        return is_ordering or self._is_routing()

    def _is_routing(self):
        return self.visibility_assigns_picker

    def _assign_pickers(self, pickings):
        """Share them among the warehouse teams' members, by open transfers."""
        desk = Desk(self.env)
        load = self._get_picker_load()
        given = {}
        for picking in self._leave_held(pickings, "owner"):
            team = self._get_team_of_role(desk, "warehouse", picking)
            members = self.env["res.users"].browse(team.members if team else ())
            people = members.filtered(lambda one, p=picking: desk.is_present(one, p.company_id)).ids
            person = pick_least_loaded(people, load, team.shares if team else {})
            if person:
                load[person] = load.get(person, 0) + 1
                given[person] = given.get(person, pickings.browse()) | picking
        for person, some in given.items():
            some.write({"user_id": person})

    @api.model
    def _get_picker_load(self):
        groups = (
            self.env["stock.picking"]
            .sudo()
            ._read_group([("state", "in", OPEN), ("user_id", "!=", False)], ["user_id"], ["__count"])
        )
        return {user.id: count for user, count in groups}
