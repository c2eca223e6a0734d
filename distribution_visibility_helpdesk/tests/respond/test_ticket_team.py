from odoo.tests import Form, tagged

from ..common import TicketCase


@tagged("post_install", "-at_install")
class TestTicketTeam(TicketCase):
    """The category says whose ticket it is, else the settings do."""

    def setUp(self):
        super().setUp()
        self.carriers = self.env["helpdesk.ticket.team"].create({"name": "Carrier desk"})

    def test_the_category_names_the_team(self):
        self.company.visibility_helpdesk_team_id = self.team
        self.exception.category_id.helpdesk_team_id = self.carriers
        self.assertEqual(self._click_open().team_id, self.carriers)

    def test_without_it_the_team_in_the_settings_gets_the_ticket(self):
        with Form(self.env["res.config.settings"]) as settings:
            settings.visibility_helpdesk_team_id = self.team
        settings.save().execute()
        self.assertEqual(self._click_open().team_id, self.team)

    def test_without_either_the_ticket_waits_for_somebody_to_take_it(self):
        ticket = self._click_open()
        self.assertFalse(ticket.team_id)
        self.assertFalse(ticket.user_id, "the owner of this exception does not use the helpdesk")

    def test_an_archived_team_gets_nothing(self):
        self.company.visibility_helpdesk_team_id = self.team
        self.exception.category_id.helpdesk_team_id = self.carriers
        self.carriers.active = False
        self.assertEqual(self._click_open().team_id, self.team)

    def test_another_companys_team_gets_nothing_and_the_ticket_stays_in_its_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["helpdesk.ticket.team"].create({"name": "Foreign desk", "company_id": elsewhere.id})
        self.company.visibility_helpdesk_team_id = foreign
        ticket = self._click_open()
        self.assertFalse(ticket.team_id)
        self.assertEqual(ticket.company_id, self.company)

    def test_each_company_has_its_own_team_for_a_category(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        category = self.exception.category_id
        category.helpdesk_team_id = self.carriers
        self.assertFalse(category.with_company(elsewhere).helpdesk_team_id)

    def test_an_owner_in_the_team_keeps_the_ticket_and_anybody_else_leaves_it_to_the_team(self):
        self.company.visibility_helpdesk_team_id = self.team
        self.assertFalse(self.exception._get_ticket_user(self.team))
        self.exception.user_id = self.agent
        self.assertEqual(self._click_open().user_id, self.agent)
