from odoo import fields
from odoo.tests import tagged

from ..common import RespondCase


@tagged("post_install", "-at_install")
class TestTeamCompanies(RespondCase):
    """An exception goes to somebody who may see it: one of its company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.team"].search([]).active = False
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.here, cls.stranger = (cls._create_user(f"visibility-{name}") for name in ("here", "stranger"))
        cls.stranger.write({"company_ids": [fields.Command.set(cls.elsewhere.ids)], "company_id": cls.elsewhere.id})
        cls.category.write({"user_id": False, "owner_role": "service"})

    def _form(self, *members, **values):
        rows = [fields.Command.create({"user_id": member.id}) for member in members]
        return self.env["visibility.team"].create(
            {"name": "Service", "role": "service", "member_ids": rows, **values}
        )

    def test_a_team_of_all_companies_gives_it_to_a_member_of_the_right_one(self):
        self._form(self.stranger, self.here)
        exceptions = self._raise(*self._create_partners(4))
        self.assertEqual(exceptions.user_id, self.here)

    def test_a_substitute_from_another_company_does_not_count(self):
        self._form(self.here)
        today = fields.Date.today()
        self.env["visibility.absence"].create(
            {"user_id": self.here.id, "date_from": today, "date_to": today, "substitute_id": self.stranger.id}
        )
        self.assertNotEqual(self._raise(*self._create_partners(1)).user_id, self.stranger)

    def test_neither_does_a_default_owner_a_fallback_nor_a_leader(self):
        self._form(leader_id=self.stranger.id)
        self.category.write({"user_id": self.stranger.id, "fallback_user_id": self.stranger.id})
        exception = self._raise(*self._create_partners(1))
        self.assertEqual(exception.owner_source, "admin")
        self.assertIn(self.company, exception.user_id.company_ids)

    def test_an_administrator_of_other_companies_only_gets_nothing_from_here(self):
        admin = self.env.ref("base.user_admin")
        manager = self._create_user("visibility-manager", "distribution_visibility.group_manager")
        admin.write({"company_ids": [fields.Command.set(self.elsewhere.ids)], "company_id": self.elsewhere.id})
        exception = self._raise(*self._create_partners(1))
        self.assertIn(self.company, exception.user_id.company_ids)
        self.assertIn(manager, exception.user_id | manager)

    def test_transfers_are_given_to_pickers_of_their_company(self):
        self.category.owner_role = "service"
        self._form(self.stranger, self.here, role="warehouse")
        action = self.env["ir.actions.server"].create(
            {
                "name": "Ahead",
                "model_id": self.env["ir.model"]._get_id("stock.picking"),
                "state": "visibility_priority",
                "visibility_assigns_picker": True,
            }
        )
        pickings = self._create_delivery("1Z1") | self._create_delivery("1Z2")
        pickings.user_id = False
        action.with_context(active_model="stock.picking", active_ids=pickings.ids, active_id=pickings[:1].id).run()
        self.assertEqual(pickings.user_id, self.here)

    def test_nobody_of_another_company_is_told(self):
        team = self._form(self.stranger, self.here)
        action = self.env["ir.actions.server"].create(
            {
                "name": "Look",
                "model_id": self.env["ir.model"]._get_id("visibility.exception"),
                "state": "visibility_notify",
                "visibility_team_id": team.id,
            }
        )
        exception = self._raise(*self._create_partners(1))
        before = self.env["mail.message"].sudo().search([], order="id desc", limit=1).id
        action.with_context(active_model=exception._name, active_ids=exception.ids, active_id=exception.id).run()
        told = self.env["mail.message"].sudo().search([("id", ">", before)]).partner_ids
        self.assertIn(self.here.partner_id, told)
        self.assertNotIn(self.stranger.partner_id, told)
