import runpy
from pathlib import Path

from .expectation_case import ExpectationCase

MIGRATION = Path(__file__).parents[3] / "migrations" / "19.0.1.1.0" / "post-latest_promise.py"
CUSTOMERS = ("delivery_sla", "order_shipped", "delivered")
SUPPLIERS = ("asn_received", "line_received")


class TestLatestPromise(ExpectationCase):
    """Customers are served by what they were told last; suppliers are held to what they promised first."""

    def _get_template(self, name):
        return self.env.ref(f"distribution_visibility.expectation_{name}")

    def _set_back(self, *names):
        """As these were shipped before, untouched since."""
        self.env.flush_all()
        templates = self.env["visibility.expectation.template"].union(*map(self._get_template, names))
        self.env.cr.execute(
            "UPDATE visibility_expectation_template SET base = 'first_promise', write_date = create_date"
            " WHERE id IN %s",
            (templates._ids,),
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        return templates

    def _upgrade(self):
        self.env.flush_all()
        runpy.run_path(str(MIGRATION))["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def test_whom_the_shipped_templates_hold_to_what(self):
        self._set_back(*CUSTOMERS)
        self._upgrade()
        self.assertEqual({self._get_template(name).base for name in CUSTOMERS}, {"latest_promise"})
        self.assertEqual({self._get_template(name).base for name in SUPPLIERS}, {"first_promise"})

    def test_an_upgrade_counts_what_is_open_by_the_day_that_the_customer_agreed_to(self):
        self._set_back(*CUSTOMERS)
        order = self._sell(self._utc("2026-02-16 10:00:00"))
        order.commitment_date = self._utc("2026-02-26 10:00:00")
        self._scan("2026-02-16 12:00:00")
        self.assertTrue(self._get_told("late_risk", order))
        self._upgrade()
        row = self._get("order_shipped", order)
        self.assertEqual((row.state, row.due_at), ("open", self._utc("2026-02-25 17:00:00")))
        self.assertFalse(self._get_told("late_risk", order))

    def test_an_upgrade_leaves_alone_what_somebody_changed(self):
        self._set_back(*CUSTOMERS)
        changed = self._get_template("order_shipped")
        changed.offset = 2
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE visibility_expectation_template SET write_date = create_date + interval '1 day' WHERE id = %s",
            (changed.id,),
        )
        self.env.invalidate_all()
        self._upgrade()
        self.assertEqual(changed.base, "first_promise")
        self.assertEqual(self._get_template("delivered").base, "latest_promise")

    def test_an_upgrade_adapts_the_rules_that_nobody_changed(self):
        quotation, invoice = (
            self.env.ref(f"distribution_visibility.{name}") for name in ("rule_stale_quotation", "rule_invoice_left")
        )
        rules = runpy.run_path(str(MIGRATION))["RULES"]
        quotation.domain = rules["rule_stale_quotation"][0]
        invoice.domain = '[("state", "=", "draft"), ("move_type", "=", "out_invoice")]'
        self._upgrade()
        self.assertIn("validity_date", quotation.domain)
        self.assertNotIn("billing_late", invoice.domain)

    def test_what_is_shipped_is_what_an_upgrade_makes_of_it(self):
        rules = runpy.run_path(str(MIGRATION))["RULES"]
        shipped = Path(__file__).parents[3] / "data" / "detect"
        texts = [path.read_text(encoding="utf-8").replace("&gt;", ">") for path in shipped.rglob("visibility_rule.xml")]
        for before, now in rules.values():
            self.assertTrue(any(f">{now}</field>" in text for text in texts))
            self.assertFalse(any(f">{before}</field>" in text for text in texts))
