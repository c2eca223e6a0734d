from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .rule_common import RuleCase


@tagged("post_install", "-at_install")
class TestRuleForm(RuleCase):
    """An administrator writes a rule, sees what it would find, and is stopped before a mistake counts."""

    def _fill(self, domain, rule=None):
        form = Form(rule.with_user(self.manager) if rule else self.env["visibility.rule"].with_user(self.manager))
        form.name = "Marked late"
        if not rule:
            form.model_id = self.env["ir.model"]._get("sale.order")
        form.category_id = self.category
        form.domain = domain
        form.is_previewed = True
        return form

    def test_what_it_would_find_is_shown_before_it_is_saved(self):
        order = self._create_order()
        before = self.env["visibility.rule"].search_count([])
        form = self._fill("[('client_order_ref', '=', 'late')]")
        self.assertIn("1 match now: 1 would be new, 0 are open already; 0 would be cleared.", form.preview)
        self.assertIn(order.name, form.preview)
        self.assertIn(f"/odoo/sale.order/{order.id}", form.preview)
        self.assertEqual(self.env["visibility.rule"].search_count([]), before)
        form.save()

    def test_a_changed_condition_shows_what_would_be_cleared(self):
        rule = self._create_rule()
        order = self._create_order()
        rule._run()
        form = self._fill("[('client_order_ref', '=', 'nothing')]", rule)
        self.assertIn("0 match now: 0 would be new, 0 are open already; 1 would be cleared.", form.preview)
        self.assertTrue(self._exceptions(order).is_open)

    def test_a_condition_that_cannot_be_is_one_clear_sentence(self):
        form = self._fill("[('no_such_field', '=', 1)]")
        self.assertIn("The condition cannot be worked out", form.preview)
        self.assertIn("no_such_field", form.preview)
        with self.assertRaises(UserError):
            form.save()

    def test_the_preview_names_no_record_that_the_user_may_not_see(self):
        order = self._create_order()
        stranger = self._create_user("visibility-stranger", "distribution_visibility.group_manager")
        rule = self._create_rule().with_user(stranger)
        rule.is_previewed = True
        self.assertNotIn(order.name, rule.preview)

    def test_nobody_can_look_through_a_rule_at_what_they_may_not_read(self):
        stranger = self._create_user("visibility-stranger", "distribution_visibility.group_manager")
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.env["visibility.rule"].with_user(stranger).create(
                {
                    "name": "Keyhole",
                    "model_id": self.env["ir.model"]._get_id("ir.config_parameter"),
                    "domain": "[('value', '=like', 'a%')]",
                    "category_id": self.category.id,
                }
            )

    def test_nobody_is_accountable_nothing_is_switched_on(self):
        with self.assertRaisesRegex(ValidationError, "say who is accountable"):
            self._create_rule(accountable_id=False)
        self._create_rule(accountable_id=False, active=False)

    def test_a_reason_takes_fields_and_nothing_else(self):
        for template in ("{no_such}", "{partner_id.__class__}", "{order_line}", "{name!r}", "{partner_id.signup_type}"):
            with self.subTest(template=template), self.assertRaises(ValidationError):
                self._create_rule(reason_template=template)

    def test_a_reason_is_written_as_people_read_it(self):
        rule = self._create_rule(reason_template="{state}: {partner_id.visibility_tier}, {date_order}, {carrier_id}")
        self.company.partner_id.tz = "Europe/Berlin"
        order = self._create_order(date_order="2026-03-02 10:00:00")
        rule._run()
        reason = self._exceptions(order).with_context(tz="Europe/Berlin").reason
        self.assertEqual(reason, "Quotation: Strategic, Monday 2 Mar 2026, 11:00 AM, -")

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_a_user_reads_rules_and_changes_none(self):
        rule = self._create_rule()
        user = self._create_user("visibility-agent", "distribution_visibility.group_user")
        self.assertEqual(rule.with_user(user).name, "Marked late")
        for attempt in (lambda: rule.with_user(user).write({"name": "Mine"}), rule.with_user(user).action_run):
            with self.assertRaises(AccessError):
                attempt()

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_a_rule_of_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Another company"})
        rule = self._create_rule(company_id=other.id)
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).read(["name"])

    def test_the_button_leads_to_its_exceptions(self):
        rule = self._create_rule()
        order = self._create_order()
        rule.with_user(self.manager).action_run()
        self.assertEqual(rule.open_exception_count, 1)
        action = rule.action_open_exceptions()
        self.assertEqual(self.env["visibility.exception"].search(action["domain"]), self._exceptions(order))
