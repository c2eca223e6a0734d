"""What happens to a customer's order."""

from odoo import Command


class Selling:
    """Orders of customers."""

    def do_customer(self, line):
        name = line.head[0]
        self.partners[name] = self.house.add_partner(self.env, name, tz=line.options.get("zone", self.house.zone))

    def do_limit(self, line):
        partner = self.partners[line.head[0]].with_env(self.office)
        partner.with_company(self.house.company).credit_limit = float(line.head[1])

    def do_sell(self, line):
        self.do_quote(line)
        self.doc(line.head[0]).action_confirm()

    def do_quote(self, line):
        name, customer = line.head
        partner = self.partners[customer]
        options = line.options
        values = {
            "partner_id": partner.id,
            "warehouse_id": self.warehouse.id,
            "commitment_date": self.at(options["promised"]) if "promised" in options else False,
            "order_line": [Command.create(self._prepare_sold(goods)) for goods in line.goods],
        }
        carrier = options.get("by", "northline")
        if carrier != "nobody":
            values["carrier_id"] = self.house.carriers[carrier].id
        if "valid" in options:
            values["validity_date"] = self.at(f"{options['valid']} 12:00").date()
        self.docs[name] = self.office["sale.order"].create(values)

    def _prepare_sold(self, goods):
        product = self.products[goods["product"]]
        uom = self.env.ref("uom.product_uom_dozen") if "dozen" in goods else product.uom_id
        values = {
            "product_id": product.id,
            "product_uom_qty": float(goods["quantity"]),
            "product_uom_id": uom.id,
            "tax_ids": False,
        }
        return {**values, "price_unit": float(goods["price"])} if "price" in goods else values

    def do_confirm(self, line):
        order = self.doc(line.head[0])
        if "promised" in line.options:
            order.commitment_date = self.at(line.options["promised"])
        order.action_confirm()

    def do_cancel(self, line):
        order = self.doc(line.head[0])
        if order._name == "purchase.order":
            order.button_cancel()
        else:
            order._action_cancel()

    def do_again(self, line):
        order = self.doc(line.head[0])
        order.action_draft()
        order.commitment_date = self.at(line.options["promised"])
        order.action_confirm()

    def do_move(self, line):
        """A date is moved: by plain writing, or where somebody says why, in the window for it."""
        order, moment = self.doc(line.head[0]), self.at(line.options["to"])
        if "because" in line.options:
            wizard = order.env["visibility.promise.wizard"].with_context(active_model=order._name, active_id=order.id)
            wizard.create(self._prepare_move(moment, line.options["because"])).action_confirm()
        elif order._name == "sale.order":
            order.commitment_date = moment
        else:
            order.order_line.date_planned = moment

    def _prepare_move(self, moment, who):
        values = {"promised_at": moment, "reason": f"The {who} asked for it"}
        fields = self.env["visibility.promise.wizard"]._fields
        for name, field in fields.items():
            if field.type == "selection" and who in field.get_values(self.env):
                values[name] = who
        return values

    def do_more(self, line):
        name, quantity, product = line.head
        lines = self.doc(name).order_line.filtered(lambda one: one.product_id == self.products[product])
        lines[:1].product_uom_qty += float(quantity)

    def do_carrier(self, line):
        self.doc(line.head[0]).carrier_id = self.house.carriers[line.head[1]]
