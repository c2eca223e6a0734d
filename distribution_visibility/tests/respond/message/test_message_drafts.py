from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ....models.base.notes import get_noted
from .message_case import DAMAGED, DELAY, DELIVERED, OUT, MessageCase

DRAFTING = "odoo.addons.distribution_visibility.models.respond.message.visibility_message_telling"


@tagged("post_install", "-at_install")
class TestMessageDrafts(MessageCase):
    """What happens becomes drafts: one an incident and partner, with what is true now; nothing is sent."""

    def test_a_delay_is_drafted_for_review_and_nothing_is_sent(self):
        self._switch_on("delayed")
        self._report(DELAY)
        draft = self._find()
        self.assertEqual((draft.state, draft.partner_id, draft.audience), ("draft", self.customer, "customer"))
        self.assertIn(self.order.name, draft.subject)
        self.assertIn("1Z1", draft.body)
        self.assertEqual(draft.user_id, draft.exception_id.user_id)
        self.assertTrue(draft.exception_id.has_message_draft)
        self.assertFalse(self._get_mails())

    def test_no_occasion_that_is_on_costs_nothing(self):
        exceptions = self._raise(*self._create_partners(3))
        self.env.flush_all()
        self.env["visibility.message.occasion"]._get_plans()
        shipment = self.order.picking_ids.visibility_shipment_ids
        exceptions.mapped("has_message_draft")
        with self.assertQueryCount(0):
            exceptions._note_messages("opened", "opened")
            exceptions._note_messages("cleared", "ended")
            self.env["visibility.message"]._note("ended", exceptions.filtered("has_message_draft"))
            before = shipment._get_tellable()
            shipment._note_moves(before)
        self.assertIsNone(before)
        self.assertFalse(get_noted(self.env, "messages"))

    def test_confirming_and_shipping_notes_nothing_even_where_occasions_are_on(self):
        self._switch_on("delayed", "shipped", "delivered", "new_date")
        with patch.object(type(self.messages), "_note") as note:
            picking = self._create_delivery("1Z2")
            picking.move_ids.write({"quantity": 2, "picked": True})
            picking.button_validate()
            self.env.cr.flush()
        self.assertFalse([call for call in note.call_args_list if call.args[1]])

    def test_two_troubles_of_one_shipment_are_one_message_about_what_stands_higher_up(self):
        self._switch_on("delayed", "damaged")
        self._report(DELAY)
        self._report(DELAY, DAMAGED)
        draft = self._find()
        self.assertEqual(len(draft), 1)
        self.assertEqual(draft.occasion_id, self.env.ref("distribution_visibility.occasion_damaged"))
        self.assertEqual(set(draft.exception_ids.category_id.mapped("code")), {"delayed_in_transit", "damaged"})

    def test_trouble_of_the_order_and_of_its_one_shipment_is_one_incident(self):
        self._switch_on("delayed")
        self._report(DELAY)
        self._open(self.order)
        draft = self._find()
        self.assertEqual(len(draft), 1)
        self.assertEqual(len(draft.exception_ids), 2)

    def test_a_new_eta_shows_in_the_draft_that_there_is(self):
        self._switch_on("delayed", "new_date")
        self._report(DELAY, est_delivery_date=self._now(days=3))
        draft = self._find()
        first = draft.body
        self._report(DELAY, OUT, est_delivery_date=self._now(days=9))
        self.messages.invalidate_model()
        self.assertEqual(self._find(), draft)
        self.assertNotEqual(draft.body, first)

    def test_what_a_person_wrote_stays_and_says_that_there_was_news(self):
        self._switch_on("delayed", "new_date")
        self._report(DELAY, est_delivery_date=self._now(days=3))
        draft = self._find()
        draft.with_user(self.owner).body = "<p>We call you tomorrow.</p>"
        self._report(DELAY, OUT, est_delivery_date=self._now(days=9))
        self.assertIn("We call you", draft.body)
        self.assertTrue(draft.is_outdated)
        draft.with_user(self.owner).action_rewrite()
        self.assertNotIn("We call you", draft.body)
        self.assertFalse(draft.is_outdated)

    def test_the_same_told_once_is_not_drafted_again(self):
        self._switch_on("delayed", tells_updates=False)
        self._report(DELAY)
        self._find().with_user(self.owner).action_send()
        self._report(DELAY, ("in_transit", "weather_delay", "Snow"))
        self.assertEqual(self._find().mapped("state"), ["sent"])

    def test_an_update_is_drafted_only_where_the_occasion_says_so(self):
        self._switch_on("delayed", tells_updates=True)
        self._report(DELAY)
        self._find().with_user(self.owner).action_send()
        self._report(DELAY, ("in_transit", "weather_delay", "Snow"))
        self.assertEqual(self._find().mapped("state"), ["sent", "draft"])

    def test_a_new_day_counts_from_what_the_partner_was_told_last(self):
        self._switch_on("delayed")
        self._report(DELAY, est_delivery_date=self._now(days=5))
        self._find().with_user(self.owner).action_send()
        self._report(DELAY, OUT, est_delivery_date=self._now(days=5, hours=3))
        self.assertEqual(self._find().mapped("state"), ["sent"])
        self._report(DELAY, OUT, DELAY, est_delivery_date=self._now(days=8))
        self.assertEqual(self._find().mapped("state"), ["sent", "draft"])

    def test_milestones_follow_one_another_in_one_draft_and_none_is_told_twice(self):
        self._switch_on("out_for_delivery", "delivered")
        self._report(OUT)
        draft = self._find()
        self.assertIn("arrives today", draft.subject)
        self._report(OUT, DELIVERED)
        self.messages.invalidate_model()
        self.assertEqual(self._find(), draft)
        self.assertIn("was delivered", draft.subject)
        draft.with_user(self.owner).action_send()
        self._report(OUT, DELIVERED, OUT)
        self.assertEqual(len(self._find()), 1)

    def test_out_for_delivery_is_no_news_once_it_was_delivered(self):
        self._switch_on("out_for_delivery")
        self._report(OUT)
        self._report(OUT, DELIVERED)
        draft = self._find()
        self.assertEqual((draft.state, draft.refusal), ("not_sent", "over"))

    def test_what_a_carrier_reports_days_later_is_told_to_nobody(self):
        self._switch_on("delivered")
        old = ("delivered", "delivered", self._now(days=-4), "Delivered")
        self._tell(self.easypost, self._tracker("1Z1", old))
        self.env.cr.flush()
        self.assertFalse(self._find())

    def test_a_draft_whose_trouble_is_over_is_discarded_and_says_so(self):
        self._switch_on("delayed")
        self._report(DELAY)
        self._report(DELAY, DELIVERED)
        draft = self._find()
        self.assertEqual((draft.state, draft.refusal), ("not_sent", "over"))
        self.assertIn("Delivered", draft.reason)
        self.assertFalse(draft.exception_id.has_message_draft)

    def test_a_draft_stays_while_another_trouble_of_it_is_open(self):
        self._switch_on("delayed", "damaged")
        self._report(DAMAGED, DELAY)
        draft = self._find()
        damaged = draft.exception_ids.filtered(lambda one: one.category_id.code == "damaged")
        self.assertEqual(draft.exception_id, damaged)
        damaged.write({"state": "resolved", "resolution": "Only the carton"})
        self.env.cr.flush()
        self.assertEqual(draft.state, "draft")
        self.assertEqual(draft.exception_id.category_id.code, "delayed_in_transit")
        self.assertEqual(draft.occasion_id, self.env.ref("distribution_visibility.occasion_delayed"))

    def test_good_news_stays_when_the_exception_is_over_and_goes_to_who_was_told(self):
        self._switch_on("delayed", "cleared")
        self._report(DELAY)
        self._find().with_user(self.owner).action_send()
        exception = self._find().exception_id
        exception.write({"state": "resolved", "resolution": "Found"})
        self.env.cr.flush()
        told, good = self._find()
        self.assertEqual((told.state, good.state), ("sent", "draft"))
        self.assertIn("Good news", good.subject)

    def test_nobody_hears_that_something_is_over_who_never_heard_of_it(self):
        self._switch_on("delayed", "cleared")
        self._report(DELAY)
        self._find().exception_id.write({"state": "resolved", "resolution": "Found"})
        self.env.cr.flush()
        self.assertEqual(self._find().mapped("state"), ["not_sent"])

    def test_each_customer_of_a_shared_shipment_hears_of_their_own_order_only(self):
        self._switch_on("delayed")
        other = self.env["res.partner"].create({"name": "Clinic", "email": "clinic@example.com"})
        picking = self._create_delivery("1Z1", customer=other)
        shipment = self.order.picking_ids.visibility_shipment_ids
        self.assertEqual(shipment, picking.visibility_shipment_ids)
        self._report(DELAY)
        drafts = self._find()
        self.assertEqual(drafts.partner_id, self.customer | other)
        for draft in drafts:
            own, foreign = (self.order, picking.sale_id)[:: 1 if draft.partner_id == self.customer else -1]
            self.assertIn(own.name, draft.body)
            self.assertNotIn(foreign.name, draft.body)
            self.assertNotIn(self.supplier.name, draft.body)

    def test_a_supplier_hears_of_what_is_missing_and_customers_do_not(self):
        self._switch_on("ack_overdue", "delayed")
        order = self._create_purchase()
        self._open(order, category="ack_overdue")
        draft = self._find()
        self.assertEqual((draft.audience, draft.partner_id), ("supplier", self.supplier))
        self.assertIn(order.name, draft.body)

    def test_an_order_text_of_odoo_is_as_good_as_one_of_messages(self):
        self._switch_on("receipt_overdue")
        order = self._create_purchase()
        self._open(order, category="receipt_overdue")
        self.assertIn("when will the goods arrive", self._find().subject)
        self.assertIn(order.name, self._find().body)

    def test_what_nobody_has_proven_is_drafted_once_somebody_has(self):
        self._switch_on("delayed")
        exception = self._raise(self.order).filtered(lambda one: one.res_model == "sale.order")
        self.env.cr.flush()
        self._find().unlink()
        exception.is_unproven = True
        exception._note_messages("opened", "opened")
        self.env.cr.flush()
        self.assertFalse(self._find())
        exception.is_unproven = False
        self.env.cr.flush()
        self.assertEqual(len(self._find()), 1)

    def test_who_cannot_be_written_to_is_listed_with_the_reason(self):
        self._switch_on("delayed")
        self.customer.email = False
        self._open(self.order)
        self.assertEqual((self._find().state, self._find().refusal), ("not_sent", "no_address"))
        self.customer.email = "buyer@hospital.example.com"
        self._find().with_user(self.owner).action_review()
        self.assertEqual(self._find().state, "draft")

    def test_the_company_is_written_to_where_the_contact_has_no_address(self):
        self._switch_on("delayed")
        contact = self.env["res.partner"].create({"name": "Ward", "parent_id": self.customer.id})
        picking = self._create_delivery("1Z3", customer=contact)
        self._open(picking.sale_id)
        self.assertEqual(self._find().partner_id, self.customer)

    def test_another_companys_occasion_tells_nobody_here(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self._switch_on("delayed", company_id=other.id)
        self._report(DELAY)
        self.assertFalse(self._find())

    def test_a_thousand_at_once_are_written_down_in_few_steps_and_none_is_sent(self):
        self._switch_on("delayed")
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "email": f"c{number}@example.com"} for number in range(1000)]
        )
        orders = self.env["sale.order"].create([{"partner_id": partner.id} for partner in partners])
        orders.state = "sale"
        self.env.cr.flush()
        self._raise(*orders)
        self.env.flush_all()
        with self.assertQueryCount(80):
            self.env.cr.precommit.run()
        drafts = self._find()
        self.assertEqual(len(drafts), 1000)
        self.assertEqual(set(drafts.mapped("state")), {"draft"})
        self.assertFalse(self._get_mails(partners))

    def test_what_people_save_is_drafted_a_moment_later(self):
        self._switch_on("delayed")
        follow_up = type(self.env["visibility.follow.up"])
        with patch.object(follow_up, "_is_somebody_waiting", lambda self: True):
            self._raise(self.order)
            self.env.cr.flush()
        self.assertFalse(self._find())
        self.env["visibility.follow.up"]._work_off()
        self.assertEqual(len(self._find()), 1)

    def test_of_two_transactions_that_draft_the_same_the_later_one_looks_again(self):
        self._switch_on("delayed")
        self._report(DELAY)
        draft = self._find()
        self.env["visibility.follow.up"].search([]).unlink()
        with patch.object(type(self.messages), "_find_known", lambda self, keys: {}), mute_logger("odoo.sql_db"):
            self.messages._follow_guarded({"opened": draft.exception_ids.ids})
        self.assertEqual(self._find(), draft)
        self.assertEqual(self.env["visibility.follow.up"].search([]).mapped("kind"), ["messages"])
        self.env["visibility.follow.up"]._work_off()
        self.assertEqual(self._find(), draft)

    def test_what_cannot_be_drafted_is_logged_and_opens_the_exception_all_the_same(self):
        self._switch_on("delayed")
        with patch.object(type(self.messages), "_draft", side_effect=ValueError), mute_logger(DRAFTING):
            exception = self._open(self.order)
        self.assertTrue(exception.is_open)

    def test_a_text_that_cannot_be_read_says_so_and_is_not_sent(self):
        occasion = self._switch_on("delayed")
        occasion.template_id.body_html = '<p t-out="object.no_such_field" />'
        self._report(DELAY)
        draft = self._find()
        with mute_logger("odoo.addons.distribution_visibility.models.respond.message.visibility_message"):
            self.assertIn("cannot be read", draft.body)
        with self.assertRaises(UserError), mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            draft.with_user(self.owner).action_send()

    def test_a_person_drafts_what_is_not_drafted_by_itself(self):
        exception = self._open(self.order)
        self.assertFalse(self._find())
        exception.with_user(self.owner).action_draft_message()
        draft = self._find()
        self.assertEqual((draft.state, draft.origin), ("draft", "person"))
        exception.with_user(self.owner).action_draft_message()
        self.assertEqual(self._find(), draft)

    def test_who_takes_the_exception_over_reviews_its_message(self):
        self._switch_on("delayed")
        self._report(DELAY)
        draft = self._find()
        draft.exception_id.with_user(self.colleague).action_take()
        self.assertEqual(draft.user_id, self.colleague)

    def test_what_concerns_no_order_can_be_told_to_nobody(self):
        exception = self._open(*self._create_partners(1))
        with self.assertRaises(UserError):
            exception.with_user(self.owner).action_draft_message()

    def test_exceptions_that_are_merged_are_told_of_once(self):
        self._switch_on("delayed")
        second = self._create_delivery("1Z4").sale_id
        first = self._open(self.order)
        other = self._open(second)
        self.assertEqual(len(self._find()), 2)
        first._merge(other)
        self.env.cr.flush()
        self.assertEqual(sorted(self._find().mapped("state")), ["draft", "not_sent"])
