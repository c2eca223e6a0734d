from datetime import timedelta

from freezegun import freeze_time
from odoo import fields

from ..automation.test_automation import AutomationCase

DELAY = ("in_transit", "delayed", "Delayed")
DAMAGED = ("in_transit", "damaged", "Damaged")
OUT = ("out_for_delivery", "out_for_delivery", "Out for delivery")
DELIVERED = ("delivered", "delivered", "Delivered")


class MessageCase(AutomationCase):
    """A customer with an address and an order under way; only the occasions that a story names are on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.escalation.policy"].search([]).active = False
        cls.customer.write({"email": "buyer@hospital.example.com", "tz": "UTC", "lang": "en_US"})
        cls.supplier.write({"email": "orders@pumpworks.example.com", "tz": "UTC", "lang": "en_US"})
        # By day and night, unless the story is about it
        cls.company.write({"visibility_quiet_from": 0, "visibility_quiet_to": 0, "visibility_message_cap_day": 0})
        cls.company.visibility_message_cap_week = 0
        cls.messages = cls.env["visibility.message"].sudo()
        cls.order = cls._create_delivery("1Z1").sale_id
        cls.order.user_id = cls.owner

    @classmethod
    def _switch_on(cls, *names, **values):
        occasions = cls.env["visibility.message.occasion"]
        for name in names:
            occasions |= cls.env.ref(f"distribution_visibility.occasion_{name}")
        occasions.write({"active": True, **values})
        return occasions

    def _report(self, *scans, number="1Z1", **tracker):
        """The carrier says this, and the transaction comes to its end; the earliest scan was hours ago."""
        details = [
            (status, detail, self._now(hours=index - len(scans)), words)
            for index, (status, detail, words) in enumerate(scans)
        ]
        self._tell(self.easypost, self._tracker(number, *details, **tracker))
        self.env.cr.flush()

    @staticmethod
    def _now(**delta):
        return f"{fields.Datetime.now() + timedelta(**delta):%Y-%m-%dT%H:%M:%SZ}"

    def _find(self, *domain):
        return self.messages.search([("company_id", "=", self.company.id), *domain], order="id")

    def _send_due(self, moment):
        with freeze_time(moment):
            return self.messages._send_due()

    def _get_mails(self, partner=None):
        """The mails in Odoo's queue to a partner."""
        partner = partner or self.customer
        return self.env["mail.mail"].sudo().search([("recipient_ids", "in", partner.ids)])

    def _open(self, *subjects, category="late_risk"):
        exceptions = self._raise(*subjects, category=self.env["visibility.exception"]._get_category(category))
        self.env.cr.flush()
        return exceptions.filtered(lambda one: one.category_id.code == category)

    @classmethod
    def _sending(cls, occasion, **values):
        """A governed automation that sends drafts of an occasion."""
        values = {"model": "visibility.message", "risk_class": "medium", **values}
        domain = f"[('occasion_id', '=', {occasion.id})]"
        actions = [{"state": "visibility_message", "visibility_sends": True}]
        return cls._automate({}, filter_domain=domain, actions=actions, **values)
