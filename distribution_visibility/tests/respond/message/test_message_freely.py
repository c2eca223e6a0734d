from odoo.exceptions import AccessError
from odoo.tests import tagged

from .message_case import DAMAGED, MessageCase


@tagged("post_install", "-at_install")
class TestMessageFreely(MessageCase):
    """Whoever works on an exception may write to its customer or supplier; what is offered works."""

    def _open(self, category, document, **links):
        category = self.env["visibility.exception.category"].search([("code", "=", category)])
        subjects = self.env["visibility.exception"]
        values = {"category_id": category.id, "company_id": self.company.id, "user_id": self.owner.id}
        values |= {"res_model": document._name, "res_id": document.id, **links}
        return subjects.create(values).with_user(self.owner)

    def _open_all(self):
        """One of each category: about the customer's order, about a purchase, and about neither."""
        purchase, invoice = self._create_purchase(), self.env["account.move"].create({"move_type": "out_invoice"})
        for category in self.env["visibility.exception.category"].search([]):
            yield self._open(category.code, self.order, sale_order_ids=self.order.ids)
            yield self._open(category.code, purchase, purchase_order_ids=purchase.ids)
            yield self._open(category.code, invoice, invoice_ids=invoice.ids)

    def test_a_text_is_offered_for_every_category_that_has_one_and_for_no_other(self):
        seen = set()
        for exception in self._open_all():
            with self.subTest(exception=exception.title):
                seen.add(exception.can_draft_message)
                if exception.can_draft_message:
                    exception.action_draft_message()
                    self.assertTrue(exception.message_out_ids.body)
        self.assertEqual(seen, {True, False})

    def test_own_words_are_offered_to_whoever_has_an_order_in_it_and_to_nobody_else(self):
        for exception in self._open_all():
            with self.subTest(exception=exception.title):
                ways = (exception.can_write_customer, exception.can_write_supplier)
                self.assertEqual(ways, (bool(exception.sale_order_ids), bool(exception.purchase_order_ids)))

    def test_a_clerk_writes_to_the_customer_in_their_own_words(self):
        exception = self._open("refused", self.order, sale_order_ids=self.order.ids)
        message = self.messages.browse(exception.action_write_customer()["res_id"]).with_user(self.owner)
        self.assertEqual((message.partner_id, message.state, message.body), (self.customer, "draft", False))
        message.write({"subject": "Your parcel", "body": "<p>May we bring it on Monday?</p>"})
        message.action_send()
        mail = self._get_mails()
        self.assertEqual((message.state, mail.subject), ("sent", "Your parcel"))
        self.assertIn("May we bring it on Monday?", mail.body_html)
        self.assertEqual(exception.message_out_ids, message)

    def test_a_buyer_writes_to_the_supplier_in_their_own_words(self):
        purchase = self._create_purchase()
        exception = self._open("late_risk", purchase, purchase_order_ids=purchase.ids)
        message = self.messages.browse(exception.action_write_supplier()["res_id"])
        self.assertEqual((message.partner_id, message.purchase_order_id), (self.supplier, purchase))

    def test_who_wants_to_write_where_a_message_is_written_gets_that(self):
        self._switch_on("damaged")
        self._report(DAMAGED)
        draft = self._find()
        exception = draft.exception_id.with_user(self.owner)
        self.assertEqual(exception.action_write_customer()["res_id"], draft.id)
        self.assertTrue(draft.body, "its text stays")

    def test_nobody_writes_about_the_exception_of_somebody_else(self):
        exception = self._open("refused", self.order, sale_order_ids=self.order.ids)
        other = self._create_user("other-clerk", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            exception.with_user(other).action_write_customer()
