from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ....lib.detect.exception.finding import Finding
from .rule_common import RuleCase

ENGINE = "odoo.addons.distribution_visibility.models.detect.rule.visibility_rule_schedule"


@tagged("post_install", "-at_install")
class TestRuleEngine(RuleCase):
    """A condition opens, holds and clears exceptions, and writes nothing where nothing changed."""

    def test_a_document_that_matches_opens_one_exception_with_the_rules_words_owner_and_severity(self):
        owner = self._create_user("visibility-desk")
        rule = self._create_rule(
            reason_template="{partner_id} waits, {amount_untaxed} at stake", severity="blocking", user_id=owner.id
        )
        order = self._create_order()
        other = self._create_order("fine")
        rule._run()
        exception = self._exceptions(order)
        self.assertEqual(len(exception), 1)
        self.assertEqual(exception.reason, "General Hospital waits, 200.00 at stake")
        self.assertEqual((exception.severity, exception.user_id), ("blocking", owner))
        self.assertEqual((exception.rule_id, exception.rule_ids), (rule, rule))
        self.assertTrue(order.visibility_is_at_risk)
        self.assertFalse(self._exceptions(other))

    def test_a_second_look_at_what_has_not_changed_writes_nothing_on_the_exception(self):
        rule = self._create_rule()
        order = self._create_order()
        rule._run()
        exception = self._exceptions(order)
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM visibility_exception WHERE id = %s", [exception.id])
        before = self.env.cr.fetchall()
        rule._run()
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM visibility_exception WHERE id = %s", [exception.id])
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assertEqual((exception.seen_count, self._last_run(rule).seen, self._last_run(rule).opened), (1, 1, 0))

    def test_what_is_not_so_any_more_is_cleared_with_a_sentence(self):
        rule = self._create_rule()
        order = self._create_order()
        rule._run()
        order.client_order_ref = "fine"
        rule._run()
        exception = self._exceptions(order)
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(exception.resolution, "Rule “Marked late”: not so any more.")
        self.assertFalse(exception.rule_ids or order.visibility_exception_count)
        self.assertEqual(rule.last_cleared, 0, "it had been cleared when the order was saved")

    def test_what_comes_back_reopens_the_same_exception(self):
        rule = self._create_rule()
        order = self._create_order()
        rule._run()
        order.client_order_ref = "fine"
        rule._run()
        order.client_order_ref = "late"
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            rule._run()
        exception = self._exceptions(order)
        self.assertEqual((len(exception), exception.state, exception.rule_ids), (1, "new", rule))

    def test_two_rules_about_one_document_hold_one_exception_which_is_cleared_when_neither_matches(self):
        first = self._create_rule()
        second = self._create_rule("[('note', 'ilike', 'angry')]", name="Angry")
        order = self._create_order(note="angry")
        self._run_all(first | second)
        exception = self._exceptions(order)
        self.assertEqual((len(exception), exception.rule_id, exception.rule_ids), (1, first, first | second))
        order.client_order_ref = "fine"
        self._run_all(first | second)
        self.assertTrue(exception.is_open, "the second rule still says so")
        self.assertEqual(exception.seen_count, 1, "and nobody closed it in between")
        self.assertEqual(exception.rule_ids, second)
        order.note = False
        self._run_all(first | second)
        self.assertEqual(exception.state, "resolved")

    def test_what_somebody_dismissed_rests_as_long_as_it_is_so(self):
        rule = self._create_rule()
        order = self._create_order()
        rule._run()
        exception = self._exceptions(order)
        exception.write({"state": "dismissed", "resolution": "Agreed with the customer"})
        with freeze_time(fields.Datetime.now() + timedelta(days=30)):
            rule._run()
            self.assertEqual((exception.state, exception.seen_count), ("dismissed", 1))
            order.client_order_ref = "fine"
            rule._run()
            self.assertEqual(exception.resolution, "Agreed with the customer")
            order.client_order_ref = "late"
            rule._run()
            self.assertEqual(exception.state, "new", "it went away and is there again")

    def test_what_somebody_took_over_stays_theirs_while_it_waits(self):
        rule = self._create_rule()
        order = self._create_order()
        rule._run()
        exception = self._exceptions(order)
        exception.with_user(self.owner).action_take()
        exception.action_wait()
        rule._run()
        self.assertEqual((exception.user_id, exception.state), (self.owner, "waiting"))

    def test_only_documents_older_than_the_age_match(self):
        rule = self._create_rule(
            age_field_id=self.env["ir.model.fields"]._get("sale.order", "date_order").id, age_hours=48
        )
        order = self._create_order(date_order="2026-03-01 10:00:00")
        with freeze_time("2026-03-03 09:59:00"):
            rule._run()
            self.assertFalse(self._exceptions(order))
        with freeze_time("2026-03-03 10:00:00"):
            rule._run()
            self.assertTrue(self._exceptions(order).is_open)

    def test_what_somebody_is_still_working_on_is_left_alone_and_cleared_all_the_same(self):
        rule = self._create_rule(grace_minutes=30)
        order = self._create_order()
        rule._run()
        self.assertFalse(self._exceptions(order))
        with freeze_time(fields.Datetime.now() + timedelta(minutes=31)):
            rule._run()
            exception = self._exceptions(order)
            self.assertTrue(exception.is_open)
            order.note = "I changed it just now"
            rule._run()
            self.assertTrue(exception.is_open)

    def test_dates_in_words_mean_today_where_the_company_is(self):
        self.company.partner_id.tz = "Asia/Tokyo"
        rule = self._create_rule("[('date_order', '<', 'today')]")
        order = self._create_order(date_order="2026-03-02 14:00:00")  # 23 o'clock on the 2nd in Tokyo
        with freeze_time("2026-03-02 14:30:00"):
            rule._run()
            self.assertFalse(self._exceptions(order))
        with freeze_time("2026-03-02 15:30:00"):
            rule._run()
            self.assertTrue(self._exceptions(order), "half past midnight on the 3rd")

    def test_dates_as_odoos_filters_write_them_are_understood(self):
        rule = self._create_rule(
            "[('date_order', '<', (context_today() - relativedelta(days=2)).strftime('%Y-%m-%d'))]"
        )
        order = self._create_order(date_order="2026-03-01 10:00:00")
        with freeze_time("2026-03-10 10:00:00"):
            rule._run()
        self.assertTrue(self._exceptions(order))

    # ------------------------------------------------------------------ companies
    def test_a_rule_of_one_company_leaves_the_others_alone(self):
        other = self.env["res.company"].create({"name": "Another company"})
        rule = self._create_rule(company_id=self.company.id)
        foreign = self._create_order(company_id=other.id, order_line=[])
        mine = self._create_order()
        rule._run()
        self.assertFalse(self._exceptions(foreign))
        self.assertTrue(self._exceptions(mine))

    def test_a_rule_of_all_companies_opens_each_exception_in_the_documents_company(self):
        other = self.env["res.company"].create({"name": "Another company"})
        rule = self._create_rule()
        foreign = self._create_order(company_id=other.id, order_line=[])
        rule._run()
        self.assertEqual(self._exceptions(foreign).company_id, other)

    def test_documents_that_all_companies_share_are_looked_at_once(self):
        self.env["res.company"].create({"name": "Another company"})
        rule = self._create_rule("[('ref', '=', 'watch me')]", "res.partner")
        partner = self.env["res.partner"].create({"name": "Everybody's", "ref": "watch me"})
        rule._run()
        self.assertEqual((len(self._exceptions(partner)), rule.last_opened), (1, 1))

    # ------------------------------------------------------------------ safety
    def test_in_test_mode_it_writes_down_what_it_would_have_opened_and_opens_nothing(self):
        rule = self._create_rule(is_test=True)
        order = self._create_order()
        rule._run()
        self.assertFalse(self._exceptions(order))
        run = rule.run_ids
        self.assertEqual((run.would_open, run.opened, run.is_test), (1, 0, True))
        self.assertIn(order.name, run.sample)
        self.assertNotIn(order.name, run.with_user(new_test_user(self.env, "blind")).sudo().sample or "")

    def test_a_rule_that_finds_too_much_stops_and_tells_who_is_accountable(self):
        rule = self._create_rule(max_new=2)
        orders = self.env["sale.order"].concat(*(self._create_order() for _number in range(4)))
        rule._run()
        self.assertTrue(rule.is_paused)
        self.assertEqual(sum(map(bool, map(self._exceptions, orders))), 2)
        self.assertEqual(rule.activity_ids.user_id, self.manager)
        rule._run()
        self.assertEqual(sum(map(bool, map(self._exceptions, orders))), 2, "it waits for a person")
        rule.max_new = 10
        rule.with_user(self.manager).action_continue()
        rule._run()
        self.assertEqual(sum(map(bool, map(self._exceptions, orders))), 4)
        self.assertFalse(rule.is_paused or rule.activity_ids)

    @mute_logger(ENGINE)
    def test_a_broken_rule_stops_no_other_and_its_owner_is_told_once(self):
        broken, good = self._create_rule(name="Broken"), self._create_rule()
        order = self._create_order()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE visibility_rule SET domain = '[(''no_such_field'', ''='', 1)]' WHERE id = %s", [broken.id]
        )
        broken.invalidate_recordset()
        self._run_all(broken | good)
        self._run_all(broken | good)
        self.assertIn("no_such_field", broken.error)
        self.assertEqual(len(broken.activity_ids), 1)
        self.assertEqual(broken.activity_ids.user_id, self.manager)
        self.assertTrue(self._last_run(broken).error)
        self.assertEqual(self._exceptions(order).rule_ids, good)
        broken.domain = "[]"
        broken._run()
        self.assertFalse(broken.error or broken.activity_ids)

    @mute_logger(ENGINE)
    def test_a_rule_whose_addon_was_uninstalled_says_so(self):
        rule = self._create_rule()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE visibility_rule SET model_name = 'gone.model', model_id = NULL WHERE id = %s", [rule.id]
        )
        rule.invalidate_recordset()
        rule._run()
        self.assertEqual(rule.error, "There are no gone.model any more: is an add-on missing?")

    def test_switching_a_rule_off_ends_what_only_it_holds(self):
        rule, other = self._create_rule(), self._create_rule("[('note', 'ilike', 'angry')]")
        order, both = self._create_order(), self._create_order(note="angry")
        self._run_all(rule | other)
        rule.active = False
        self.assertEqual(self._exceptions(order).state, "resolved")
        self.assertTrue(self._exceptions(both).is_open)
        other.unlink()
        self.assertFalse(self._exceptions(both).is_open)

    def test_what_another_detector_opened_is_not_a_rules_to_clear(self):
        order = self._create_order()
        exceptions = self.env["visibility.exception"]
        exceptions._open_findings({(self.category, order): [Finding(fields.Datetime.now(), "Seen by somebody else")]})
        rule = self._create_rule()
        rule._run()
        self.assertEqual(self._exceptions(order).rule_ids, rule)
        order.client_order_ref = "fine"
        rule._run()
        self.assertTrue(self._exceptions(order).is_open)

    # ------------------------------------------------------------------ schedule
    def test_the_scheduled_action_runs_what_is_due_and_nothing_else(self):
        with freeze_time("2026-03-02 10:00:00"):
            often, nightly = self._create_rule(interval_minutes=10), self._create_rule(latency="nightly")
            self.company.partner_id.tz = "Europe/Berlin"
            rules = self.env["visibility.rule"]
            self.assertEqual(rules._get_due() & (often | nightly), often | nightly, "what is new looks at once")
            self._run_all(often | nightly)
            self.assertEqual(often.next_run_at, fields.Datetime.to_datetime("2026-03-02 10:10:00"))
            self.assertEqual(nightly.next_run_at, fields.Datetime.to_datetime("2026-03-03 01:00:00"))
            self.assertFalse(rules._get_due() & (often | nightly))
        with freeze_time("2026-03-02 10:11:00"):
            self.assertEqual(rules._get_due() & (often | nightly), often)

    def test_a_nightly_rule_of_all_companies_looks_at_each_in_its_own_night(self):
        tokyo = self.env["res.company"].create({"name": "Tokyo"})
        self.company.partner_id.tz, tokyo.partner_id.tz = "Europe/Berlin", "Asia/Tokyo"
        rule = self._create_rule(latency="nightly")
        with freeze_time("2026-03-02 10:00:00"):
            rule._run()
        with freeze_time("2026-03-02 17:05:00"):
            due = rule._get_due_companies()
            self.assertIn(tokyo, due)
            self.assertNotIn(self.company, due)

    def test_old_runs_are_deleted(self):
        rule = self._create_rule()
        rule._run()
        rule.run_ids.started_at = fields.Datetime.now() - timedelta(days=31)
        rule._run()
        self.env["visibility.rule.run"]._gc_runs()
        self.assertEqual(len(rule.run_ids), 1)
