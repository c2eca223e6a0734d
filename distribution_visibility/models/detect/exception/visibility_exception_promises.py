from odoo import api, fields, models
from odoo.tools import format_date

from ....lib.detect.exception.finding import Finding


class VisibilityException(models.Model):
    """Suppliers' dates that move past what was promised, seen on the order and on what waits for it.

    Odoo itself hides this: it moves the deadlines of receipt and delivery along, so nothing is late.
    """

    _inherit = "visibility.exception"

    @api.model
    def _detect_moved_promises(self, lines):
        """Look at purchase order lines whose promise is new or has moved: open, or clear.

        :param lines: confirmed purchase order lines
        """
        self._detect_late_receipts(lines.order_id)
        self._detect_late_deliveries(lines)

    @api.model
    def _detect_late_receipts(self, orders):
        late = {order: order.order_line.filtered(self._is_receipt_late) for order in orders}
        category = self._get_category("late_risk")
        self._open_findings(
            {(category, order): [self._find_late_receipt(lines)] for order, lines in late.items() if lines}
        )
        good = orders.filtered(lambda order: not late[order])
        self._clear_subjects(category, good, self.env._("The supplier is back on the first promise."))

    @api.model
    def _is_receipt_late(self, line):
        return line._is_later(line.visibility_promise_at, line.visibility_first_promise_at)

    @api.model
    def _find_late_receipt(self, lines):
        worst = max(lines, key=lambda line: line.visibility_promise_at - line.visibility_first_promise_at)
        reason = self.env._(
            "%(product)s: promised for %(first)s, now %(latest)s",
            product=worst.product_id.display_name,
            first=self._format_day(worst.visibility_first_promise_at),
            latest=self._format_day(worst.visibility_promise_at),
        )
        return Finding(fields.Datetime.now(), reason, "promise_moved", "supplier")

    @api.model
    def _detect_late_deliveries(self, lines):
        """The customers' orders that wait for these lines: is their promise still possible?"""
        findings, orders = {}, self.env["sale.order"]
        category = self._get_category("late_risk")
        for line, moves in lines._get_waiting_deliveries().items():
            for move in moves:
                order, expected = move.sale_line_id.order_id, line._get_expected_delivery(move)
                orders |= order
                if move.sale_line_id._is_later(expected, move.sale_line_id.visibility_first_promise_at):
                    findings.setdefault((category, order), []).append(self._find_late_delivery(line, move, expected))
        self._open_findings(findings)
        good = orders.filtered(lambda order: (category, order) not in findings)
        self._clear_subjects(category, good, self.env._("What it waits for comes in time again."))

    @api.model
    def _find_late_delivery(self, line, move, expected):
        reason = self.env._(
            "Waits for %(purchase)s: %(product)s can go on %(expected)s, promised was %(promise)s",
            purchase=line.order_id.name,
            product=line.product_id.display_name,
            expected=self._format_day(expected),
            promise=self._format_day(move.sale_line_id.visibility_first_promise_at),
        )
        return Finding(fields.Datetime.now(), reason, "supplier_late", "supplier")

    @api.model
    def _get_category(self, code):
        ids = self.env["visibility.exception.category"]._get_ids_by_code()
        return self.env["visibility.exception.category"].browse(ids.get(code))

    @api.model
    def _format_day(self, moment):
        return format_date(self.env, fields.Datetime.context_timestamp(self, moment).date())
