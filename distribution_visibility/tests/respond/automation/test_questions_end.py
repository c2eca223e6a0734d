from odoo.tests import tagged

from .test_automation import AutomationCase

DELIVERED = ("delivered", "arrived_at_destination", "2026-03-03T10:00:00Z", "Left with R. Roe")
DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")


@tagged("post_install", "-at_install")
class TestQuestionsEnd(AutomationCase):
    """What an automation asked ends with its matter: nobody is asked about what is over."""

    def _ask(self, model="visibility.exception"):
        return self._automate(
            {}, model=model, trigger="on_create", approval_mode="always", actions=[{"state": "code", "code": "pass"}]
        )

    def _delay(self):
        delivery = self._create_delivery("1Z1")
        self._tell(self.easypost, self._tracker("1Z1", DELAYED))
        return delivery, delivery.visibility_shipment_ids.exception_ids

    def assertWithdrawn(self, question, why):
        self.assertEqual((question.status, question.follow_ids.result), ("answered", "declined"))
        self.assertIn(why, question.follow_ids.reason)
        self.assertFalse(question.activity_ids)

    def test_nobody_is_asked_any_more_when_the_parcel_arrives(self):
        automation = self._ask()
        _delivery, exception = self._delay()
        question = self._runs_of(automation)
        self.assertEqual((question.result, question.status), ("asked", "open"))
        self.assertTrue(question.activity_ids)
        self._tell(self.easypost, self._tracker("1Z1", DELAYED, DELIVERED))
        self.assertEqual(exception.state, "resolved")
        self.assertWithdrawn(question, "Cleared by itself")

    def test_nobody_is_asked_any_more_when_the_order_is_cancelled(self):
        automation = self._ask()
        delivery, _exception = self._delay()
        question = self._runs_of(automation)
        delivery.sale_id._action_cancel()
        self.env.cr.flush()
        self.assertWithdrawn(question, "The order was cancelled.")

    def test_a_question_about_an_order_ends_when_it_is_cancelled(self):
        automation = self._ask("sale.order")
        order = self._create_delivery("1Z1").sale_id
        question = self._runs_of(automation).filtered(lambda run: run.res_id == order.id)
        self.assertEqual(question.status, "open")
        order._action_cancel()
        self.env.cr.flush()
        self.assertWithdrawn(question, "The order was cancelled.")

    def test_a_question_about_what_goes_on_is_left_open(self):
        automation = self._ask()
        self._delay()
        question = self._runs_of(automation)
        self._create_delivery("1Z2").sale_id._action_cancel()
        self.env.cr.flush()
        self.assertEqual(question.status, "open")
