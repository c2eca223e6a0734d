from odoo import api, fields, models

from ....lib.track.eta import LEVELS

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class VisibilityLane(models.Model):
    """How long a carrier took from one place to another: counted every night from what was delivered.

    The same place is on several lanes, from a postcode region on one weekday to a whole country, so
    that there is a coarser one where the finer has too few parcels.
    """

    _name = "visibility.lane"
    _description = "Lane"
    _order = "level, observation_count desc, id"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [("transit", "Time under way"), ("estimate", "Error of the carrier's estimates")],
        required=True,
        readonly=True,
        help="From pickup to delivery; or by how much deliveries came after the carrier's last estimate.",
    )
    level = fields.Integer("Coarseness", readonly=True, aggregator="avg", help="0 is the finest.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    carrier_key = fields.Char("Carrier key", required=True, readonly=True)
    carrier_code = fields.Char("Carrier", readonly=True)
    carrier_id = fields.Many2one(
        "delivery.carrier", "Delivery method", readonly=True, index="btree_not_null", ondelete="set null"
    )
    origin_key = fields.Char(readonly=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse", readonly=True, compute="_compute_places", store=True, ondelete="set null"
    )
    origin = fields.Char("From", readonly=True, compute="_compute_places", store=True)
    destination_key = fields.Char(readonly=True)
    destination = fields.Char("To", readonly=True, compute="_compute_places", store=True)
    weekday = fields.Selection(WEEKDAYS, "Picked up on", readonly=True, help="Empty: on any day.")
    observation_count = fields.Integer("Parcels", readonly=True)
    median_hours = fields.Float(
        "Median (hours)", readonly=True, aggregator="avg", help="Half of them took at most this."
    )
    p90_hours = fields.Float("Nine in ten (hours)", readonly=True, aggregator="avg", help="90 % took at most this.")
    observed = fields.Json(
        readonly=True, prefetch=False, help="The hours of each parcel, ascending; of very many, 500 of them."
    )
    computed_at = fields.Datetime("Counted on", readonly=True)

    _once = models.UniqueIndex("(key)", "There is this lane already.")

    # ------------------------------------------------------------------ places in words
    @api.depends("origin_key", "destination_key")
    def _compute_places(self):
        warehouses = self._get_warehouses()
        for lane in self:
            warehouse = warehouses.get(lane.origin_key)
            lane.warehouse_id = warehouse
            lane.origin = warehouse and (warehouse.partner_id.city or warehouse.name) or lane.origin_key
            lane.destination = lane._get_destination_name()

    def _get_warehouses(self):
        keys = {key for key in self.mapped("origin_key") if key and key.startswith("W")}
        warehouses = self.env["stock.warehouse"].sudo().browse(int(key[1:]) for key in keys).exists()
        return {f"W{warehouse.id}": warehouse for warehouse in warehouses}

    def _get_destination_name(self):
        """``US`` is United States, ``US-ME`` Maine, ``US-041`` is US 041…: postcodes that begin so."""
        code, _, part = (self.destination_key or "").partition("-")
        country = self.env["res.country"].search([("code", "=", code)], limit=1) if code else None
        if not country or not part:
            return country.name if country else False
        if "state" in LEVELS[self.level]:
            return country.state_ids.filtered(lambda state: state.code == part)[:1].name or self.destination_key
        return f"{country.code} {part}…"

    @api.depends("carrier_code", "carrier_id", "origin", "destination", "weekday", "kind")
    def _compute_display_name(self):
        for lane in self:
            carrier = lane.carrier_id.name or lane.carrier_code or lane.carrier_key
            what = lane._get_words() if lane.kind == "transit" else self.env._("estimates of the carrier")
            lane.display_name = f"{carrier}: {what}"

    def _get_words(self):
        """``from Columbus to Maine picked up on a Friday``, in the reader's language."""
        words = self.env._("to %(destination)s", destination=self.destination or self.destination_key)
        if self.origin:
            words = self.env._("from %(origin)s %(to_destination)s", origin=self.origin, to_destination=words)
        if self.weekday:
            day = dict(self._fields["weekday"]._description_selection(self.env))[self.weekday]
            words = self.env._("%(lane)s picked up on a %(weekday)s", lane=words, weekday=day)
        return words

    # ------------------------------------------------------------------ looking up
    @api.model
    def _find(self, keys):
        """Lanes by key: one query, without the long column of what was observed."""
        lanes = self.search_fetch([("key", "in", list(keys))], ["key", "observation_count"])
        return {lane.key: lane for lane in lanes}
