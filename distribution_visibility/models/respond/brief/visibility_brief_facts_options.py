from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.respond.brief.brief import Option, covers

#: A lane with fewer parcels tells nothing.
LANE_PARCELS = 5
ARRIVALS = 5
DONE = ("done", "cancel")


class VisibilityBriefFacts(models.AbstractModel):
    """What can be done, worked out from stock, receipts, lanes and vendors; what nobody knows is named so."""

    _inherit = "visibility.brief.facts"

    # ------------------------------------------------------------------ what is needed
    @api.model
    def _add_needs(self, cases):
        """The goods each exception is about: ``needed`` (product id to quantity), ``warehouse``, ``is_shipped``."""
        for one, case in cases.items():
            moves = self._get_needed_moves(one, case)
            needed = {}
            for move in moves:
                needed[move.product_id.id] = needed.get(move.product_id.id, 0) + move.product_qty
            case.update(
                moves=moves,
                needed=needed,
                warehouse=self._get_warehouse(one, moves),
                is_shipped=bool(moves) and all(move.state == "done" for move in moves),
                is_outbound=bool(moves.filtered(lambda move: move._is_last_to_customer())),
            )

    @api.model
    def _get_needed_moves(self, one, case):
        outgoing = one.picking_ids.move_ids.filtered(lambda move: move._is_last_to_customer())
        waiting = case["waiting"].move_ids.filtered(lambda move: move.state not in DONE)
        ordered = one.sale_order_ids.order_line.move_ids.filtered(
            lambda move: move.state not in DONE and move._is_last_to_customer()
        )
        bought = one.purchase_order_ids.order_line.move_ids.filtered(lambda move: move.state not in DONE)
        moves = outgoing or waiting or ordered or bought
        moves = moves.filtered(lambda move: move.state != "cancel" and move.product_id.is_storable)
        # Of what went in part, the rest is needed
        return moves.filtered(lambda move: move.state != "done") or moves

    @api.model
    def _get_warehouse(self, one, moves):
        warehouse = one.sale_order_ids.warehouse_id or moves.picking_type_id.warehouse_id
        return warehouse[:1]

    # ------------------------------------------------------------------ what there is, for all at once
    @api.model
    def _add_supplies(self, cases):
        products = {product for case in cases.values() for product in case["needed"]}
        stock, arrivals = self._get_stock(products), self._get_arrivals(products)
        vendors, lanes = self._get_vendors(products), self._get_lanes(cases)
        for one, case in cases.items():
            company = one.company_id.id
            case["stock"] = {
                warehouse: there for (owner, warehouse), there in stock.items() if owner == company
            }
            case["arrivals"] = [
                arrival
                for product in case["needed"]
                for arrival in arrivals.get((company, product), ())
                if arrival["order"] not in one.purchase_order_ids
            ]
            case["vendors"] = [
                vendor
                for product in case["needed"]
                for vendor in vendors.get(product, ())
                if vendor.company_id.id in (False, company)
                and vendor.partner_id.commercial_partner_id != one.purchase_order_ids.partner_id.commercial_partner_id
            ]
            case["lanes"] = lanes.get(self._get_lane_place(one), ())

    @api.model
    def _get_stock(self, products):
        """Free goods: (company, warehouse) to {product: quantity}, in the products' units."""
        if not products:
            return {}
        self.env["stock.quant"].flush_model(["quantity", "reserved_quantity"])
        rows = self.env.execute_query(
            SQL(
                """SELECT place.company_id, place.warehouse_id, q.product_id, sum(q.quantity - q.reserved_quantity)
                     FROM stock_quant q JOIN stock_location place ON place.id = q.location_id
                    WHERE place.usage = 'internal' AND place.warehouse_id IS NOT NULL AND q.product_id = ANY(%s)
                    GROUP BY 1, 2, 3 HAVING sum(q.quantity - q.reserved_quantity) > 0 ORDER BY 2, 3""",
                list(products),
            )
        )
        stock = {}
        for company, warehouse, product, quantity in rows:
            stock.setdefault((company, warehouse), {})[product] = float(quantity)
        return stock

    @api.model
    def _get_arrivals(self, products):
        """What is on its way from suppliers, the next first: (company, product) to a few arrivals."""
        if not products:
            return {}
        self.env["stock.move"].flush_model()
        self.env["purchase.order.line"].flush_model(["date_planned"])
        rows = self.env.execute_query(
            SQL(
                """SELECT company_id, product_id, order_id, arrives, quantity FROM (
                       SELECT m.company_id, m.product_id, p.order_id, GREATEST(m.date, p.date_planned) AS arrives,
                              m.product_qty AS quantity, row_number() OVER (
                                  PARTITION BY m.company_id, m.product_id
                                  ORDER BY GREATEST(m.date, p.date_planned), m.id) AS place
                         FROM stock_move m
                         JOIN purchase_order_line p ON p.id = m.purchase_line_id
                         JOIN stock_location source ON source.id = m.location_id
                        WHERE m.state NOT IN ('draft', 'done', 'cancel') AND source.usage = 'supplier'
                          AND m.product_id = ANY(%s)) AS coming
                    WHERE place <= %s ORDER BY arrives""",
                list(products),
                ARRIVALS,
            )
        )
        orders = self.env["purchase.order"].sudo().with_context(lang=None)
        arrivals = {}
        for company, product, order, arrives, quantity in rows:
            arrivals.setdefault((company, product), []).append(
                {"product": product, "order": orders.browse(order), "at": arrives, "quantity": float(quantity)}
            )
        return arrivals

    @api.model
    def _get_vendors(self, products):
        """Price lists of vendors that are valid today, by product, the quickest first."""
        products = self.env["product.product"].sudo().browse(products)
        today = fields.Date.context_today(self)
        vendors = self.env["product.supplierinfo"].sudo().with_context(lang=None)
        vendors = vendors.search([("product_tmpl_id", "in", products.product_tmpl_id.ids)], order="delay, id")
        valid = vendors.filtered(
            lambda one: (not one.date_start or one.date_start <= today) and (not one.date_end or one.date_end >= today)
        )
        return {
            product.id: valid.filtered(
                lambda one, p=product: one.product_tmpl_id == p.product_tmpl_id and one.product_id in (p, p.browse())
            )
            for product in products
        }

    @api.model
    def _get_lane_place(self, one):
        shipment = one.shipment_id
        places = [place for place in (shipment.lane_zip, shipment.lane_state, shipment.lane_country) if place]
        return (one.company_id.id, shipment.lane_origin or "", places[0]) if places else None

    @api.model
    def _get_lanes(self, cases):
        """How long each carrier took from the same place to the same place, the finest lanes that are known."""
        places = {place: one.shipment_id for one in cases if (place := self._get_lane_place(one))}
        wanted = {
            name
            for shipment in places.values()
            for name in (shipment.lane_zip, shipment.lane_state, shipment.lane_country)
            if name
        }
        rows = self.env["visibility.lane"].sudo().search_fetch(
            [
                ("kind", "=", "transit"),
                ("weekday", "=", False),
                ("carrier_id", "!=", False),
                ("destination_key", "in", list(wanted)),
                ("origin_key", "in", [place[1] for place in places]),
                ("observation_count", ">=", LANE_PARCELS),
            ],
            ["company_id", "carrier_id", "origin_key", "destination_key", "level", "p90_hours", "observation_count"],
            order="level, p90_hours, id",
        ) if wanted else ()  # fmt: skip
        found = {}
        for place, shipment in places.items():
            company, origin, _finest = place
            ends = (shipment.lane_zip, shipment.lane_state, shipment.lane_country)
            best = {}
            for lane in rows:
                if lane.company_id.id == company and lane.origin_key == origin and lane.destination_key in ends:
                    best.setdefault(lane.carrier_id, lane)
            found[place] = sorted(best.values(), key=lambda lane: (lane.p90_hours, lane.id))
        return found

    # ------------------------------------------------------------------ options
    @api.model
    def _get_options(self, case):
        """Seam: everything that can be done about an exception, in any order."""
        if not case["exception"].is_open:
            return []
        return [
            *self._get_stock_options(case),
            *self._get_incoming_options(case),
            *self._get_partial_options(case),
            *self._get_carrier_options(case),
            *self._get_vendor_options(case),
            *self._get_standing_options(case),
        ]

    @api.model
    def _in(self, hours):
        return fields.Datetime.now() + timedelta(hours=hours) if hours else None

    @api.model
    def _get_own_lane_hours(self, case):
        return case["exception"].shipment_id.lane_p90_hours or None

    @api.model
    def _get_at_customer(self, case, receipt):
        """When goods that arrive here can be with the customer, and what is not known about that.

        Without the lane's history only that it is too late can be told, not that it is in time.
        """
        if not receipt or not case["is_outbound"]:
            return receipt, ()
        hours = self._get_own_lane_hours(case)
        if hours:
            return receipt + timedelta(hours=hours), ()
        is_late = case["promise"] and receipt > case["promise"]
        return (receipt if is_late else None), ("time",)

    @api.model
    def _get_stock_options(self, case):
        """The same goods from the shelves: of the own warehouse, and of the others that have the most."""
        if not case["needed"] or not case["is_outbound"]:
            return
        home = case["warehouse"].id
        shares = {place: covers(case["needed"], there) for place, there in case["stock"].items()}
        others = sorted((place for place in shares if place != home and shares[place]), key=lambda one: -shares[one])
        if shares.get(home):
            hours = self._get_own_lane_hours(case)
            code = "send_again" if case["is_shipped"] else "from_stock"
            decision = "rerouting" if case["is_shipped"] else ""
            yield self._prepare_stock_option(case, home, code, decision, shares[home], hours)
        for place in others[:2]:
            yield self._prepare_stock_option(case, place, "stock_elsewhere", "rerouting", shares[place], None)

    @api.model
    def _prepare_stock_option(self, case, place, code, decision, share, hours):
        warehouse = self.env["stock.warehouse"].sudo().browse(place)
        there = case["stock"][place]
        products = self.env["product.product"].sudo().with_context(lang=None).browse(case["needed"])
        goods = [
            [self._ref(product), case["needed"][product.id], there.get(product.id, 0)] for product in products
        ]
        is_enough = share >= 1
        return Option(
            code,
            arrives=self._in(hours) if is_enough else None,
            decision=decision,
            known={"warehouse": self._ref(warehouse), "goods": goods, "share": round(share * 100), "hours": hours},
            unknown=() if hours else ("time",),
            sources=(tuple(self._ref(warehouse)),),
        )

    @api.model
    def _get_incoming_options(self, case):
        """Goods that suppliers send already, where together they are enough: by when."""
        if not case["arrivals"] or case["is_shipped"]:
            return
        there, used, arrives = {}, [], None
        for arrival in sorted(case["arrivals"], key=lambda one: one["at"]):
            if covers(case["needed"], there) >= 1:
                break
            there[arrival["product"]] = there.get(arrival["product"], 0) + arrival["quantity"]
            used.append(arrival)
            arrives = arrival["at"]
        orders = self.env["purchase.order"].union(*(arrival["order"] for arrival in used))
        share = covers(case["needed"], there)
        at_customer, unknown = self._get_at_customer(case, arrives if share >= 1 else None)
        yield Option(
            "incoming",
            arrives=at_customer,
            known={"orders": [self._ref(order) for order in orders], "share": round(share * 100),
                   "receipt": self._at(arrives)},
            unknown=("promised_to_others", *unknown),
            sources=tuple(tuple(self._ref(order)) for order in orders),
        )  # fmt: skip

    @api.model
    def _get_partial_options(self, case):
        """What is reserved for the order already can go ahead of the rest."""
        moves = case["moves"].filtered(lambda move: move.state not in DONE and move._is_last_to_customer())
        wanted, reserved = sum(moves.mapped("product_uom_qty")), sum(moves.mapped("quantity"))
        if not wanted or not 0 < reserved < wanted:
            return
        whole = "one" in moves.sale_line_id.order_id.mapped("picking_policy")
        yield Option(
            "partial",
            known={"share": round(100 * reserved / wanted)},
            needs=("customer_agrees",) if whole else (),
            sources=tuple(tuple(self._ref(picking)) for picking in moves.picking_id),
        )

    @api.model
    def _get_carrier_options(self, case):
        one = case["exception"]
        if not case["is_outbound"] or one.shipment_id.delivered_at:
            return
        yield Option("expedite", decision="expedited_freight", unknown=("cost", "time"))
        own = one.shipment_id.carrier_id
        for lane in [lane for lane in case["lanes"] if lane.carrier_id != own][:1]:
            yield Option(
                "other_carrier",
                arrives=self._in(lane.p90_hours),
                decision="rerouting" if case["is_shipped"] else "",
                known={
                    "carrier": self._ref(lane.carrier_id),
                    "hours": lane.p90_hours,
                    "parcels": lane.observation_count,
                },
                unknown=("cost",),
                needs=("goods",) if case["is_shipped"] else (),
                sources=(tuple(self._ref(lane)),),
            )

    @api.model
    def _get_vendor_options(self, case):
        """Others who sell the goods, where they are not on the shelf of the own warehouse."""
        at_home = covers(case["needed"], case["stock"].get(case["warehouse"].id, {}))
        if case["is_shipped"] or not case["needed"] or at_home >= 1:
            return
        seen = set()
        for vendor in case["vendors"]:
            if vendor.partner_id.id in seen or len(seen) == 2:
                continue
            seen.add(vendor.partner_id.id)
            at_customer, unknown = self._get_at_customer(case, self._in(vendor.delay * 24))
            yield Option(
                "other_supplier",
                arrives=at_customer,
                decision="supplier_substitution",
                known={"supplier": self._ref(vendor.partner_id), "days": vendor.delay, "least": vendor.min_qty},
                unknown=("their_stock", *unknown),
                sources=(tuple(self._ref(vendor.partner_id)),),
            )

    @api.model
    def _get_standing_options(self, case):
        """What can always be done: telling the customer, and waiting for what is under way."""
        customer = case["exception"].sale_order_ids[:1].partner_id or case["waiting"].order_id[:1].partner_id
        if customer:
            yield Option(
                "tell_customer",
                known={"customer": self._ref(customer), "has_address": bool(customer.email or customer.phone)},
            )
        eta, eta_by = case["eta"]
        if case["exception"].shipment_id or eta:
            yield Option("wait", arrives=eta, known={"by": eta_by}, unknown=() if eta else ("eta",))

    @api.model
    def _prepare_option(self, option, promise):
        """As JSON. Times that are counted from now are kept as hours: they are no news when the clock moves on."""
        is_from_now = option.known.get("hours") or option.known.get("days")
        return {
            "code": option.code,
            "in_time": option.in_time(promise),
            "arrives": None if is_from_now else self._at(option.arrives),
            "decision": option.decision,
            "known": dict(option.known),
            "unknown": list(option.unknown),
            "needs": list(option.needs),
        }
