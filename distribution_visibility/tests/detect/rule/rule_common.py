from ...common import VisibilityCase


class RuleCase(VisibilityCase):
    """Rules, orders that they look at, and the exceptions that come of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env.ref("distribution_visibility.category_stale_document")
        cls.manager = cls._create_user(
            "visibility-rule-manager",
            "distribution_visibility.group_manager",
            "sales_team.group_sale_manager",
            "stock.group_stock_user",
        )

    @classmethod
    def _create_rule(cls, domain="[('client_order_ref', '=', 'late')]", model="sale.order", **values):
        return cls.env["visibility.rule"].create(
            {
                "name": "Marked late",
                "model_id": cls.env["ir.model"]._get_id(model),
                "domain": domain,
                "category_id": cls.category.id,
                "accountable_id": cls.manager.id,
                **values,
            }
        )

    @staticmethod
    def _run_all(rules):
        """Look with each of these rules, without the commits in between."""
        for rule in rules:
            rule._run()

    @classmethod
    def _create_order(cls, reference="late", **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "client_order_ref": reference,
                "order_line": [
                    (0, 0, {"product_id": cls.pump.id, "product_uom_qty": 2, "price_unit": 100, "tax_ids": False})
                ],
                **values,
            }
        )

    def _exceptions(self, record):
        return self.env["visibility.exception"].search([("res_model", "=", record._name), ("res_id", "=", record.id)])

    def _last_run(self, rule):
        return self.env["visibility.rule.run"].search([("rule_id", "=", rule.id)], limit=1)

    def _commit(self):
        """What happens before a commit: immediate rules look."""
        self.env.cr.flush()
