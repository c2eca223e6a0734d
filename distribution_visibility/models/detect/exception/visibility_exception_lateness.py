from odoo import api, fields, models

from ....lib.base.days import local_day
from ....lib.base.told import mark_day
from ....lib.detect.exception.finding import Finding
from ...base.words.told import say_all

CODES = ("risk_passed", "risk_eta", "risk_estimate", "risk_lane", "risk_waiting")


class VisibilityException(models.Model):
    """Late, and by when: suppliers' dates that move, shipments that will miss the promise, and the time to respond.

    Odoo itself hides that a supplier moves a date: it moves the deadlines of receipt and delivery along, so nothing is
    late. A shipment's late risk opens at the company's threshold and clears below it.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    is_late_risk = fields.Boolean(related="shipment_id.is_late_risk", string="Shipment at risk of being late")
    late_risk_text = fields.Char(related="shipment_id.late_risk_text", string="Late risk")

    # ------------------------------------------------------------------ the time to respond
    @api.model
    def _get_deadlines(self, findings):
        """The deadline by category and company: calendars are slow, and all findings are of one moment."""
        pairs = {(category, self._get_subject_company(subject)) for category, subject in findings}
        return {pair: self._get_deadline(*pair) for pair in pairs}

    @api.model
    def _get_deadline(self, category, company, since=None):
        """When the response is due: the category's working hours from now, by the company's calendar.

        :param since: count from this moment (naive UTC) instead of now
        """
        begin = since or fields.Datetime.now()
        return company.resource_calendar_id._plan_visibility_hours(category.response_hours, begin, company)

    # ------------------------------------------------------------------ suppliers' dates that move
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
        is_later = line._is_later(line.visibility_promise_at, line.visibility_first_promise_at)
        return is_later and line._is_awaited()

    @api.model
    def _find_late_receipt(self, lines):
        worst = max(lines, key=lambda line: line.visibility_promise_at - line.visibility_first_promise_at)
        reason = say_all(self.env, lambda env: self.with_env(env)._say_late_receipt(worst.with_env(env)))
        return Finding(fields.Datetime.now(), reason, "promise_moved", "supplier")

    @api.model
    def _say_late_receipt(self, line):
        return self.env._(
            "%(product)s: promised for %(first)s, now %(latest)s",
            product=line.product_id.display_name,
            first=self._mark_day(line, line.visibility_first_promise_at),
            latest=self._mark_day(line, line.visibility_promise_at),
        )

    @api.model
    def _detect_late_deliveries(self, lines):
        """The customers' orders that wait for these lines: is their promise still possible?"""
        findings, orders = {}, self.env["sale.order"]
        category = self._get_category("late_risk")
        for line, moves in lines._get_waiting_deliveries().items():
            for move in moves:
                order, expected = move.sale_line_id.order_id, line._get_expected_delivery(move)
                orders |= order
                if self._is_delivery_late(move, expected):
                    findings.setdefault((category, order), []).append(self._find_late_delivery(line, move, expected))
        self._open_findings(findings)
        good = orders.filtered(lambda order: (category, order) not in findings)
        self._clear_subjects(category, good, self.env._("What it waits for comes in time again."))

    @api.model
    def _is_delivery_late(self, move, expected):
        """Whether this is too late for what the customer was told last: one who agreed to a later day waits for it."""
        return move.sale_line_id._is_later(expected, move.sale_line_id.visibility_promise_at)

    @api.model
    def _find_late_delivery(self, line, move, expected):
        reason = say_all(
            self.env, lambda env: self.with_env(env)._say_late_delivery(line.with_env(env), move.sale_line_id, expected)
        )
        return Finding(fields.Datetime.now(), reason, "supplier_late", "supplier")

    @api.model
    def _say_late_delivery(self, line, sale_line, expected):
        return self.env._(
            "Waits for %(purchase)s: %(product)s can go on %(expected)s, promised was %(promise)s",
            purchase=line.order_id.name,
            product=line.product_id.display_name,
            expected=self._mark_day(sale_line, expected),
            promise=self._mark_day(sale_line, sale_line.visibility_promise_at),
        )

    @api.model
    def _get_category(self, code):
        ids = self.env["visibility.exception.category"]._get_ids_by_code()
        return self.env["visibility.exception.category"].browse(ids.get(code))

    @api.model
    def _mark_day(self, line, moment):
        """The day on which this moment (naive UTC) is where the goods of an order's line are delivered, as kept."""
        return mark_day(local_day(moment, line._get_visibility_zone()))

    # ------------------------------------------------------------------ shipments that will miss the promise
    @api.model
    def _detect_late_risk(self, before):
        """Look at shipments whose late risk was worked out anew.

        Only what crossed the threshold, or is at risk for another reason than before, is news.

        :param dict before: shipments to (at risk before, basis before)
        """
        category = self._get_category("late_risk")
        risen = [
            shipment
            for shipment, (was_at_risk, basis) in before.items()
            if shipment.is_late_risk and (not was_at_risk or basis != shipment.risk_basis)
        ]
        if risen:
            self._open_findings({(category, shipment): [self._find_late_risk(shipment)] for shipment in risen})
        fallen = [
            shipment.id
            for shipment, (was_at_risk, _basis) in before.items()
            # What was delivered is cleared by the fact that says so.
            if was_at_risk and not shipment.is_late_risk and not shipment.delivered_at
        ]
        if fallen:
            self._clear_late_risk(category, self.env["visibility.shipment"].browse(fallen))

    @api.model
    def _find_late_risk(self, shipment):
        party = "" if shipment.risk_basis == "waiting" else "carrier"
        reason = say_all(self.env, lambda env: shipment.with_env(env).late_risk_text)
        return Finding(fields.Datetime.now(), reason, f"risk_{shipment.risk_basis}", party)

    @api.model
    def _clear_late_risk(self, category, shipments):
        """What a carrier itself reported as late is not ours to clear."""
        mine = self._find_open(category, shipments).filtered(lambda exception: exception.reason_code in CODES)
        for exception in mine:
            sentence = self._say_in_time(exception.shipment_id)
            self._clear_subjects(category, exception.shipment_id, sentence)

    @api.model
    def _say_in_time(self, shipment):
        if shipment.fate_id:
            return self.env._("It is not late any more, it does not come: %(why)s", why=shipment.fate_id.name)
        return self.env._("It is likely in time again: %(why)s", why=shipment.late_risk_text or "")
