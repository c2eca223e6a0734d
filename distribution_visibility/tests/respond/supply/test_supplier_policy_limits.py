from odoo.tests import tagged

from .test_supplier_policies import SupplierPolicyCase


@tagged("post_install", "-at_install")
class TestSupplierPolicyLimits(SupplierPolicyCase):
    """Limits count from what a person last agreed to, not from what a policy let through yesterday."""

    def test_two_days_a_day_is_not_two_days(self):
        self._create_policy()
        order = self._buy(5)
        self._answer(order, {"line": "1", "promised_at": self._iso(7)})
        self.assertEqual(order.order_line.date_planned, self._day(7))
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9)})
        self.assertTrue(proposal.is_open)
        self.assertIn("4 days later, 2 are allowed", proposal.policy_note)
        self.assertEqual(order.order_line.date_planned, self._day(7))

    def test_a_price_does_not_climb_step_by_step(self):
        self._create_policy()
        order = self._buy(5)
        self._answer(order, {"line": "1", "unit_price": 42})
        proposal = self._answer(order, {"line": "1", "unit_price": 44})
        self.assertTrue(proposal.is_open)
        self.assertIn("price 10 % higher, 5 % are allowed", proposal.policy_note)

    def test_a_quantity_does_not_melt_step_by_step(self):
        self._create_policy()
        order = self._buy(5)
        self._answer(order, {"line": "1", "quantity": 9})
        proposal = self._answer(order, {"line": "1", "quantity": 8.5})
        self.assertTrue(proposal.is_open)
        self.assertIn("85 % of the quantity, 90 % are the least", proposal.policy_note)

    def test_what_was_taken_back_does_not_count(self):
        policy, order = self._create_policy(), self._buy(5)
        self._answer(order, {"line": "1", "promised_at": self._iso(7)})
        policy.change_ids.with_user(self.buyer).action_revert()
        policy.active = False
        order.visibility_proposal_ids.filtered("is_open").with_user(self.buyer).line_ids._refuse("No")
        policy.active = True
        self._answer(order, {"line": "1", "promised_at": self._iso(6)})
        self.assertEqual(order.order_line.date_planned, self._day(6))

    def test_what_a_person_agreed_to_is_where_the_limits_count_from(self):
        self._create_policy()
        order = self._buy(5)
        self._answer(order, {"line": "1", "promised_at": self._iso(7)})
        self._answer(order, {"line": "1", "promised_at": self._iso(12)}).with_user(self.buyer).action_accept_all()
        self._answer(order, {"line": "1", "promised_at": self._iso(14)})
        self.assertEqual(order.order_line.date_planned, self._day(14))

    # ------------------------------------------------------------------ in whose name
    def test_nothing_is_accepted_in_the_name_of_who_has_left_and_somebody_is_told(self):
        policy = self._create_policy()
        self.buyer.active = False
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(6)})
        self.assertTrue(proposal.is_open)
        self.assertIn(self.buyer.name, proposal.policy_note)
        self.assertEqual(order.order_line.date_planned, self._day(5))
        self._assert_incident(policy.name)

    def test_nothing_is_accepted_in_the_name_of_who_may_not_buy_any_more(self):
        self._create_policy()
        self.buyer.group_ids -= self.env.ref("purchase.group_purchase_user")
        proposal = self._answer(self._buy(5), {"line": "1", "promised_at": self._iso(6)})
        self.assertTrue(proposal.is_open)
        self.assertIn(self.buyer.name, proposal.policy_note)

    def _assert_incident(self, name):
        incidents = self.env["visibility.incident"].sudo()
        incidents._watch()
        found = incidents.search([("kind", "=", "owner_left"), ("resolved_at", "=", False)])
        self.assertIn(name, found.name)
        self.assertTrue(found.user_id.active)
