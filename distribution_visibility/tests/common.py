import json
import time
import uuid
from datetime import datetime, timedelta, timezone

from odoo.tests import TransactionCase

from ..lib.ingest.verification.signing import sign_headers, sign_hmac_body

EASYPOST_SECRET = "test-only-secret-of-easypost"
CANONICAL_SECRET = "whsec_dGVzdC1vbmx5LXNlY3JldC1vZi1jYW5vbmljYWwtc2VuZGVy"


class VisibilityCase(TransactionCase):
    """A distributor with one carrier, one strategic customer, and two sources that sign."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env.company
        # An order without stock would be an exception of its own; the shipped rules have their own stories
        cls.env["visibility.rule"].search([]).active = False
        cls.env["visibility.message.occasion"].search([]).active = False
        cls.owner = cls._create_user("visibility-owner", "distribution_visibility.group_coordinator")
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "UPS Ground",
                "delivery_type": "fixed",
                "visibility_carrier_code": "UPS",
                "product_id": cls.env["product.product"].create({"name": "Freight", "type": "service"}).id,
            }
        )
        cls.customer = cls.env["res.partner"].create({"name": "General Hospital", "visibility_tier": "strategic"})
        cls.supplier = cls.env["res.partner"].create({"name": "Pump Works"})
        cls.pump = cls.env["product.product"].create({"name": "Pump", "type": "consu", "is_storable": True})
        cls.easypost = cls._create_source("easypost-test", "easypost", EASYPOST_SECRET)
        cls.canonical = cls._create_source("canonical-test", "canonical", CANONICAL_SECRET)

    # ------------------------------------------------------------------ people and sources
    @classmethod
    def _create_user(cls, login, *groups):
        # nobody reads the invitation, and writing it takes longer than making the user
        user = cls.env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": login,
                "login": login,
                "email": f"{login}@example.com",
                "company_id": cls.env.company.id,
                "company_ids": [(6, 0, cls.env.company.ids)],
                "group_ids": [(6, 0, [cls.env.ref(group).id for group in ("base.group_user", *groups)])],
            }
        )
        return user.with_env(cls.env)

    @classmethod
    def _create_source(cls, code, adapter, secret, **values):
        source = cls.env["visibility.source"].create(
            {
                "name": code,
                "code": code,
                "adapter": adapter,
                "preset": "easypost" if adapter == "easypost" else "standard_webhooks",
                "owner_id": cls.owner.id,
                **values,
            }
        )
        cls.env["visibility.source.key"].create({"source_id": source.id, "name": "test", "secret": secret})
        return source

    # ------------------------------------------------------------------ orders
    @classmethod
    def _create_delivery(cls, number, customer=None, quantity=2):
        """A confirmed order whose delivery has a tracking number."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (customer or cls.customer).id,
                "carrier_id": cls.carrier.id,
                "order_line": [
                    (
                        0,
                        0,
                        {"product_id": cls.pump.id, "product_uom_qty": quantity, "price_unit": 100, "tax_ids": False},
                    )
                ],
            }
        )
        order.action_confirm()
        order.picking_ids.write({"carrier_id": cls.carrier.id, "carrier_tracking_ref": number})
        return order.picking_ids

    @classmethod
    def _create_purchase(cls):
        order = cls.env["purchase.order"].create(
            {
                "partner_id": cls.supplier.id,
                "order_line": [(0, 0, {"product_id": cls.pump.id, "product_qty": 10, "price_unit": 40})],
            }
        )
        order.button_confirm()
        return order

    # ------------------------------------------------------------------ what senders say
    @staticmethod
    def _ago(**delta):
        """A time before now as providers write it."""
        return f"{datetime.now(timezone.utc) - timedelta(**delta):%Y-%m-%dT%H:%M:%SZ}"

    @staticmethod
    def _tracker(number, *details, event_id=None, carrier="UPS", **tracker):
        """An EasyPost tracker.updated body; details are (status, status_detail, time, message)."""
        last = details[-1]
        return {
            "id": event_id or f"evt_{uuid.uuid4().hex}",
            "object": "Event",
            "description": "tracker.updated",
            "mode": "production",
            "result": {
                "id": "trk_test",
                "object": "Tracker",
                "mode": "production",
                "tracking_code": number,
                "carrier": carrier,
                "status": last[0],
                "status_detail": last[1],
                "updated_at": last[2],
                "tracking_details": [
                    {
                        "object": "TrackingDetail",
                        "status": status,
                        "status_detail": detail,
                        "datetime": moment,
                        "message": message,
                        "tracking_location": {"city": "Toledo", "state": "OH", "country": "US", "zip": "43604"},
                    }
                    for status, detail, moment, message in details
                ],
                **tracker,
            },
        }

    @staticmethod
    def _canonical(kind, data, event_id=None, moment="2026-03-02T10:00:00Z", **envelope):
        return {"type": kind, "id": event_id or uuid.uuid4().hex, "timestamp": moment, "data": data, **envelope}

    # ------------------------------------------------------------------ in and through
    @classmethod
    def _receive(cls, source, payload):
        """Store a body as the door does after it was proven."""
        receiver = cls.env["visibility.source"].sudo()._get_receiver(source.code)
        body = json.dumps(payload).encode()
        headers, verified = cls._prove(receiver, body)
        inbox = cls.env["visibility.inbox.message"].sudo()
        before = inbox.search([], order="id desc", limit=1).id or 0
        result = inbox._accept(receiver, body, payload, headers, verified)
        return result, inbox.search([("id", ">", before)])

    @classmethod
    def _prove(cls, receiver, body):
        from ..lib.ingest.verification import SignedRequest

        headers = cls._sign(receiver.code, body)
        many = {name.lower(): [value] for name, value in headers.items()}
        keys = cls.env["visibility.vault"]._unseal(receiver.sealed_keys)
        return {name.lower(): value for name, value in headers.items()}, receiver.scheme.verify(
            SignedRequest(body, many), keys, time.time()
        )

    @staticmethod
    def _sign(code, body, secret=None):
        """The headers that this sender's documentation asks for."""
        if code.startswith("easypost"):
            return {"Content-Type": "application/json", **sign_hmac_body(body, secret or EASYPOST_SECRET)}
        signed = sign_headers(f"msg_{uuid.uuid4().hex}", int(time.time()), body, [secret or CANONICAL_SECRET])
        return {"Content-Type": "application/json", **signed}

    @classmethod
    def _work_off(cls, lane="transactional"):
        """What the scheduled action does with one batch, without its commits."""
        batch = cls.env["visibility.inbox.message"].sudo()._claim(lane, 500)
        if batch:
            batch._work()
        return batch

    @classmethod
    def _tell(cls, source, payload):
        """Receive and work off one body; gives the message."""
        _result, message = cls._receive(source, payload)
        cls._work_off()
        return message
