from odoo import fields
from odoo.addons.distribution_visibility.lib.detect.exception.finding import Finding
from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.exceptions import ValidationError
from odoo.tests import tagged

#: What a shop lets be written: what Odoo itself writes on confirmation has to be there, and nothing of ours.
WRITTEN = {"sale.order": ["note"], "purchase.order": ["note", "reference_ids"], "stock.picking": ["note"]}


@tagged("post_install", "-at_install")
class TestReviews(VisibilityCase):
    """Sale orders, purchase orders and transfers are reviewed, and locked meanwhile: we tell the truth all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = cls._create_user(
            "visibility-reviewer", "sales_team.group_sale_manager", "purchase.group_purchase_manager"
        )
        cls.picking = cls._create_delivery("1Z1")
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "order_line": [(0, 0, {"product_id": cls.pump.id, "price_unit": 100})]}
        )
        cls.purchase = cls.env["purchase.order"].create(
            {"partner_id": cls.supplier.id, "order_line": [(0, 0, {"product_id": cls.pump.id, "product_qty": 10})]}
        )
        cls.documents = [cls.order, cls.purchase, cls.picking]
        for document in cls.documents:
            cls._review(document)

    @classmethod
    def _review(cls, document):
        model = cls.env["ir.model"]._get(document._name)
        cls.env["tier.definition"].create(
            {
                "model_id": model.id,
                "review_type": "individual",
                "reviewer_id": cls.reviewer.id,
                "definition_domain": f"[('id', '=', {document.id})]",
            }
        )
        fields_of = cls.env["ir.model.fields"]
        cls.env["tier.validation.exception"].create(
            {
                "model_id": model.id,
                "name": "A note may be written",
                "field_ids": [(6, 0, [fields_of._get(document._name, name).id for name in WRITTEN[document._name]])],
            }
        )
        document.request_validation()

    def _find(self, code, subject):
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category(code)
        exceptions._open_findings({(category, subject): [Finding(fields.Datetime.now(), "Trouble", "", "shipper")]})
        return exceptions._find_open(category, subject)

    def test_trouble_is_shown_on_documents_under_review(self):
        for document in self.documents:
            with self.subTest(model=document._name):
                with self.assertRaises(ValidationError):
                    document.write({"origin": "Somebody"})
                exception = self._find("credit_hold" if document == self.order else "late_risk", document)
                self.assertTrue(document.visibility_is_at_risk)
                exception.action_resolve()
                self.assertFalse(document.visibility_is_at_risk)

    def test_a_carriers_damage_of_a_parcel_under_review_is_heard_at_once(self):
        message = self._tell(
            self.easypost, self._tracker("1Z1", ("failure", "damaged", "2026-03-02T08:00:00Z", "Box is crushed"))
        )
        self.assertEqual(message.state, "done")
        self.assertTrue(self.picking.visibility_is_at_risk)

    def test_a_transfer_under_review_is_moved_by_hand(self):
        self.picking.write({"visibility_place": 5})
        self.picking._move_to_end("ahead", "The customer waits at the gate")
        self.assertGreater(self.picking.visibility_place, 5)

    def test_what_was_approved_can_be_confirmed_and_keeps_its_promise(self):
        for order in (self.order, self.purchase):
            order.with_user(self.reviewer).validate_tier()
        self.order.action_confirm()
        self.purchase.button_confirm()
        self.assertEqual((self.order.state, self.purchase.state), ("sale", "purchase"))
        self.assertTrue(self.order.visibility_first_promise_at and self.purchase.visibility_first_promise_at)
        self._find("late_risk", self.order)
        self.assertTrue(self.order.visibility_is_at_risk)
