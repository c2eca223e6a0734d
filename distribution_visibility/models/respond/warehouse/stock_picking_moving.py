from odoo import api, fields, models

from ....lib.base.grant import BY_HAND, OWN_DOING, ROLLS_BACK
from ....lib.respond.automation.scope import Scopes
from .stock_picking import OPEN

#: What a transfer keeps of the log: it follows by itself when a move is taken back.
REMEMBERED = frozenset(
    {"visibility_moved_by_id", "visibility_moved_at", "visibility_moved_text", "visibility_moved_reason"}
)


class StockPicking(models.Model):
    """Who moved a transfer ahead or back, or gave it to somebody, when and why: each time, not only the last one.

    Whatever way it is written (a form, a list, an import, an action), it comes to :meth:`write`, and from there to
    the log. What Odoo itself works out is nobody's doing and is not there.
    """

    _inherit = "stock.picking"
    _visibility_unrecorded = REMEMBERED

    visibility_change_ids = fields.One2many("visibility.priority.change", "picking_id", "Moves by hand", readonly=True)
    visibility_change_count = fields.Integer("Number of moves", compute="_compute_visibility_change_count")

    # The last move that asks for a reason, as the log has it: for lists, rules and reasons of exceptions
    visibility_moved_by_id = fields.Many2one("res.users", "Moved by", readonly=True, copy=False)
    visibility_moved_at = fields.Datetime("Moved", readonly=True, copy=False)
    visibility_moved_text = fields.Char("What was moved", readonly=True, copy=False)
    visibility_moved_reason = fields.Char(
        "Reason for moving", copy=False, help="Why this transfer goes before or after others."
    )

    def _compute_visibility_change_count(self):
        groups = self.env["visibility.priority.change"]._read_group(
            [("picking_id", "in", self.ids)], ["picking_id"], ["__count"]
        )
        counts = {picking.id: count for picking, count in groups}
        for picking in self:
            picking.visibility_change_count = counts.get(picking.id, 0)

    # ------------------------------------------------------------------ every move is written down
    def write(self, vals):
        names = self.env["visibility.priority.change"]._get_logged_fields() & vals.keys()
        before = self._get_positions(names) if names and self._is_moved_by_somebody() else {}
        result = super().write(vals)
        reason = vals.get("visibility_moved_reason")
        moved = bool(before) and self._log_moves(before, reason)
        if reason and not moved and not self.env.su:
            self.visibility_change_ids.filtered("is_unexplained")._explain(reason)
        return result

    def _is_moved_by_somebody(self):
        """A person, or an automation that answers for it; not Odoo itself, which works as superuser."""
        context = self.env.context
        if OWN_DOING.says(context):
            return False
        # As superuser only for those who answer for it: automations, rollbacks, and people who override them
        return not self.env.su or bool(Scopes.of(context)) or ROLLS_BACK.says(context) or BY_HAND.says(context)

    def _get_positions(self, names):
        """By open transfer where it stands."""
        waiting = self.filtered(lambda picking: picking._origin.id and picking.state in OPEN)
        return {picking: {name: picking[name] for name in names} for picking in waiting}

    def _log_moves(self, before, reason):
        """Write down what differs from ``before``; gives whether anything does."""
        changes = self.env["visibility.priority.change"].sudo()
        reason = reason or self.env.context.get("visibility_move_reason") or False
        rows = [
            changes._prepare_change(picking, name, value, reason)
            for picking, values in before.items()
            if picking.state in OPEN
            for name, value in values.items()
            if picking[name] != value
        ]
        changes.create(rows)._remember_on_transfers()
        return bool(rows)

    # ------------------------------------------------------------------ moving
    def _move(self, values, reason):
        """Change where these stand and say why.

        :param dict values: of the fields that are logged
        """
        self.with_context(visibility_move_reason=reason).write(values)

    @api.model
    def _get_outermost_place(self, direction):
        """The place of the one that was moved furthest ahead or back by hand, of the transfers on the list."""
        domain = [("visibility_is_listed", "=", True), ("company_id", "in", (self.company_id or self.env.company).ids)]
        order = "visibility_place desc" if direction == "ahead" else "visibility_place"
        place = self.sudo().search(domain, order=order, limit=1).visibility_place
        return max(place, 0) if direction == "ahead" else min(place, 0)

    def _move_to_end(self, direction, reason):
        """Ahead of all others, or behind them. Among themselves they stay in the order of the list."""
        if not self:
            return
        place, step = self._get_outermost_place(direction), 1 if direction == "ahead" else -1
        pickings = self.sudo().search([("id", "in", self.ids)], order=self._get_list_order()).with_env(self.env)
        for picking in reversed(pickings) if direction == "ahead" else pickings:
            place += step
            picking._move({"visibility_place": place}, reason)

    def _create_backorder(self, backorder_moves=None):
        # Odoo takes the picker off what is left
        pickings = self.with_context(**OWN_DOING.context)
        return super(StockPicking, pickings)._create_backorder(backorder_moves).with_env(self.env)

    # ------------------------------------------------------------------ buttons
    def action_open_visibility_changes(self):
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_priority_change_action")
        return {**action, "domain": [("picking_id", "in", self.ids)], "context": {"create": False}}
