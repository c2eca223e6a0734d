from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from . import story

MODULE = "distribution_visibility"


class VisibilityDemo(models.AbstractModel):
    """Tells the demo story with the steps that people, carriers and suppliers take themselves.

    Orders are confirmed, picked and shipped, and what carriers say goes signed through the same
    door as everybody's events, so that nothing in the demo could not happen in a real database.
    """

    _name = "visibility.demo"
    _description = "Demo story"

    @api.model
    def _load_story(self):
        """Make everything that the story tells; nothing when it was made before."""
        if self.env["sale.order"].search_count([("company_id", "=", self._ref("company").id)], limit=1):
            return
        with self._automations_at_work():
            self.with_company(self._ref("company"))._tell_story()

    def _tell_story(self):
        self._open_books()
        self._fill_shelves()
        for purchase in story.PURCHASES:
            self._tell_purchase(purchase)
        for sale in story.SALES:
            self._tell_sale(sale)
        self._tell_past()
        self._tell_history()
        self._tell_work()
        self._tell_warehouse()

    @contextmanager
    def _automations_at_work(self):
        """Odoo starts its automation rules when all modules are loaded; demo data is told before that."""
        automations = self.env["base.automation"]
        if self.env.registry.ready:
            yield
            return
        automations._register_hook()
        try:
            yield
        finally:
            automations._unregister_hook()

    def _ref(self, name):
        return self.env.ref(f"{MODULE}.demo_{name}")

    def _as(self, role):
        """The environment of a person of the story, who may do all that the story needs."""
        return self.with_user(self._ref(f"user_{role}")).sudo().with_company(self._ref("company")).env

    @api.model
    def _in(self, **delta):
        """A moment relative to now (naive UTC), on the full five minutes as people write them down."""
        moment = fields.Datetime.now() + timedelta(**delta)
        return moment.replace(minute=moment.minute - moment.minute % 5, second=0)

    @api.model
    def _promise(self, days):
        """A promised moment: that day, eight hours from now on the clock."""
        return self._in(days=days, hours=8).replace(minute=0)

    def _open_books(self):
        """Accounts for the company, so that what was delivered can be invoiced."""
        company = self._ref("company")
        if not company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)

    # ------------------------------------------------------------------ stock and purchases
    def _fill_shelves(self):
        quants = self._as("warehouse")["stock.quant"].with_context(inventory_mode=True)
        counted = quants.create(
            [
                {
                    "product_id": self._ref(f"product_{product}").id,
                    "location_id": self._ref(f"warehouse_{warehouse}").lot_stock_id.id,
                    "inventory_quantity": quantity,
                }
                for warehouse, shelves in story.STOCK.items()
                for product, quantity in shelves.items()
            ]
        )
        counted.action_apply_inventory()

    def _tell_purchase(self, purchase):
        order = self._as("buyer")["purchase.order"].create(self._prepare_purchase(purchase))
        if purchase.until == "sent":
            order.state = "sent"
        if purchase.until == "confirmed":
            order.button_confirm()
            order.date_approve = self._in(days=purchase.ordered)
            self._tell_receipt(purchase, order.picking_ids)

    def _prepare_purchase(self, purchase):
        return {
            "name": purchase.name,
            "partner_id": self._ref(f"supplier_{purchase.supplier}").id,
            "user_id": self._ref("user_buyer").id,
            "picking_type_id": self._ref(f"warehouse_{purchase.warehouse}").in_type_id.id,
            "date_order": self._in(days=purchase.ordered),
            "order_line": [
                Command.create(
                    {
                        "product_id": self._ref(f"product_{product}").id,
                        "product_qty": quantity,
                        "date_planned": self._promise(purchase.planned),
                    }
                )
                for product, quantity in purchase.lines.items()
            ],
        }

    def _tell_receipt(self, purchase, receipt):
        if purchase.tracking:
            receipt.write(
                {"carrier_id": self._ref(f"carrier_{purchase.carrier}").id, "carrier_tracking_ref": purchase.tracking}
            )
        if purchase.received:
            for move in receipt.move_ids:
                move.write({"quantity": move.product_uom_qty * purchase.received, "picked": True})
            self._validate(receipt.with_env(self._as("warehouse")), purchase.planned)

    # ------------------------------------------------------------------ sales
    def _tell_sale(self, sale):
        order = self._as("agent")["sale.order"].create(self._prepare_sale(sale))
        if sale.until == "sent":
            order.action_quotation_sent()
        if sale.until in ("confirmed", "picked", "shipped", "partly"):
            order.action_confirm()
            order.date_order = self._in(days=sale.ordered)
            self._tell_delivery(sale, order)
        if sale.until in ("shipped", "partly") and sale.name not in story.NOT_INVOICED:
            self._tell_invoice(sale, order)
        if sale.until == "cancelled":
            order.action_cancel()

    def _prepare_sale(self, sale):
        return {
            "name": sale.name,
            "partner_id": self._ref(f"customer_{sale.customer}").id,
            "user_id": self._ref("user_agent").id,
            "warehouse_id": self._ref(f"warehouse_{sale.warehouse}").id,
            "carrier_id": self._ref(f"carrier_{sale.carrier}").id,
            "date_order": self._in(days=sale.ordered),
            "commitment_date": self._promise(sale.promised),
            "order_line": [
                Command.create({"product_id": self._ref(f"product_{product}").id, "product_uom_qty": quantity})
                for product, quantity in sale.lines.items()
            ],
        }

    def _tell_delivery(self, sale, order):
        """Pick, then ship, as far as the story goes and the stock allows."""
        if sale.until == "confirmed":
            order.picking_ids.user_id = False
            return
        order.picking_ids.user_id = self._ref("user_warehouse")
        for picking in order.picking_ids.filtered(lambda picking: picking.picking_type_code != "outgoing"):
            self._validate(picking.with_env(self._as("warehouse")), sale.shipped)
        if sale.until == "picked":
            return
        delivery = order.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing" and picking.state != "waiting"
        )
        delivery = delivery.with_env(self._as("warehouse"))
        delivery.write({"user_id": self._ref("user_warehouse").id, "carrier_tracking_ref": sale.tracking})
        self._validate(delivery, sale.shipped)

    def _tell_invoice(self, sale, order):
        """Invoiced the day it was shipped, to be paid within thirty days."""
        invoice = order.with_env(self._as("agent"))._create_invoices()
        invoice.invoice_date = self._in(days=sale.shipped).date()
        invoice.invoice_payment_term_id = self.env.ref("account.account_payment_term_30days")
        invoice.action_post()

    def _validate(self, picking, day):
        """Do what is reserved; the rest becomes a backorder. ``day`` is days from now."""
        picking.with_context(skip_backorder=True).button_validate()
        picking.date_done = self._in(days=day, hours=-3)
