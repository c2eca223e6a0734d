from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain

#: How far ahead transfers are named that wait for what is down, and how many of them are linked at most.
AHEAD = timedelta(hours=24)
MOST = 200


class MaintenanceRequest(models.Model):
    """Equipment that is down, as the subject of an exception: it concerns the transfers that wait for it."""

    _name = "maintenance.request"
    _inherit = ["maintenance.request", "visibility.subject.mixin", "visibility.action.mixin"]

    visibility_waiting_count = fields.Integer(
        "Transfers that wait", compute="_compute_visibility_waiting", help="Planned until this time tomorrow."
    )
    visibility_waiting_text = fields.Char("What waits", compute="_compute_visibility_waiting")

    @api.depends("equipment_id.visibility_picking_type_ids")
    def _compute_visibility_waiting(self):
        for request in self:
            count = self.env["stock.picking"].sudo().search_count(request._get_waiting_domain())
            request.visibility_waiting_count = count
            request.visibility_waiting_text = request._get_waiting_text(count)

    def _get_waiting_domain(self):
        """The transfers that cannot be worked on while this lasts.

        By when they are planned: Odoo dates what it makes when the step before is done on that very moment.
        """
        soon = fields.Datetime.now() + AHEAD
        domain = Domain("picking_type_id", "in", self.sudo().equipment_id.visibility_picking_type_ids.ids)
        domain &= Domain("state", "in", ["waiting", "confirmed", "assigned"])
        domain &= Domain("scheduled_date", "<=", soon) | Domain("date_deadline", "<=", soon)
        waiting = self.env["stock.picking"].sudo().search(domain)
        return Domain("id", "in", waiting.filtered(lambda one: one.visibility_planned_at <= soon).ids)

    def _get_waiting(self):
        """Those transfers as superuser, the most urgent first."""
        return self.env["stock.picking"].sudo().search(
            self._get_waiting_domain(), order="priority desc, scheduled_date, id", limit=MOST
        )

    def _get_waiting_text(self, count):
        operations = ", ".join(self.sudo().equipment_id.visibility_picking_type_ids.mapped("display_name"))
        if not operations:
            return False
        return self.env._("%(operations)s: %(count)s transfers wait", operations=operations, count=count)

    def action_open_visibility_waiting(self):
        self.ensure_one()
        return self._open_action("stock.action_picking_tree_all", domain=list(self._get_waiting_domain()))

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        waiting = self._get_waiting()
        return {
            "picking_ids": [Command.set(waiting.ids)],
            "sale_order_ids": [Command.set(waiting._get_sale_orders().ids)],
            "purchase_order_ids": [Command.set(waiting._get_purchase_orders().ids)],
        }

    def _get_exception_owners(self, role):
        technician = self.user_id | self.maintenance_team_id.member_ids
        return self._get_waiting().user_id | technician if role == "warehouse" else technician

    def _get_facts(self):
        return self.env["visibility.event"]
