from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged

from ..common import TicketCase


@tagged("post_install", "-at_install")
class TestTicketExpectations(TicketCase):
    """Somebody opened a ticket, and somebody else should take it up."""

    def test_a_ticket_that_nobody_takes_up_is_an_exception_until_somebody_does(self):
        ticket = self._click_open()
        self.env.cr.flush()
        row = self.env["visibility.expectation"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual((row.state, row.base_at), ("open", ticket.create_date))
        with freeze_time(fields.Datetime.now() + timedelta(days=14)):
            self.env["visibility.expectation"]._claim_due(500)._notice_overdue()
        exception = self.env["visibility.exception"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual((exception.category_id.code, exception.state), ("response_overdue", "new"))
        ticket.sudo().stage_id = self.done
        self.env.cr.flush()
        self.assertEqual((row.state, exception.state), ("met", "resolved"))
