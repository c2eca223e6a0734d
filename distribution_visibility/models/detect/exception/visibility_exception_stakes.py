from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, split_every

from ....lib.detect.exception.priority import Situation, weigh
from .visibility_exception import MAKES_RISK

TIERS = ("strategic", "key", "standard")
BATCH = 1000


class VisibilityException(models.Model):
    """What is at stake: whose promise, how much money, and how urgent that makes it, apart from how severe.

    Of a purchase order or a receipt what waits for it is at stake; where nothing waits, the document itself. The
    priority is a score from 0 to 100 and the words for it: the points of each input are records, see
    ``visibility.priority.weight``, and the sum is made in ``lib/detect/exception/priority.py``.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        index="btree_not_null",
        string="Company of the customer or supplier",
    )
    value_at_risk = fields.Monetary(
        "Value at risk",
        compute="_compute_value_at_risk",
        store=True,
        help="Untaxed, in company currency: the customers' orders concerned; of a purchase order or receipt the goods "
        "that customers wait for, made to order or from stock, else the purchase order; of an invoice the invoice; of "
        "other transfers the goods at cost. Sums count an order once, however many exceptions it has.",
    )
    # What the value is made of: amounts by "model,id", so that sums can count each order once
    stakes = fields.Json(compute="_compute_value_at_risk", store=True)
    is_about_supply = fields.Boolean(compute="_compute_is_about_supply")
    promised_at = fields.Datetime(
        "Promise",
        compute="_compute_promised_at",
        store=True,
        help="The earliest promise at stake: of the shipment, of customers' orders, of the supplier, or the day an "
        "invoice is due.",
    )
    priority_score = fields.Integer(
        "Priority",
        compute="_compute_priority_score",
        store=True,
        index=True,
        aggregator="avg",
        help="From 0 to 100: customer, value at risk, time to the promise, severity, and how often it was seen.",
    )
    priority_reason = fields.Char("Why this priority", compute="_compute_priority_reason", compute_sudo=True)
    priority_points = fields.Char("Points", compute="_compute_priority_reason", compute_sudo=True)

    _by_priority = models.Index("(is_open DESC, priority_score DESC, deadline, id DESC)")

    # ------------------------------------------------------------------ customers and suppliers
    def _get_partner_pairs(self):
        return {(one.commercial_partner_id.id, one.company_id.id) for one in self.sudo()}

    def _refresh_partners(self, before=frozenset()):
        """Customers and suppliers carry what is open on them, too, by company."""
        self.env["visibility.partner.risk"].sudo()._refresh(self._get_partner_pairs() | before)

    def _get_moved_partners(self, vals):
        return self._get_partner_pairs() if "partner_id" in vals else set()

    def _follow_partners(self, vals, before):
        if vals.keys() & {*MAKES_RISK, "partner_id"}:
            self._refresh_partners(before)

    # ------------------------------------------------------------------ money and promises
    @api.depends(
        "res_model",
        "sale_order_ids.amount_untaxed",
        "sale_order_ids.currency_rate",
        "purchase_order_ids.amount_untaxed",
        "purchase_order_ids.currency_rate",
        "invoice_ids.amount_untaxed_signed",
        "picking_ids",
    )
    def _compute_value_at_risk(self):
        waiting = self._get_waiting_moves()
        for exception in self:
            candidates = (one for one in exception._get_stakes(waiting.get(exception)) if any(one.values()))
            stakes = next(candidates, {})
            exception.stakes, exception.value_at_risk = stakes, sum(stakes.values())

    def _get_stakes(self, waiting):
        """Seam: candidates, best first; the first that is worth something counts.

        :param waiting: the customers' deliveries that wait for it
        :return: dicts of amounts by "model,id"
        """
        if self.res_model == "account.move":
            yield self._value_invoices()
        yield self._value_proposal()
        if waiting:
            yield self._value_waiting(waiting)
        yield self._value_orders(self.sale_order_ids)
        yield self._value_orders(self.purchase_order_ids)
        yield self._value_invoices()
        yield self._value_goods()

    @api.model
    def _value_waiting(self, moves):
        """What the customers' deliveries are worth that wait, by order."""
        stakes = {}
        for move in moves:
            key = self._get_stake_key(move.sale_line_id.order_id)
            stakes[key] = stakes.get(key, 0) + move._get_visibility_value()
        return stakes

    @api.model
    def _value_orders(self, orders):
        """Untaxed amounts of orders in all currencies, in the currency of their company."""
        return {self._get_stake_key(order): order.amount_untaxed / (order.currency_rate or 1) for order in orders}

    def _value_invoices(self):
        return {self._get_stake_key(move): abs(move.amount_untaxed_signed) for move in self.invoice_ids}

    def _value_goods(self):
        moves = self.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        products = moves.product_id.with_company(self.company_id)
        costs = {product.id: product.standard_price for product in products}
        return {
            self._get_stake_key(picking): sum(move.product_qty * costs[move.product_id.id] for move in mine)
            for picking, mine in moves.grouped("picking_id").items()
        }

    @api.model
    def _get_stake_key(self, document):
        return f"{document._name},{document.id}"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A sum of values counts an order once: with the most that one of the exceptions in the group says of it."""
        is_sum = aggregate_spec == "value_at_risk:sum"
        # in the reader's currency it is the same, where all have the same one
        is_sum |= aggregate_spec == "value_at_risk:sum_currency" and len(self.env.companies.currency_id) == 1
        if not is_sum:
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            """(SELECT COALESCE(sum(most.amount), 0) FROM (
                    SELECT max(stake.value::numeric) AS amount
                      FROM unnest(array_agg(%(stakes)s)) each, jsonb_each_text(each) stake GROUP BY stake.key
                ) most)""",
            stakes=self._field_to_sql(self._table, "stakes", query),
        )

    @api.depends(
        "shipment_id.promised_at",
        "shipment_id.delivered_at",
        "sale_order_ids.visibility_promise_at",
        "purchase_order_ids.visibility_promise_at",
        "invoice_ids.invoice_date_due",
    )
    def _compute_promised_at(self):
        waiting = self._get_waiting_moves()
        for exception in self:
            exception.promised_at = next(filter(None, exception._get_promises(waiting.get(exception))), False)

    def _get_promises(self, waiting):
        """Candidates, best first; the first that there is counts."""
        if self.shipment_id:
            yield self.shipment_id.promised_at
        yield self._get_earliest(waiting.sale_line_id.order_id if waiting else self.sale_order_ids)
        yield self._get_earliest(self.purchase_order_ids)
        yield min(filter(None, (move._get_next_due_date() for move in self.invoice_ids)), default=False)
        yield min(filter(None, self.picking_ids.mapped("date_deadline")), default=False)

    @api.model
    def _get_earliest(self, orders):
        """The earliest promise of orders that is not kept yet, or of all when all are."""
        pending = orders.filtered(lambda order: order._name != "sale.order" or order.delivery_status != "full")
        return min(filter(None, (pending or orders).mapped("visibility_promise_at")), default=False)

    # ------------------------------------------------------------------ what waits for it
    def _get_waiting_moves(self):
        """The customers' deliveries that wait for purchase orders and receipts, by exception.

        Those that are made for them, along chains of transfers, and those that are served from stock and would wait
        longer without them. The queries follow the length of the longest chain, not the number of exceptions.
        """
        candidates = self.filtered("is_about_supply")
        found = candidates._follow_chains()
        for one, moves in candidates._find_served_from_stock().items():
            found[one] |= moves
        found = {one: moves.filtered("sale_line_id") for one, moves in found.items()}
        return {one: self._get_open_moves(moves) for one, moves in found.items() if self._get_open_moves(moves)}

    @api.depends("res_model", "sale_order_ids", "purchase_order_ids", "picking_ids")
    def _compute_is_about_supply(self):
        """Of a purchase order or receipt; or of something that names one of them and no customer's order."""
        for one in self:
            names_supply = bool(one.purchase_order_ids or one.picking_ids)
            one.is_about_supply = names_supply and (one.res_model == "purchase.order" or not one.sale_order_ids)

    def _get_supply_lines(self):
        return self.purchase_order_ids.order_line | self.picking_ids.move_ids.purchase_line_id

    def _follow_chains(self):
        """Transfers of these, and all that follow in the chain, by exception."""
        level = {
            one: (one.purchase_order_ids.order_line.move_ids | one.purchase_order_ids.order_line.move_dest_ids)
            | one.picking_ids.move_ids
            for one in self
        }
        found = dict.fromkeys(self, self.env["stock.move"])
        while any(level.values()):
            self.env["stock.move"].union(*level.values()).fetch(["move_dest_ids", "sale_line_id", "state"])
            found = {one: moves | level[one] for one, moves in found.items()}
            level = {one: moves.move_dest_ids - found[one] for one, moves in level.items()}
        return found

    def _find_served_from_stock(self):
        """Deliveries from stock that would wait longer without the receipts of these, by exception."""
        lines = self.env["purchase.order.line"].union(*(one._get_supply_lines() for one in self))
        served = [one for one in lines.sudo()._find_waiting() if one.supply == "stock"] if lines else []
        found = dict.fromkeys(self, self.env["stock.move"])
        for exception in self:
            mine = {(line.order_id, line.product_id) for line in exception._get_supply_lines()}
            moves = (one.move for one in served if (one.line.order_id, one.line.product_id) in mine)
            found[exception] = found[exception].union(*moves)
        return found

    @api.model
    def _get_open_moves(self, moves):
        return moves.filtered(lambda move: move.state not in ("done", "cancel"))

    # ------------------------------------------------------------------ the score
    @api.depends(
        "is_open",
        "severity",
        "seen_count",
        "value_at_risk",
        "promised_at",
        "shipment_id.delivered_at",
        "partner_id.commercial_partner_id.visibility_tier",
        "sale_order_ids.partner_id.commercial_partner_id.visibility_tier",
    )
    def _compute_priority_score(self):
        """Closed exceptions keep the score that they had, and people's word goes before it."""
        others = self - self._compute_held_priority()
        situations = others._get_situations()
        for exception in others:
            is_settled = not exception.is_open and exception._origin
            exception.priority_score = (
                exception._origin.priority_score if is_settled else exception._weigh(situations[exception]).total
            )

    @api.depends("priority_score")
    @api.depends_context("lang")
    def _compute_priority_reason(self):
        situations = self._get_situations()
        for exception in self:
            situation = situations[exception]
            exception.priority_reason = exception._get_priority_reason(situation)
            exception.priority_points = exception._get_priority_points(exception._weigh(situation))

    def _weigh(self, situation):
        return weigh(situation, self.env["visibility.priority.weight"]._get_weights(self.company_id.id))

    # ------------------------------------------------------------------ what the score is made of
    def _get_situations(self):
        """What the score is made of, by exception."""
        waiting = self._get_waiting_moves()
        now = fields.Datetime.now()
        return {one: one._prepare_situation(waiting.get(one), now) for one in self}

    def _prepare_situation(self, waiting, now):
        return Situation(
            tier=self._get_best_tier(waiting and waiting.sale_line_id.order_id),
            value=self.value_at_risk,
            hours=self._get_hours_to_promise(now),
            severity=self.severity or "",
            seen=self.seen_count,
        )

    def _get_best_tier(self, waiting):
        """Of the customer, and of those whose orders wait, or are concerned where none waits."""
        orders = waiting or self.sale_order_ids
        partners = self.partner_id.commercial_partner_id | orders.partner_id.commercial_partner_id
        tiers = set(partners.mapped("visibility_tier"))
        return next((tier for tier in TIERS if tier in tiers), "")

    def _get_hours_to_promise(self, now):
        """Less than zero when it has passed; None without a promise and for what was delivered."""
        if not self.promised_at or self.shipment_id.delivered_at:
            return None
        return (self.promised_at - now).total_seconds() / 3600

    # ------------------------------------------------------------------ the score in words
    def _get_priority_reason(self, situation):
        """One sentence in the reader's language: *Strategic customer, 12,400 € at risk, 6 hours to the promise.*"""
        words = [
            self._get_tier_words(situation.tier),
            situation.value and self.env._("%s at risk", format_amount(self.env, situation.value, self.currency_id)),
            self._get_promise_words(situation.hours),
            self._get_labels("severity").get(situation.severity, "").lower(),
            situation.seen > 1 and self.env._("seen %s times", situation.seen),
        ]
        sentence = ", ".join(filter(None, words))
        return f"{sentence[:1].upper()}{sentence[1:]}."

    def _get_tier_words(self, tier):
        return {
            "strategic": self.env._("strategic customer"),
            "key": self.env._("key customer"),
            "standard": self.env._("standard customer"),
        }.get(tier)

    def _get_promise_words(self, hours):
        if hours is None:
            return None
        time = self._get_time_words(abs(hours))
        return self.env._("%s past the promise", time) if hours < 0 else self.env._("%s to the promise", time)

    def _get_time_words(self, hours):
        if hours >= 72:
            return self.env._("%s days", round(hours / 24))
        if hours >= 1.5:
            return self.env._("%s hours", round(hours))
        return self.env._("1 hour") if hours >= 0.75 else self.env._("less than an hour")

    def _get_priority_points(self, score):
        """Where the points come from: *customer 25, value 12, promise 23*."""
        names = {
            "tier": self.env._("customer"),
            "value": self.env._("value"),
            "hours": self.env._("promise"),
            "severity": self.env._("severity"),
            "repeats": self.env._("repeats"),
        }
        return ", ".join(f"{names[name]} {round(points)}" for name, points in score.parts.items())

    # ------------------------------------------------------------------ as time goes by
    def _recompute_priorities(self):
        """Score these (or, called on none, all open exceptions) again; only what differs is written."""
        exceptions = self or self.search([("is_open", "=", True)])
        self.env.add_to_compute(self._fields["priority_score"], exceptions)

    @api.model
    def _get_moving_domain(self, now):
        """Open exceptions whose score moves by itself: the promise is near, or what waits for them may change."""
        weights = self.env["visibility.priority.weight"].sudo().search([("code", "=", "hours")])
        ahead = max(weights.mapped("full_at"), default=0)
        is_near = [
            ("promised_at", ">", now - timedelta(days=1)),
            ("promised_at", "<", now + timedelta(hours=ahead)),
        ]
        is_about_supply = ["|", ("sale_order_ids", "=", False), ("res_model", "=", "purchase.order")]
        return ["&", ("is_open", "=", True), "|", *is_about_supply, "&", *is_near]

    @api.model
    def _cron_refresh_priorities(self):
        """Called by the scheduled action: follow the clock, and what waits for receipts, in batches."""
        exceptions = self.search(self._get_moving_domain(fields.Datetime.now()), order="id")
        left = len(exceptions)
        for ids in split_every(BATCH, exceptions.ids):
            batch = self.browse(ids).exists()
            batch._refresh_stakes()
            left -= len(ids)
            self.env.flush_all()
            if not self.env["ir.cron"]._commit_progress(len(ids), remaining=left):
                break
            self.env.invalidate_all()

    def _refresh_stakes(self):
        """Look at everything again that no dependency tells: transfers that were added or cancelled, and the time."""
        indirect = self.filtered(lambda one: one.is_about_supply or not one.sale_order_ids)
        for name in ("value_at_risk", "stakes", "promised_at"):
            self.env.add_to_compute(self._fields[name], indirect)
        self.env.add_to_compute(self._fields["priority_score"], self)
