from datetime import timedelta

from odoo import api, fields, models

from ....lib.base.due_time import MOST_WIDENINGS, OutOfHorizon, WorkingTime
from ....lib.respond.warehouse.picking_clock import Way, get_clock_due, get_spare_hours

FRESH = timedelta(days=1)
#: What moves places and clocks, beside what moves expectations.
CLOCK_FIELDS = frozenset(
    {"visibility_due_hand_at", "visibility_severity", "carrier_id", "date_done", "picking_type_id", "partner_id"}
)


class StockPicking(models.Model):
    """When a transfer should be done in the warehouse, and whether it was."""

    _inherit = "stock.picking"

    visibility_promised_at = fields.Datetime(
        "Promise",
        compute="_compute_visibility_queue",
        store=True,
        precompute=True,
        copy=False,
        help="What its due time goes by.",
    )
    visibility_due_at = fields.Datetime(
        "Due in the warehouse",
        compute="_compute_visibility_queue",
        store=True,
        precompute=True,
        copy=False,
        help="The promise, less the carrier's days on the road and the hours of its operation type; or as somebody "
        "set it.",
    )
    visibility_due_hand_at = fields.Datetime(
        "Due, set by hand", copy=False, help="Goes before what follows from the promise."
    )
    visibility_clock_result = fields.Selection(
        [("met", "In time"), ("missed", "Late")],
        "Done in time",
        compute="_compute_visibility_queue",
        store=True,
        precompute=True,
        copy=False,
    )
    visibility_spare_hours = fields.Float(
        "Hours to spare",
        compute="_compute_visibility_queue",
        store=True,
        precompute=True,
        copy=False,
        aggregator="avg",
        help="How long before its due time it was done. Less than zero: after it.",
    )

    _visibility_done_in_time = models.Index(
        "(date_done, visibility_clock_result) WHERE visibility_clock_result IS NOT NULL"
    )

    def _has_clock(self):
        """Returns and goods that a supplier sends straight to a customer are nobody's to pick."""
        return self.picking_type_id.visibility_is_listed and not self.return_id and not self._is_dropship()

    def _may_matter(self):
        """Done so lately that its clock may still have to be stopped; what was done before has none."""
        if self.state in ("draft", "cancel"):
            return self.visibility_is_listed
        return bool(self.visibility_due_at) or bool(self.date_done and self.date_done > fields.Datetime.now() - FRESH)

    # ------------------------------------------------------------------ the clock
    def _set_clock(self, due):
        """An open transfer's clock goes by the promise; that of a done one stands."""
        if self.state != "done" or not self.visibility_due_at:
            self.visibility_due_at = due
            self.visibility_promised_at = due and self._get_promise()
        is_over = self.state == "done" and self.visibility_due_at and self.date_done
        spare = get_spare_hours(self.visibility_due_at, self.date_done) if is_over else 0
        self.visibility_spare_hours = spare
        self.visibility_clock_result = ("met" if spare >= 0 else "missed") if is_over else False

    def _get_clock_dues(self):
        """By transfer that has a clock when it is due (naive UTC). Working time is read once for each calendar."""
        pickings = self.filtered(lambda picking: picking.state != "cancel" and picking._has_clock())
        dues = {picking: picking.visibility_due_hand_at for picking in pickings if picking.visibility_due_hand_at}
        others = pickings.filtered(lambda picking: picking not in dues)
        for (calendar, zone), group in others.grouped(self._get_clock_key).items():
            dues.update(group._get_dues_by(calendar, zone))
        return dues

    @api.model
    def _get_clock_key(self, picking):
        templates = self.env["visibility.expectation.template"]
        own = picking.picking_type_id.warehouse_id.visibility_calendar_id
        return own or picking.company_id.resource_calendar_id, templates._get_zone(picking)

    def _get_dues_by(self, calendar, zone):
        ways = {picking: (picking._get_promise(), picking._get_way()) for picking in self if picking._get_promise()}
        if not ways:
            return {}
        templates = self.env["visibility.expectation.template"]
        first = min(promised - way.get_span() for promised, way in ways.values())
        last = max(promised for promised, _way in ways.values()) + timedelta(days=1)
        for _widening in range(MOST_WIDENINGS):
            working = templates._get_working_time(calendar, zone, first, last)
            try:
                return {picking: get_clock_due(*one, working) for picking, one in ways.items()}
            except OutOfHorizon:
                first -= last - first
        return {picking: get_clock_due(*one, WorkingTime(zone)) for picking, one in ways.items()}

    def _get_way(self):
        """What lies between this transfer and its promise; nothing where only a scheduled date is known."""
        if not (self.sale_id or self.purchase_id or self.date_deadline):
            return Way()
        carrier = self.carrier_id or self.sale_id.carrier_id
        return Way(
            transit_days=carrier.visibility_transit_days,
            cut_off=carrier.visibility_cut_off if carrier.visibility_has_cut_off else None,
            hours=self.picking_type_id.visibility_clock_hours,
        )

    # ------------------------------------------------------------------ what moves it
    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & CLOCK_FIELDS:
            self._note_expectations()
        return result

    def _create_backorder_picking(self):
        """What is left goes on where the whole was: it keeps the place and the due time that somebody gave it."""
        backorder = super()._create_backorder_picking()
        kept = {name: self[name] for name in ("visibility_place", "visibility_due_hand_at") if self[name]}
        if kept:
            backorder.sudo().write(kept)
        return backorder
