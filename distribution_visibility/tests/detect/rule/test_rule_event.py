from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ....lib.detect.exception.finding import Finding
from .rule_common import RuleCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")
ARRIVED = ("in_transit", "arrived_at_facility", "2026-03-02T08:00:00Z", "Arrived at facility")


@tagged("post_install", "-at_install")
class TestRuleEvent(RuleCase):
    """Event rules have their say before an exception opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")
        cls.delay = cls.env.ref("distribution_visibility.category_delayed_in_transit")
        cls.lost = cls.env.ref("distribution_visibility.category_lost_or_stolen")

    def _create_event_rule(self, domain="[]", **values):
        return self.env["visibility.rule"].create(
            {"name": "Event rule", "kind": "event", "domain": domain, "accountable_id": self.manager.id, **values}
        )

    def _hear(self, *scans):
        self._tell(self.easypost, self._tracker("1Z1", *scans))
        return self.delivery.visibility_shipment_ids.exception_ids

    def test_a_delay_of_a_strategic_customer_is_blocking_and_has_its_own_owner(self):
        desk = self._create_user("visibility-desk")
        rule = self._create_event_rule(
            "[('shipment_id.partner_id.visibility_tier', '=', 'strategic')]",
            event_category_ids=self.delay.ids,
            severity="blocking",
            user_id=desk.id,
        )
        exception = self._hear(DELAYED)
        self.assertEqual((exception.category_id, exception.severity), (self.delay, "blocking"))
        self.assertEqual((exception.user_id, exception.rule_id), (desk, rule))
        self.assertFalse(exception.rule_ids, "an event is a fact, no condition that could end")

    def test_the_same_delay_of_anybody_else_stays_as_it_is(self):
        self._create_event_rule("[('shipment_id.partner_id.visibility_tier', '=', 'key')]", severity="blocking")
        self.assertEqual(self._hear(DELAYED).severity, "warning")

    def test_what_a_sender_calls_a_delay_can_be_called_something_else(self):
        self._create_event_rule("[('description', 'ilike', 'weather')]", category_id=self.lost.id)
        exception = self._hear(DELAYED)
        self.assertEqual((exception.category_id, exception.severity), (self.lost, "blocking"))

    def test_an_event_that_is_no_trouble_by_itself_can_raise_an_exception(self):
        self._create_event_rule(
            category_id=self.lost.id, milestone_ids=self.env.ref("distribution_visibility.milestone_arrived_at_hub").ids
        )
        self.assertEqual(self._hear(ARRIVED).category_id, self.lost)

    def test_a_rule_of_one_source_or_company_does_not_hear_the_others(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self._create_event_rule(severity="blocking", source_ids=self.canonical.ids)
        self._create_event_rule(severity="blocking", company_id=other.id)
        self.assertEqual(self._hear(DELAYED).severity, "warning")

    def test_the_first_rule_that_fits_decides(self):
        self._create_event_rule(severity="information", sequence=2)
        self._create_event_rule(severity="blocking", sequence=1)
        self.assertEqual(self._hear(DELAYED).severity, "blocking")

    def test_unproven_news_is_looked_at_sooner_and_blocks_nothing(self):
        rule = self._create_event_rule(severity="blocking")
        self._create_delivery("1Z2")
        shipment = self.env["visibility.shipment"].search([("number", "=", "1Z2")])
        finding = Finding(fields.Datetime.now(), "Unsigned", is_trusted=False, rule_id=rule.id)
        self.env["visibility.exception"]._open_findings({(self.delay, shipment): [finding]})
        exception = shipment.exception_ids
        self.assertEqual((exception.severity, exception.is_unproven), ("warning", True))
        exception.write(exception._prepare_proven())
        self.assertEqual(exception.severity, "blocking", "somebody vouched for it")

    def test_in_test_mode_it_only_writes_down(self):
        rule = self._create_event_rule(severity="blocking", is_test=True)
        self.assertEqual(self._hear(DELAYED).severity, "warning")
        self.assertEqual((rule.run_ids.would_open, rule.run_ids.trigger), (1, "event"))

    @mute_logger("odoo.sql_db")
    def test_a_broken_rule_stops_no_event(self):
        rule = self._create_event_rule(severity="blocking")
        self.env.flush_all()
        self.env.cr.execute("UPDATE visibility_rule SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s", [rule.id])
        rule.invalidate_recordset()
        self.assertEqual(self._hear(DELAYED).severity, "warning")
        self.assertTrue(rule.error and rule.activity_ids)

    def test_a_withdrawn_fact_ends_what_a_rule_made_of_it(self):
        self._create_event_rule(category_id=self.lost.id)
        exception = self._hear(DELAYED)
        self.env["visibility.exception"]._follow_withdrawal(exception.event_id)
        self.assertEqual(exception.state, "resolved")
