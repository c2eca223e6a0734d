"""What happens in the warehouse."""

from datetime import timedelta

from odoo import Command


class Moving:
    """Stock, transfers of all steps, returns."""

    def do_stock(self, line):
        self._count(float(line.head[0]), line.head[1])

    def do_lose(self, line):
        self._count(-float(line.head[0]), line.head[1])

    def _count(self, quantity, product):
        """Somebody counts, and types how much there is now."""
        quants = self.office["stock.quant"].with_context(inventory_mode=True)
        place, product = self.warehouse.lot_stock_id, self.products[product]
        there = sum(quants.search([("product_id", "=", product.id), ("location_id", "=", place.id)]).mapped("quantity"))
        counted = {"product_id": product.id, "location_id": place.id, "inventory_quantity": there + quantity}
        quants.create(counted).action_apply_inventory()

    def do_reservation(self, line):
        types = self.warehouse.pick_type_id | self.warehouse.out_type_id
        types.write({"reservation_method": line.head[0]})

    # ------------------------------------------------------------------ transfers
    def get_open(self, name, incoming=False):
        """The open transfers of a document, what must be done first first."""
        record = self.docs[name].with_env(self.office)
        moves = record.move_ids if record._name == "stock.picking" else self._get_moves(record)
        moves = moves.filtered(lambda move: move.state not in ("done", "cancel"))
        if record._name == "sale.order":
            moves = moves.filtered(lambda move: not self._is_elsewhere(move))
        return moves.picking_id.sorted(lambda one: (self._count_before(one), one.id))

    def _is_elsewhere(self, move):
        """Suppliers' receipts, drop-ships and returns of the same chain are not ours to pick."""
        return move.location_id.usage in ("supplier", "customer") or bool(move.origin_returned_move_id)

    def _count_before(self, picking):
        waiting = picking.move_ids.move_orig_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        return len(waiting)

    def _get_moves(self, order):
        """The moves of an order with all steps before and behind them in our house."""
        if order._name == "purchase.order":
            return self._follow(order.order_line.move_ids, "move_dest_ids", self._is_put_away)
        found = order.order_line.move_ids | order.picking_ids.move_ids
        return self._follow(found, "move_orig_ids", lambda move: move.location_id.usage == "internal")

    def _is_put_away(self, move):
        outward = self.warehouse.pick_type_id | self.warehouse.pack_type_id | self.warehouse.out_type_id
        return move.location_dest_id.usage == "internal" and move.picking_type_id not in outward

    def _follow(self, moves, field, wanted):
        seen = moves
        while moves:
            moves = (moves[field] - seen).filtered(wanted)
            seen |= moves
        return seen

    def do_start(self, line):
        self.get_open(line.head[0])[:1].do_print_picking()

    def do_pick(self, line):
        picking = self.get_open(line.head[0])[:1]
        if len(self.get_open(line.head[0])) == 1 and picking.picking_type_code == "outgoing":
            picking.do_print_picking()
        else:
            self._validate(picking)

    def do_ship(self, line):
        name = line.head[0]
        number = line.options.get("as")
        done = self.env["stock.picking"]
        while pickings := self.get_open(name) - done:
            picking = pickings[:1]
            if number and picking.picking_type_code == "outgoing":
                picking.carrier_tracking_ref = number
            self._validate(picking, line.goods, line.options.get("rest"))
            if line.goods:
                done |= picking | picking.backorder_ids

    def do_unload(self, line):
        self._validate(self.get_open(line.head[0])[:1])

    def do_receive(self, line):
        """Received, and put where it belongs."""
        name = line.head[0]
        done = self.env["stock.picking"]
        while pickings := self.get_open(name) - done:
            self._validate(pickings[:1], line.goods, line.options.get("rest"))
            done |= pickings[:1] | pickings[:1].backorder_ids

    def do_arrive(self, line):
        for picking in self.get_open(line.head[0]):
            self._validate(picking)

    def _validate(self, picking, goods=(), rest=None):
        """Type what is there and press Validate; what is left is for later, or never."""
        picking.ensure_one()
        wanted = {
            self.products[one["product"]]: float(one["quantity"]) * (12 if "dozen" in one else 1) for one in goods
        }
        if picking.location_id.usage == "internal":
            picking.action_assign()
        for move in picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel")):
            unit = move.product_id.uom_id
            there = unit._compute_quantity(wanted.get(move.product_id, 0), move.product_uom)
            quantity = there if wanted else move.product_uom_qty
            move.quantity = quantity
            move.picked = bool(quantity)
        never = picking.ids if rest == "never" else []
        context = {"skip_backorder": True, "picking_ids_not_to_backorder": never, "skip_sms": True}
        result = picking.with_context(**context).button_validate()
        self.settle()
        if picking.state not in ("done", "cancel"):
            raise ValueError(f"{picking.name} was not validated: {result}")

    def do_drop(self, line):
        self.get_open(line.head[0])[:1].action_cancel()

    def do_unreserve(self, line):
        self.get_open(line.head[0]).do_unreserve()

    def do_reserve(self, line):
        self.get_open(line.head[0]).action_assign()

    def do_reschedule(self, line):
        self.get_open(line.head[0])[:1].scheduled_date = self.at(line.options["to"])

    def do_number(self, line):
        """A tracking number is typed, or emptied."""
        pickings = self.doc(line.head[0]).picking_ids.filtered(lambda one: one.picking_type_code == "outgoing")
        pickings.carrier_tracking_ref = line.head[1] if line.head[1:] else False

    # ------------------------------------------------------------------ coming back
    def do_return(self, line):
        picking = self._start_return(line).action_create_returns()["res_id"]
        self._keep_return(line, picking)

    def do_exchange(self, line):
        picking = self._start_return(line).action_create_exchanges()["res_id"]
        self._keep_return(line, picking)

    def _start_return(self, line):
        done = self.doc(line.head[0]).picking_ids.filtered(
            lambda one: one.state == "done" and one.picking_type_code == "outgoing"
        )
        wizard = self.office["stock.return.picking"].with_context(
            active_id=done[-1:].id, active_ids=done[-1:].ids, active_model="stock.picking"
        )
        wizard = wizard.create({"picking_id": done[-1:].id})
        for goods in line.goods:
            wanted = wizard.product_return_moves.filtered(
                lambda one, goods=goods: one.product_id == self.products[goods["product"]]
            )
            wanted.quantity = float(goods["quantity"])
        return wizard

    def _keep_return(self, line, picking):
        self.docs[line.head[1]] = self.office["stock.picking"].browse(picking)
        if "number" in line.options:
            self.docs[line.head[1]].carrier_tracking_ref = line.options["number"]

    # ------------------------------------------------------------------ what was before
    def do_lane(self, line):
        """So many parcels of a carrier took so many hours each, in the weeks before."""
        carrier, count, _parcels, hours = line.head
        began = self.clock.now - timedelta(days=21)
        now = self.clock.now
        self.clock.set(began)
        customer, product = self.partners["Atelier"], self.products["pump"]
        warehouse = self.warehouse
        self._count(float(count), "pump")
        events = []
        for number in range(int(count)):
            picking = self.office["stock.picking"].create(
                {
                    "partner_id": customer.id,
                    "picking_type_id": warehouse.out_type_id.id,
                    "location_id": warehouse.lot_stock_id.id,
                    "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                    "carrier_id": self.house.carriers[carrier].id,
                    "carrier_tracking_ref": f"OLD{number}",
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": 1,
                                "location_id": warehouse.lot_stock_id.id,
                                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                            }
                        )
                    ],
                }
            )
            picking.action_confirm()
            self._validate(picking)
            begin = began + timedelta(minutes=10 + number)
            events += self._tell_way(carrier, f"OLD{number}", begin, int(hours.removesuffix("h")))
        self.clock.set(began + timedelta(days=8))
        self.post(carrier, {"events": events})
        self.clock.run(at_once=True)
        self.env.ref("distribution_visibility.ir_cron_lanes").method_direct_trigger()
        self.settle()
        self.clock.set(now)

    def _tell_way(self, carrier, number, begin, hours):
        stops = {"picked_up": begin, "delivered": begin + timedelta(hours=hours)}
        return [
            {
                "type": "shipment.milestone",
                "id": f"{number}-{milestone}",
                "data": {
                    "tracking_number": number,
                    "carrier": carrier,
                    "milestone": milestone,
                    "occurred_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                },
            }
            for milestone, moment in stops.items()
        ]
