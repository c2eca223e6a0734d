from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TicketCase

#: What those who call the customer find in the brief.
TOLD = (
    *("What happened", "Severe weather", "Why it matters", "Strategic customer", "late", "What can be done"),
    *("Expedite", "Send the goods again", "needs a decision", "Next step"),
)


@tagged("post_install", "-at_install")
class TestWholeScene(TicketCase):
    """A carrier reports a delay. With the shipped automations switched on, everything else follows.

    Needs the add-on for decisions as well; it is there wherever all add-ons are tested together.
    """

    def setUp(self):
        super().setUp()
        if "visibility.decision" not in self.env:
            self.skipTest("The add-on for approvals is not installed.")
        self.accountable = self._create_user("scene-accountable", "distribution_visibility.group_manager")
        self.approver = self._create_user("scene-approver", "distribution_visibility.group_manager")
        self.runs = self.env["visibility.action.run"].sudo()
        self.known = self.runs.search([])
        shipped = ("distribution_visibility_helpdesk.automation_outreach",
                   "distribution_visibility_approvals.automation_expedite")  # fmt: skip
        for name in shipped:
            self.env.ref(name).write({"accountable_id": self.accountable.id, "active": True})

    def _ship(self, number, promise):
        """An order on its way to the strategic customer, promised for a day."""
        delivery = self._create_delivery(number)
        delivery.sale_id.commitment_date = promise
        self.env["stock.quant"]._update_available_quantity(self.pump, delivery.location_id, 9)
        delivery.action_assign()
        delivery.move_ids.picked = True
        delivery.with_context(skip_backorder=True).button_validate()
        return delivery

    def _report_delay(self, number, eta):
        details = ("in_transit", "delayed", self._ago(minutes=5), "Severe weather")
        return self._tell(self.easypost, self._tracker(number, details, est_delivery_date=f"{eta:%Y-%m-%dT18:00:00Z}"))

    def _new_runs(self):
        return self.runs.search([("id", "not in", self.known.ids)], order="id")

    def test_from_the_carriers_delay_to_the_approved_courier_with_everything_in_the_log(self):
        promise = (fields.Datetime.now() + timedelta(days=2)).replace(microsecond=0)
        delivery = self._ship("1ZSCENE", promise)
        order = delivery.sale_id
        self.assertFalse(order.visibility_is_at_risk)

        # A signed event comes in
        message = self._report_delay("1ZSCENE", datetime.now() + timedelta(days=5))
        self.assertEqual(message.state, "done")

        # Delivery and order are at risk
        self.assertTrue(delivery.visibility_is_at_risk)
        self.assertTrue(order.visibility_is_at_risk)

        # One ticket for the customer, with a brief for those who call
        exceptions = delivery.visibility_shipment_ids.exception_ids
        ticket = exceptions.helpdesk_ticket_id
        self.assertEqual(len(ticket), 1)
        self.assertEqual(ticket.partner_id, self.customer)
        notes = ticket.message_ids.filtered("is_internal")
        said = " ".join(notes.mapped("body"))
        for told in (*TOLD, order.name):
            self.assertIn(told, said)
        self.assertNotIn("What can be done", str(ticket.description))
        self.assertNotIn("What can be done", " ".join((ticket.message_ids - notes).mapped("body")))

        # Expediting waits for the right approver
        decision = exceptions.decision_ids
        self.assertEqual((decision.kind, decision.state), ("expedited_freight", "requested"))
        self.assertEqual((decision.requester_id, decision.amount), (self.accountable, order.amount_untaxed * 0.05))
        self.assertRegex(decision.justification, "General Hospital.* hours late")
        self.assertEqual(decision.exception_id.state, "waiting")
        self.assertEqual(self._new_runs().mapped("result"), ["done", "done"])
        for person in (self.accountable, self.agent):
            with self.assertRaises(UserError):
                self._decide(decision, person)
        self.assertEqual(decision.state, "requested")

        # The right one approves
        self._decide(decision, self.approver)
        self.assertEqual((decision.state, decision.decided_by_id), ("approved", self.approver))
        self.assertEqual(decision.exception_id.state, "in_progress")

        self._check_log(decision, ticket)

    def _decide(self, decision, person):
        action = decision.with_user(person).action_approve()
        wizard = self.env["comment.wizard"].with_user(person).with_context(**action["context"])
        wizard.create({"comment": "The operation cannot wait"}).add_comment()

    def _check_log(self, decision, ticket):
        """What was done, by whom and why, and that nobody changed it since."""
        runs = self._new_runs()
        made = {(row.res_model, row.res_id) for row in runs.change_ids if row.kind == "created"}
        self.assertIn(("helpdesk.ticket", ticket.id), made)
        self.assertIn(("visibility.decision", decision.id), made)
        self.assertIn(("visibility.brief", ticket.visibility_exception_id.brief_id.id), made)
        approved = runs.filtered(lambda run: run.origin == "approval")
        self.assertEqual((approved.user_id, approved.result), (self.approver, "done"))
        self.assertIn("The operation cannot wait", approved.detail)
        self.assertIn("The operation cannot wait", " ".join(decision.exception_id.message_ids.mapped("body")))
        chains = self.env["visibility.action.chain"].sudo()
        while chains._seal():
            pass
        chain = chains._get_chain(self.company)._verify()
        self.assertEqual((chain.state, chain.verified_sequence), ("intact", chain.head_sequence))
        self.assertTrue(all(run.chain_sequence for run in runs))
