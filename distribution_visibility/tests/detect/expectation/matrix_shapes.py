from odoo import Command
from odoo.tests import Form

#: Of each order, in units.
QUANTITY = 12


class Shape:
    """One way in which a customer's order is served: from one shelf, in one step, one order one delivery.

    A shape knows how its orders are made and worked off. Stories (see ``matrix_stories``) call these methods, and know
    nothing of shapes. ``case`` is the test class; moments are those of its clock.
    """

    out, into = "ship_only", "one_step"
    reserves = "at_confirm"
    #: How its transfers are worked off: those that are in batches are kept from the others.
    works = "one by one"
    bought = QUANTITY
    #: Said when its orders are confirmed.
    context = {}
    #: Whether anybody of ours has it in hand; what a supplier sends straight is in nobody's warehouse.
    is_ours = True
    #: Whether part of it is left behind from the beginning.
    has_backorder = False

    def __init__(self, case):
        self.case, self.env = case, case.env
        self.warehouse = case._get_warehouse(self.out, self.into, self.reserves, self.works)

    # ------------------------------------------------------------------ before
    def make_product(self, **values):
        return self.env["product.product"].create(
            {"name": type(self).__name__, "type": "consu", "is_storable": True, **values}
        )

    def sell(self, promise, is_on_stock):
        """The confirmed order of a story. What is not on stock is bought for it: see :attr:`purchase`."""
        self.product = self.make_product()
        self.purchase = self.env["purchase.order"]
        if is_on_stock:
            self.stock(self.product, QUANTITY)
        else:
            self.purchase = self.buy(self.product)
        return self.confirm(promise)

    def stock(self, product, quantity):
        self.env["stock.quant"]._update_available_quantity(product, self.warehouse.lot_stock_id, quantity)

    def buy(self, product):
        purchase = self.env["purchase.order"].create(self.prepare_purchase(product))
        purchase.button_confirm()
        return purchase

    def prepare_purchase(self, product):
        line = {"product_id": product.id, "product_qty": self.bought, "date_planned": self.case.ARRIVAL}
        return {
            "partner_id": self.case.supplier.id,
            "picking_type_id": self.warehouse.in_type_id.id,
            "order_line": [Command.create(line)],
        }

    def confirm(self, promise):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.case.customer.id,
                "warehouse_id": self.warehouse.id,
                "carrier_id": self.case.carrier.id,
                "commitment_date": promise,
                "order_line": [Command.create(self.prepare_line())],
            }
        )
        order.with_context(**self.context).action_confirm()
        return order

    def prepare_line(self):
        return {"product_id": self.product.id, "product_uom_qty": QUANTITY, "price_unit": 100, "tax_ids": False}

    # ------------------------------------------------------------------ the work
    def get_open(self, order):
        """The open transfers on the way to the customer, in the order in which they came to be."""
        pickings = order.order_line.move_ids.picking_id
        return pickings.filtered(lambda one: one.state not in ("done", "cancel") and not one.return_id).sorted("id")

    def ship(self, order, number=False):
        """All the steps that are left, until the goods are gone."""
        self.receive()
        while pickings := self.get_open(order):
            if number:
                pickings.filtered(self.is_outer).carrier_tracking_ref = number
            for picking in pickings:
                self.validate(picking)

    def ship_half(self, order):
        """Half of it goes all its way; what is left behind waits where it is."""
        self.receive()
        first = self.get_open(order)[0]
        self.validate(first, 0.5)
        while following := self.get_open(order).filtered(lambda one: one.backorder_id != first and one != first):
            self.validate(following[0])

    def is_outer(self, picking):
        return picking.location_dest_id.usage == "customer"

    def receive(self):
        """What was bought comes in, by all steps of the warehouse."""
        while arriving := self.get_arriving():
            for picking in arriving:
                self.validate(picking)

    def get_arriving(self):
        receipts = self.purchase.picking_ids
        later = receipts.move_ids.move_dest_ids.picking_id
        later |= later.move_ids.move_dest_ids.picking_id
        return (receipts | later).filtered(
            lambda one: one.state not in ("done", "cancel") and one.picking_type_code in ("incoming", "internal")
        )

    def validate(self, picking, share=1):
        picking.action_assign()
        for move in picking.move_ids.filtered(lambda one: one.state not in ("done", "cancel")):
            move.quantity = move.product_uom_qty * share
            move.picked = True
        result = picking.with_context(skip_sms=True).button_validate()
        if result is not True:
            Form.from_action(self.env, result).save().process()

    def print(self, order):
        self.receive()
        self.get_open(order).do_print_picking()

    def cancel_transfers(self, order):
        self.get_open(order).action_cancel()

    def move_supplier(self, moment):
        self.purchase.order_line.date_planned = moment


class OneStep(Shape):
    pass


class TwoSteps(Shape):
    out = "pick_ship"


class ThreeSteps(Shape):
    out = "pick_pack_ship"


class Bought(Shape):
    """Not on the shelf when the order comes: what is bought for everybody serves it."""

    def sell(self, promise, is_on_stock):
        return super().sell(promise, is_on_stock=False)


class InTwoSteps(Bought):
    into = "two_steps"


class InThreeSteps(Bought):
    into = "three_steps"


class ThreeStepsInAndOut(Bought):
    into, out = "three_steps", "pick_pack_ship"


class ReservedByHand(Shape):
    reserves = "manual"


class ReservedOnItsDay(TwoSteps):
    reserves = "by_date"


class Dozens(Shape):
    """The customer's line is in dozens, the shelf in pieces."""

    def prepare_line(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        return {**super().prepare_line(), "product_uom_id": dozen.id, "product_uom_qty": QUANTITY / 12}


class MadeToOrder(Shape):
    """The delivery waits for its own purchase."""

    def make_product(self, **values):
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        routes = route | self.warehouse.buy_pull_id.route_id
        seller = Command.create({"partner_id": self.case.supplier.id, "price": 40, "delay": 3})
        return super().make_product(
            route_ids=[Command.set(routes.ids)], seller_ids=[seller], purchase_ok=True, **values
        )

    def sell(self, promise, is_on_stock):
        self.product = self.make_product()
        order = self.confirm(promise)
        lines = self.env["purchase.order.line"].search([("product_id", "=", self.product.id)])
        self.purchase = lines.order_id
        lines.date_planned = self.case.ARRIVAL
        self.purchase.button_confirm()
        return order


class MadeToOrderInTwoSteps(MadeToOrder):
    out = "pick_ship"


class DropShip(Shape):
    """The supplier sends it straight to the customer."""

    is_ours = False
    context = {"skip_procurement": True}

    def sell(self, promise, is_on_stock):
        self.product = self.make_product()
        order = self.confirm(promise)
        self.purchase = self.buy(self.product)
        # What Odoo's own add-on for drop-shipping writes
        self.purchase.order_line.move_ids.sale_line_id = order.order_line
        return order

    def prepare_purchase(self, product):
        straight = {"picking_type_id": self.case._get_dropship_type().id, "dest_address_id": self.case.customer.id}
        return {**super().prepare_purchase(product), **straight}

    def receive(self):
        """Nothing of it comes to us."""


class Kit(Shape):
    """The line sells a kit; what is moved are its parts: three of one and one of another."""

    parts_of_one = (3, 1)

    def sell(self, promise, is_on_stock):
        self.purchase = self.env["purchase.order"]
        self.parts = [self.make_product(standard_price=price) for price in (10, 30)]
        self.product = self.make_product(is_storable=False)
        if is_on_stock:
            for part, of_one in zip(self.parts, self.parts_of_one, strict=True):
                self.stock(part, QUANTITY * of_one)
        else:
            self.stock(self.parts[0], QUANTITY * self.parts_of_one[0])
            self.purchase = self.buy(self.parts[1])
        return self.confirm(promise)

    def confirm(self, promise):
        with self.case._as_kit(self.product, dict(zip(self.parts, self.parts_of_one, strict=True))):
            return super().confirm(promise)


class Split(Shape):
    """Two deliveries of one order."""

    def confirm(self, promise):
        order = super().confirm(promise)
        self.split(order.picking_ids)
        return order

    def split(self, picking):
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty / 3
        picking.action_split_transfer()


class SplitInTwoSteps(Split):
    out = "pick_ship"


class Merged(Shape):
    """Its goods go with the delivery of another order, as somebody wrote it there."""

    bought = 2 * QUANTITY

    def sell(self, promise, is_on_stock):
        self.product = self.make_product()
        self.purchase = self.env["purchase.order"]
        if is_on_stock:
            self.stock(self.product, 2 * QUANTITY)
        else:
            self.purchase = self.buy(self.product)
        other, order = self.confirm(promise), self.confirm(promise)
        left = order.picking_ids
        left.move_ids.write({"picking_id": other.picking_ids.id})
        left.unlink()
        return order


class InBatches(TwoSteps):
    """Transfers are worked off in batches."""

    works = "in batches"

    def validate(self, picking, share=1):
        if "stock.picking.batch" not in self.env or share != 1:
            return super().validate(picking, share)
        picking.action_assign()
        batch = self.env["stock.picking.batch"].create({"picking_ids": [Command.set(picking.ids)]})
        batch.action_confirm()
        picking.move_ids.picked = True
        return batch.action_done()


class ByWrite(TwoSteps):
    """No button is pressed: an import, a handheld or another add-on writes."""

    def validate(self, picking, share=1):
        moves = picking.move_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        moves._action_assign()
        for move in moves:
            move.write({"quantity": move.product_uom_qty * share, "picked": True})
        picking._action_done()

    def cancel_transfers(self, order):
        self.get_open(order).move_ids._action_cancel()

    def print(self, order):
        self.get_open(order).write({"printed": True})


class Returned(Shape):
    """Part of it went early and came back; the rest is as any other delivery."""

    has_backorder = True

    def confirm(self, promise):
        order = super().confirm(promise)
        if not self.purchase:
            first = order.picking_ids
            self.validate(first, 1 / 3)
            self.take_back(first)
        return order

    def take_back(self, delivery, is_exchange=False):
        wizard = self.env["stock.return.picking"].create({"picking_id": delivery.id})
        for line in wizard.product_return_moves:
            line.quantity = line.move_quantity if "move_quantity" in line._fields else QUANTITY / 3
        action = wizard.action_create_exchanges() if is_exchange else wizard.action_create_returns()
        back = self.env["stock.picking"].browse(action["res_id"])
        self.validate(back)
        return back


class Exchanged(Returned):
    """The same, and a replacement is to go."""

    def take_back(self, delivery, is_exchange=True):
        return super().take_back(delivery, is_exchange)


SHAPES = {
    "one step": OneStep,
    "two steps": TwoSteps,
    "three steps": ThreeSteps,
    "received in one step": Bought,
    "received in two steps": InTwoSteps,
    "received in three steps": InThreeSteps,
    "three steps in and out": ThreeStepsInAndOut,
    "drop-ship": DropShip,
    "made to order": MadeToOrder,
    "made to order, two steps": MadeToOrderInTwoSteps,
    "kit": Kit,
    "dozens": Dozens,
    "split": Split,
    "split, two steps": SplitInTwoSteps,
    "merged": Merged,
    "in batches": InBatches,
    "by write": ByWrite,
    "returned": Returned,
    "exchanged": Exchanged,
    "reserved by hand": ReservedByHand,
    "reserved on its day": ReservedOnItsDay,
}
