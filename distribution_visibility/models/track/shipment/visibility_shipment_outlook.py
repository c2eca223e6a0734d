from datetime import timedelta

from odoo import api, fields, models

from ....lib.base.days import end_of_day, local_day
from ....lib.track.eta import assess, expected, lane_keys, zip_key
from ....lib.track.milestones import RANK_DELIVERED

BATCH = 500


class VisibilityShipment(models.Model):
    """When it will arrive and how likely that is too late: counted, and explained in one sentence.

    It is compared with its lanes: from where to where, by their words, kept as it was when it was sent.
    """

    _inherit = "visibility.shipment"  # pylint: disable=consider-merging-classes-inherited

    picked_up_at = fields.Datetime(
        "Picked up", readonly=True, help="The first proven fact that says it is on its way: time under way starts here."
    )
    received_at = fields.Datetime(
        "Received",
        compute="_compute_received_at",
        store=True,
        help="When the last of its receipts was validated: our own hands are proof, whatever the carrier said. Of a "
        "drop-ship only while no carrier has said anything.",
    )
    fate_id = fields.Many2one(
        "visibility.exception.category",
        "What became of it",
        readonly=True,
        index="btree_not_null",
        help="Refused, lost, on its way back: it does not arrive by itself any more, wherever it was seen last.",
    )
    fate_at = fields.Datetime(readonly=True)
    lane_origin = fields.Char(compute="_compute_lane_places", store=True)
    lane_zip = fields.Char(compute="_compute_lane_places", store=True)
    lane_state = fields.Char(compute="_compute_lane_places", store=True)
    lane_country = fields.Char(compute="_compute_lane_places", store=True)
    lane_weekday = fields.Char(compute="_compute_lane_weekday", store=True)
    lane_id = fields.Many2one(
        "visibility.lane", "Compared with", readonly=True, index="btree_not_null", ondelete="set null"
    )
    lane_observation_count = fields.Integer("Parcels compared", readonly=True)
    lane_median_hours = fields.Float(related="lane_id.median_hours", string="Half of them took (hours)")
    lane_p90_hours = fields.Float(related="lane_id.p90_hours", string="Nine in ten took (hours)")
    late_risk = fields.Integer(
        "Late risk (%)",
        readonly=True,
        default=0,
        aggregator="avg",
        averaged_over="risk_basis",
        help="How likely it arrives after the day promised last.",
    )
    is_late_risk = fields.Boolean("At risk of being late", readonly=True, index="btree_not_null")
    late_risk_text = fields.Char("Why", compute="_compute_late_risk_text")
    risk_basis = fields.Selection(
        [
            ("delivered", "Delivered"),
            ("passed", "The promise has passed"),
            ("eta", "The ETA"),
            ("estimate", "The carrier's ETA and its past errors"),
            ("lane", "The lane's history"),
            ("waiting", "The lane's history, as if it left now"),
            ("stale", "Nothing: the ETA has passed"),
        ],
        "Risk by",
        readonly=True,
    )
    risk_slower = fields.Integer(readonly=True, aggregator=None)
    risk_out_of = fields.Integer(readonly=True, aggregator=None)
    risk_left_hours = fields.Float(readonly=True, aggregator=None)
    risk_elapsed_hours = fields.Float(readonly=True, aggregator=None)

    _delivered_lately = models.Index("(delivered_at) WHERE delivered_at IS NOT NULL")
    _under_way = models.Index("(id) WHERE delivered_at IS NULL AND promised_at IS NOT NULL AND NOT is_test")

    # ------------------------------------------------------------------ our own receipt is proof
    @api.depends("direction", "picked_up_at", "picking_ids.state", "picking_ids.date_done")
    def _compute_received_at(self):
        for shipment in self:
            pickings = shipment.picking_ids.filtered(lambda picking: picking.state != "cancel")
            comes_to_us = shipment.direction in ("inbound", "return")
            is_proof = comes_to_us or (shipment.direction == "dropship" and not shipment.picked_up_at)
            is_here = is_proof and pickings and all(picking.state == "done" for picking in pickings)
            shipment.received_at = is_here and max(filter(None, pickings.mapped("date_done")), default=False)

    def _is_over_once_received(self, exception):
        """Whether an exception ends because the goods are in our hands: damage and shortages do not."""
        category = exception.category_id
        end = category.clearing_milestone_id
        is_reached = end.branch == "main" and end.rank <= RANK_DELIVERED and self.received_at >= exception.last_seen_at
        return category.is_over_once_delivered or bool(end and is_reached)

    def _say_received(self):
        names = self.picking_ids.filtered(lambda picking: picking.state == "done").mapped("name")
        return self.env._("%(transfers)s validated", transfers=", ".join(names))

    # ------------------------------------------------------------------ its lanes
    @api.depends("picking_ids", "direction")
    def _compute_lane_places(self):
        for shipment in self:
            picking = shipment.picking_ids[:1]
            destination = shipment._get_destination(picking)
            country = destination.country_id.code or ""
            state = destination.state_id.code or ""
            shipment.lane_origin = shipment._get_origin_key(picking)
            shipment.lane_zip = zip_key(country, destination.zip)
            shipment.lane_state = f"{country}-{state}" if country and state else ""
            shipment.lane_country = country

    @api.depends("picked_up_at")
    def _compute_lane_weekday(self):
        for shipment in self:
            shipment.lane_weekday = shipment._get_weekday(shipment.picked_up_at) if shipment.picked_up_at else ""

    def _get_origin_key(self, picking):
        """Our warehouse; of what suppliers send, where they are."""
        if self.direction == "outbound":
            warehouse = picking.picking_type_id.warehouse_id
            return f"W{warehouse.id}" if warehouse else ""
        sender = picking._get_purchase_orders()[:1].partner_id or picking.partner_id
        country = sender.country_id.code or ""
        return zip_key(country, sender.zip) or country

    def _get_destination(self, picking):
        if self.direction == "inbound":
            return picking.picking_type_id.warehouse_id.partner_id or picking.company_id.partner_id
        return picking._get_sale_orders()[:1].partner_shipping_id or picking.partner_id

    def _get_weekday(self, moment):
        """On which day of the company's week (0 is Monday) it is under way: lanes are of one company."""
        return str(local_day(moment, self.company_id._get_visibility_zone()).weekday())

    def _get_lane_keys(self, now):
        """Lanes that this one may be compared with, the finest first; not picked up yet: as if it left now."""
        return lane_keys(
            {
                "company": str(self.company_id.id),
                "carrier": self.carrier_key or "",
                "method": f"M{self.carrier_id.id}" if self.carrier_id else "",
                "origin": self.lane_origin or "",
                "zip": self.lane_zip or "",
                "state": self.lane_state or "",
                "country": self.lane_country or "",
                "weekday": self.lane_weekday or self._get_weekday(now),
            }
        )

    def _get_estimate_key(self):
        return f"E|{self.company_id.id}|{self.carrier_key}"

    # ------------------------------------------------------------------ refreshing
    def _refresh_outlook(self):
        """Work out ETA and late risk of these shipments as of now, in batches; tell detect what changed."""
        self.env["visibility.exception"]._detect_late_risk(self._work_out_outlook())

    def _work_out_outlook(self):
        """Write ETA and late risk as of now; detect is left to the caller.

        :return: dict of shipment to (at risk before, basis before)
        """
        shipments = self.filtered(lambda one: not one.is_test and one.direction != "return")
        if not shipments:
            return {}
        now = fields.Datetime.now()
        keys = {shipment: shipment._get_lane_keys(now) for shipment in shipments}
        wanted = {key for some in keys.values() for key in some}
        lanes = self.env["visibility.lane"].sudo()._find(wanted | {one._get_estimate_key() for one in shipments})
        before = {shipment: (shipment.is_late_risk, shipment.risk_basis) for shipment in shipments}
        for shipment in shipments:
            lane = next((lanes[key] for key in keys[shipment] if key in lanes), None)
            estimates = lanes.get(shipment._get_estimate_key())
            shipment._write_changed(shipment._prepare_outlook(now, lane, estimates))
        return before

    def _prepare_outlook(self, now, lane, estimates):
        observed = lane.observed if lane else ()
        values = self._prepare_lane_eta(now, observed)
        risk = assess(
            now,
            self._get_promise_end(),
            delivered=self.delivered_at or self.received_at or None,
            started=self.picked_up_at or None,
            eta=self.eta if self.eta_source in ("carrier", "person") else None,
            observed=observed,
            errors=estimates.observed if estimates and self.eta_source == "carrier" else (),
        )
        if self.fate_id and not self.delivered_at:
            risk = None  # it is not late: it does not come
        if not self.delivered_at:
            count = lane.observation_count if lane else 0
            values.update(lane_id=lane.id if lane else False, lane_observation_count=count)
        return values | self._hold_late_risk(self._prepare_risk(risk))

    def _prepare_lane_eta(self, now, observed):
        """The lane's ETA, as long as nobody who knows better has named one."""
        if self.eta_source in ("carrier", "person") or self.delivered_at:
            return {}
        hours = self.picked_up_at and expected(observed, (now - self.picked_up_at).total_seconds() / 3600)
        if not hours:
            return {"eta": False, "eta_source": False}
        eta = self.picked_up_at + timedelta(hours=hours)
        return {"eta": eta.replace(second=0, microsecond=0), "eta_source": "lane"}

    def _prepare_risk(self, risk):
        if not risk:
            return {"late_risk": 0, "is_late_risk": False, "risk_basis": False}
        least = self.company_id.visibility_late_risk_percent
        return {
            "late_risk": risk.percent,
            "is_late_risk": risk.basis != "delivered" and risk.percent >= least,
            "risk_basis": risk.basis,
            "risk_slower": risk.slower,
            "risk_out_of": risk.out_of,
            "risk_left_hours": risk.left,
            "risk_elapsed_hours": risk.elapsed,
        }

    def _get_promise_end(self):
        """The last moment of the day promised last: promises are of days, whatever the clock of the order said."""
        return end_of_day(self.promised_at, self._get_visibility_zone()) if self.promised_at else None

    @api.depends("eta", "promised_at", "first_promised_at", "delivered_at", "received_at")
    def _compute_delay_hours(self):
        for shipment in self:
            arrival = shipment.delivered_at or shipment.received_at or shipment.eta
            shipment.delay_hours = shipment._get_hours_late(arrival, shipment.promised_at)
            shipment.first_delay_hours = shipment._get_hours_late(arrival, shipment.first_promised_at)

    def _get_hours_late(self, arrival, promise):
        """Hours from the end of the promised day to the arrival (both naive UTC): the same as the late risk says."""
        if not arrival or not promise:
            return 0
        late = arrival - end_of_day(promise, self._get_visibility_zone())
        return max(late.total_seconds() / 3600, 0)

    # ------------------------------------------------------------------ as time passes
    @api.model
    def _cron_refresh_outlook(self):
        """Risk grows while nothing happens: look at all that is under way, a batch at a time."""
        last = 0
        while shipments := self._find_under_way(last):
            last = shipments[-1].id
            shipments._refresh_outlook()
            self.env["ir.cron"]._commit_progress(len(shipments))

    @api.model
    def _find_under_way(self, after):
        """Shipments that may still become late; one whose promise has passed stays late until the promise moves."""
        return self.search(
            [
                ("id", ">", after),
                ("delivered_at", "=", False),
                ("received_at", "=", False),
                ("promised_at", "!=", False),
                ("is_test", "=", False),
                ("direction", "!=", "return"),
                "|",
                ("risk_basis", "!=", "passed"),
                ("promised_at", ">", fields.Datetime.now()),
            ],
            order="id",
            limit=BATCH,
        )

    # ------------------------------------------------------------------ in words
    @api.depends_context("lang")
    @api.depends("risk_basis", "late_risk", "risk_slower", "risk_out_of", "risk_left_hours", "risk_elapsed_hours")
    def _compute_late_risk_text(self):
        for shipment in self:
            say = getattr(shipment, f"_say_{shipment.risk_basis}", None) if shipment.risk_basis else None
            shipment.late_risk_text = say() if say else False

    def _say_delivered(self):
        if self.late_risk:
            return self.env._("It was delivered after the day that was promised last.")
        return self.env._("It was delivered by the day that was promised last.")

    def _say_passed(self):
        return self.env._("The day promised last has passed, and nobody says that it was delivered.")

    def _say_stale(self):
        return self.env._(
            "Its ETA has passed, and too little is known of parcels like it to say how likely it is late."
        )

    def _say_eta(self):
        who = self.env._("We expect it") if self.eta_source == "person" else self.env._("The carrier expects it")
        hours = abs(round(self.risk_left_hours))
        if self.risk_left_hours < 0:
            return self.env._(
                "%(who)s %(hours)d hours after the end of the day promised last.", who=who, hours=hours
            )
        return self.env._("%(who)s %(hours)d hours before the end of the day promised last.", who=who, hours=hours)

    def _say_estimate(self):
        numbers = self._get_risk_numbers()
        if not self.risk_out_of:
            return self.env._("It is later than any parcel before came after the carrier's estimate.")
        if self.risk_left_hours < 0:
            return self.env._(
                "The carrier expects it %(hours)d hours after the end of the day promised last; %(slower)s of "
                "%(out_of)s parcels did not come that much before its estimate.",
                **{**numbers, "hours": -numbers["hours"]},
            )
        return self.env._(
            "The carrier expects it %(hours)d hours before the end of the day promised last; %(slower)s of %(out_of)s "
            "parcels came later than its estimate by more than that.",
            **numbers,
        )

    def _say_lane(self):
        if not self.risk_out_of:
            return self.env._(
                "None of %(count)s parcels %(lane)s was under way as long as this one, %(elapsed)d hours; %(hours)d "
                "hours are left.",
                **self._get_risk_numbers(),
            )
        if self.risk_out_of == self.lane_observation_count:
            return self.env._(
                "%(slower)s of %(out_of)s parcels %(lane)s took longer than the %(hours)d hours that are left.",
                **self._get_risk_numbers(),
            )
        return self.env._(
            "%(slower)s of the %(out_of)s parcels %(lane)s that were still under way after %(elapsed)d hours needed "
            "more than the %(hours)d hours that are left.",
            **self._get_risk_numbers(),
        )

    def _say_waiting(self):
        return self.env._(
            "%(slower)s of %(out_of)s parcels %(lane)s took longer than the %(hours)d hours that are left, if it were "
            "picked up now.",
            **self._get_risk_numbers(),
        )

    def _get_risk_numbers(self):
        # What is under way may be explained to everybody who may see the shipment.
        lane = self.sudo().lane_id
        return {
            "slower": self.risk_slower,
            "out_of": self.risk_out_of,
            "count": self.lane_observation_count,
            "hours": round(self.risk_left_hours),
            "elapsed": round(self.risk_elapsed_hours),
            "lane": lane._get_words() if lane else self.env._("on this lane"),
        }
