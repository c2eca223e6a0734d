from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestQualityHold(VisibilityCase):
    """Goods that wait for an inspection are somebody's, and their order knows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("distribution_visibility_quality.rule_quality_hold")
        cls.rule.active = True
        cls.inspector = cls._create_user("visibility-inspector", "quality_control_oca.group_quality_control_user")
        cls.purchase = cls._create_purchase()
        cls.receipt = cls.purchase.picking_ids
        cls.test = cls.env["qc.test"].create({"name": "Pressure"})

    def _inspect(self, **values):
        return self.env["qc.inspection"].create(
            {
                "object_id": f"stock.picking,{self.receipt.id}",
                "test": self.test.id,
                "user": self.inspector.id,
                **values,
            }
        )

    def _look(self, inspection):
        self.env.flush_all()
        self.rule._run("by_hand")
        self.assertFalse(self.rule.error)
        return self.env["visibility.exception"].search(
            [("res_model", "=", "qc.inspection"), ("res_id", "=", inspection.id)]
        )

    def test_a_receipt_that_waits_for_its_inspection_is_held_until_it_passes(self):
        inspection = self._inspect()
        self.assertFalse(self._look(inspection), "a draft holds nothing")
        inspection.with_user(self.inspector).action_todo()
        exception = self._look(inspection)
        self.assertEqual((exception.category_id.code, exception.severity), ("quality_hold", "blocking"))
        self.assertEqual(exception.picking_ids, self.receipt)
        self.assertEqual(exception.purchase_order_ids, self.purchase)
        self.assertEqual((exception.partner_id, exception.user_id), (self.supplier, self.inspector))
        self.assertIn("Pressure: Ready", exception.reason)
        self.assertTrue(self.purchase.visibility_is_at_risk)
        inspection.state = "success"
        self._look(inspection)
        self.assertEqual(exception.state, "resolved")
        self.assertFalse(self.purchase.visibility_is_at_risk)

    def test_goods_that_failed_stay_held_and_are_released_when_the_inspection_is_canceled(self):
        inspection = self._inspect(state="failed")
        exception = self._look(inspection)
        self.assertTrue(exception.is_open)
        inspection.action_cancel()
        self._look(inspection)
        self.assertFalse(exception.is_open)

    def test_an_inspection_of_a_product_can_name_the_transfer_that_it_holds(self):
        inspection = self._inspect(object_id=f"product.product,{self.pump.id}", state="waiting")
        self.assertFalse(self._look(inspection))
        inspection.visibility_picking_id = self.receipt
        self.assertEqual(self._look(inspection).picking_ids, self.receipt)

    def test_transfers_are_offered_once_for_inspection(self):
        models = [model for model, _name in self.env["qc.inspection"].object_selection_values()]
        self.assertEqual(models.count("stock.picking"), 1)
