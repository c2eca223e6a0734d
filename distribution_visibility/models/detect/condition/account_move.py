from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ....lib.base.grant import AMONG

#: What a difference in price can be asked for: how large it is at least.
PRICE_COMPARISONS = (">", ">=")


class AccountMove(models.Model):
    """Vendor bills beside what was ordered and what arrived: asked of all bills at once.

    Only prices in the order's currency and unit are compared, after discounts. What is posted is paid
    by other rules, so only drafts are looked at.
    """

    _inherit = "account.move"

    visibility_price_difference = fields.Float(
        "Price differs from the purchase order (%)",
        compute="_compute_visibility_bill",
        search="_search_visibility_price_difference",
        compute_sudo=True,
        help="Of the line that differs most. Of draft vendor bills.",
    )
    visibility_is_overbilled = fields.Boolean(
        "Billed more than received",
        compute="_compute_visibility_bill",
        search="_search_visibility_is_overbilled",
        compute_sudo=True,
        help="Of draft vendor bills for products that are paid as received.",
    )

    @api.depends("state", "invoice_line_ids.price_unit", "invoice_line_ids.discount", "invoice_line_ids.quantity")
    def _compute_visibility_bill(self):
        found = {}
        if self.ids:
            found = {row[0]: row[1:] for row in self.env.execute_query(self._get_bill_sql(self.ids))}
        for move in self:
            difference, overbilled = found.get(move._origin.id, (0, False))
            move.visibility_price_difference, move.visibility_is_overbilled = difference or 0, bool(overbilled)

    @api.model
    def _search_visibility_price_difference(self, operator, value):
        if operator not in PRICE_COMPARISONS or value < 0:
            return NotImplemented
        return self._get_bill_domain(SQL(f"bill.difference {operator} %s", value))

    @api.model
    def _search_visibility_is_overbilled(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_bill_domain(SQL("bill.is_overbilled"))

    @api.model
    def _get_bill_domain(self, condition):
        bills = self._get_bill_sql(AMONG.get(self.env.context))
        return Domain("id", "in", SQL("(SELECT bill.move_id FROM (%s) bill WHERE %s)", bills, condition))

    @api.model
    def _get_bill_sql(self, among=None):
        """Draft vendor bills with purchase order lines: the worst difference in price (%), and billed > received."""
        self._flush_bills()
        return SQL(
            """
            SELECT move.id AS move_id,
                   max(%(difference)s)::float AS difference, bool_or(%(overbilled)s) AS is_overbilled
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
              JOIN purchase_order_line bought ON bought.id = line.purchase_line_id
              JOIN purchase_order orders ON orders.id = bought.order_id
              LEFT JOIN product_product product ON product.id = bought.product_id
              LEFT JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE move.state = 'draft' AND move.move_type = 'in_invoice' AND %(among)s
             GROUP BY move.id
            """,
            difference=self._get_difference_sql(),
            overbilled=self._get_overbilled_sql(),
            among=SQL("TRUE") if among is None else SQL("move.id = ANY(%s)", list(among)),
        )

    @api.model
    def _flush_bills(self):
        self.env["account.move.line"].flush_model(
            ["move_id", "purchase_line_id", "price_unit", "discount", "product_uom_id", "display_type"]
        )
        self.env["account.move"].flush_model(["state", "move_type", "currency_id"])
        self.env["purchase.order.line"].flush_model(
            ["price_unit", "discount", "product_uom_id", "qty_invoiced", "qty_received", "order_id", "product_id"]
        )

    @api.model
    def _get_difference_sql(self):
        """By how many per cent a line's price differs from the order's, after discounts; null for other currencies
        and units."""
        return SQL(
            """
            CASE WHEN orders.currency_id = move.currency_id AND line.product_uom_id = bought.product_uom_id
            THEN CASE WHEN bought.price_unit = 0 THEN CASE WHEN line.price_unit = 0 THEN 0 ELSE 100 END
                 ELSE abs(line.price_unit * (1 - COALESCE(line.discount, 0) / 100)
                          / NULLIF(bought.price_unit * (1 - COALESCE(bought.discount, 0) / 100), 0) - 1) * 100 END
            END
            """
        )

    @api.model
    def _get_overbilled_sql(self):
        """Whether more was billed of a line than arrived, of what is paid as received."""
        return SQL("template.purchase_method = 'receive' AND bought.qty_invoiced > bought.qty_received + 0.00001")
