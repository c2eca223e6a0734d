from odoo.tests import HttpCase, tagged

from .message_case import MessageCase


@tagged("post_install", "-at_install")
class TestMessagePage(HttpCase, MessageCase):
    """The link in each message: looking changes nothing, pressing the button does, and back again."""

    def setUp(self):
        super().setUp()
        self.url = self.customer._get_visibility_unsubscribe_url("")

    def _post(self, url=None, **data):
        return self.url_open(url or self.url, data=data)

    def test_looking_changes_nothing_however_often(self):
        for _look in range(3):
            answer = self.url_open(self.url)
            self.assertEqual(answer.status_code, 200)
            self.assertIn("Stop these messages", answer.text)
        self.assertEqual(self.opener.head(self.base_url() + self.url).status_code, 200)
        self.assertTrue(self.customer.visibility_gets_messages)

    def test_the_button_stops_them_and_the_same_page_gets_them_back(self):
        answer = self._post(choice="off")
        self.assertIn("no more messages", answer.text)
        self.assertFalse(self.customer.visibility_gets_messages)
        self.assertIn("chosen on the page", self.customer.message_ids[:1].body)
        self.assertIn("Get these messages again", self.url_open(self.url).text)
        self.assertFalse(self.customer.visibility_gets_messages)
        self._post(choice="on")
        self.assertTrue(self.customer.visibility_gets_messages)

    def test_a_mail_program_unsubscribes_with_one_click(self):
        answer = self._post(**{"List-Unsubscribe": "One-Click"})
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(self.customer.visibility_gets_messages)

    def test_a_bad_token_is_answered_politely_and_changes_nothing(self):
        token = self.url.rpartition("/")[2]
        other = token[:20] + ("B" if token[20] == "A" else "A") + token[21:]
        for bad in (token[:-3], other, "x", "%20", "a" * 300, "é"):
            answer = self._post(f"/visibility/messages/{bad}", choice="off")
            self.assertEqual(answer.status_code, 404, bad)
            self.assertIn("This link does not work", answer.text)
        self.assertTrue(self.customer.visibility_gets_messages)

    def test_a_token_is_good_for_its_own_partner_only(self):
        self._post(self.supplier._get_visibility_unsubscribe_url(""), choice="off")
        self.assertTrue(self.customer.visibility_gets_messages)
        self.assertFalse(self.supplier.visibility_gets_messages)

    def test_a_partner_that_is_gone_is_answered_politely(self):
        partner = self.env["res.partner"].create({"name": "Gone"})
        url = partner._get_visibility_unsubscribe_url("")
        partner.unlink()
        self.assertEqual(self.url_open(url).status_code, 404)

    def test_the_page_speaks_the_partners_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        view = self.env.ref("distribution_visibility.messages_page")
        view.update_field_translations("arch_db", {"fr_FR": {"Stop these messages": "Ne plus recevoir ces messages"}})
        self.customer.lang = "fr_FR"
        answer = self.url_open(self.url, headers={"Accept-Language": "de"})
        self.assertIn("Ne plus recevoir ces messages", answer.text)
        self.assertIn('lang="fr-FR"', answer.text)

    def test_nobody_keeps_the_page_or_learns_its_address(self):
        headers = self.url_open(self.url).headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
