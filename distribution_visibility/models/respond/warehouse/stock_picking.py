from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import split_every

from ....lib.base.due_time import MOST_WIDENINGS, OutOfHorizon, WorkingTime
from ....lib.base.grant import OWN_DOING
from ....lib.respond.warehouse.picking_clock import Way, get_clock_due, get_spare_hours, get_within
from ...detect.exception.visibility_exception import SEVERITY_RANK
from ...detect.exception.visibility_exception_stakes import TIERS

OPEN_STATES = ("waiting", "confirmed", "assigned")
TRANSFERS_A_BATCH = 1000
#: Columns that nothing has to be worked out for when the suite is installed. A default of a column costs nothing.
COLUMNS = {
    "visibility_is_listed": "bool",
    "visibility_place": "int4 DEFAULT 0",
    "visibility_customer_id": "int4",
    "visibility_customer_rank": "int4",
    "visibility_severity_rank": "int4",
    "visibility_value": "numeric",
    "visibility_promised_at": "timestamp",
    "visibility_due_at": "timestamp",
    "visibility_clock_result": "varchar",
    "visibility_spare_hours": "float8",
}
ORDER = (
    "visibility_place desc, priority desc, visibility_due_at, visibility_customer_rank, visibility_severity_rank desc, "
    "visibility_value desc, id"
)
FRESH = timedelta(days=1)
#: What moves places and clocks, beside what moves expectations.
CLOCK_FIELDS = frozenset(
    {"visibility_due_hand_at", "visibility_severity", "carrier_id", "date_done", "picking_type_id", "partner_id"}
)


class StockPicking(models.Model):
    """The order in which transfers should be picked: kept in columns, so that the database sorts by one index.

    Hand-made places first, then stars, then what is due first, then the better customer, then the worse exception
    and the larger value. Each has a clock: when it should be done in the warehouse, and whether it was. The columns
    follow a moment after what they depend on: see :meth:`_refresh_queue`.
    """

    _inherit = "stock.picking"  # pylint: disable=consider-merging-classes-inherited

    visibility_is_listed = fields.Boolean(
        "On the picking list", compute="_compute_visibility_queue", store=True, precompute=True, copy=False
    )
    visibility_place = fields.Integer(
        "Moved by hand",
        default=0,
        copy=False,
        aggregator=None,
        help="More than zero: somebody moved it ahead of all others. Less: behind all others.",
    )
    visibility_customer_id = fields.Many2one(
        "res.partner", "Customer", compute="_compute_visibility_queue", store=True, precompute=True, copy=False
    )
    visibility_customer_tier = fields.Selection(
        related="visibility_customer_id.visibility_tier", string="Customer tier", related_sudo=True
    )
    visibility_customer_rank = fields.Integer(
        compute="_compute_visibility_queue", store=True, precompute=True, copy=False, aggregator=None
    )
    visibility_severity_rank = fields.Integer(
        compute="_compute_visibility_queue", store=True, precompute=True, copy=False, aggregator=None
    )
    visibility_value = fields.Monetary(
        "Value",
        compute="_compute_visibility_queue",
        store=True,
        precompute=True,
        copy=False,
        currency_field="visibility_currency_id",
        help="Untaxed, in company currency: what the customer pays for these goods, else their cost.",
    )
    visibility_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")

    _visibility_queue = models.Index(
        "(visibility_place DESC, priority DESC, visibility_due_at, visibility_customer_rank, "
        "visibility_severity_rank DESC, visibility_value DESC, id) WHERE visibility_is_listed IS TRUE"
    )

    # Its clock
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
        averaged_over="visibility_clock_result",
        help="How long before its due time it was done. Less than zero: after it.",
    )

    _visibility_done_in_time = models.Index(
        "(date_done, visibility_clock_result) WHERE visibility_clock_result IS NOT NULL"
    )

    @api.model
    def _get_queue_columns(self):
        """Transfers of the past are on no list."""
        return COLUMNS

    # ------------------------------------------------------------------ worked out
    def _compute_visibility_queue(self):
        """Depends on nothing, so that saving a transfer does not wait for it: it is asked for."""
        known = self.filtered(lambda picking: picking._origin.id and picking.state != "draft")
        due = known._get_clock_dues()
        values = known.filtered(lambda picking: picking._needs_queue_keys())._get_goods_values()
        for picking in self - known:
            picking._empty_queue()
        for picking in known:
            picking.visibility_is_listed = picking._belongs_on_list()
            if picking in values:
                picking._set_queue_keys(values[picking])
            picking._set_clock(due.get(picking))

    def _empty_queue(self):
        self.visibility_is_listed = self.visibility_clock_result = False
        self.visibility_customer_id = self.visibility_due_at = self.visibility_promised_at = False
        self.visibility_customer_rank = self.visibility_severity_rank = 0
        self.visibility_value = self.visibility_spare_hours = 0

    def _needs_queue_keys(self):
        return self.state in OPEN_STATES or (self.state == "done" and not self.visibility_customer_id)

    def _belongs_on_list(self):
        return self.state in OPEN_STATES and self._has_clock()

    def _set_queue_keys(self, value):
        customers = (self._get_sale_orders().partner_id or self.partner_id).commercial_partner_id
        customer = min(customers, key=self._get_tier_rank, default=customers)
        self.visibility_customer_id = customer
        self.visibility_customer_rank = self._get_tier_rank(customer)
        self.visibility_severity_rank = SEVERITY_RANK[self.visibility_severity] + 1 if self.visibility_severity else 0
        self.visibility_value = value

    @api.model
    def _get_tier_rank(self, customer):
        tier = customer.visibility_tier
        return TIERS.index(tier) if tier in TIERS else len(TIERS)

    def _get_goods_values(self):
        """By transfer what its goods are worth, untaxed and in company currency."""
        return {picking: sum(move._get_goods_value() for move in picking.move_ids) for picking in self}

    # ------------------------------------------------------------------ when it is worked out
    def _refresh_queue(self):
        """Have places and clocks of these transfers worked out again; only what differs is written."""
        self.env.add_to_compute(self._fields["visibility_due_at"], self)

    @api.model
    def _refresh_queue_of(self, domain):
        """The same for the open transfers that a changed setting or customer concerns."""
        self.sudo().search([("state", "in", OPEN_STATES), *domain])._refresh_queue()

    @api.model
    def _refresh_noted(self, noted):
        """Follow documents that changed.

        :param dict noted: model name to ids of documents
        """
        orders = self.env["sale.order"].browse(noted.get("sale.order", ())).exists()
        purchases = self.env["purchase.order"].browse(noted.get("purchase.order", ())).exists()
        pickings = self.browse(noted.get("stock.picking", ())).exists()
        (pickings | orders._get_transfers() | purchases.picking_ids).filtered(
            lambda picking: picking.state in OPEN_STATES or picking._may_matter()
        )._refresh_queue()

    @api.model
    def _cron_refresh_queue(self):
        """Every night, and after the installation: all open transfers, by what holds now, in batches.

        This follows what tells nobody: working hours and holidays, exchange rates, a carrier's other days.
        """
        ids = self.sudo().search([("state", "in", OPEN_STATES)], order="id").ids
        left = len(ids)
        for some in split_every(TRANSFERS_A_BATCH, ids):
            self.sudo().browse(some).exists()._refresh_queue()
            left -= len(some)
            self.env.flush_all()
            if not self.env["ir.cron"]._commit_progress(len(some), remaining=left):
                break
            self.env.invalidate_all()

    # ------------------------------------------------------------------ the clock
    def _has_clock(self):
        """Returns and goods that a supplier sends straight to a customer are nobody's to pick."""
        return self.picking_type_id.visibility_is_listed and not self._is_return() and not self._is_dropship()

    def _may_matter(self):
        """Done so lately that its clock may still have to be stopped; what was done before has none."""
        if self.state in ("draft", "cancel"):
            return self.visibility_is_listed
        return bool(self.visibility_due_at) or bool(self.date_done and self.date_done > fields.Datetime.now() - FRESH)

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
        for key, group in others.grouped(self._get_clock_key).items():
            dues.update(group._get_dues_by(*key))
        return dues

    @api.model
    def _get_clock_key(self, picking):
        templates = self.env["visibility.expectation.template"]
        own = picking.picking_type_id.warehouse_id.visibility_calendar_id
        company = picking.company_id
        return own or company.resource_calendar_id, company, templates._get_zone(picking)

    def _get_dues_by(self, calendar, company, zone):
        ways = {picking: (picking._get_promise(), picking._get_way()) for picking in self if picking._get_promise()}
        if not ways:
            return {}
        first = min(promised - way.get_span() for promised, way in ways.values())
        last = max(promised for promised, _way in ways.values()) + timedelta(days=1)
        for _widening in range(MOST_WIDENINGS):
            working = calendar._get_visibility_working_time(company, zone, first, last)
            try:
                return {picking: get_clock_due(*one, working) for picking, one in ways.items()}
            except OutOfHorizon:
                first -= last - first
        return {picking: get_clock_due(*one, WorkingTime(zone)) for picking, one in ways.items()}

    def _get_way(self):
        """What lies between this transfer and its promise; nothing where only a scheduled date is known."""
        orders = self._get_sale_orders()
        if not (orders or self._get_purchase_orders() or self.date_deadline):
            return Way()
        carrier = (self.carrier_id or orders[:1].carrier_id)._get_for(self.partner_id)
        return Way(
            transit_days=carrier.visibility_transit_days,
            cut_off=carrier.visibility_cut_off if carrier.visibility_has_cut_off else None,
            hours=self.picking_type_id.visibility_clock_hours,
        )

    def _get_dues_within(self, hours):
        """By transfer the moment (naive UTC) when so many working hours of its warehouse have passed from now on."""
        now = fields.Datetime.now()
        dues = {}
        for (calendar, company, zone), pickings in self.grouped(self._get_clock_key).items():
            span = timedelta(days=14 + hours / 4)
            working = calendar._get_visibility_working_time(company, zone, now - timedelta(days=1), now + span)
            dues.update(dict.fromkeys(pickings, get_within(now, hours, working)))
        return dues

    # ------------------------------------------------------------------ what moves it
    def _note_clock_changes(self, vals):
        if vals.keys() & CLOCK_FIELDS:
            self._note_expectations()

    def _take_over_position(self):
        """What is left of a transfer, whoever split it, goes on where the whole was: with the place and the due time
        that somebody gave it."""
        for picking in self.filtered("backorder_id"):
            whole = picking.backorder_id
            names = [name for name in ("visibility_place", "visibility_due_hand_at") if whole[name]]
            kept = {name: whole[name] for name in names if not picking[name]}
            if kept:
                picking.sudo().with_context(**OWN_DOING.context).write(kept)
