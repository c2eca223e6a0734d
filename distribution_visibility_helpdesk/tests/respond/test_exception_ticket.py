from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..common import TicketCase


@tagged("post_install", "-at_install")
class TestExceptionTicket(TicketCase):
    """An exception has at most one ticket, and both know what becomes of the other."""

    def _notes(self, record):
        return " ".join(record.message_ids.mapped("body"))

    # ------------------------------------------------------------------ opening
    def test_a_service_agent_opens_a_ticket_with_customer_orders_and_times_in_it(self):
        order = self.delivery.sale_id
        order.commitment_date = "2026-03-04 17:00:00"
        self.exception.shipment_id.promised_at = "2026-03-04 17:00:00"
        ticket = self._click_open()
        self.assertEqual(ticket.visibility_exception_id, self.exception)
        self.assertEqual(ticket.partner_id, self.customer)
        text = self.exception.category_id.usual_customer_text
        self.assertEqual(ticket.name, f"{order.name}: {text}")
        self.assertEqual(ticket.company_id, self.company)
        for told in (text, order.name, "1Z1", "Promised", "Expected", "Answer by", self.exception.name):
            self.assertIn(told, ticket.description)

    def test_the_times_in_the_ticket_are_the_owners_and_say_their_zone(self):
        self.exception.user_id.tz = "America/Chicago"
        self.exception.shipment_id.promised_at = "2026-03-04 17:00:00"
        description = self._click_open().description
        self.assertIn("America/Chicago", description)
        self.assertIn("11:00", description)

    def test_opening_twice_gives_the_same_ticket(self):
        ticket = self._click_open()
        self.assertEqual(self._click_open(), ticket)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([("visibility_exception_id", "!=", False)]), 1)

    def test_an_archived_ticket_is_still_the_exceptions_ticket(self):
        ticket = self._click_open()
        ticket.active = False
        self.assertEqual(self.exception._open_tickets(), ticket)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_ticket_of_one_exception(self):
        values = self.exception._prepare_ticket()
        self._click_open()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["helpdesk.ticket"].create(values)

    def test_after_its_ticket_was_deleted_an_exception_can_have_a_new_one(self):
        first = self._click_open()
        first.unlink()
        self.assertFalse(self.exception.helpdesk_ticket_id)
        self.assertTrue(self._click_open().exists())

    def test_several_exceptions_get_their_tickets_in_one_go_and_only_the_missing_ones(self):
        first = self._click_open()
        both = self.exception | self._delay("1Z2", self._create_delivery("1Z2"))
        tickets = self._click_open(both)
        self.assertEqual(len(tickets), 2)
        self.assertIn(first, tickets)
        self.assertEqual(tickets.visibility_exception_id, both)

    def test_an_automation_opens_tickets_without_a_person_and_may_repeat_itself(self):
        exceptions = self.exception.with_user(self.env.ref("base.user_root"))
        ticket = exceptions._open_tickets()
        self.assertEqual(exceptions._open_tickets(), ticket)
        self.assertFalse(self.env["visibility.exception"]._open_tickets())

    def test_the_ticket_is_as_urgent_as_the_exception_is_severe(self):
        for severity, priority in (("information", "1"), ("warning", "2"), ("blocking", "3")):
            self.exception.severity = severity
            self.assertEqual(self.exception._prepare_ticket()["priority"], priority)

    def test_a_customer_reads_nothing_of_another_customers_order_in_the_same_shipment(self):
        other = self._create_delivery("1Z1", self.env["res.partner"].create({"name": "Somebody else"})).sale_id
        self.exception.sale_order_ids = [Command.link(other.id)]
        ticket = self._click_open()
        orders = self.exception.sale_order_ids.filtered(lambda order: order.partner_id == ticket.partner_id)
        strangers = self.exception.sale_order_ids - orders
        self.assertTrue(strangers)
        self.assertIn(orders.name, ticket.description)
        self.assertNotIn(strangers.name, ticket.description)

    def test_opening_a_ticket_leaves_the_exceptions_state_alone(self):
        before = self.exception.state
        self._click_open()
        self.assertEqual(self.exception.state, before)

    # ------------------------------------------------------------------ news of each other
    def test_a_resolved_exception_is_a_note_on_the_ticket_which_stays_open(self):
        ticket = self._click_open()
        stage = ticket.stage_id
        self.exception.resolution = "Sent by courier"
        self.exception.action_resolve()
        self.assertIn(self.exception.name, self._notes(ticket))
        self.assertIn("Sent by courier", self._notes(ticket))
        self.assertEqual(ticket.stage_id, stage)

    def test_a_reopened_exception_is_a_note_on_the_ticket_too(self):
        ticket = self._click_open()
        self.exception.action_resolve()
        self.exception.action_reopen()
        self.assertIn("reopened", self._notes(ticket))

    def test_a_closed_ticket_is_a_note_on_the_exception_which_stays_open(self):
        ticket = self._click_open()
        self.assertIn(ticket.number, self._notes(self.exception))
        ticket.stage_id = self.done
        self.assertIn("was closed", self._notes(self.exception))
        self.assertTrue(self.exception.is_open)

    def test_a_ticket_that_only_moves_on_says_nothing(self):
        ticket = self._click_open()
        before = self.exception.message_ids
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        self.assertEqual(self.exception.message_ids, before)

    def test_tickets_are_found_and_grouped_by_what_went_wrong(self):
        ticket = self._click_open()
        category = self.exception.category_id
        groups = self.env["helpdesk.ticket"]._read_group(
            [("visibility_exception_id", "=", self.exception.id)], ["visibility_category_id"], ["__count"]
        )
        self.assertEqual(groups, [(category, 1)])
        self.assertEqual(ticket.action_open_visibility_exception()["res_id"], self.exception.id)

    # ------------------------------------------------------------------ who may
    def test_without_helpdesk_rights_there_is_no_button_and_no_error(self):
        self.exception.user_id = self.colleague
        with Form(self.exception.with_user(self.colleague)) as form:
            form.resolution = "Called the carrier"
        arch = (
            self.env["visibility.exception"]
            .with_user(self.colleague)
            .get_view(self.env.ref("distribution_visibility.visibility_exception_view_form").id, "form")["arch"]
        )
        self.assertNotIn("action_open_ticket", arch)
        self.assertNotIn("helpdesk_ticket", arch)
        with self.assertRaises(AccessError):
            self._click_open(user=self.colleague)

    def test_without_helpdesk_rights_exceptions_with_tickets_are_resolved_as_ever(self):
        ticket = self._click_open()
        self.exception.with_user(self.colleague).action_take()
        self.exception.with_user(self.colleague).action_resolve()
        self.assertIn(self.exception.name, self._notes(ticket))

    def test_who_may_only_read_exceptions_opens_no_ticket(self):
        outsider = self._create_user("helpdesk-only", "helpdesk_mgmt.group_helpdesk_user")
        with self.assertRaises(AccessError):
            self._click_open(user=outsider)

    def test_who_may_not_read_the_teams_tickets_is_told_whose_they_are(self):
        self._click_open()
        self.exception.helpdesk_ticket_id.write({"team_id": self.team.id, "message_partner_ids": [Command.clear()]})
        reader = self._create_user(
            "ticket-reader", "distribution_visibility.group_user", "helpdesk_mgmt.group_helpdesk_user_own"
        )
        with self.assertRaisesRegex(AccessError, "Service desk"):
            self.exception.with_user(reader).action_show_ticket()

    def test_another_companys_people_do_not_see_the_ticket(self):
        ticket = self._click_open()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("ticket-stranger", "helpdesk_mgmt.group_helpdesk_manager")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.assertFalse(self.env["helpdesk.ticket"].with_user(stranger).search([("id", "=", ticket.id)]))
