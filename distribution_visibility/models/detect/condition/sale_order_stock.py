from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

STOCK_FIELDS = {
    "stock.move": ["state", "product_qty", "product_uom_qty", "quantity", "date", "sale_line_id", "product_id"],
    "stock.quant": ["quantity", "reserved_quantity"],
    "sale.order.line": ["visibility_promise_at"],
    "purchase.order.line": ["date_planned"],
}


class SaleOrder(models.Model):
    """Can stock and receipts keep what was promised? Asked of all orders at once, and of the database.

    Orders that wait for the same product queue by promise. One is short when what is needed up to and
    with it is more than what is free now and what arrives by its promise. Receipts count from the
    supplier's latest date, which Odoo does not write on the move.
    """

    _inherit = "sale.order"

    visibility_is_stock_short = fields.Boolean(
        "Stock short for the promise",
        compute="_compute_visibility_stock_short",
        search="_search_visibility_is_stock_short",
        help="What was promised is neither on stock nor arrives in time.",
    )
    visibility_stock_short_text = fields.Char("What is short", compute="_compute_visibility_stock_short")

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
        short = self._get_shortage_sql(self.env.context.get("visibility_among"))
        found = Domain("id", "in", SQL("(SELECT order_id FROM (%s) AS short)", short))
        return found if True in value else ~found

    @api.model
    def _flush_stock(self):
        for model, names in STOCK_FIELDS.items():
            self.env[model].flush_model(names)

    @api.model
    def _get_shortage_sql(self, among=None):
        """SQL for (order_id, product_id, missing) of all orders; ``missing`` in the product's unit.

        :param among: ids of the only orders that matter: then only their products are looked at
        """
        only = SQL("TRUE")
        if among is not None:
            only = SQL(
                "m.product_id IN (SELECT product_id FROM sale_order_line WHERE order_id = ANY(%s))", list(among)
            )
        return SQL(
            """
            WITH demand AS (
                SELECT m.id, l.order_id, m.product_id, source.warehouse_id,
                       COALESCE(l.visibility_promise_at, m.date_deadline, m.date) AS promise,
                       m.product_qty * (1 - LEAST(COALESCE(m.quantity, 0) / NULLIF(m.product_uom_qty, 0), 1)) AS needed
                  FROM stock_move m
                  JOIN sale_order_line l ON l.id = m.sale_line_id
                  JOIN stock_location source ON source.id = m.location_id
                 WHERE m.state IN ('confirmed', 'partially_available') AND m.procure_method = 'make_to_stock'
                   AND source.usage = 'internal' AND %(only)s
            ), queue AS (
                SELECT *, sum(needed) OVER (PARTITION BY product_id, warehouse_id ORDER BY promise, id) AS needed_so_far
                  FROM demand WHERE needed > 0
            ), free AS (
                SELECT q.product_id, place.warehouse_id, sum(q.quantity - q.reserved_quantity) AS quantity
                  FROM stock_quant q JOIN stock_location place ON place.id = q.location_id
                 WHERE place.usage = 'internal' AND q.product_id IN (SELECT product_id FROM queue)
                 GROUP BY q.product_id, place.warehouse_id
            ), coming AS (
                SELECT r.product_id, goal.warehouse_id, GREATEST(r.date, p.date_planned) AS arrives,
                       r.product_qty AS quantity
                  FROM stock_move r
                  JOIN stock_location source ON source.id = r.location_id
                  JOIN stock_location goal ON goal.id = r.location_dest_id
                  LEFT JOIN purchase_order_line p ON p.id = r.purchase_line_id
                 WHERE r.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
                   AND source.usage NOT IN ('internal', 'view') AND goal.usage = 'internal'
                   AND r.product_id IN (SELECT product_id FROM queue)
            ), gap AS (
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
            )
            SELECT order_id, product_id, sum(LEAST(missing, needed)) AS missing
              FROM gap WHERE missing > 0.00001 GROUP BY order_id, product_id ORDER BY order_id, product_id
            """,
            only=only,
        )
