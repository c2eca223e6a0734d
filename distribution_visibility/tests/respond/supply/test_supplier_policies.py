from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .supply_case import SupplyCase


class SupplierPolicyCase(SupplyCase):
    def _create_policy(self, **values):
        return self.env["visibility.proposal.policy"].create(
            {
                "name": "Two days are fine",
                "user_id": self.buyer.id,
                "is_test": False,
                "max_days_later": 2,
                "max_price_percent": 5,
                "min_quantity_percent": 90,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestSupplierPolicies(SupplierPolicyCase):
    """What is accepted without a person, in whose name, and how it is taken back."""

    def test_a_small_change_is_accepted_in_the_owners_name_and_can_be_taken_back(self):
        policy, order = self._create_policy(), self._buy(5)
        self._answer(order, {"line": "1", "promised_at": self._iso(7), "unit_price": 42, "quantity": 9})
        line = order.order_line
        self.assertEqual((line.date_planned, line.price_unit, line.product_qty), (self._day(7), 42, 9))
        proposal = order.visibility_proposal_ids
        self.assertEqual((proposal.state, proposal.policy_note), (
            "accepted", "Two days are fine accepted this for visibility-buyer.",
        ))  # fmt: skip
        self.assertEqual((policy.change_ids.user_id, policy.change_count), (self.buyer, 1))
        self.assertEqual(
            line.visibility_promise_ids.sorted("id")[-1].reason, "Accepted by the policy Two days are fine"
        )
        policy.change_ids.with_user(self.buyer).action_revert()
        self.assertEqual((line.date_planned, line.product_qty), (self._day(5), 10))

    def test_what_goes_beyond_a_limit_waits_for_a_person_and_says_why(self):
        self._create_policy()
        for values, why in (
            ({"promised_at": self._iso(9)}, "4 days later, 2 are allowed"),
            ({"unit_price": 50}, "price 25 % higher, 5 % are allowed"),
            ({"quantity": 5}, "50 % of the quantity, 90 % are the least"),
            ({"quantity": 12}, "more than was ordered"),
            ({"status": "rejected"}, "is refused, on hold or another product"),
            ({"product": "WHAT", "line": "", "quantity": 9}, "Say first which line"),
        ):
            with self.subTest(**values):
                proposal = self._answer(self._buy(5), {"line": "1", **values})
                self.assertTrue(proposal.is_open)
                self.assertIn(why, proposal.policy_note)

    def test_nothing_is_accepted_by_itself_when_a_customers_promise_would_fall(self):
        self._create_policy()
        self._sell(5, quantity=4)
        proposal = self._answer(self._buy(5), {"line": "1", "promised_at": self._iso(6)})
        self.assertTrue(proposal.is_open)
        self.assertIn("a customer's promise would fall", proposal.policy_note)

    def test_nothing_unsigned_is_ever_accepted_by_itself(self):
        self._create_policy()
        order = self._buy(5)
        unsigned = self._create_source("unsigned-test", "canonical", "whsec_dGVzdC1vbmx5LXNlY3JldC1vZi11bnNpZ25lZA==")
        message = self.env["visibility.inbox.message"]
        data = {"order": order.name, "status": "date_changed", "lines": [{"line": "1", "promised_at": self._iso(6)}]}
        _result, message = self._receive_unproven(unsigned, self._canonical("supplier.order_response", data))
        self.assertFalse(message.is_trusted)
        proposal = order.visibility_proposal_ids
        self.assertTrue(proposal.is_open and proposal.is_unproven)
        self.assertEqual(order.order_line.date_planned, self._day(5))

    def _receive_unproven(self, source, payload):
        result, message = self._receive(self.canonical, payload)
        message.is_trusted = False
        self._work_off()
        return result, message

    def test_an_unproven_answer_never_takes_the_place_of_a_proven_one_until_a_person_vouches_for_it(self):
        order = self._buy(5)
        proven = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, responded_at=self._iso(-2))
        data = {
            "order": order.name, "status": "date_changed", "responded_at": self._iso(-1),
            "lines": [{"line": "1", "promised_at": self._iso(20)}],
        }  # fmt: skip
        self._receive_unproven(self.canonical, self._canonical("supplier.order_response", data))
        unproven = order.visibility_proposal_ids - proven
        self.assertTrue(proven.is_open and unproven.is_open and unproven.is_unproven)
        unproven.event_id.with_user(self.owner).action_confirm()
        self.assertEqual((proven.state, unproven.is_unproven, unproven.is_open), ("superseded", False, True))

    def test_in_test_mode_it_only_says_what_it_would_do(self):
        policy, order = self._create_policy(is_test=True), self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(6)})
        self.assertTrue(proposal.is_open)
        self.assertEqual(policy.change_ids.kind, "test")
        self.assertIn("would have accepted", proposal.policy_note)
        self.assertEqual(order.order_line.date_planned, self._day(5))

    def test_the_first_policy_that_fits_the_supplier_counts(self):
        self._create_policy(max_days_later=30, sequence=20)
        self._create_policy(name="Strict", max_days_later=0, partner_ids=[(6, 0, self.supplier.ids)], sequence=5)
        proposal = self._answer(self._buy(5), {"line": "1", "promised_at": self._iso(6)})
        self.assertTrue(proposal.is_open)
        someone = self.env["res.partner"].create({"name": "Valve Works"})
        order = self._buy(5, partner_id=someone.id)
        self._answer(order, {"line": "1", "promised_at": self._iso(6)})
        self.assertEqual(order.order_line.date_planned, self._day(6))

    def test_a_locked_order_stays_and_says_why(self):
        self._create_policy()
        order = self._buy(5)
        order.locked = True
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(6)})
        self.assertIn("is locked", proposal.policy_note)
        self.assertEqual(order.order_line.date_planned, self._day(5))

    def test_another_companys_policy_accepts_nothing_here(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self.buyer.company_ids |= other
        self._create_policy(company_id=other.id)
        proposal = self._answer(self._buy(5), {"line": "1", "promised_at": self._iso(6)})
        self.assertTrue(proposal.is_open)
        self.assertFalse(proposal.policy_note)

    def test_the_owner_must_be_somebody_who_may_buy(self):
        with self.assertRaises(ValidationError):
            self._create_policy(user_id=self.owner.id)
