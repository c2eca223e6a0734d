from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import TicketCase

SAID = "We call you at noon"


@tagged("post_install", "-at_install")
class TestTicketAutomation(TicketCase):
    """Tickets are opened by automations, with a brief in them; and automations act on tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env["visibility.action.run"].sudo()
        cls.outreach = cls.env.ref("distribution_visibility_helpdesk.automation_outreach")

    def _late(self, number="1Z9", customer=None):
        delivery = self._create_delivery(number, customer)
        self._tell(self.easypost, self._tracker(number, ("in_transit", "delayed", self._ago(hours=1), "Snow")))
        return delivery.visibility_shipment_ids.exception_ids

    def _switch_on(self, **values):
        self.outreach.write({"accountable_id": self.owner.id, "active": True, **values})

    def _automate(self, action, **values):
        automation = self.env["base.automation"].create(
            {
                "name": "On tickets",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "trigger": "on_create",
                "is_governed": True,
                "accountable_id": self.owner.id,
                **values,
            }
        )
        common = {"name": "Act", "model_id": automation.model_id.id, "usage": "base_automation"}
        self.env["ir.actions.server"].create({**common, "base_automation_id": automation.id, **action})
        return automation

    def _runs_of(self, automation):
        return self.runs.search([("automation_id", "=", automation.id)], order="id")

    def _notes(self, ticket):
        return " ".join(ticket.message_ids.mapped("body"))

    # ------------------------------------------------------------------ proactive outreach
    def test_a_strategic_customers_delay_opens_a_ticket_with_a_brief_once_it_is_switched_on(self):
        self.assertFalse(self.outreach.active)
        self.assertFalse(self._late("1Z8").helpdesk_ticket_id)
        self._switch_on()
        exception = self._late()
        ticket = exception.helpdesk_ticket_id
        self.assertEqual(ticket.partner_id, self.customer)
        for told in ("What happened", "Snow", "What can be done", "Next step"):
            self.assertIn(told, self._notes(ticket))
        run = self._runs_of(self.outreach)
        self.assertEqual((run.result, run.exception_id), ("done", exception))
        made = {row.res_model for row in run.change_ids if row.kind == "created"}
        self.assertEqual(made, {"helpdesk.ticket", "visibility.brief"})

    def test_other_customers_get_none(self):
        self._switch_on()
        somebody = self.env["res.partner"].create({"name": "Somebody", "visibility_tier": "standard"})
        self.assertFalse(self._late(customer=somebody).helpdesk_ticket_id)

    def test_two_troubles_of_one_parcel_make_one_ticket(self):
        self._switch_on()
        delivery = self._create_delivery("1Z9")
        self._tell(self.easypost, self._tracker("1Z9", ("in_transit", "delayed", self._ago(hours=2), "Snow")))
        self._tell(self.easypost, self._tracker("1Z9", ("failure", "damaged", self._ago(hours=1), "Crushed")))
        exceptions = delivery.visibility_shipment_ids.exception_ids
        self.assertGreaterEqual(len(exceptions), 2)
        self.assertEqual(len(exceptions.helpdesk_ticket_id), 1)

    def test_the_customer_reads_the_ticket_in_the_portal_and_not_the_brief(self):
        self._switch_on()
        ticket = self._late().helpdesk_ticket_id
        portal = self.env["res.users"].create(
            {
                "name": "Buyer of the hospital",
                "login": "hospital-portal",
                "partner_id": self.customer.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        ticket.message_subscribe(self.customer.ids)
        ticket.message_post(body=SAID, subtype_xmlid="mail.mt_comment")
        domain = [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
        seen = " ".join(self.env["mail.message"].with_user(portal).search(domain).mapped("body"))
        self.assertIn(SAID, seen)
        self.assertNotIn("What can be done", seen)
        self.assertNotIn("What can be done", str(ticket.with_user(portal).description))

    def test_rolling_back_takes_the_ticket_back_while_nobody_has_worked_on_it(self):
        self._switch_on()
        exception = self._late()
        ticket, run = exception.helpdesk_ticket_id, self._runs_of(self.outreach)
        self.assertTrue(run.is_reversible)
        run.action_roll_back()
        self.assertFalse(ticket.active)
        self.assertFalse(exception.helpdesk_ticket_id)
        self.assertEqual(exception.brief_id.state, "set_aside")

    def test_a_ticket_that_somebody_answered_is_not_taken_back(self):
        self._switch_on()
        exception = self._late()
        exception.helpdesk_ticket_id.with_user(self.agent).message_post(body=SAID, message_type="comment")
        run = self._runs_of(self.outreach)
        answer = run.action_roll_back()
        self.assertIn("worked on", answer["params"]["message"])
        self.assertTrue(exception.helpdesk_ticket_id.active)

    def test_where_the_helpdesk_mails_the_customer_the_way_back_is_said_to_be_none(self):
        self.assertTrue(self.outreach.is_reversible)
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        stage.mail_template_id = self.env.ref("helpdesk_mgmt.closed_ticket_template")
        self.assertIn("mail", self.outreach.action_server_ids._get_irreversible_reasons()[0])

    # ------------------------------------------------------------------ one click
    def test_one_click_opens_the_ticket_with_the_brief_and_is_in_the_log(self):
        self.exception.user_id = self.agent
        action = self.exception.with_user(self.agent).action_ticket_with_brief()
        ticket = self.exception.helpdesk_ticket_id
        self.assertEqual(action["res_id"], ticket.id)
        self.assertIn("What can be done", self._notes(ticket))
        self.assertEqual((self.exception.brief_id.state, self.exception.brief_id.decided_by_id), ("used", self.agent))
        run = self.runs.search([("res_id", "=", self.exception.id), ("origin", "=", "server_action")])
        self.assertEqual(run.user_id, self.agent)

    def test_the_same_brief_is_not_put_on_the_ticket_twice(self):
        self.exception.user_id = self.agent
        self.exception.with_user(self.agent).action_ticket_with_brief()
        before = self.exception.helpdesk_ticket_id.message_ids
        self.exception.with_user(self.agent).action_ticket_with_brief()
        self.assertEqual(self.exception.helpdesk_ticket_id.message_ids, before)

    # ------------------------------------------------------------------ tickets are governed
    def test_a_governed_automation_acts_on_a_ticket_and_its_run_stands_on_the_exception(self):
        automation = self._automate(
            {"state": "object_write", "update_path": "partner_name", "evaluation_type": "value", "value": "Ward 7"}
        )
        ticket = self.exception._open_tickets()
        run = self._runs_of(automation)
        self.assertEqual((ticket.partner_name, run.result, run.exception_id), ("Ward 7", "done", self.exception))
        self.assertEqual(run.change_ids.mapped("field_name"), ["partner_name"])
        run.action_roll_back()
        self.assertEqual(ticket.partner_name, "General Hospital")

    def test_a_threshold_looks_at_what_is_at_stake_behind_the_ticket(self):
        automation = self._automate(
            {"state": "object_write", "update_path": "partner_name", "evaluation_type": "value", "value": "Ward 7"},
            approval_mode="threshold",
            approval_value=150,
        )
        self.exception._open_tickets()
        self.assertEqual(self._runs_of(automation).result, "asked")
        plain = self.env["helpdesk.ticket"].create({"name": "Question", "description": "?", "partner_name": "X"})
        self.assertEqual(plain.partner_name, "Ward 7")

    def test_without_an_exception_a_tickets_priority_says_how_severe_it_is(self):
        automation = self.env["base.automation"]
        ticket = self.env["helpdesk.ticket"].create({"name": "Fire", "description": "!", "priority": "3"})
        self.assertEqual(automation._get_severity_rank(ticket), 2)
        self.assertEqual(automation._get_severity_rank(self.exception._open_tickets()), 1)

    def test_actions_on_goods_refuse_tickets_with_a_reason(self):
        for state in ("visibility_priority", "visibility_hold", "visibility_release", "visibility_ticket"):
            action = self.env["ir.actions.server"].create(
                {
                    "name": "Act",
                    "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                    "state": state,
                    "visibility_category_id": self.exception.category_id.id,
                }
            )
            self.assertTrue(action.warning, state)

    def test_a_governed_automation_on_tickets_needs_somebody_who_answers_for_it(self):
        with self.assertRaises(ValidationError):
            self._automate({"state": "visibility_assign"}, accountable_id=False)

    def test_who_asks_to_be_erased_disappears_from_tickets_of_exceptions(self):
        ticket = self.exception._open_tickets()
        self.env["helpdesk.ticket"].create({"name": "Own", "description": "x", "partner_name": "General Hospital"})
        manager = self._create_user("ticket-eraser", "distribution_visibility.group_manager")
        self.env["visibility.erasure"].with_user(manager)._erase(["General Hospital"], self.company, "asked")
        self.assertEqual(ticket.partner_name, "[erased]")
