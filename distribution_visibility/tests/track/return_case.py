from odoo import Command

from .drop_ship_case import DropShipCase


class ReturnCase(DropShipCase):
    """Goods come back from customers, go back to suppliers, and go out again: by every way that there is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.valve = cls.env["product.product"].create({"name": "Valve", "type": "consu", "is_storable": True})
        cls.env["stock.quant"]._update_available_quantity(cls.valve, cls.warehouse.lot_stock_id, 100)

    # ------------------------------------------------------------------ there
    def _deliver(self, number=False, days=10, quantity=2):
        """A delivery that is done; gives it."""
        delivery = self._sell(days, product=self.valve, quantity=quantity, carrier_id=self.carrier.id).picking_ids
        if number:
            delivery.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
        self._pass(delivery)
        return delivery

    def _take_in(self, number=False, quantity=10):
        """A supplier's receipt that is done; gives it."""
        receipt = self._buy(10, quantity, product=self.valve).picking_ids
        if number:
            receipt.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
        self._pass(receipt)
        return receipt

    # ------------------------------------------------------------------ and back
    def _return(self, transfer, quantity=None, action="action_create_returns"):
        """By Odoo's wizard; gives the transfer that brings the goods back."""
        wizard = self.env["stock.return.picking"].with_context(active_id=transfer.id, active_model="stock.picking")
        returning = wizard.create({})
        for line in returning.product_return_moves:
            line.quantity = quantity or line.move_id.quantity
        return self.env["stock.picking"].browse(getattr(returning, action)()["res_id"])

    def _exchange(self, transfer, quantity=None):
        """By Odoo's wizard; gives the transfer back, and the one that replaces what came."""
        pickings = self.env["stock.picking"]
        last = pickings.search([], order="id desc", limit=1).id
        back = self._return(transfer, quantity, "action_create_exchanges")
        again = pickings.search([("id", ">", last)]) - back
        self.assertEqual(len(again), 1)
        return back, again

    def _return_like_rma(self, delivery, **values):
        """As OCA's rma makes its receipt: it names the move that it brings back, and neither order nor delivery."""
        move = delivery.move_ids[0]
        return self._create_transfer(
            self.warehouse.in_type_id, self.customers, self.warehouse.lot_stock_id, origin=move, **values
        )

    def _return_by_hand(self, delivery, **values):
        """As somebody types it who knows no wizard: from the customer, and nothing else is known of it."""
        return self._create_transfer(self.warehouse.in_type_id, self.customers, self.warehouse.lot_stock_id, **values)

    def _create_transfer(self, kind, source, target, origin=None, **values):
        move = {
            "product_id": self.valve.id,
            "product_uom_qty": 2,
            "location_id": source.id,
            "location_dest_id": target.id,
            "origin_returned_move_id": origin.id if origin else False,
        }
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": kind.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "move_ids": [Command.create(move)],
                **values,
            }
        )
        picking.action_confirm()
        return picking

    def _get_ways_back(self):
        """By name a transfer that brings a customer's goods back, and its order where anybody can know it."""
        one, two, three = self._deliver(), self._deliver(), self._deliver()
        back, _again = self._exchange(self._deliver())
        part = self._return(self._deliver(quantity=4))
        part.move_ids.write({"quantity": 1, "picked": True})
        part._action_done()
        return {
            "wizard": (self._return(one), one.sale_id),
            "exchange": (back, back.sale_id),
            "rma": (self._return_like_rma(two), two.sale_id),
            "by hand": (self._return_by_hand(three), three.sale_id.browse()),
            "backorder": (part.backorder_ids, part.sale_id),
        }
