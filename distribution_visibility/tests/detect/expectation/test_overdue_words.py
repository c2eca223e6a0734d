from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ....models.base.words.told import tell
from .expectation_case import ExpectationCase


@tagged("post_install", "-at_install")
class TestOverdueWords(ExpectationCase):
    """What people read of what did not happen: what is missing, for whom and since when, in their words and clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner.tz = "Europe/Berlin"

    def _sell_and_wait(self):
        """An order whose goods should have left on Monday, 9 February, at 17:00 in Berlin."""
        order = self._sell("2026-02-10 11:00:00")
        self._scan("2026-02-09 16:30:00")
        return self._get_exceptions("late_risk", order)

    def _read(self, exception, user=None, **context):
        return exception.with_user(user or self.owner).with_context(**context).reason

    # ------------------------------------------------------------------ words
    def test_an_order_that_is_not_shipped_says_so_with_customer_and_weekday(self):
        reason = self._read(self._sell_and_wait())
        self.assertEqual(reason, "Not shipped yet; expected by Monday 9 Feb, 5:00 PM for General Hospital")

    def test_a_reader_elsewhere_reads_the_hour_on_their_own_clock(self):
        exception = self._sell_and_wait()
        self.assertIn("Monday 9 Feb, 11:00 AM", self._read(exception, tz="America/New_York"))
        self.assertIn("Tuesday 10 Feb, 5:00 AM", self._read(exception, tz="Pacific/Auckland"))

    def test_a_promise_of_a_day_is_that_day_for_every_reader_and_has_no_hour(self):
        order = self._buy("2026-02-06 11:00:00")
        self._scan("2026-02-07 09:00:00")
        exception = self._get_exceptions("receipt_overdue", order)
        said = "Pump: 0 of 10 received, 10 missing; expected by Friday 6 Feb from Pump Works"
        for zone in ("Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland"):
            self.assertEqual(self._read(exception, tz=zone), said, zone)

    def test_what_came_in_part_says_how_much_is_missing(self):
        order = self._buy("2026-02-06 11:00:00")
        self._receive_goods(order, 4)
        self._scan("2026-02-07 09:00:00")
        self.assertIn("Pump: 4 of 10 received, 6 missing", self._read(self._get_exceptions("receipt_overdue", order)))

    def test_a_german_reads_german_words_and_days(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("distribution_visibility.expectation_order_shipped")
        self.assertTrue(template.reason_template)
        template.with_context(lang="de_DE").reason_template = "Noch nicht versandt; erwartet bis {due} für {partner}"
        exception = self._sell_and_wait()
        self.owner.lang = "de_DE"
        german = self._read(exception, lang="de_DE")
        self.assertEqual(german, "Noch nicht versandt; erwartet bis Montag 9 Feb., 17:00 für General Hospital")
        self.assertIn("Not shipped yet; expected by Monday 9 Feb", self._read(exception, lang="en_US"))

    def test_an_administrator_edits_the_words(self):
        template = self.env.ref("distribution_visibility.expectation_order_shipped")
        template.reason_template = "{document} still waits, {partner} counts on {due}"
        exception = self._sell_and_wait()
        order = exception.sale_order_ids
        self.assertEqual(
            self._read(exception), f"{order.name} still waits, General Hospital counts on Monday 9 Feb, 5:00 PM"
        )

    def test_words_that_nobody_can_fill_in_are_refused(self):
        template = self.env.ref("distribution_visibility.expectation_order_shipped")
        for words in ("Waits for {nobody}", "{product} is missing", "Left { open", "{due.year}"):
            with self.subTest(words=words), self.assertRaises(ValidationError):
                template.reason_template = words

    def test_another_reason_does_not_keep_the_old_one_in_other_languages(self):
        self.env["res.lang"]._activate_lang("de_DE")
        exception = self._sell_and_wait()
        exception.reason = "The gate is broken"
        self.assertEqual(self._read(exception, lang="de_DE"), "The gate is broken")

    def test_what_is_split_off_says_the_same_in_every_language_and_clock(self):
        exception = self._sell_and_wait()
        other = self._sell("2026-02-10 11:00:00")
        exception.sale_order_ids |= other
        part = exception._split({"sale_order_ids": other})
        self.assertEqual(
            self._read(part, tz="America/New_York"), self._read(exception, tz="America/New_York")
        )

    def test_what_a_rule_says_has_weekdays_too_and_a_promise_is_a_day(self):
        order = self._sell("2026-02-10 22:59:59")
        rule = self.env.ref("distribution_visibility.rule_stale_order")
        said = tell(self.env(user=self.owner), rule._get_reason(order))
        words = "Confirmed on Monday 2 Feb, 9:00 AM, promised for Tuesday 10 Feb, nothing delivered"
        self.assertEqual(said, words)

    def test_a_supplier_who_moves_a_date_is_told_of_by_weekdays(self):
        order = self._buy("2026-02-06 11:00:00")
        order.order_line.date_planned = "2026-02-10 11:00:00"
        self._follow()
        said = self._read(self._get_exceptions("late_risk", order))
        self.assertEqual(said, "Pump: promised for Friday 6 Feb, now Tuesday 10 Feb")

    # ------------------------------------------------------------------ all places
    def _get_samples(self):
        """One document of each kind that things are expected of."""
        sale, purchase = self._sell("2026-02-10 11:00:00", "1ZWORDS"), self._buy("2026-02-10 11:00:00")
        shipment = self.env["visibility.shipment"].create(
            {"number": "1ZWORDS2", "company_id": self.company.id, "direction": "outbound"}
        )
        invoice = self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.customer.id})
        samples = (sale, purchase, purchase.order_line, sale.picking_ids, shipment, invoice)
        return {sample._name: sample for sample in samples}

    def _say(self, template, sample, due):
        """What an overdue row of a template says to the owner."""
        row = self.expectations.new(self.expectations._prepare_row(template._get_plan(), sample, due, due))
        return tell(self.env(user=self.owner), row._get_finding().reason)

    def _get_templates_by_sample(self):
        samples = self._get_samples()
        templates = self.env["visibility.expectation.template"].search([])
        return [(one, samples[one.res_model]) for one in templates if one.res_model in samples]

    def assertSaysWhatIsMissing(self, said, name):
        self.assertRegex(said, r"\b(not|Not|No|missing)\b", name)
        self.assertIn("expected by Friday 6 Feb", said, name)
        self.assertNotRegex(said, r"12:00 AM|\d:\d\d:\d\d|⟦|\{|\d/\d", name)
        self.assertRegex(said, r"(for|from) \S", name)

    def test_every_shipped_template_says_what_is_missing_by_which_weekday_and_for_whom(self):
        pairs = self._get_templates_by_sample()
        self.assertGreaterEqual(len(pairs), 15)
        for template, sample in pairs:
            with self.subTest(template=template.name):
                said = self._say(template, sample, self._utc("2026-02-06 15:00:00"))
                self.assertSaysWhatIsMissing(said, template.name)

    def test_every_shipped_template_of_a_whole_day_names_the_day_alone(self):
        for template, sample in self._get_templates_by_sample():
            template.write({"has_cut_off": True, "cut_off": 24, "tz": "Europe/Berlin"})
            with self.subTest(template=template.name):
                said = self._say(template, sample, self._utc("2026-02-07 00:00:00"))
                self.assertRegex(said, r"expected by Friday 6 Feb (for|from) ")

    def test_whatever_an_administrator_expects_without_words_of_their_own_is_said_in_usual_words(self):
        samples = self._get_samples()
        templates = self.env["visibility.expectation.template"]
        category = self.env.ref("distribution_visibility.category_response_overdue")
        triggers = {model: trigger for trigger, model in templates._get_trigger_models().items()}
        for fact, models in templates._get_fact_models().items():
            for model in set(models) & set(samples):
                template = templates.create(
                    {"name": fact, "trigger": triggers[model], "fact": fact, "category_id": category.id}
                )
                with self.subTest(fact=fact, model=model):
                    said = self._say(template, samples[model], self._utc("2026-02-06 15:00:00"))
                    self.assertSaysWhatIsMissing(said, fact)
