from odoo.addons.distribution_visibility.lib.detect.exception.finding import Finding
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import TicketCase


@tagged("post_install", "-at_install")
class TestTicketForCustomers(TicketCase):
    """Customers read their tickets in the portal: in their language, and nothing that is not for them."""

    SECRET = "Worst: S99999 of Clinic South, 12,500.00; Pump Works says: machine broke"

    def _raise(self, code, subject, reason):
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category(code)
        exceptions._open_findings({(category, subject): [Finding(self.env.cr.now(), reason)]})
        return exceptions.search(
            [("category_id", "=", category.id), ("res_model", "=", subject._name), ("res_id", "=", subject.id)]
        )

    def _read_as_customer(self, ticket):
        """All that the portal shows of a ticket: its name, its text, and the messages that are not internal."""
        messages = ticket.message_ids.filtered(lambda one: not one.subtype_id.internal and not one.is_internal)
        return " ".join([ticket.name, ticket.description, *messages.mapped("body")])

    def _read_as_colleague(self, ticket):
        return " ".join(ticket.message_ids.mapped("body"))

    def test_what_was_written_for_us_is_not_in_what_the_customer_reads_but_in_a_note_for_us(self):
        purchase = self._create_purchase()
        exception = self._raise("supplier_change_proposed", purchase, self.SECRET)
        exception.sale_order_ids = self.delivery.sale_id
        ticket = self._click_open(exception)
        told = self._read_as_customer(ticket)
        for secret in ("S99999", "Clinic South", "12,500", "Pump Works", "machine broke", purchase.name, "upplier"):
            self.assertNotIn(secret, told)
        self.assertIn(self.delivery.sale_id.name, told)
        self.assertIn("Clinic South", self._read_as_colleague(ticket))

    def test_no_shipped_category_tells_its_name_or_its_instructions_to_the_customer(self):
        for category in self.env["visibility.exception.category"].search([]):
            self.exception.category_id = category
            values = self.exception._prepare_ticket()
            told = f"{values['name']} {values['description']}"
            self.assertTrue(values["name"].strip())
            for internal in (category.name, category.description or category.name, self.exception.reason):
                self.assertNotIn(internal, told, category.code)

    def test_a_category_says_in_its_own_words_what_customers_read(self):
        self.exception.category_id.customer_text = "Your parcel takes a day longer."
        ticket = self._click_open()
        self.assertIn("Your parcel takes a day longer.", ticket.description)
        self.assertIn("Your parcel takes a day longer.", ticket.name)

    def test_a_suppliers_shipment_is_nothing_for_the_customer(self):
        self.exception.shipment_id.direction = "inbound"
        self.assertNotIn("1Z1", self._read_as_customer(self._click_open()))

    def test_a_ticket_is_not_addressed_to_the_supplier(self):
        purchase = self._create_purchase()
        exception = self._raise("ack_overdue", purchase, "Not acknowledged")
        self.assertEqual(exception.partner_id, self.supplier)
        self.assertFalse(self._click_open(exception).partner_id)

    def test_the_ticket_is_in_the_customers_language_whoever_clicks(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.exception.category_id.with_context(lang="fr_FR").customer_text = "Votre colis arrivera plus tard."
        self.agent.lang = "en_US"
        ticket = self._click_open()
        self.assertIn("Votre colis arrivera plus tard.", ticket.name)
        self.assertIn("Votre colis arrivera plus tard.", ticket.description)

    def test_a_closed_exception_gets_no_ticket_from_the_button_nor_by_itself(self):
        self.exception.action_resolve()
        with self.assertRaisesRegex(UserError, self.exception.name):
            self._click_open()
        self.assertFalse(self.exception._open_tickets())

    def test_a_closed_exception_still_shows_the_ticket_that_it_had(self):
        ticket = self._click_open()
        self.exception.action_resolve()
        self.assertEqual(self._click_open(), ticket)
