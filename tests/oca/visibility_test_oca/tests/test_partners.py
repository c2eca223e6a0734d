from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPartners(VisibilityCase):
    """What others know of a customer: how much they may owe."""

    def _invoice(self, amount):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [(0, 0, {"name": "Pumps", "quantity": 1, "price_unit": amount, "tax_ids": False})],
            }
        )
        # Their own button asks first whether it may be too much
        invoice.with_context(bypass_risk=True).action_post()
        self.assertEqual(invoice.state, "posted")

    def test_a_customer_over_the_financial_risk_is_over_credit_although_odoos_own_limit_is_off(self):
        self.company.account_use_credit_limit = False
        order = self._create_delivery("1Z1").sale_id
        self.customer.write(
            {"credit_limit": 100, "risk_invoice_open_include": True, "risk_invoice_unpaid_include": True}
        )
        self.assertFalse(order.visibility_is_over_credit)
        self._invoice(500)
        self.env.invalidate_all()
        self.assertTrue(order.visibility_is_over_credit)
        self.assertIn("400", order.visibility_credit_text)
        found = self.env["sale.order"].search([("visibility_is_over_credit", "=", True)])
        self.assertIn(order, found)
        self.customer.credit_limit = 1000
        self.env.invalidate_all()
        self.assertFalse(order.visibility_is_over_credit)

    def test_no_field_of_ours_is_called_as_one_of_theirs(self):
        for model in ("sale.order", "purchase.order", "stock.picking", "ir.actions.server"):
            labels = {}
            for name, field in self.env[model]._fields.items():
                labels.setdefault(field.string, []).append(name)
            twins = {label: names for label, names in labels.items() if len(names) > 1}
            ours = {
                label: names for label, names in twins.items() if any(name.startswith("visibility_") for name in names)
            }
            self.assertEqual(ours, {}, model)
