from datetime import timezone

from odoo import api, fields, models
from odoo.fields import Domain

from ....lib.base.comparisons import COMPARISONS
from ....lib.base.days import end_of_day
from ....lib.base.grant import AMONG

UTC = timezone.utc
PARTLY_IN = Domain("state", "=", "purchase") & Domain("receipt_status", "=", "partial")


class PurchaseOrder(models.Model):
    """Has the rest of an order been forgotten? Asked of what Odoo still waits for, in working days."""

    _inherit = "purchase.order"

    visibility_rest_waits_days = fields.Integer(
        "Working days that the rest is overdue",
        compute="_compute_visibility_rest_waits_days",
        search="_search_visibility_rest_waits_days",
        compute_sudo=True,
        help="Of orders that came in part: since the first of what is open was due, or since goods came last, "
        "whichever is later. Nothing for as long as what is open is not due.",
    )

    @api.depends("receipt_status", "order_line.date_planned", "order_line.move_ids.state")
    def _compute_visibility_rest_waits_days(self):
        for order in self:
            order.visibility_rest_waits_days = order._count_rest_waits_days()

    def _count_rest_waits_days(self):
        """As of now: what is kept of it in memory does not follow the clock."""
        now = fields.Datetime.now()
        since = self.filtered_domain(PARTLY_IN) and self._get_rest_waits_since()
        return self._count_working_days(since, now) if since and since < now else 0

    def _get_rest_waits_since(self):
        """When the first open line was due, or the last goods came; nothing where nothing is open or came yet."""
        done = self.picking_ids.filtered(lambda one: one.state == "done" and one.date_done)
        came = max(done.mapped("date_done"), default=None)
        due = min((line.date_planned for line in self.order_line if line._is_still_open()), default=None)
        return max(came, end_of_day(due, self._get_visibility_zone())) if came and due else None

    def _count_working_days(self, since, now):
        calendar, zone = self.company_id.resource_calendar_id, self._get_visibility_zone()
        working = calendar._get_visibility_working_time(self.company_id, zone, since, now)
        return working.count_days(since.replace(tzinfo=UTC), now.replace(tzinfo=UTC))

    @api.model
    def _search_visibility_rest_waits_days(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        among = AMONG.get(self.env.context)
        domain = PARTLY_IN & Domain("company_id", "in", self.env.companies.ids)
        domain &= Domain.TRUE if among is None else Domain("id", "in", list(among))
        partly_in = self.sudo().search(domain)
        found = partly_in.filtered(lambda order: COMPARISONS[operator](order._count_rest_waits_days(), value))
        mine = Domain("id", "in", found.ids)
        return mine | Domain("id", "not in", partly_in.ids) if COMPARISONS[operator](0, value) else mine
