from datetime import date

from freezegun import freeze_time
from odoo import fields
from odoo.tests import Form, tagged

from ..common import RespondCase


@tagged("post_install", "-at_install")
class TestTeam(RespondCase):
    """Whose an exception is: shared among those who are there; nobody owns nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.team"].search([]).active = False
        cls.anna, cls.bert, cls.cleo = (cls._create_user(f"visibility-{name}") for name in ("anna", "bert", "cleo"))
        cls.category.user_id = False
        cls.category.owner_role = "service"

    @classmethod
    def _form(cls, *members, **values):
        return cls.env["visibility.team"].create(
            {
                "name": "Service",
                "role": "service",
                "member_ids": [fields.Command.create({"user_id": member.id}) for member in members],
                **values,
            }
        )

    def _away(self, user, substitute=None, start="2026-03-01", end="2026-03-31"):
        return self.env["visibility.absence"].create(
            {"user_id": user.id, "date_from": start, "date_to": end, "substitute_id": substitute and substitute.id}
        )

    def test_many_exceptions_are_shared_evenly(self):
        team = self._form(self.anna, self.bert, self.cleo)
        exceptions = self._raise(*self._create_partners(30))
        for member in (self.anna, self.bert, self.cleo):
            self.assertEqual(len(exceptions.filtered(lambda one, m=member: one.user_id == m)), 10)
        self.assertEqual(set(exceptions.mapped("owner_source")), {"team"})
        self.assertEqual(exceptions.team_id, team)
        self.assertEqual(team.open_count, 30)

    def test_who_has_much_already_gets_less(self):
        self._form(self.anna)
        self._raise(*self._create_partners(4))
        self.env["visibility.team"].search([("role", "=", "service")]).member_ids = [
            fields.Command.create({"user_id": self.bert.id})
        ]
        later = self._raise(*self._create_partners(4))
        self.assertEqual(later.user_id, self.bert)

    @freeze_time("2026-03-10 10:00:00")
    def test_who_is_away_gets_nothing_and_the_substitute_does(self):
        self._form(self.anna, self.bert)
        self._away(self.anna, self.cleo)
        exceptions = self._raise(*self._create_partners(4))
        self.assertEqual(exceptions.user_id, self.bert | self.cleo)

    @freeze_time("2026-03-10 10:00:00")
    def test_without_a_substitute_the_team_shares_it(self):
        self._form(self.anna, self.bert)
        self._away(self.anna)
        self.assertEqual(self._raise(*self._create_partners(3)).user_id, self.bert)

    def test_the_days_are_those_where_the_person_is(self):
        self.anna.tz = "Pacific/Auckland"
        self._away(self.anna, start="2026-03-11", end="2026-03-11")
        absences = self.env["visibility.absence"]
        with freeze_time("2026-03-10 10:00:00"):
            self.assertNotIn(self.anna.id, absences._get_absences())
        with freeze_time("2026-03-10 12:00:00"):  # one in the morning of the 11th there
            self.assertIn(self.anna.id, absences._get_absences())

    @freeze_time("2026-03-10 10:00:00")
    def test_nobody_there_goes_to_the_fallback_then_the_leader_then_the_administrator(self):
        team = self._form(self.anna, leader_id=self.bert.id)
        self._away(self.anna)
        self.category.fallback_user_id = self.cleo
        exception = self._raise(self._create_partners(1))
        self.assertEqual((exception.user_id, exception.owner_source), (self.cleo, "fallback"))
        self.category.fallback_user_id = False
        exception = self._raise(self._create_partners(1))
        self.assertEqual((exception.user_id, exception.owner_source), (self.bert, "leader"))
        team.leader_id = False
        exception = self._raise(self._create_partners(1))
        self.assertEqual((exception.user_id, exception.owner_source), (self.env.ref("base.user_admin"), "admin"))

    def test_unowned_ones_count_until_somebody_takes_them(self):
        team = self._form(leader_id=self.bert.id)
        exception = self._raise(self._create_partners(1))
        domain = [("id", "=", exception.id), ("owner_source", "in", ("fallback", "leader", "admin"))]
        self.assertEqual(exception.search_count(domain), 1)
        exception.with_user(self.owner).action_take()
        self.assertEqual(exception.owner_source, "person")
        self.assertTrue(team)

    def test_the_person_behind_the_document_gets_it_when_in_the_team(self):
        self._form(self.anna, self.bert)
        partner = self._create_partners(1)
        partner.user_id = self.bert
        exceptions = self._raise(*self._create_partners(1), partner)
        self.assertEqual(exceptions[1].user_id, self.bert)
        self.assertEqual(exceptions[1].owner_source, "document")

    def test_a_team_for_the_category_comes_before_a_team_for_the_role(self):
        self._form(self.anna)
        self._form(self.bert, role="buyer", category_ids=[fields.Command.set(self.category.ids)])
        self.assertEqual(self._raise(self._create_partners(1)).user_id, self.bert)

    def test_a_warehouse_has_its_own_team(self):
        delivery = self._create_delivery("1Z1")
        order = delivery.sale_id
        order.user_id = False
        self._form(self.anna)
        self._form(self.bert, warehouse_ids=[fields.Command.set(order.warehouse_id.ids)])
        self.assertEqual(self._raise(order).user_id, self.bert)
        self.assertEqual(self._raise(self._create_partners(1)).user_id, self.anna)

    def test_another_companys_team_gets_nothing(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self._form(self.anna, company_id=other.id)
        self.assertNotEqual(self._raise(self._create_partners(1)).user_id, self.anna)

    def test_handing_out_again_spares_who_is_away(self):
        self._form(self.anna, self.bert)
        exceptions = self._raise(*self._create_partners(4))
        self._away(self.anna, start=date.today(), end=date.today())
        exceptions._reassign()
        self.assertEqual(exceptions.user_id, self.bert)
        self.assertEqual(set(exceptions.mapped("owner_source")), {"team"})

    def test_thousands_at_once_take_no_query_each(self):
        self._form(self.anna, self.bert, self.cleo)
        desk = self.env["visibility.exception"].with_context()._get_desk()
        partners = self._create_partners(300)
        partners.mapped("user_id")
        exceptions = self.env["visibility.exception"]
        with self.assertQueryCount(10):
            for partner in partners:
                exceptions._get_owner(self.category, partner, desk)
        self.assertEqual(sum(desk.load.values()), 300)

    def test_a_manager_sets_up_a_team_in_the_form(self):
        manager = self._create_user("visibility-manager-1", "distribution_visibility.group_manager")
        with Form(self.env["visibility.team"].with_user(manager)) as form:
            form.name, form.role = "Buyers", "buyer"
            with form.member_ids.new() as line:
                line.user_id = self.anna
        self.assertEqual(form.record.member_ids.user_id, self.anna)
