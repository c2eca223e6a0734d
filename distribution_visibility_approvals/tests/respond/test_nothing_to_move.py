from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_asking import AskingCase

#: The parcel was late on the day before; much later its number would be another parcel's.
DAY_AFTER = "2026-03-03T10:00:00Z"


@tagged("post_install", "-at_install")
class TestNothingToMove(AskingCase):
    """Nobody is asked to pay for moving faster what has arrived, or what does not arrive any more."""

    def _arrive(self):
        scan = ("delivered", "delivered", DAY_AFTER, "Left at dock")
        self._tell(self.easypost, self._tracker("1Z1", scan))

    def _refuse(self):
        shipment = self.exception.shipment_id
        data = {"tracking_number": "1Z1", "carrier": "UPS", "category": "refused"}
        self._tell(self.canonical, self._canonical("shipment.exception", data, moment=DAY_AFTER))
        self.assertEqual(shipment.fate_id.code, "refused")

    def test_what_has_arrived_can_neither_be_asked_for_nor_approved(self):
        for kind in ("expedited_freight", "rerouting"):
            with self.subTest(kind), self.env.cr.savepoint() as savepoint:
                waiting = self._request(kind=kind)
                self._arrive()
                self.assertTrue(self.exception.shipment_id.delivered_at)
                if waiting.state == "requested":
                    with self.assertRaisesRegex(UserError, "nothing to move faster"):
                        waiting.with_user(self.manager).action_approve()
                self.assertNotEqual(waiting.state, "approved")
                savepoint.rollback()

    def test_a_refused_parcel_is_not_expedited(self):
        draft = self._draft()
        self._refuse()
        self.assertTrue(draft.exception_id.shipment_id.fate_id)
        with self.assertRaises(UserError):
            draft.action_request()

    def test_other_decisions_about_it_are_still_made(self):
        draft = self._draft(kind="compensation")
        self._refuse()
        self.assertIsNone(draft._check_can_still_be_moved())

    def test_an_amount_that_is_a_share_says_that_it_is_a_limit_and_no_price(self):
        automation = self._automate(
            {
                "state": "visibility_decision",
                "visibility_decision_kind": "expedited_freight",
                "visibility_amount_rule": "share",
                "visibility_share": 5,
                "visibility_reason": "May it be expedited?",
            }
        )
        exception = self._late("1Z9")
        self.assertTrue(automation.active)
        self.assertIn("5 % of the value at risk", exception.decision_ids.justification)
        self.assertIn("nobody has asked yet what it costs", exception.decision_ids.justification)
