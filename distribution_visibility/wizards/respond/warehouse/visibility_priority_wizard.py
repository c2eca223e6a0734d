from odoo import api, fields, models
from odoo.exceptions import UserError

from ....models.respond.warehouse.stock_picking import OPEN_STATES


class VisibilityPriorityWizard(models.TransientModel):
    """Move transfers ahead or back, or give them to somebody, and say why."""

    _name = "visibility.priority.wizard"
    _description = "Move transfers"
    _inherit = ["visibility.action.mixin"]

    picking_ids = fields.Many2many("stock.picking", string="Transfers", required=True)
    picking_count = fields.Integer("Number of transfers", compute="_compute_picking_count")
    what = fields.Selection(
        [
            ("ahead", "Move ahead of all others"),
            ("back", "Move behind all others"),
            ("own", "Back to where it belongs"),
            ("star", "Star"),
            ("unstar", "Take the star away"),
            ("date", "Reschedule"),
            ("due", "Set another due time"),
            ("give", "Give to a picker"),
        ],
        required=True,
        default="ahead",
    )
    moment = fields.Datetime("New date")
    user_id = fields.Many2one(
        "res.users",
        "Picker",
        domain=lambda self: [("all_group_ids", "in", self.env.ref("stock.group_stock_user").id)],
    )
    reason = fields.Char(help="Kept in the log with your name.")
    needs_reason = fields.Boolean(compute="_compute_needs_reason")

    @api.depends("picking_ids")
    def _compute_picking_count(self):
        for wizard in self:
            wizard.picking_count = len(wizard.picking_ids)

    @api.depends("what")
    def _compute_needs_reason(self):
        for wizard in self:
            wizard.needs_reason = wizard.what != "give"

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "stock.picking" and not values.get("picking_ids"):
            values["picking_ids"] = [fields.Command.set(self.env.context.get("active_ids", []))]
        return values

    def action_confirm(self):
        """Move them, and leave those alone that are done meanwhile."""
        self.ensure_one()
        if self.needs_reason and not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the others will ask."))
        pickings = self.picking_ids.filtered(lambda picking: picking.state in OPEN_STATES)
        if not pickings:
            raise UserError(self.env._("None of these transfers is open any more."))
        getattr(self, f"_do_{self.what}")(pickings)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------------ the ways to move
    def _do_ahead(self, pickings):
        pickings._move_to_end("ahead", self.reason)

    def _do_back(self, pickings):
        pickings._move_to_end("back", self.reason)

    def _do_own(self, pickings):
        pickings._move({"visibility_place": 0, "visibility_due_hand_at": False}, self.reason)

    def _do_star(self, pickings):
        pickings._move({"priority": "1"}, self.reason)

    def _do_unstar(self, pickings):
        pickings._move({"priority": "0"}, self.reason)

    def _do_date(self, pickings):
        pickings._move({"scheduled_date": self._get_moment()}, self.reason)

    def _do_due(self, pickings):
        pickings._move({"visibility_due_hand_at": self._get_moment()}, self.reason)

    def _do_give(self, pickings):
        pickings._move({"user_id": self.user_id.id}, self.reason)

    def _get_moment(self):
        if not self.moment:
            raise UserError(self.env._("Enter the new date."))
        return self.moment
