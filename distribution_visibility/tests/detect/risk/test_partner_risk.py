from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning
from odoo.tests import tagged

from ....lib.detect.exception.finding import Finding
from ...common import VisibilityCase


@tagged("post_install", "-at_install")
class TestPartnerRisk(VisibilityCase):
    """Customers and suppliers show how it stands with them, each company what is its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.contact = cls.env["res.partner"].create({"name": "Night ward", "parent_id": cls.customer.id})
        cls.other = cls.env["res.partner"].create({"name": "City Clinic"})
        cls.order = cls._create_delivery("1Z1", cls.contact).sale_id
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))

    def _find(self, code, subject, severity="warning"):
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category(code)
        category.severity = severity
        exceptions._open_findings({(category, subject): [Finding(fields.Datetime.now(), "Trouble", "", "shipper")]})
        return exceptions._find_open(category, subject)

    def _get_all(self, domain):
        return self.env["res.partner"].search([*domain, ("id", "in", (self.customer | self.contact | self.other).ids)])

    def test_an_orders_trouble_is_its_customers_and_that_of_the_contacts(self):
        self._find("late_risk", self.order)
        for partner in (self.customer, self.contact):
            self.assertTrue(partner.visibility_is_at_risk)
            self.assertEqual((partner.visibility_severity, partner.visibility_exception_count), ("warning", 1))
            self.assertIn(self.env.ref("distribution_visibility.tag_at_risk"), partner.visibility_tag_ids)
        self.assertFalse(self.other.visibility_is_at_risk)

    def test_the_worst_counts_and_when_all_is_over_nothing_is_left(self):
        bare, credit = self._find("order_incomplete", self.order), self._find("credit_hold", self.order, "blocking")
        self.assertEqual((self.customer.visibility_severity, self.customer.visibility_exception_count), ("blocking", 2))
        credit.action_resolve()
        self.assertEqual((self.customer.visibility_severity, self.customer.visibility_exception_count), ("warning", 1))
        bare.action_resolve()
        self.assertFalse(self.customer.visibility_is_at_risk or self.customer.visibility_tag_ids)
        self.assertFalse(self.env["visibility.partner.risk"].search([("partner_id", "=", self.customer.id)]))

    def test_partners_can_be_filtered_by_all_of_it(self):
        self._find("late_risk", self.order)
        ill, well = self.customer | self.contact, self.other
        tag = self.env.ref("distribution_visibility.tag_at_risk")
        for domain, expected in (
            ([("visibility_is_at_risk", "=", True)], ill),
            ([("visibility_is_at_risk", "=", False)], well),
            ([("visibility_severity", "=", "warning")], ill),
            ([("visibility_severity", "!=", "warning")], well),
            ([("visibility_severity", "=", False)], well),
            ([("visibility_severity", "=", "blocking")], well.browse()),
            ([("visibility_exception_count", ">", 0)], ill),
            ([("visibility_exception_count", "=", 0)], well),
            ([("visibility_exception_count", "<=", 1)], ill | well),
            ([("visibility_tag_ids", "in", tag.ids)], ill),
            ([("visibility_tag_ids", "not in", tag.ids)], well),
            ([("visibility_tag_ids", "=", False)], well),
            ([("visibility_tag_ids", "ilike", "at ri")], ill),
        ):
            self.assertEqual(self._get_all(domain), expected.sorted(), domain)

    def test_partners_can_be_grouped_and_sorted_by_it(self):
        self._find("late_risk", self.order)
        partners = self.env["res.partner"]
        mine = [("id", "in", (self.customer | self.contact | self.other).ids)]
        for field, expected in (
            ("visibility_severity", {"warning": 2, False: 1}),
            ("visibility_is_at_risk", {True: 2, False: 1}),
            ("visibility_exception_count", {1: 2, 0: 1}),
        ):
            self.assertTrue(partners.fields_get([field], ["groupable"])[field]["groupable"])
            self.assertEqual(dict(partners._read_group(mine, [field], ["__count"])), expected)
        by_tag = dict(partners._read_group(mine, ["visibility_tag_ids"], ["__count"]))
        self.assertEqual(by_tag[self.env.ref("distribution_visibility.tag_at_risk")], 2)
        groups = partners.web_read_group(mine, ["visibility_tag_ids"], ["__count"])["groups"]
        self.assertTrue(groups)
        self.assertEqual(partners.search(mine, order="visibility_exception_count, id")[0], self.other)

    def test_a_company_does_not_learn_of_another_ones_trouble(self):
        self._find("late_risk", self.order)
        stranger = self._create_user("stranger", "base.group_partner_manager")
        stranger.write({"company_ids": [Command.set(self.other_company.ids)], "company_id": self.other_company.id})
        customer = self.customer.with_user(stranger).with_context(allowed_company_ids=self.other_company.ids)
        self.assertFalse(customer.visibility_is_at_risk or customer.visibility_exception_count)
        self.assertFalse(customer.search([("visibility_is_at_risk", "=", True), ("id", "=", customer.id)]))
        groups = dict(customer._read_group([("id", "=", customer.id)], ["visibility_severity"], ["__count"]))
        self.assertEqual(groups, {False: 1})
        self.assertFalse(customer.env["visibility.partner.risk"].search([]))
        spying = customer.with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            spying.visibility_is_at_risk  # noqa: B018

    def test_nothing_is_written_where_nothing_changed(self):
        exception = self._find("late_risk", self.order)
        self.env.flush_all()
        before = self.customer.write_date
        row = self.env["visibility.partner.risk"].search([("partner_id", "=", self.customer.id)])
        self.env.cr.execute("UPDATE visibility_partner_risk SET write_date = '2020-01-01' WHERE id = %s", [row.id])
        row.invalidate_recordset()
        exception.state = "in_progress"
        self.env.flush_all()
        row.invalidate_recordset()
        self.assertEqual(row.write_date.year, 2020)
        self.assertEqual(self.customer.write_date, before, "the partner itself is left alone")

    def test_a_contact_that_changes_its_company_takes_its_trouble_along(self):
        self._find("late_risk", self.order)
        self.contact.parent_id = self.other
        self.assertEqual(self.other.visibility_exception_count, 1)
        self.assertFalse(self.customer.visibility_exception_count)

    def test_the_smart_button_opens_exactly_the_partners_exceptions(self):
        exception = self._find("late_risk", self.order)
        action = self.customer.action_open_visibility_exceptions()
        self.assertEqual(self.env["visibility.exception"].search(action["domain"]), exception)

    def test_blocking_trouble_about_the_customer_stops_every_order_of_theirs(self):
        self._find("credit_hold", self.customer, "blocking")
        boss = self._create_user("boss", "sales_team.group_sale_manager")
        with self.assertRaises(RedirectWarning):
            self.order.copy().with_user(boss).action_confirm()
        self.order.copy({"partner_id": self.other.id}).with_user(boss).action_confirm()

    def test_what_is_healed_at_night_is_right_again(self):
        self._find("late_risk", self.order)
        rows = self.env["visibility.partner.risk"].sudo()
        rows.search([("partner_id", "=", self.customer.id)]).unlink()
        rows.create({"partner_id": self.other.id, "company_id": self.company.id, "severity": "warning"})
        rows._heal()
        self.assertTrue(self.customer.visibility_is_at_risk)
        self.assertFalse(rows.search([("partner_id", "=", self.other.id)]))


@tagged("post_install", "-at_install")
class TestInvoiceRisk(VisibilityCase):
    """Invoices and bills carry what is wrong with them like any other document."""

    def test_an_invoice_is_at_risk_while_something_is_open_on_it(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({"name": "Pump", "price_unit": 10, "tax_ids": False})],
            }
        )
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("invoice_blocked")
        exceptions._open_findings({(category, invoice): [Finding(fields.Datetime.now(), "No order", "", "shipper")]})
        self.assertTrue(invoice.visibility_is_at_risk)
        found = invoice.search([("visibility_tag_ids.name", "=", "Billing"), ("id", "=", invoice.id)])
        self.assertEqual(found, invoice)
        action = invoice.action_open_visibility_exceptions()
        self.assertEqual(exceptions.search(action["domain"]), invoice.visibility_exception_ids)
        invoice.button_cancel()
        self.assertFalse(invoice.visibility_is_at_risk)
