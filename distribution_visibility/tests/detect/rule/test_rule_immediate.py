from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ....models.base.notes import get_noted
from .rule_common import RuleCase

SCHEDULE = "odoo.addons.distribution_visibility.models.detect.rule.visibility_rule_schedule"


@tagged("post_install", "-at_install")
class TestRuleImmediate(RuleCase):
    """Some rules look as soon as somebody saves, in the same transaction and only when it matters."""

    def test_saving_a_document_opens_and_clears_before_the_commit(self):
        self._create_rule(latency="immediate")
        order = self._create_order()
        self.assertFalse(self._exceptions(order))
        self._commit()
        self.assertTrue(self._exceptions(order).is_open)
        order.client_order_ref = "fine"
        self._commit()
        self.assertEqual(self._exceptions(order).state, "resolved")

    def test_only_the_documents_that_were_saved_are_looked_at(self):
        old = self._create_order()
        self._commit()
        rule = self._create_rule(latency="immediate")
        new = self._create_order()
        self._commit()
        self.assertTrue(self._exceptions(new))
        self.assertFalse(self._exceptions(old), "the next look at everything finds it")
        rule._run()
        self.assertTrue(self._exceptions(old))

    def test_a_save_that_does_not_touch_what_the_rule_goes_by_costs_no_query(self):
        self._create_rule(latency="immediate")
        order = self._create_order("fine")
        self._commit()
        order.note = "warm the caches"
        self._commit()
        self.assertFalse(get_noted(self.env, "rules"))
        order.note = "something else"
        self.assertFalse(get_noted(self.env, "rules"))
        order.client_order_ref = "late"
        self.assertTrue(get_noted(self.env, "rules"))

    def test_fields_that_odoo_computes_are_seen_too(self):
        self._create_rule("[('state', '=', 'confirmed')]", "stock.picking", latency="immediate")
        order = self._create_order()
        self._commit()
        order.action_confirm()
        self._commit()
        self.assertTrue(self._exceptions(order.picking_ids).is_open, "the pump is not on stock")

    def test_several_saves_in_one_transaction_are_one_look(self):
        rule = self._create_rule(latency="immediate")
        order = self._create_order()
        order.client_order_ref = "fine"
        order.client_order_ref = "late"
        self._commit()
        self.assertEqual((len(rule.run_ids), rule.run_ids.opened), (1, 1))

    def test_a_look_without_effect_leaves_no_run(self):
        rule = self._create_rule(latency="immediate")
        self._create_order("fine")
        self._commit()
        self.assertFalse(rule.run_ids)

    @mute_logger(SCHEDULE, "odoo.sql_db")
    def test_a_broken_rule_stops_nobodys_work(self):
        broken, good = self._create_rule(latency="immediate", name="Broken"), self._create_rule(latency="immediate")
        self._commit()
        self.env.cr.execute(
            "UPDATE visibility_rule SET reason_template = %s WHERE id = %s", ['{"en_US": "{no_such}"}', broken.id]
        )
        broken.invalidate_recordset()
        order = self._create_order()
        self._commit()
        self.assertTrue(broken.error)
        self.assertEqual(self._exceptions(order).rule_ids, good)

    def test_only_documents_can_be_looked_at_at_once(self):
        with self.assertRaisesRegex(ValidationError, "look on schedule"):
            self._create_rule("[]", "res.partner", latency="immediate")

    def test_a_document_that_was_deleted_before_the_commit_is_no_trouble(self):
        self._create_rule(latency="immediate")
        order = self._create_order()
        about_it = [("res_model", "=", order._name), ("res_id", "=", order.id)]
        order.unlink()
        self._commit()
        self.assertFalse(self.env["visibility.exception"].search(about_it))
