"""What happens to an order at a supplier, and what the supplier says."""

from datetime import timezone

from odoo import Command


class Buying:
    """Orders at suppliers; their answers and ship notices come as signed requests."""

    def do_buy(self, line):
        name, supplier = line.head
        planned = line.options["promised"]
        order = self.office["purchase.order"].create(
            {
                "partner_id": self.partners[supplier].id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [Command.create(self._prepare_bought(goods, planned)) for goods in line.goods],
            }
        )
        order.button_confirm()
        self.docs[name] = order

    def _prepare_bought(self, goods, planned):
        product = self.products[goods["product"]]
        uom = self.env.ref("uom.product_uom_dozen") if "dozen" in goods else product.uom_id
        return {
            "product_id": product.id,
            "product_qty": float(goods["quantity"]),
            "product_uom_id": uom.id,
            "price_unit": float(goods.get("price", product.standard_price)),
            "date_planned": self.at(goods.get("due", planned)),
            "tax_ids": False,
        }

    def do_approve(self, line):
        """What Odoo asked a supplier for because of sale orders is ordered, as one order."""
        name, *sales = line.head
        orders = self.office["purchase.order"].browse()
        for sale in sales:
            orders |= self.doc(sale)._get_purchase_orders()
        order = orders[:1]
        (orders - order).order_line.write({"order_id": order.id})
        order.order_line.date_planned = self.at(line.options["promised"])
        order.button_confirm()
        self.docs[name] = order

    def do_acknowledge(self, line):
        self.doc(line.head[0]).action_acknowledge()

    def do_accept(self, line):
        self._get_proposals(line).action_accept_all()

    def do_refuse(self, line):
        wanted = self._get_proposals(line).line_ids.filtered(lambda one: one.status == "proposed")
        wizard = self.office["visibility.proposal.refuse.wizard"]
        wizard.create({"line_ids": [Command.set(wanted.ids)], "reason": "We cannot wait"}).action_confirm()

    def _get_proposals(self, line):
        order = self.doc(line.head[0])
        found = self.office["visibility.proposal"].search(
            [("purchase_order_id", "=", order.id), ("is_open", "=", True)]
        )
        if not found:
            raise ValueError("there is nothing to decide")
        return found

    # ------------------------------------------------------------------ what the supplier says
    def do_answer(self, line):
        name, status = line.head
        order = self.doc(name)
        number = order.name.lower() if line.options.get("spelt") == "lower" else order.name
        data = {
            "order": number,
            "status": status,
            "responded_at": self.write_time(line.options.get("at", line.when)),
            "lines": [self._prepare_answer(goods, status, line.options) for goods in line.goods],
        }
        self.tell("alder", "supplier.order_response", data, line)

    def _prepare_answer(self, goods, status, options):
        when = goods.get("when") or options.get("promised")
        answer = {
            "product": goods["product"].upper(),
            "status": goods.get("status", status),
            "quantity": float(goods["quantity"]),
        }
        return {**answer, "promised_at": self.write_time(when)} if when else answer

    def do_notice(self, line):
        number, *orders = line.head
        first = self.doc(orders[0])
        data = {
            "despatch_number": number,
            "order": first.name,
            "carrier": "northline",
            "tracking_number": line.options["as"],
            "shipped_at": self.write_time(line.when),
            "eta": self.write_time(line.options["eta"]),
            "lines": [
                {
                    "order": self.doc(goods.get("order", orders[0])).name,
                    "product": goods["product"].upper(),
                    "quantity": float(goods["quantity"]),
                }
                for goods in line.goods
            ],
        }
        self.tell("alder", "supplier.despatch_advice", data, line)

    def write_time(self, text):
        """A moment as senders write it."""
        return self.at(text).replace(tzinfo=timezone.utc).isoformat().replace("+00:00", "Z")
