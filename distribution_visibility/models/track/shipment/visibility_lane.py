from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.track.eta import LEVELS

ESTIMATE_LEVEL = 100
#: More than this many observations are thinned out evenly.
MOST_OBSERVED = 500
#: The carrier's last estimate at least so long before the delivery is held against it.
ESTIMATE_HOURS = 12
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
    _inherit = ["visibility.action.mixin"]
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
            words = self.env._("%(lane)s picked up on a %(weekday)s", lane=words, weekday=self._label("weekday"))
        return words

    # ------------------------------------------------------------------ looking up
    @api.model
    def _find(self, keys):
        """Lanes by key: one query, without the long column of what was observed."""
        lanes = self.search_fetch([("key", "in", list(keys))], ["key", "observation_count"])
        return {lane.key: lane for lane in lanes}

    # ------------------------------------------------------------------ the nightly count, all of it in PostgreSQL
    @api.model
    def _cron_count(self):
        self._count_lanes()

    @api.model
    def _count_lanes(self):
        """Count all lanes of all companies anew; those with too few parcels go."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self._count(self._get_transit_sql(now), [self._get_level_sql(level) for level in range(len(LEVELS))], now)
        self._count(self._get_estimate_sql(now), [self._get_estimate_level_sql()], now)
        self.env.invalidate_all()
        self.search([("computed_at", "<", now)]).unlink()
        new = self.search([("destination", "=", False), ("kind", "=", "transit")])
        self.env.add_to_compute(self._fields["origin"], new)
        self.env.add_to_compute(self._fields["destination"], new)
        self.env.add_to_compute(self._fields["warehouse_id"], new)
        new.flush_recordset()

    def _count(self, past, selects, now):
        query = SQL(
            """
            WITH past AS MATERIALIZED (%s)
            INSERT INTO visibility_lane (
                key, kind, level, company_id, carrier_key, carrier_code, carrier_id, origin_key, destination_key,
                weekday, observation_count, median_hours, p90_hours, observed, computed_at
            )
            SELECT *, %s FROM (%s) counted
            ON CONFLICT (key) DO UPDATE SET
                carrier_code = excluded.carrier_code, observation_count = excluded.observation_count,
                median_hours = excluded.median_hours, p90_hours = excluded.p90_hours,
                observed = excluded.observed, computed_at = excluded.computed_at
            """,
            past,
            now,
            SQL(" UNION ALL ").join(selects),
        )
        self.env.cr.execute(query)

    @api.model
    def _get_past_sql(self, now):
        """Of which shipments: delivered lately, on their way out or in, by a carrier that is known."""
        return SQL(
            """s.delivered_at > %(now)s - make_interval(days => c.visibility_lane_days)
               AND s.delivered_at <= %(now)s AND NOT s.is_test AND s.direction != 'return'
               AND s.carrier_key != '' AND s.lane_country != ''""",
            now=now,
        )

    @api.model
    def _get_transit_sql(self, now):
        return SQL(
            """
            SELECT s.company_id AS company, s.carrier_key AS carrier, s.carrier_code AS code, s.carrier_id AS method,
                   s.lane_origin AS origin, s.lane_zip AS zip, s.lane_state AS state, s.lane_country AS country,
                   s.lane_weekday AS weekday, c.visibility_lane_least AS least,
                   round(extract(epoch FROM s.delivered_at - s.picked_up_at)::numeric / 3600, 2)::float8 AS hours
              FROM visibility_shipment s JOIN res_company c ON c.id = s.company_id
             WHERE %s AND s.picked_up_at < s.delivered_at
            """,
            self._get_past_sql(now),
        )

    @api.model
    def _get_level_sql(self, level):
        """One level of coarseness. Dimensions that do not belong to it are NULL."""
        names = LEVELS[level]
        destination = next(name for name in ("zip", "state", "country") if name in names)
        columns = {
            name: SQL.identifier(name) if name in names else SQL("NULL") for name in ("method", "origin", "weekday")
        }
        keys = [SQL("'M' || method") if name == "method" else SQL.identifier(name) for name in names]
        known = SQL(" AND ").join(
            SQL("method IS NOT NULL") if name == "method" else SQL("%s != ''", SQL.identifier(name)) for name in names
        )
        return SQL(
            """
            SELECT concat_ws('|', %(level)s::text, company, carrier, %(keys)s), 'transit', %(level)s, company, carrier,
                   min(code), %(method)s::int, %(origin)s::text, %(destination)s, %(weekday)s::text, %(numbers)s
              FROM past WHERE %(known)s
             GROUP BY company, carrier, %(groups)s HAVING count(*) >= min(least)
            """,
            level=level,
            keys=SQL(", ").join(keys),
            destination=SQL.identifier(destination),
            numbers=self._get_numbers_sql(),
            known=known,
            groups=SQL(", ").join(map(SQL.identifier, names)),
            **columns,
        )

    @api.model
    def _get_numbers_sql(self):
        """How many, the median, the 90th percentile, and each of them (or evenly chosen ones)."""
        return SQL(
            """count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY hours),
               percentile_cont(0.9) WITHIN GROUP (ORDER BY hours),
               CASE WHEN count(*) <= %(most)s THEN to_jsonb(array_agg(hours ORDER BY hours))
                    ELSE to_jsonb(percentile_disc(
                        ARRAY(SELECT (i - 0.5) / %(most)s FROM generate_series(1, %(most)s) i)
                    ) WITHIN GROUP (ORDER BY hours)) END""",
            most=MOST_OBSERVED,
        )

    @api.model
    def _get_estimate_sql(self, now):
        """How much later than the carrier's last estimate they came; what said so on the day itself is no art."""
        return SQL(
            """
            SELECT DISTINCT ON (s.id) s.company_id AS company, s.carrier_key AS carrier, s.carrier_code AS code,
                   c.visibility_lane_least AS least,
                   round(extract(epoch FROM s.delivered_at - e.eta)::numeric / 3600, 2)::float8 AS hours
              FROM visibility_shipment s
              JOIN res_company c ON c.id = s.company_id
              JOIN visibility_event e ON e.shipment_id = s.id
             WHERE %s AND e.eta IS NOT NULL AND e.counts AND e.kind != 'correction'
               AND e.occurred_at <= s.delivered_at - make_interval(hours => %s)
             ORDER BY s.id, e.occurred_at DESC, e.id DESC
            """,
            self._get_past_sql(now),
            ESTIMATE_HOURS,
        )

    @api.model
    def _get_estimate_level_sql(self):
        return SQL(
            """
            SELECT concat_ws('|', 'E', company, carrier), 'estimate', %s, company, carrier, min(code), NULL::int,
                   NULL::text, NULL::text, NULL::text, %s
              FROM past GROUP BY company, carrier HAVING count(*) >= min(least)
            """,
            ESTIMATE_LEVEL,
            self._get_numbers_sql(),
        )
