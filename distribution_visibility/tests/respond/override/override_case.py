from datetime import timedelta

from freezegun import freeze_time
from odoo import fields

from ....lib.detect.exception.finding import Finding
from ..automation.test_automation import AutomationCase

NOW = "2026-03-02 09:00:00"


class OverrideCase(AutomationCase):
    """A coordinator who takes things out of automation's hands for three days, and a clock to move."""

    @classmethod
    def setUpClass(cls):
        with freeze_time(NOW):
            super().setUpClass()
        cls.env["visibility.team"].search([]).active = False
        cls.env["visibility.escalation.policy"].search([]).active = False
        cls.person = cls._create_user(
            "visibility-person", "distribution_visibility.group_coordinator", "sales_team.group_sale_manager",
            "stock.group_stock_user", "purchase.group_purchase_user", "account.group_account_invoice",
        )  # fmt: skip
        cls.overrides = cls.env["visibility.override"].sudo()

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        self.clock = clock.start()
        self.addCleanup(clock.stop)

    @classmethod
    def _raise(cls, *subjects, reason="Late", category=None):
        """As others do, but at the time of the clock that these tests move."""
        exceptions, category = cls.env["visibility.exception"].sudo(), category or cls.category
        finding = Finding(fields.Datetime.now(), reason)
        exceptions._open_findings({(category, subject): [finding] for subject in subjects})
        about = [("res_model", "=", subjects[0]._name), ("res_id", "in", [one.id for one in subjects])]
        return exceptions.search([*about, ("category_id", "=", category.id)], order="id")

    def _override(self, records, aspect, value=None, days=3, user=None, reason="The customer agreed"):
        until = fields.Datetime.now() + timedelta(days=days) if days else False
        return records.with_user(user or self.person)._override([aspect], reason, until, {aspect: value})

    def _give_back(self, rows, user=None, reason="Enough"):
        rows.with_user(user or self.person)._give_back(reason)

    def _pass_days(self, days=3):
        """The time passes, and the scheduled action comes."""
        self.clock.tick(timedelta(days=days, seconds=1))
        with self.enter_registry_test_mode():
            self.env.ref("distribution_visibility.ir_cron_end_overrides").method_direct_trigger()
        self.env.invalidate_all()

    def _get_notes(self, record):
        return " ".join(record.message_ids.mapped("body"))
