import json
import time
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from ..lib.detect.exception.finding import Finding
from ..lib.ingest.verification import SignedRequest
from ..lib.ingest.verification.signing import sign_headers, sign_hmac_body
from . import carrier_bodies, story

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

    # ------------------------------------------------------------------ carriers and suppliers
    def _tell_history(self):
        """All messages in the order in which they came, each worked on before the next."""
        for when, source, body in sorted(self._get_news() + self._get_answers(), key=lambda row: row[0]):
            self._receive(when, source, body)

    def _get_news(self):
        """Each scan is a message, which carries the scans before it along."""
        scans, messages = {}, []
        for news in story.HISTORY:
            when, parcel = self._in(hours=-news.when), story.get_parcel(news.number)
            mine = scans.setdefault(news.number, [])
            mine.append(carrier_bodies.Scan(when, news.code, news.place, news.text))
            eta = None if news.eta is None else self._in(hours=news.eta).replace(minute=0)
            body = carrier_bodies.build(parcel.source, parcel.carrier, news.number, mine, eta, news.signed_by)
            messages.append((when, parcel.source, body))
        return messages

    def _get_answers(self):
        messages = []
        for hours, order, supplier, status, note, promised in story.ANSWERS:
            when = self._in(hours=-hours)
            body = carrier_bodies.build_order_response(order, supplier, status, note, when, self._in(hours=promised))
            messages.append((when, "canonical", body))
        return messages

    @api.model
    def _receive(self, when, code, body):
        """Sign, verify and store one message as the webhook does, and work on it at once."""
        receiver = self.env["visibility.source"].sudo()._get_receiver(code)
        inbox = self.env(user=receiver.user_id, su=True)["visibility.inbox.message"]
        raw = json.dumps(body).encode()
        headers = self._sign(code, body, raw)
        keys = self.env["visibility.vault"]._unseal(receiver.sealed_keys)
        signed = SignedRequest(raw, {name.lower(): [value] for name, value in headers.items()})
        verified = receiver.scheme.verify(signed, keys, time.time())
        inbox._accept(receiver, raw, body, {name.lower(): value for name, value in headers.items()}, verified)
        message = inbox.search([("source_id", "=", receiver.source_id)], limit=1)
        message.received_at = when
        inbox._claim(receiver.lane, 1)._work()
        message.finished_at = when

    def _sign(self, code, body, raw):
        source = self._ref(f"source_{code}").sudo()
        secret = self.env["visibility.vault"]._decrypt(source.key_ids[:1].secret_encrypted)
        now = int(time.time())
        if source.preset == "standard_webhooks":
            return sign_headers(body["id"], now, raw, [secret])
        return sign_hmac_body(raw, secret, source.preset, now)

    # ------------------------------------------------------------------ people
    def _tell_work(self):
        """What people did about their exceptions, and what they wrote down."""
        for work in story.WORK:
            exception = self._as(work.role)["visibility.exception"].search(
                [("shipment_id.number", "=", work.number), ("category_id.code", "=", work.category)]
            )
            for step in work.steps:
                getattr(exception, step)()
            exception.message_post(body=work.words)
            if work.overdue:
                exception.deadline = self._in(hours=-work.overdue)
            if work.resolution:
                exception.resolution = work.resolution
                exception.action_resolve()
            # What was tracked is written down now, in the name of this person and not of the next.
            self.env.flush_all()
            self.env.cr.precommit.run()

    # ------------------------------------------------------------------ what was delivered before
    @api.model
    def _tell_past(self):
        """Deliveries of the last weeks with pickup, estimate and delivery; then the lanes are counted."""
        parcels = [(past, number, hours) for past in story.PAST for number, hours in enumerate(past.hours)]
        env = self._as("coordinator")
        pickings = env["stock.picking"].create([self._prepare_past_picking(*parcel) for parcel in parcels])
        pickings.action_confirm()
        pickings.move_ids.write({"quantity": 1, "picked": True})
        pickings.button_validate()
        events = []
        for (past, number, hours), picking in zip(parcels, pickings, strict=True):
            start = self._in(days=-8 - 2 * number, hours=-hours)
            picking.date_done = start
            events += self._prepare_past_events(picking.visibility_shipment_ids, past, start, hours)
        created = env["visibility.event"].create(events)
        created._take_effect()
        env["visibility.lane"]._count_lanes()

    def _prepare_past_picking(self, past, number, _hours):
        warehouse = self._ref(f"warehouse_{past.warehouse}")
        operation = warehouse.out_type_id
        locations = {
            "location_id": operation.default_location_src_id.id,
            "location_dest_id": operation.default_location_dest_id.id,
        }
        return {
            "picking_type_id": operation.id,
            "partner_id": self._ref(f"customer_{past.customer}").id,
            "user_id": self._ref("user_warehouse").id,
            "carrier_id": self._ref(f"carrier_{past.carrier}").id,
            "carrier_tracking_ref": f"PAST{past.carrier}{past.customer}{number:02}".upper(),
            **locations,
            "move_ids": [
                # A catalogue in an envelope: nothing that is counted on the shelves.
                Command.create({"product_id": self._ref("product_catalogue").id, "product_uom_qty": 1, **locations})
            ],
        }

    def _prepare_past_events(self, shipment, past, start, hours):
        """Picked up with an estimate, then delivered: as the carrier's source would have told it."""
        milestones = self.env["visibility.milestone"]._get_ids_by_code()
        common = {
            "kind": "shipment",
            "shipment_id": shipment.id,
            "company_id": shipment.company_id.id,
            "source_id": self._ref("source_easypost").id,
            "is_time_known": True,
            "is_offset_known": True,
        }
        facts = (
            ("picked_up", start, {"eta": start + timedelta(hours=past.typical)}),
            ("delivered", start + timedelta(hours=hours), {"signed_by": "DOCK"}),
        )
        return [
            {
                **common,
                "milestone_id": milestones[code],
                "occurred_at": moment,
                "received_at": moment,
                "fingerprint": f"past:{shipment.number}:{code}",
                **more,
            }
            for code, moment, more in facts
        ]

    # ------------------------------------------------------------------ the warehouse, and who moved what ahead
    @api.model
    def _tell_warehouse(self):
        self._bring_list_in_line()
        for one in story.MOVES:
            self._tell_move(one)
        self._tell_hold()
        self._bring_list_in_line()

    def _bring_list_in_line(self):
        """What a moment does in a real database."""
        self.env.flush_all()
        self.env["stock.picking"]._refresh_queue_of([("company_id", "=", self._ref("company").id)])
        self.env.flush_all()

    def _tell_move(self, move):
        env = self.with_user(self._ref(f"user_{move.role}")).with_company(self._ref("company")).env
        picking = self._get_open_transfer(move.order).with_env(env)
        values = {"picking_ids": [(6, 0, picking.ids)], "what": move.what, "reason": move.reason}
        if move.what == "star" and not move.reason:
            picking.priority = "1"
        elif move.what == "take":
            picking._take()
        else:
            moment = self._in(minutes=move.minutes) if move.minutes else False
            picker = move.picker and self._ref(f"user_{move.picker}").id
            wizard = env["visibility.priority.wizard"].create({**values, "moment": moment, "user_id": picker})
            wizard.action_confirm()

    def _get_open_transfer(self, name):
        order = self.env["sale.order"].search([("name", "=", name), ("company_id", "=", self._ref("company").id)])
        return order.picking_ids.filtered(lambda one: one.state in ("assigned", "confirmed"))[:1]

    def _tell_hold(self):
        """Goods that the lead found wet, and holds until somebody looked at them."""
        exceptions = self._as("warehouse")["visibility.exception"]
        picking, category = self._get_open_transfer(story.HELD.order), exceptions._get_category("quality_hold")
        exceptions._open_findings({(category, picking): [Finding(self._in(hours=-1), story.HELD.reason)]})
