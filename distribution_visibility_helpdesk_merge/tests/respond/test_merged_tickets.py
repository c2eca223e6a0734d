from odoo.addons.distribution_visibility_helpdesk.tests.common import TicketCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMergedTickets(TicketCase):
    """Two tickets are one: the exceptions of both show it, and hear when it is closed."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.exception, self._delay("1Z2", self._create_delivery("1Z2"))
        self.tickets = (self.first | self.second)._open_tickets()

    def _merge(self, **values):
        wizard = self.env["helpdesk.ticket.merge"].with_context(active_ids=self.tickets.ids).create(values)
        wizard.merge_tickets()
        self.env.flush_all()
        self.env.invalidate_all()
        return wizard.dst_ticket_id

    def test_the_exception_of_the_ticket_that_goes_shows_the_one_that_stays(self):
        kept = self._merge(dst_ticket_id=self.first.helpdesk_ticket_id.id)
        self.assertTrue(kept.active)
        self.assertEqual((self.first | self.second).helpdesk_ticket_id, kept)
        self.assertEqual(kept.visibility_exception_id, self.first)

    def test_both_show_a_new_ticket_that_two_were_merged_into(self):
        kept = self._merge(create_new_ticket=True, dst_ticket_name="Both")
        self.assertEqual((self.first | self.second).helpdesk_ticket_id, kept)

    def test_a_ticket_that_was_merged_twice_leads_to_the_last_one(self):
        middle = self._merge(create_new_ticket=True, dst_ticket_name="Both")
        third = self._delay("1Z3", self._create_delivery("1Z3"))
        last = third._open_tickets()
        self.tickets = middle | last
        self._merge(dst_ticket_id=last.id)
        self.assertEqual((self.first | self.second | third).helpdesk_ticket_id, last)

    def test_all_hear_when_it_is_closed_and_no_second_ticket_is_opened(self):
        kept = self._merge(dst_ticket_id=self.first.helpdesk_ticket_id.id)
        self.assertEqual((self.first | self.second)._open_tickets(), kept)
        kept.stage_id = self.done
        for exception in (self.first, self.second):
            self.assertIn("was closed", exception.message_ids[:1].body)
