from ast import literal_eval
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .message_case import DELAY, MessageCase

SENDING = "odoo.addons.distribution_visibility.models.respond.message.visibility_message_sending"


@tagged("post_install", "-at_install")
class TestMessageSending(MessageCase):
    """A person releases a draft: it goes to the partner alone, by the order, when it may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.occasion = cls._switch_on("delayed")

    def _draft_for(self, *partners):
        """An order and a draft for each partner."""
        orders = [self._create_delivery(f"1ZS{partner.id}", customer=partner).sale_id for partner in partners]
        self._open(*orders)
        return self._find(("sale_order_id", "in", [order.id for order in orders]))

    def _partner(self, name, **values):
        values = {"name": name, "email": f"{name.lower()}@example.com", "tz": "UTC", **values}
        return self.env["res.partner"].create(values)

    # ------------------------------------------------------------------ how it goes
    def test_sending_mails_it_to_the_partner_alone_and_notes_it_on_order_and_exception(self):
        self.order.message_subscribe(self.colleague.partner_id.ids)
        self._report(DELAY)
        draft = self._find()
        draft.with_user(self.owner).action_send()
        mail = self._get_mails()
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.customer))
        self.assertIn(self.order.name, mail.subject)
        posted = draft.mail_message_id
        self.assertEqual((posted.model, posted.res_id), ("sale.order", self.order.id))
        self.assertEqual(posted.author_id, self.owner.partner_id)
        self.assertEqual(posted.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(self._get_mails(self.colleague.partner_id))
        self.assertIn("was told", draft.exception_id.message_ids[:1].body)
        self.assertNotIn(self.customer, self.order.message_partner_ids)

    def test_the_answer_comes_back_to_the_order(self):
        self.env["mail.alias.domain"].create({"name": "answers.example.com"})
        draft = self._draft_for(self._partner("Mill"))
        draft.with_user(self.owner).action_send()
        answer = self.env["mail.thread"].message_process(
            False,
            "From: mill@example.com\nTo: catchall@answers.example.com\nSubject: Re\nMessage-Id: <1@example.com>\n"
            f"In-Reply-To: {draft.mail_message_id.message_id}\n\nThat is too late for us.",
        )
        self.assertEqual(answer, draft.sale_order_id.id)
        self.assertIn("too late", draft.sale_order_id.message_ids[:1].body)

    def test_the_run_says_who_released_it_and_that_it_stays_sent(self):
        self._report(DELAY)
        draft = self._find()
        draft.with_user(self.owner).action_send()
        run = self._get_runs(("exception_id", "=", draft.exception_id.id), ("origin", "=", "button"))
        self.assertEqual((run.user_id, run.result, run.is_reversible), (self.owner, "done", False))
        self.assertIn("stays sent", run.irreversible_reason)
        self.assertEqual(draft.released_by_id, self.owner)

    def test_what_was_read_is_what_is_sent(self):
        self._report(DELAY)
        draft = self._find()
        draft.with_user(self.owner).write({"subject": "Your pumps", "body": "<p>They come on Monday.</p>"})
        draft.with_user(self.owner).action_send()
        self.assertEqual(draft.mail_message_id.subject, "Your pumps")
        self.assertIn("They come on Monday.", self._get_mails().body_html)
        with self.assertRaises(UserError):
            draft.with_user(self.owner).body = "<p>Never said.</p>"

    def test_sending_twice_is_one_mail(self):
        self._report(DELAY)
        draft = self._find()
        draft.with_user(self.owner).action_send()
        with self.assertRaises(UserError):
            draft.with_user(self.owner).action_send()
        self.assertEqual(len(self._get_mails()), 1)

    def test_each_gets_it_in_their_language(self):
        for code in ("fr_FR", "de_DE"):
            self.env["res.lang"]._activate_lang(code)
        template = self.occasion.template_id
        template.with_context(lang="fr_FR").write(
            {"subject": "Commande en retard {{ object.sale_order_id.name }}", "body_html": "<p>Bonjour</p>"}
        )
        template.with_context(lang="de_DE").write(
            {"subject": "Bestellung verspätet {{ object.sale_order_id.name }}", "body_html": "<p>Guten Tag</p>"}
        )
        french, german = self._partner("Usine", lang="fr_FR"), self._partner("Werk", lang="de_DE")
        drafts = self._draft_for(french, german)
        drafts.with_user(self.owner).action_send()
        self.assertIn("Commande en retard", self._get_mails(french).subject)
        self.assertIn("Bonjour", self._get_mails(french).body_html)
        self.assertIn("Bestellung verspätet", self._get_mails(german).subject)
        self.assertIn("Guten Tag", self._get_mails(german).body_html)

    # ------------------------------------------------------------------ when it goes
    @freeze_time("2026-03-02 03:30:00")  # 22:30 the evening before in New York, 12:30 in Tokyo
    def test_quiet_hours_are_by_the_recipients_clock_and_span_midnight(self):
        self.company.write({"visibility_quiet_from": 20, "visibility_quiet_to": 7})
        york, tokyo = self._partner("York", tz="America/New_York"), self._partner("Tokyo", tz="Asia/Tokyo")
        drafts = self._draft_for(york, tokyo)
        drafts.with_user(self.owner).action_send()
        late, now = drafts.sorted(lambda one: one.partner_id == tokyo)
        self.assertEqual((now.state, late.state, late.waits_for), ("sent", "waiting", "quiet"))
        self.assertEqual(str(late.send_from), "2026-03-02 12:00:00")
        self._send_due("2026-03-02 11:59:00")
        self.assertEqual((late.state, len(self._get_mails(york))), ("waiting", 0))
        self._send_due("2026-03-02 12:01:00")
        self._send_due("2026-03-02 12:02:00")
        self.assertEqual((late.state, len(self._get_mails(york))), ("sent", 1))
        self.assertEqual(late.released_by_id, self.owner)

    @freeze_time("2026-03-02 03:30:00")
    def test_without_a_time_zone_of_the_recipient_the_companys_counts(self):
        self.company.write({"visibility_quiet_from": 20, "visibility_quiet_to": 7})
        self.company.resource_calendar_id.tz = "America/New_York"
        draft = self._draft_for(self._partner("Nowhere", tz=False))
        draft.with_user(self.owner).action_send()
        self.assertEqual(draft.state, "waiting")

    @freeze_time("2026-03-02 03:30:00")
    def test_a_coordinator_sends_at_night_and_the_run_says_so(self):
        self.company.write({"visibility_quiet_from": 20, "visibility_quiet_to": 7})
        draft = self._draft_for(self._partner("Night", tz="UTC"))
        draft.with_user(self.owner).action_send()
        self.assertEqual(draft.state, "waiting")
        user = self._create_user("visibility-plain", "distribution_visibility.group_user")
        draft.user_id = user
        with self.assertRaises(AccessError):
            draft.with_user(user).action_send_now()
        draft.with_user(self.owner).action_send_now()
        self.assertEqual(draft.state, "sent")
        self.assertIn("whatever the hour", self._get_runs(("exception_id", "=", draft.exception_id.id))[-1].reason)

    def test_what_is_over_the_cap_waits_and_goes_when_there_is_room(self):
        self.company.visibility_message_cap_day = 2
        partner = self._partner("Busy")
        with freeze_time("2026-03-02 10:00:00"):
            orders = [self._create_delivery(f"1ZC{number}", customer=partner).sale_id for number in range(4)]
            self._open(*orders)
            drafts = self._find(("partner_id", "=", partner.id))
            drafts.with_user(self.owner).action_send()
        self.assertEqual(sorted(drafts.mapped("state")), ["sent", "sent", "waiting", "waiting"])
        self._send_due("2026-03-02 20:00:00")
        self.assertEqual(len(self._get_mails(partner)), 2)
        self._send_due("2026-03-03 10:00:30")
        self.assertEqual(len(self._get_mails(partner)), 4)
        self.assertEqual(set(drafts.mapped("state")), {"sent"})

    def test_the_cap_of_a_week_holds_too_and_nothing_is_lost(self):
        self.company.write({"visibility_message_cap_day": 0, "visibility_message_cap_week": 1})
        partner = self._partner("Weekly")
        with freeze_time("2026-03-02 10:00:00"):
            first = self._draft_for(partner)
            first.with_user(self.owner).action_send()
        with freeze_time("2026-03-04 10:00:00"):
            self._open(self._create_delivery("1ZW", customer=partner).sale_id)
            second = self._find(("partner_id", "=", partner.id)) - first
            second.with_user(self.owner).action_send()
        self.assertEqual((second.state, str(second.send_from)), ("waiting", "2026-03-09 10:00:00"))
        self._send_due("2026-03-08 10:00:00")
        self.assertEqual(second.state, "waiting")
        self._send_due("2026-03-09 10:00:01")
        self.assertEqual(second.state, "sent")

    @freeze_time("2026-03-02 03:30:00")
    def test_what_waits_goes_back_to_review_when_there_is_news(self):
        self.company.write({"visibility_quiet_from": 20, "visibility_quiet_to": 7})
        shipment = self.order.picking_ids.visibility_shipment_ids
        self._open(shipment)
        draft = self._find()
        draft.with_user(self.owner).action_send()
        self.assertEqual(draft.state, "waiting")
        self._open(shipment, category="weather_or_disaster")
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.released_by_id)

    @freeze_time("2026-03-02 03:30:00")
    def test_what_is_over_before_the_morning_is_not_sent(self):
        self.company.write({"visibility_quiet_from": 20, "visibility_quiet_to": 7})
        self._open(self.order)
        draft = self._find()
        draft.with_user(self.owner).action_send()
        draft.exception_id.write({"state": "resolved", "resolution": "Arrived"})
        self.env.cr.flush()
        self._send_due("2026-03-02 12:00:00")
        self.assertEqual((draft.state, draft.refusal), ("not_sent", "over"))
        self.assertFalse(self._get_mails())

    def test_a_bad_one_stops_no_other_and_is_tried_again_until_it_is_given_up(self):
        partners = [self._partner(name) for name in ("One", "Two", "Three")]
        with freeze_time("2026-03-02 03:30:00"):
            self.company.write({"visibility_quiet_from": 2, "visibility_quiet_to": 7})
            drafts = self._draft_for(*partners)
            drafts.with_user(self.owner).action_send()
        bad, send = drafts[1], type(drafts)._send

        def fail(message):
            if message == bad:
                raise ValueError("The wire is cut")
            return send(message)

        with patch.object(type(drafts), "_send", fail), mute_logger(SENDING):
            self._send_due("2026-03-02 07:00:00")
            self.assertEqual((drafts - bad).mapped("state"), ["sent", "sent"])
            self.assertEqual((bad.state, bad.waits_for, bad.attempts), ("waiting", "retry", 1))
            for hour in (9, 11, 13, 15):
                self._send_due(f"2026-03-02 {hour:02}:00:00")
        self.assertEqual((bad.state, bad.refusal), ("not_sent", "failed"))
        self.assertIn("The wire is cut", bad.reason)

    # ------------------------------------------------------------------ who gets none
    def test_who_is_on_the_blacklist_gets_none(self):
        draft = self._draft_for(self._partner("Silent"))
        self.env["mail.blacklist"].sudo()._add("Silent@Example.com")
        draft.with_user(self.owner).action_send()
        self.assertEqual((draft.state, draft.refusal), ("not_sent", "blacklisted"))
        self.assertFalse(self._get_mails(draft.partner_id))

    def test_a_customer_who_wants_none_gets_none_and_a_supplier_still_does(self):
        draft = self._draft_for(self._partner("Calm"))
        draft.partner_id.visibility_gets_messages = False
        draft.with_user(self.owner).action_send()
        self.assertEqual((draft.state, draft.refusal), ("not_sent", "unsubscribed"))
        self._switch_on("ack_overdue")
        self.supplier.visibility_gets_messages = False
        self._open(self._create_purchase(), category="ack_overdue")
        supplied = self._find(("audience", "=", "supplier"))
        supplied.with_user(self.owner).action_send()
        self.assertEqual(supplied.state, "sent")
        self.assertNotIn("List-Unsubscribe", self._get_mails(self.supplier).headers)

    def test_the_order_was_cancelled_meanwhile(self):
        draft = self._draft_for(self._partner("Gone"))
        draft.sale_order_id._action_cancel()
        draft.with_user(self.owner).action_send()
        self.assertEqual((draft.state, draft.refusal), ("not_sent", "over"))

    def test_a_mail_to_a_customer_has_the_link_and_the_headers_and_the_chatter_has_not(self):
        draft = self._draft_for(self._partner("Linked"))
        draft.with_user(self.owner).action_send()
        mail = self._get_mails(draft.partner_id)
        url = draft._get_unsubscribe_url()
        self.assertIn(url, mail.body_html)
        self.assertNotIn("200.00", mail.body_html)
        self.assertNotIn("/visibility/messages/", draft.mail_message_id.body)
        headers = literal_eval(mail.headers)
        self.assertEqual(headers["List-Unsubscribe"], f"<{url}>")
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")

    # ------------------------------------------------------------------ who may
    def test_users_see_and_release_what_is_theirs_and_nothing_else(self):
        mine = self._create_user("visibility-mine", "distribution_visibility.group_user")
        other = self._create_user("visibility-other", "distribution_visibility.group_user")
        draft = self._draft_for(self._partner("Rights"))
        draft.exception_id.user_id = mine
        draft.user_id = False
        self.assertEqual(self.messages.with_user(mine).sudo(False).search([]), draft.with_user(mine))
        self.assertFalse(self.messages.with_user(other).sudo(False).search([]))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            draft.with_user(other).sudo(False).action_send()
        self.assertEqual(draft.state, "draft")
        draft.with_user(mine).sudo(False).action_send()
        self.assertEqual((draft.state, draft.released_by_id), ("sent", mine))

    def test_who_may_write_the_order_may_release_and_who_may_only_read_may_not(self):
        seller = self._create_user(
            "visibility-seller", "distribution_visibility.group_user", "sales_team.group_sale_salesman"
        )
        draft = self._draft_for(self._partner("Seller"))
        draft.user_id = False
        self.assertFalse(self.messages.with_user(seller).sudo(False).search([]))
        draft.sale_order_id.user_id = seller
        draft.with_user(seller).sudo(False).action_send()
        self.assertEqual(draft.state, "sent")

    def test_auditors_read_and_change_nothing(self):
        auditor = self._create_user("visibility-audit", "distribution_visibility.group_auditor")
        draft = self._draft_for(self._partner("Audit"))
        self.assertTrue(draft.with_user(auditor).sudo(False).subject)
        for change in ("action_send", "action_discard", "action_review", "action_rewrite"):
            with self.assertRaises(AccessError):
                getattr(draft.with_user(auditor).sudo(False), change)()
        self.assertEqual(draft.state, "draft")

    def test_nobody_changes_by_hand_to_whom_or_what_became_of_it(self):
        draft = self._draft_for(self._partner("Fixed"))
        for values in ({"state": "sent"}, {"partner_id": self.supplier.id}, {"released_by_id": self.owner.id}):
            with self.assertRaises(AccessError):
                draft.with_user(self.owner).sudo(False).write(values)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_companys_messages_are_not_seen_and_its_limits_do_not_count(self):
        draft = self._draft_for(self._partner("Here"))
        other = self.env["res.company"].create({"name": "Another company"})
        draft.company_id = other
        with self.assertRaises(AccessError):
            draft.with_user(self.owner).sudo(False).action_send()
        self.assertFalse(self.messages.with_user(self.owner).sudo(False).search([("id", "=", draft.id)]))

    def test_discarding_says_who_and_it_can_be_taken_back(self):
        draft = self._draft_for(self._partner("Back"))
        draft.with_user(self.owner).action_discard()
        self.assertEqual((draft.state, draft.discarded_by_id), ("discarded", self.owner))
        self.assertFalse(draft.exception_id.has_message_draft)
        draft.with_user(self.owner).action_review()
        self.assertEqual(draft.state, "draft")
        self.assertTrue(draft.exception_id.has_message_draft)

    # ------------------------------------------------------------------ measuring and erasing
    def test_what_became_of_them_is_in_the_metrics(self):
        sent, refused = self._draft_for(self._partner("Counted"), self._partner("Refused"))
        refused.partner_id.visibility_gets_messages = False
        (sent | refused).with_user(self.owner).action_send()
        page = self.env["visibility.metrics"]._render("")[0].decode()
        for result in ("sent", "unsubscribed"):
            self.assertIn(f'visibility_messages_finished_last_day{{audience="customer",result="{result}"}} 1.0', page)
        self.assertIn('visibility_messages_drafted_last_day{audience="customer"} 2.0', page)
        self.assertIn('visibility_messages_release_seconds_last_day{audience="customer"}', page)

    def test_a_persons_data_is_erased_from_messages_too(self):
        draft = self._draft_for(self._partner("Erased"))
        draft.with_user(self.owner).body = "<p>Call Jane Doe at the gate.</p>"
        manager = self._create_user("visibility-eraser", "distribution_visibility.group_manager")
        self.env["visibility.erasure"].with_user(manager)._erase(["Jane Doe"], self.company, "Asked for")
        self.messages.invalidate_model()
        self.assertNotIn("Jane Doe", draft.body)
