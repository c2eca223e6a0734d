from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ....lib.base.comparisons import COMPARISONS
from ....lib.base.grant import AMONG

STOCK_FIELDS = {
    "stock.move": ["state", "product_qty", "product_uom_qty", "quantity", "date", "sale_line_id", "product_id"],
    "stock.move.line": ["quantity_product_uom", "move_id"],
    "stock.quant": ["quantity", "reserved_quantity"],
    "sale.order.line": ["visibility_promise_at"],
    "purchase.order.line": ["date_planned"],
}
# What still can be held back: a quotation, or an order with goods to go
OPEN_DELIVERY = ("pending", "started", "partial")
STILL_OPEN = Domain("state", "in", ("draft", "sent")) | (
    Domain("state", "=", "sale") & Domain("delivery_status", "in", OPEN_DELIVERY)
)


class SaleOrder(models.Model):
    """Does the customer owe more than agreed, or too late? Can stock and receipts keep what was promised?

    Asked of all orders at once, by Odoo's own figures. Odoo itself warns on quotations only. What was confirmed
    since, or was confirmed all the same, is looked at here for as long as goods have still to go.

    Orders that wait for the same product queue by promise. One is short when what is needed up to and
    with it is more than what is free now and what arrives by its promise. Receipts count from the
    supplier's latest date, which Odoo does not write on the move.
    """

    _inherit = "sale.order"

    visibility_is_over_credit = fields.Boolean(
        "Customer over the credit limit",
        compute="_compute_visibility_credit",
        search="_search_visibility_is_over_credit",
        compute_sudo=True,
        help="What the customer owes and what is confirmed and not invoiced yet is more than the credit limit. Of "
        "quotations and orders with goods to go.",
    )
    visibility_credit_text = fields.Char("Credit in words", compute="_compute_visibility_credit", compute_sudo=True)
    visibility_overdue_days = fields.Integer(
        "Days the customer's oldest unpaid invoice is overdue",
        compute="_compute_visibility_overdue_days",
        search="_search_visibility_overdue_days",
        compute_sudo=True,
    )

    visibility_is_stock_short = fields.Boolean(
        "Stock short for the promise",
        compute="_compute_visibility_stock_short",
        search="_search_visibility_is_stock_short",
        help="What was promised is neither on stock nor arrives in time.",
    )
    visibility_stock_short_text = fields.Char("What is short", compute="_compute_visibility_stock_short")

    # ------------------------------------------------------------------ credit limit
    @api.depends_context("lang")
    @api.depends("partner_id", "company_id", "state", "delivery_status")
    def _compute_visibility_credit(self):
        self.visibility_is_over_credit, self.visibility_credit_text = False, False
        for company, orders in self.filtered_domain(STILL_OPEN).grouped("company_id").items():
            over = orders.partner_id._get_over_credit(company)
            for order in orders:
                partner = order.partner_id.commercial_partner_id.with_company(company)
                if partner in over:
                    order.visibility_is_over_credit = True
                    order.visibility_credit_text = partner._get_credit_text(company)

    @api.model
    def _search_visibility_is_over_credit(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain.FALSE
        for company in self.env.companies:
            over = self._get_customers_of_open_orders(company)._get_over_credit(company)
            found |= Domain("company_id", "=", company.id) & Domain("partner_id.commercial_partner_id", "in", over.ids)
        return STILL_OPEN & found

    @api.model
    def _get_customers_of_open_orders(self, company):
        if not self.env["res.partner"]._is_credit_watched(company):
            return self.env["res.partner"]
        among = AMONG.get(self.env.context)
        domain = STILL_OPEN & Domain("company_id", "=", company.id)
        domain &= Domain.TRUE if among is None else Domain("id", "in", list(among))
        return self.env["res.partner"].union(*(row[0] for row in self.sudo()._read_group(domain, ["partner_id"])))

    # ------------------------------------------------------------------ overdue invoices
    @api.depends("partner_id", "company_id")
    def _compute_visibility_overdue_days(self):
        for company, orders in self.grouped("company_id").items():
            days = dict(self.env.execute_query(self._get_overdue_sql(company, orders.partner_id.commercial_partner_id)))
            for order in orders:
                order.visibility_overdue_days = days.get(order.partner_id.commercial_partner_id.id, 0)

    @api.model
    def _search_visibility_overdue_days(self, operator, value):
        found = Domain.FALSE
        for company in self.env.companies:
            partners = self._get_overdue_domain(company, operator, value)
            if partners is NotImplemented:
                return NotImplemented
            found |= Domain("company_id", "=", company.id) & partners
        return found

    @api.model
    def _get_overdue_domain(self, company, operator, value):
        def late(condition):
            overdue = SQL("(SELECT late.partner_id FROM (%s) late WHERE %s)", self._get_overdue_sql(company), condition)
            return Domain("partner_id.commercial_partner_id", "in", overdue)

        if operator == "in":
            numbers = tuple(int(number) for number in value) or (-1,)
            found = late(SQL("late.days IN %s", numbers))
            return found | ~late(SQL("TRUE")) if 0 in numbers else found
        if operator not in COMPARISONS:
            return NotImplemented
        found = late(SQL(f"late.days {operator} %s", value))
        return found | ~late(SQL("TRUE")) if COMPARISONS[operator](0, value) else found

    @api.model
    def _get_overdue_sql(self, company, partners=None):
        """Commercial partners with instalments of invoices past their due date, and the days of the oldest one."""
        names = ["state", "move_type", "payment_state", "commercial_partner_id", "company_id"]
        self.env["account.move"].flush_model(names)
        self.env["account.move.line"].flush_model(["move_id", "display_type", "reconciled", "date_maturity"])
        today, ids = fields.Date.context_today(self), () if partners is None else tuple(partners.ids) or (0,)
        return SQL(
            """
            SELECT move.commercial_partner_id AS partner_id, %(today)s::date - min(term.date_maturity) AS days
              FROM account_move move
              JOIN account_move_line term ON term.move_id = move.id AND term.display_type = 'payment_term'
             WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_receipt')
               AND move.payment_state IN ('not_paid', 'partial')
               AND term.reconciled IS NOT TRUE AND term.date_maturity < %(today)s
               AND move.company_id = %(company)s AND %(among)s
             GROUP BY move.commercial_partner_id
            """,
            today=today,
            company=company.id,
            among=SQL("move.commercial_partner_id IN %s", ids) if ids else SQL("TRUE"),
        )

    # ------------------------------------------------------------------ stock
    @api.depends_context("lang")
    @api.depends("state", "commitment_date", "visibility_promise_at", "delivery_status")
    def _compute_visibility_stock_short(self):
        short = {}
        if self.ids:
            self._flush_stock()
            for order_id, product_id, missing in self.env.execute_query(self._get_shortage_sql(self.ids)):
                short.setdefault(order_id, []).append((product_id, missing))
        for order in self:
            order.visibility_is_stock_short = order._origin.id in short
            order.visibility_stock_short_text = order._get_shortage_text(short.get(order._origin.id, []))

    def _get_shortage_text(self, shortages):
        products = self.env["product.product"].browse([product_id for product_id, _missing in shortages])
        return ", ".join(
            self.env._(
                "%(product)s: %(missing)s %(unit)s",
                product=product.display_name,
                missing=formatLang(self.env, missing, digits=0 if float(missing).is_integer() else 2),
                unit=product.uom_id.name,
            )
            for product, (_product_id, missing) in zip(products, shortages, strict=True)
        )

    @api.model
    def _search_visibility_is_stock_short(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_stock()
        short = self._get_shortage_sql(AMONG.get(self.env.context))
        found = Domain("id", "in", SQL("(SELECT order_id FROM (%s) AS short)", short))
        return found if True in value else ~found

    @api.model
    def _flush_stock(self):
        for model, names in STOCK_FIELDS.items():
            self.env[model].flush_model(names)

    # ------------------------------------------------------------------ stock: the query
    @api.model
    def _get_shortage_sql(self, among=None):
        """SQL for (order_id, product_id, missing) of all orders; ``missing`` in the product's unit.

        :param among: ids of the only orders that matter: then only their products are looked at
        """
        return SQL(
            """
            WITH demand AS (%(demand)s), queue AS (%(queue)s),
                 free AS (%(free)s), coming AS (%(coming)s), gap AS (%(gap)s)
            SELECT order_id, product_id, sum(LEAST(missing, needed)) AS missing
              FROM gap WHERE missing > 0.00001 GROUP BY order_id, product_id ORDER BY order_id, product_id
            """,
            demand=self._get_demand_sql(among),
            queue=self._get_queue_sql(),
            free=self._get_free_sql(),
            coming=self._get_coming_sql(),
            gap=self._get_gap_sql(),
        )

    @api.model
    def _get_demand_sql(self, among):
        """What the orders' moves still need, and when it was promised."""
        only = SQL("TRUE")
        if among is not None:
            # by their moves: of a kit the line's product is in no move
            only = SQL(
                """
                m.product_id IN (
                    SELECT mine.product_id FROM stock_move mine JOIN sale_order_line l ON l.id = mine.sale_line_id
                     WHERE l.order_id = ANY(%s)
                )
                """,
                list(among),
            )
        return SQL(
            """
            SELECT m.id, l.order_id, m.product_id, source.warehouse_id,
                   COALESCE(l.visibility_promise_at, m.date_deadline, m.date) AS promise,
                   m.product_qty * (1 - LEAST(COALESCE(m.quantity, 0) / NULLIF(m.product_uom_qty, 0), 1)) AS needed
              FROM stock_move m
              JOIN sale_order_line l ON l.id = m.sale_line_id
              JOIN stock_location source ON source.id = m.location_id
             WHERE m.state IN ('confirmed', 'partially_available') AND m.procure_method = 'make_to_stock'
               AND source.usage = 'internal' AND %(only)s
            """,
            only=only,
        )

    @api.model
    def _get_queue_sql(self):
        """The demand in the order of the promises, with what is needed up to and with each."""
        return SQL(
            """
            SELECT *, sum(needed) OVER (PARTITION BY product_id, warehouse_id ORDER BY promise, id) AS needed_so_far
              FROM demand WHERE needed > 0
            """
        )

    @api.model
    def _get_free_sql(self):
        """What lies in the warehouses and is reserved for nobody, or only to be put away."""
        return SQL(
            """
            SELECT product_id, warehouse_id, sum(quantity) AS quantity FROM (
                SELECT q.product_id, place.warehouse_id, q.quantity - q.reserved_quantity AS quantity
                  FROM stock_quant q JOIN stock_location place ON place.id = q.location_id
                 WHERE place.usage = 'internal' AND q.product_id IN (SELECT product_id FROM queue)
                 UNION ALL
                SELECT product_id, warehouse_id, quantity FROM (%s) inside WHERE warehouse_id = from_id
            ) there GROUP BY product_id, warehouse_id
            """,
            self._get_inside_sql(),
        )

    @api.model
    def _get_inside_sql(self):
        """What is reserved to be moved from one place of ours to another, for nobody in particular."""
        return SQL(
            """
            SELECT r.product_id, goal.warehouse_id, source.warehouse_id AS from_id, r.date AS arrives,
                   part.quantity_product_uom AS quantity
              FROM stock_move r
              JOIN stock_move_line part ON part.move_id = r.id
              JOIN stock_location source ON source.id = r.location_id
              JOIN stock_location goal ON goal.id = r.location_dest_id
             WHERE r.state IN ('partially_available', 'assigned') AND r.sale_line_id IS NULL
               AND source.usage = 'internal' AND goal.usage = 'internal'
               AND r.product_id IN (SELECT product_id FROM queue) AND NOT EXISTS (%s)
            """,
            self._get_meant_for_sql(),
        )

    @api.model
    def _get_meant_for_sql(self):
        """The open moves that wait for a receipt itself: made to order, for a customer or a production."""
        return SQL(
            """
            SELECT d.product_qty
              FROM stock_move_move_rel meant
              JOIN stock_move d ON d.id = meant.move_dest_id
              JOIN stock_location use ON use.id = d.location_dest_id
             WHERE meant.move_orig_id = r.id AND d.state NOT IN ('done', 'cancel')
               AND (d.sale_line_id IS NOT NULL OR use.usage IN ('customer', 'production'))
            """
        )

    @api.model
    def _get_coming_sql(self):
        """What arrives and when, by the supplier's latest date."""
        return SQL(
            """
            SELECT r.product_id, goal.warehouse_id, GREATEST(r.date, p.date_planned) AS arrives,
                   GREATEST(r.product_qty - (SELECT COALESCE(sum(product_qty), 0) FROM (%s) others), 0) AS quantity
              FROM stock_move r
              JOIN stock_location source ON source.id = r.location_id
              JOIN stock_location goal ON goal.id = r.location_dest_id
              LEFT JOIN purchase_order_line p ON p.id = r.purchase_line_id
             WHERE r.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
               AND source.usage NOT IN ('internal', 'view') AND goal.usage = 'internal'
               AND r.product_id IN (SELECT product_id FROM queue)
             UNION ALL
            SELECT product_id, warehouse_id, arrives, quantity FROM (%s) inside
             WHERE warehouse_id IS DISTINCT FROM from_id
            """,
            self._get_meant_for_sql(),
            self._get_inside_sql(),
        )

    @api.model
    def _get_gap_sql(self):
        """What is missing for each of the queue, less what is free and what comes by its promise."""
        return SQL(
            """
            SELECT queue.*, needed_so_far - COALESCE((
                SELECT quantity FROM free
                 WHERE free.product_id = queue.product_id
                   AND free.warehouse_id IS NOT DISTINCT FROM queue.warehouse_id
            ), 0) - COALESCE((
                SELECT sum(quantity) FROM coming
                 WHERE coming.product_id = queue.product_id AND arrives <= promise
                   AND coming.warehouse_id IS NOT DISTINCT FROM queue.warehouse_id
            ), 0) AS missing
              FROM queue
            """
        )
