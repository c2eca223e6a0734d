from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.ingest.canonical import DespatchEvent, OrderResponseEvent
from ....lib.track.order_reference import LOOSE_SQL, Named, get_spellings, loose, pick, split_references

# What a supplier's answer means for us, by its overall status; what is not here is good news.
CATEGORY_BY_STATUS = {
    "rejected": "supplier_reject_or_backorder",
    "backordered": "supplier_reject_or_backorder",
    "cancelled": "supplier_reject_or_backorder",
    "accepted_with_changes": "supplier_change_proposed",
    "date_changed": "supplier_change_proposed",
    "quantity_changed": "supplier_change_proposed",
    "price_changed": "supplier_change_proposed",
    "substituted": "supplier_change_proposed",
    "partly_shipped": "supplier_change_proposed",
    "on_hold": "supplier_change_proposed",
}
#: A buyer who writes the supplier's number on an order looks for what came lately.
MOST_UNKNOWN = 500


class VisibilityEvent(models.Model):
    """What suppliers say: which of our orders they mean, and to which receipts a ship notice belongs."""

    _inherit = "visibility.event"  # pylint: disable=consider-merging-classes-inherited

    further_order_ids = fields.Many2many(
        "purchase.order",
        "visibility_event_further_order_rel",
        string="Further orders",
        readonly=True,
        help="A ship notice may name several orders; the first of them is the order.",
    )
    shipped_at = fields.Datetime("Shipped", readonly=True, help="When the goods left the supplier, by its notice.")
    orders_named = fields.Char("Orders as named", readonly=True)
    unknown_orders = fields.Char(
        "Unknown orders", readonly=True, index="btree_not_null", help="What it calls orders that we could not find."
    )

    def _get_orders(self):
        """All orders that these are told of."""
        return self.purchase_order_id | self.further_order_ids

    # ------------------------------------------------------------------ which orders are meant
    @api.model
    def _get_purchase_orders(self, facts):
        """Purchase orders by (message, order as named) for all supplier facts: one search.

        A source that is one supplier's may speak of that supplier's orders only.
        """
        wanted = {
            (message, reference)
            for message, fact in facts
            for reference in self._get_order_references(fact)
            if not self._is_test(message, fact)
        }
        if not wanted:
            return {}
        companies = self.env["res.company"].union(*(message.company_id for message, _reference in wanted))
        orders = self._find_orders({reference for _message, reference in wanted}, companies)
        picked = {
            (message, name): self._pick_order(message.company_id, message.source_id, name, orders)
            for message, name in wanted
        }
        return {key: order for key, order in picked.items() if order}

    @api.model
    def _find_orders(self, references, companies):
        """Orders that may be meant, by each name that they may be called by."""
        orders = self.env["purchase.order"]
        orders.flush_model(["name", "partner_ref", "company_id"])
        spellings = set().union(*map(get_spellings, references))
        query = SQL(
            """SELECT id FROM purchase_order
                WHERE company_id = ANY(%s) AND (name = ANY(%s) OR %s = ANY(%s) OR %s = ANY(%s))""",
            companies.ids,
            list(references),
            SQL(LOOSE_SQL.format("name")),
            list(spellings),
            SQL(LOOSE_SQL.format("partner_ref")),
            [loose(reference) for reference in references],
        )
        by_name = {}
        for order in orders.browse([order_id for (order_id,) in self.env.execute_query(query)]):
            for name in {order.name, loose(order.name), loose(order.partner_ref or "")} - {""}:
                by_name[name] = by_name.get(name, orders) | order
        return by_name

    @api.model
    def _pick_order(self, company, source, reference, by_name):
        """The one order that is meant; none where several fit equally well, but for those that are over."""
        orders = self.env["purchase.order"].union(
            *(by_name[name] for name in {reference, *get_spellings(reference)} if name in by_name)
        )
        mine = orders.filtered(lambda order: self._may_speak_of(company, source, order))
        fitting = pick(reference, [Named(order, order.name, order.partner_ref or "") for order in mine])
        if len(fitting) > 1:
            fitting = [one for one in fitting if one.key.state != "cancel"]
        return fitting[0].key if len(fitting) == 1 else orders.browse()

    @api.model
    def _may_speak_of(self, company, source, order):
        supplier = source.partner_id.commercial_partner_id
        return order.company_id == company and (not supplier or supplier == order.partner_id.commercial_partner_id)

    @api.model
    def _get_order_references(self, fact):
        """What a supplier's fact calls the orders that it is about."""
        if isinstance(fact, OrderResponseEvent):
            return [fact.data.order]
        if isinstance(fact, DespatchEvent):
            named = [fact.data.order, *dict.fromkeys(line.order for line in fact.data.lines)]
            return list(dict.fromkeys(name for names in named for name in split_references(names)))
        return []

    @api.model
    def _prepare_orders(self, message, fact, orders):
        """Which orders it is about, and what it names that we do not know."""
        names = self._get_order_references(fact)
        known = [orders[message, name] for name in names if (message, name) in orders]
        found = self.env["purchase.order"].union(*known)
        unknown = [name for name in names if (message, name) not in orders and not self._is_test(message, fact)]
        return {
            "purchase_order_id": found[:1].id,
            "further_order_ids": [fields.Command.set(found[1:].ids)],
            "orders_named": fact.data.order or False,
            "unknown_orders": ", ".join(unknown) or False,
        }

    # ------------------------------------------------------------------ what is said
    @api.model
    def _prepare_order_response(self, message, fact, orders):
        data = fact.data
        category = CATEGORY_BY_STATUS.get(data.status, "")
        return {
            "kind": "order_response",
            "reference": data.order,
            "reason_code": data.status,
            "reason": data.note or next((line.reason for line in data.lines if line.reason), False),
            "description": data.note or False,
            "details": [line.model_dump(mode="json") for line in data.lines],
            **self._prepare_orders(message, fact, orders),
            **self._prepare_meaning((), "order_acknowledged", category, "supplier" if category else ""),
        }

    @api.model
    def _prepare_despatch_advice(self, message, fact, orders):
        data = fact.data
        return {
            "kind": "despatch_advice",
            "reference": data.despatch_number,
            "eta": self._to_naive(data.eta),
            "shipped_at": self._to_naive(data.shipped),
            "details": [line.model_dump(mode="json") for line in data.lines],
            **self._prepare_orders(message, fact, orders),
            **self._prepare_meaning((), "cancelled" if data.is_cancelled else "asn_received"),
        }

    def _name_line_orders(self):
        """Of each line of a ship notice the orders that it may be of: the one it names, else all of the notice."""
        self.ensure_one()
        orders = self._get_orders()
        known = [Named(order, order.name, order.partner_ref or "") for order in orders]
        named = {line.get("order") or "" for line in self.details or ()}
        meant = {name: orders.browse().union(*(one.key for one in pick(name, known))) for name in named if name}
        return [meant.get(line.get("order") or "", orders) for line in self.details or ()]

    # ------------------------------------------------------------------ to which receipts it belongs
    @api.model
    def _link_receipts(self, events):
        """Tie the shipment of a ship notice to the receipts of all orders that it names."""
        advices = events.filtered(lambda event: event.kind == "despatch_advice" and event.shipment_id)
        for event in advices.filtered("purchase_order_id"):
            receipts = self.env["stock.picking"].union(*map(event._get_announced_receipts, event._get_orders()))
            event.shipment_id.direction = receipts[:1]._get_shipment_direction() or "inbound"
            for receipt in receipts:
                event.shipment_id._link_picking(receipt)

    def _get_announced_receipts(self, order):
        """What of an order a notice announces: what is to come, or what came before the notice did."""
        receipts = order.picking_ids.filtered(
            lambda one: one.state != "cancel" and one._get_shipment_direction() in ("inbound", "dropship")
        )
        if receipts & self.shipment_id.picking_ids:
            return receipts & self.shipment_id.picking_ids
        waiting = receipts.filtered(lambda one: one.state != "done")
        done = (receipts - waiting).sorted("date_done")
        here = done.filtered(self._may_have_announced)
        return here.filtered(lambda one: not waiting or self._is_as_much_as(one)) or waiting or done[-1:]

    def _may_have_announced(self, receipt):
        """Whether these goods may have come before their notice: no other announced them, and they had left by then."""
        told = [("kind", "=", "despatch_advice"), ("shipment_id", "in", receipt.visibility_shipment_ids.ids)]
        has_left = not self.shipped_at or self.shipped_at <= receipt.date_done
        return has_left and not self.search_count(told, limit=1)

    def _is_as_much_as(self, receipt):
        """Whether a receipt brought what this announces, while more of the order is still to come."""
        if not self.shipped_at:
            return False
        lines = zip(self.details or (), self._name_line_orders(), strict=True)
        announced = sum(line.get("quantity") or 0 for line, orders in lines if receipt.purchase_id in orders)
        return abs(announced - sum(map(self._get_quantity, receipt.move_ids))) < 1e-6

    @api.model
    def _get_quantity(self, move):
        """What a move brought, in the unit of the order's line."""
        unit = move.purchase_line_id.product_uom_id or move.product_uom
        return move.product_uom._compute_quantity(move.quantity, unit, round=False)

    # ------------------------------------------------------------------ found later
    @api.model
    def _take_up(self, orders):
        """A buyer wrote on these orders what the supplier calls them: what was said of that takes effect now."""
        waiting = self.search(
            [
                ("unknown_orders", "!=", False),
                ("company_id", "in", orders.company_id.ids),
                ("is_withdrawn", "=", False),
            ],
            order="id desc",
            limit=MOST_UNKNOWN,
        )
        found = waiting.filtered(lambda event: event._find_unknown()).sorted("id")
        if not found:
            return
        self._link_receipts(found)
        for message in found.message_id:
            message.is_unmatched = any(event._is_unmatched() for event in message.event_ids)
        self.env["visibility.exception"]._clear_unknown_orders(found)
        found._take_effect()

    def _find_unknown(self):
        """Look for the orders again that were not found; gives whether one was."""
        names = self.unknown_orders.split(", ")
        by_name = self._find_orders(set(names), self.company_id)
        picked = {name: self._pick_order(self.company_id, self.source_id, name, by_name) for name in names}
        found = self._get_orders().union(*picked.values())
        if found == self._get_orders():
            return False
        self.write(
            {
                "purchase_order_id": found[:1].id,
                "further_order_ids": [fields.Command.set(found[1:].ids)],
                "unknown_orders": ", ".join(name for name in names if not picked[name]) or False,
            }
        )
        return True
