from odoo import api, fields, models
from odoo.tools import split_every
from odoo.tools.sql import column_exists, create_column

from ...detect.exception.visibility_exception import SEVERITY_RANK
from ...detect.exception.visibility_exception_stakes import TIERS

OPEN = ("waiting", "confirmed", "assigned")
BATCH = 1000
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


class StockPicking(models.Model):
    """The order in which transfers should be picked: kept in columns, so that the database sorts by one index.

    Hand-made places first, then stars, then what is due first, then the better customer, then the worse exception
    and the larger value. The columns follow a moment after what they depend on: see :meth:`_refresh_queue`.
    """

    _inherit = "stock.picking"

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

    def _auto_init(self):
        """Transfers of the past are on no list: their columns stay empty, however many there are."""
        for name, kind in COLUMNS.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, kind)
        return super()._auto_init()

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
        return self.state in OPEN or (self.state == "done" and not self.visibility_customer_id)

    def _belongs_on_list(self):
        return self.state in OPEN and self._has_clock()

    def _set_queue_keys(self, value):
        customer = (self.sale_id.partner_id or self.partner_id).commercial_partner_id
        tier = customer.visibility_tier
        self.visibility_customer_id = customer
        self.visibility_customer_rank = TIERS.index(tier) if tier in TIERS else len(TIERS)
        self.visibility_severity_rank = SEVERITY_RANK[self.visibility_severity] + 1 if self.visibility_severity else 0
        self.visibility_value = value

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
        self.sudo().search([("state", "in", OPEN), *domain])._refresh_queue()

    @api.model
    def _refresh_noted(self, noted):
        """Follow documents that changed.

        :param dict noted: model name to ids of documents
        """
        orders = self.env["sale.order"].browse(noted.get("sale.order", ())).exists()
        purchases = self.env["purchase.order"].browse(noted.get("purchase.order", ())).exists()
        pickings = self.browse(noted.get("stock.picking", ())).exists()
        (pickings | orders.picking_ids | purchases.picking_ids).filtered(
            lambda picking: picking.state in OPEN or picking._may_matter()
        )._refresh_queue()

    @api.model
    def _cron_refresh_queue(self):
        """Every night, and after the installation: all open transfers, by what holds now, in batches.

        This follows what tells nobody: working hours and holidays, exchange rates, a carrier's other days.
        """
        ids = self.sudo().search([("state", "in", OPEN)], order="id").ids
        left = len(ids)
        for some in split_every(BATCH, ids):
            self.sudo().browse(some).exists()._refresh_queue()
            left -= len(some)
            self.env.flush_all()
            if not self.env["ir.cron"]._commit_progress(len(some), remaining=left):
                break
            self.env.invalidate_all()


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_goods_value(self):
        """What this move carries: at the price of its order line, else at cost."""
        if self.state == "cancel":
            return 0
        line = self.sale_line_id
        if line and line.product_uom_qty:
            ordered = line.product_uom_id._compute_quantity(line.product_uom_qty, self.product_id.uom_id, round=False)
            share = self.product_qty / ordered if ordered else 0
            return line.price_subtotal / (line.order_id.currency_rate or 1) * share
        return self.product_qty * self.product_id.with_company(self.company_id).standard_price
