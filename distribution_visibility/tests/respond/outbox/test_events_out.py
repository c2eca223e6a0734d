import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ....lib.detect.exception.finding import Finding
from .outbox_common import OutboxCase


@tagged("post_install", "-at_install")
class TestEventsOut(OutboxCase):
    """What is told, to whom, and what is not."""

    def test_an_exception_that_opens_is_told_in_the_same_transaction(self):
        exception = self._open()
        message = self._messages()
        self.assertEqual(message.event_type, "exception.opened")
        body = json.loads(message.body)
        self.assertEqual(body["id"], message.event_id)
        self.assertEqual(body["version"], 1)
        self.assertEqual(body["data"]["number"], exception.name)
        self.assertEqual(body["data"]["category"], "late_risk")
        self.assertEqual(body["data"]["subject"]["kind"], "sale_order")
        self.assertEqual(body["data"]["subject"]["name"], exception.sale_order_ids.name)
        self.assertEqual(message.subject_key, f"visibility.exception,{exception.id}")
        self.assertEqual(message.state, "pending")
        self.assertRegex(message.traceparent, "^00-[0-9a-f]{32}-[0-9a-f]{16}-01$")

    def test_a_hundred_exceptions_are_told_with_one_insert(self):
        orders = self.env["sale.order"].create([{"partner_id": self.customer.id}] * 100)
        category = self.env["visibility.exception"]._get_category("late_risk")

        finding = Finding(fields.Datetime.now(), "", "", "")
        statements = []
        execute = type(self.env.cr).execute

        def counted(cursor, query, *args, **kwargs):
            text = getattr(query, "code", query)
            if str(text).startswith('INSERT INTO "visibility_outbox_message"'):
                statements.append(text)
            return execute(cursor, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", counted)
        self.env["visibility.exception"]._open_findings({(category, order): [finding] for order in orders})
        self.env.flush_all()
        self.assertEqual(len(self._messages("exception.opened")), 100)
        self.assertEqual(len(statements), 1)

    def test_nobody_wants_it_so_nothing_is_written_and_nothing_is_asked_of_the_database(self):
        self.subscription.unlink()
        orders = self.env["sale.order"].create([{"partner_id": self.customer.id}])
        self.env["visibility.subscription"]._get_wanting("exception.opened")
        with self.assertQueryCount(0):
            self.outbox._emit("exception.opened", orders, lambda order: self.fail("was described for nobody"))
        self._open()
        self.assertFalse(self.outbox.search([]))

    def test_severity_and_owner_that_change_are_told_with_what_they_were(self):
        exception = self._open()
        old = exception.user_id
        exception.write({"severity": "blocking", "user_id": self.owner.id})
        message = self._messages("exception.updated")
        data = self._data(message)
        self.assertEqual(data["severity"], "blocking")
        self.assertEqual(data["changes"], {"severity": "warning", "owner_id": old.id})
        exception.write({"severity": "blocking"})
        self.assertEqual(self._messages("exception.updated"), message, "nothing changed")

    def test_what_is_resolved_dismissed_and_reopened_is_told(self):
        self.subscription.type_ids += self.env.ref("distribution_visibility.outbox_type_exception_reopened")
        exception = self._open()
        exception.action_resolve()
        exception.action_reopen()
        exception.write({"state": "dismissed", "resolution": "A duplicate"})
        types = self._messages().mapped("event_type")
        self.assertEqual(types, ["exception.opened", "exception.resolved", "exception.reopened", "exception.resolved"])
        self.assertEqual(self._data(self._messages()[-1])["state"], "dismissed")

    def test_what_people_wrote_and_their_names_stay_here_unless_the_subscription_asks_for_texts(self):
        asking = self._subscribe("exception.opened", has_texts=True)
        exception = self._open(reason="Left with Mrs Smith")
        body = self._messages().body
        for personal in ("Smith", exception.partner_id.name, exception.user_id.name, exception.user_id.login):
            self.assertNotIn(personal, body)
        self.assertEqual(self._data(self._messages(subscription=asking))["reason"], "Left with Mrs Smith")

    def test_only_those_that_meet_the_filter_are_told(self):
        self.env["visibility.subscription.filter"].create(
            {"subscription_id": self.subscription.id, "domain": "[('severity', '=', 'blocking')]"}
        )
        exception = self._open()
        self.assertFalse(self._messages())
        exception.severity = "blocking"
        self.assertEqual(self._messages().event_type, "exception.updated")

    def test_a_filter_looks_only_at_what_its_author_may_see(self):
        manager = self._create_user("outbox-manager", "distribution_visibility.group_manager")
        one = self.env["visibility.subscription.filter"].create({"subscription_id": self.subscription.id})
        mine = one.with_user(manager)
        mine.domain = "[('partner_id.name', '=', 'General Hospital')]"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            mine.domain = "[('partner_id.credit_limit', '>', 5)]"

    def test_a_filter_that_became_nonsense_holds_everything_back_and_stops_nobodys_work(self):
        one = self.env["visibility.subscription.filter"].create({"subscription_id": self.subscription.id})
        self.env.cr.execute(
            "UPDATE visibility_subscription_filter SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s", [one.id]
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with self.assertLogs("odoo.addons.distribution_visibility", "ERROR"):
            self.assertTrue(self._open())
        self.assertFalse(self._messages())

    def test_another_companys_events_are_none_of_its_business(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self.subscription.company_id = other
        self._open()
        self.assertFalse(self._messages())

    def test_paused_keeps_events_and_switched_off_does_not(self):
        self.subscription.action_pause()
        self._open()
        self.assertEqual(len(self._messages()), 1)
        self.subscription.action_switch_off()
        self._open()
        self.assertEqual(len(self._messages()), 1)

    def test_an_event_that_breaks_its_own_description_is_logged_and_stops_nobodys_work(self):
        exception = self._open()
        with self.assertLogs("odoo.addons.distribution_visibility", "ERROR"):
            messages = self.outbox._emit("exception.opened", exception, lambda one: {"number": one.name})
        self.assertFalse(messages)

    # ------------------------------------------------------------------ other records
    def test_a_shipment_that_gets_further_is_told_once_with_its_order(self):
        moves = self._subscribe("shipment.milestone_reached", "shipment.eta_changed")
        picking = self._create_delivery("1ZMOVES1")
        scans = [
            ("in_transit", "received_at_origin_facility", self._ago(hours=5), "Picked up"),
            ("out_for_delivery", "out_for_delivery", self._ago(hours=1), "Out for delivery"),
        ]
        eta = "2027-01-05T18:00:00Z"
        self._tell(self.easypost, self._tracker("1ZMOVES1", *scans, est_delivery_date=eta))
        milestone = self._data(self._messages("shipment.milestone_reached", moves))
        self.assertEqual(milestone["tracking_number"], "1ZMOVES1")
        self.assertEqual(milestone["milestone"], "out_for_delivery")
        self.assertEqual(milestone["order_reference"], picking.sale_id.name)
        self.assertEqual(self._data(self._messages("shipment.eta_changed", moves))["eta"], eta)
        # the same history again, and read anew: no news
        self._tell(self.easypost, self._tracker("1ZMOVES1", *scans, est_delivery_date=eta))
        picking.visibility_shipment_ids._recompute_from_timeline()
        self.assertEqual(len(self._messages(subscription=moves)), 2)

    def test_what_a_carrier_rehearses_is_told_to_nobody(self):
        moves = self._subscribe("shipment.milestone_reached")
        self._create_delivery("1ZTEST1")
        body = self._tracker("1ZTEST1", ("in_transit", "arrived_at_facility", self._ago(hours=5), "x"))
        self._tell(self.easypost, {**body, "mode": "test", "result": {**body["result"], "mode": "test"}})
        self.assertFalse(self._messages(subscription=moves))

    def test_an_events_trace_goes_on_to_the_receiver(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        self._create_delivery("1ZTRACE1")
        body = self._tracker("1ZTRACE1", ("in_transit", "delayed", self._ago(hours=1), "Weather"))
        _result, message = self._receive(self.easypost, body)
        message.traceparent = f"00-{trace}-00f067aa0ba902b7-01"
        self._work_off()
        self.assertIn(trace, self._messages("exception.opened").traceparent)
        self.assertNotIn("00f067aa0ba902b7", self._messages("exception.opened").traceparent)

    def test_a_promise_that_moves_is_told_and_the_first_one_is_not(self):
        promises = self._subscribe("promise.moved")
        order = self._create_delivery("1ZPROMISE").sale_id
        self.assertFalse(self._messages(subscription=promises))
        order.commitment_date = order.visibility_promise_at + timedelta(days=3)
        messages = self._messages(subscription=promises)
        self.assertEqual(len(messages), 2, "the order and its line")
        self.assertEqual(set(messages.mapped("subject_key")), {f"sale.order,{order.id}"})
        self.assertEqual({round(self._data(message)["days_moved"]) for message in messages}, {3})

    def test_an_order_that_comes_to_be_at_risk_and_is_safe_again_is_told(self):
        risks = self._subscribe("order.at_risk")
        order = self._create_delivery("1ZRISK").sale_id
        exception = self._open(subject=order)
        told = self._messages(subscription=risks).filtered(lambda one: one.subject_model == "sale.order")
        self.assertEqual(self._data(told)["severity"], "warning")
        self.assertEqual(self._data(told)["categories"], ["late_risk"])
        exception.action_resolve()
        last = self._messages(subscription=risks).filtered(lambda one: one.subject_model == "sale.order")[-1]
        self.assertNotIn("severity", self._data(last))
        self.assertEqual(self._data(last)["previous_severity"], "warning")
        self.assertIs(self._data(last)["is_at_risk"], False)

    def test_what_cannot_be_reached_by_name_is_still_described(self):
        partner = self.env["res.partner"].create({"name": "A Person"})
        document = self.outbox._prepare_document(partner)
        self.assertEqual((document["kind"], document["name"]), ("other", f"res.partner,{partner.id}"))
