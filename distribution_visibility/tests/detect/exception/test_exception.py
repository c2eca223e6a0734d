from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...common import VisibilityCase

PICKED_UP = ("in_transit", "received_at_origin_facility", "2026-03-01T18:00:00Z", "Picked up")
DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")
DELAYED_AGAIN = ("in_transit", "delayed", "2026-03-02T20:00:00Z", "Still delayed")
DELIVERED = ("delivered", "delivered", "2026-03-03T11:00:00Z", "Delivered")
DELAYED_LATER = ("in_transit", "delayed", "2026-03-04T11:00:00Z", "Delayed")


@tagged("post_install", "-at_install")
class TestException(VisibilityCase):
    """What goes wrong is one work item with an owner, for as long as it is wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")

    def _hear(self, *scans):
        self._tell(self.easypost, self._tracker("1Z1", *scans))
        return self.delivery.visibility_shipment_ids.exception_ids

    def test_a_carriers_delay_opens_one_exception_with_category_reason_owner_deadline_and_links(self):
        exception = self._hear(PICKED_UP, DELAYED)
        self.assertEqual(len(exception), 1)
        self.assertEqual(exception.category_id.code, "delayed_in_transit")
        self.assertEqual((exception.reason, exception.reason_code), ("Severe weather", "delayed"))
        self.assertEqual(exception.responsible_party, "carrier")
        self.assertEqual(exception.user_id, self.owner, "the robot that made the order cannot answer for it")
        self.assertGreater(exception.deadline, exception.create_date)
        self.assertEqual(exception.picking_ids, self.delivery)
        self.assertEqual(exception.sale_order_ids, self.delivery.sale_id)
        self.assertEqual(exception.partner_id, self.customer)
        self.assertEqual(exception.value_at_risk, 200)
        self.assertEqual(exception.activity_ids.user_id, exception.user_id)

    def test_the_same_news_in_the_next_push_changes_nothing(self):
        exception = self._hear(PICKED_UP, DELAYED)
        self._hear(PICKED_UP, DELAYED)
        self.assertEqual((len(exception), exception.seen_count), (1, 1))

    def test_more_news_of_the_same_trouble_is_counted_on_the_same_exception(self):
        exception = self._hear(DELAYED)
        self.assertEqual(self._hear(DELAYED, DELAYED_AGAIN), exception)
        self.assertEqual((exception.seen_count, exception.reason), (2, "Still delayed"))

    def test_it_clears_itself_with_the_fact_that_ended_it(self):
        exception = self._hear(DELAYED)
        self._hear(DELIVERED)
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(exception.closed_by_event_id.milestone_id.code, "delivered")

    def test_trouble_that_was_over_before_it_was_known_opens_nothing(self):
        self.assertFalse(self._hear(PICKED_UP, DELAYED, DELIVERED))

    def test_trouble_that_comes_back_reopens_the_exception_instead_of_making_another(self):
        exception = self._hear(DELAYED)
        exception.action_resolve()
        exception.closed_at = "2026-03-02 12:00:00"
        self.assertEqual(self._hear(DELAYED, DELAYED_AGAIN), exception)
        self.assertEqual(exception.state, "new")

    @mute_logger("odoo.sql_db")
    def test_there_is_at_most_one_open_exception_of_a_category_and_document(self):
        exception = self._hear(DELAYED)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            exception.copy({"res_model": exception.res_model, "res_id": exception.res_id})
            self.env.flush_all()

    def test_dismissing_needs_a_reason(self):
        exception = self._hear(DELAYED)
        with self.assertRaisesRegex(UserError, "Say why this needs no action"):
            exception.action_dismiss()
        exception.resolution = "Agreed with the customer"
        exception.action_dismiss()
        self.assertEqual((exception.state, exception.is_open), ("dismissed", False))

    def test_a_users_path_from_new_to_resolved(self):
        exception = self._hear(DELAYED)
        user = self._create_user("visibility-agent", "distribution_visibility.group_user")
        mine = exception.with_user(user)
        mine.action_take()
        self.assertEqual((exception.user_id, exception.state), (user, "acknowledged"))
        mine.action_start()
        mine.action_resolve()
        self.assertEqual(exception.state, "resolved")
        self.assertTrue(exception.closed_at and exception.is_closed_in_time)

    def test_the_categorys_owner_goes_first_and_a_robot_never_owns_anything(self):
        category = self.env.ref("distribution_visibility.category_delayed_in_transit")
        category.user_id = self._create_user("visibility-desk")
        self.assertEqual(self._hear(DELAYED).user_id, category.user_id)
        category.user_id = self.env.ref("base.user_root")
        self.assertNotEqual(
            self.env["visibility.exception"]._get_owner(category, self.delivery.visibility_shipment_ids),
            self.env.ref("base.user_root"),
        )

    def test_the_deadline_counts_working_hours_only(self):
        category = self.env.ref("distribution_visibility.category_delayed_in_transit")
        category.response_hours = 80
        deadline = self.env["visibility.exception"]._get_deadline(category, self.company)
        self.assertGreater((deadline - self.env.cr.now()).days, 8)

    def test_an_order_that_is_taken_off_an_exception_is_no_longer_at_risk(self):
        exception = self._hear(DELAYED)
        exception.sale_order_ids = False
        self.assertFalse(self.delivery.sale_id.visibility_is_at_risk)
        self.assertTrue(self.delivery.visibility_is_at_risk)

    def test_a_delay_reported_after_the_delivery_is_old_news(self):
        self.assertFalse(self._hear(DELIVERED, DELAYED_LATER))
        self.assertFalse(self.delivery.visibility_is_at_risk)

    def test_goods_that_get_lost_after_the_delivery_are_trouble(self):
        exception = self._hear(DELIVERED, ("error", "lost", "2026-03-04T11:00:00Z", "Lost"))
        self.assertEqual((exception.category_id.code, exception.is_open), ("lost_or_stolen", True))

    def test_dragging_a_card_follows_the_same_rules_as_the_buttons(self):
        exception = self._hear(DELAYED)
        with self.assertRaisesRegex(UserError, "Say why this needs no action"):
            exception.state = "dismissed"
        exception.state = "resolved"
        self.assertTrue(exception.closed_at)
        exception.deadline = False
        exception.state = "in_progress"
        self.assertFalse(exception.closed_at)
        self.assertGreater(exception.deadline, exception.create_date)
        self.assertTrue(exception.activity_ids)

    def test_what_was_found_cannot_be_rewritten_by_hand(self):
        exception = self._hear(DELAYED)
        for values in ({"is_unproven": True}, {"company_id": self.company.id}, {"category_id": 1}):
            with self.assertRaises(AccessError):
                exception.with_user(self.owner).write(values)

    def test_what_somebody_dismissed_rests_for_a_day_and_not_for_ever(self):
        exception = self._hear(DELAYED)
        exception.write({"state": "dismissed", "resolution": "Agreed with the customer"})
        exception.closed_at = "2026-03-02 12:00:00"
        self._hear(DELAYED_AGAIN)
        self.assertEqual(exception.state, "dismissed")
        self._hear(DELAYED_LATER)
        self.assertEqual(exception.state, "new")

    def test_a_cancelled_order_is_not_at_risk_any_more(self):
        self._hear(DELAYED)
        self.delivery.sale_id._action_cancel()
        self.assertFalse(self.delivery.sale_id.visibility_is_at_risk or self.delivery.visibility_is_at_risk)
