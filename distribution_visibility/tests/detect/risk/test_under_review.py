from unittest.mock import patch

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...respond.override.override_case import OverrideCase

#: What a reviewer's add-on lets pass by itself.
ALLOWED = {"message_follower_ids", "message_main_attachment_id", "access_token"}


@tagged("post_install", "-at_install")
class TestUnderReview(OverrideCase):
    """Somebody reviews a document, which locks it: what we know of it does not wait for them.

    The lock is as OCA's ``base_tier_validation`` has it; ``make test-oca`` tells the same with its add-ons.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls._create_delivery("1Z1")
        cls.order = cls.picking.sale_id
        cls.purchase = cls._create_purchase()
        cls.invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_line_ids": [(0, 0, {"product_id": cls.pump.id, "quantity": 1, "price_unit": 5})],
            }
        )
        cls.documents = [cls.order, cls.picking, cls.purchase, cls.invoice]
        cls.clerk = cls._create_user(
            "visibility-clerk", "distribution_visibility.group_coordinator", "stock.group_stock_user"
        )

    def _lock(self, *documents):
        """From now on nobody changes these, as long as they are reviewed or after they were approved."""
        locked = {(one._name, one.id) for one in documents}
        write = models.BaseModel.write

        def locked_write(records, vals):
            is_locked = any((records._name, one) in locked for one in records.ids)
            if is_locked and set(vals) - ALLOWED and not records.env.context.get("skip_validation_check"):
                refusal = f"You are not allowed to write those fields under validation: {sorted(vals)}"
                raise ValidationError(refusal)
            return write(records, vals)

        lock = patch.object(models.BaseModel, "write", locked_write)
        lock.start()
        self.addCleanup(lock.stop)

    def test_trouble_is_shown_on_every_kind_of_document_and_goes_again(self):
        self._lock(*self.documents)
        for document in self.documents:
            with self.subTest(model=document._name):
                exception = self._raise(document)
                self.assertEqual((document.visibility_is_at_risk, document.visibility_exception_count), (True, 1))
                exception.action_resolve()
                self.assertFalse(document.visibility_is_at_risk)

    def test_a_carriers_damage_arrives_at_once(self):
        self._lock(*self.documents)
        message = self._tell(
            self.easypost, self._tracker("1Z1", ("failure", "damaged", "2026-03-02T08:00:00Z", "Box is crushed"))
        )
        self.assertEqual(message.state, "done")
        self.assertTrue(self.order.visibility_is_at_risk and self.picking.visibility_is_at_risk)

    def test_promises_of_orders_are_kept(self):
        for order in (self.order, self.purchase):
            order.write({"visibility_first_promise_at": False, "visibility_promise_at": False})
        self._lock(self.order, self.purchase)
        (self.order._keep_promises(), self.purchase._keep_promises())
        self.assertTrue(self.order.visibility_first_promise_at and self.purchase.visibility_first_promise_at)

    def test_a_transfer_is_moved_by_hand_from_the_list_and_by_a_write(self):
        self._lock(*self.documents)
        mine = self.picking.with_user(self.clerk)
        mine._move_to_end("ahead", "The customer waits at the gate")
        self.assertEqual((mine.visibility_place, mine.visibility_moved_reason), (1, "The customer waits at the gate"))
        mine.write({"visibility_place": -1})
        self.assertEqual(mine.visibility_place, -1)

    def test_a_person_holds_the_mark_of_each(self):
        self.env["visibility.aspect"].search([])
        for document in self.documents:
            self._raise(document)
        self._lock(*self.documents)
        for document in self.documents:
            with self.subTest(model=document._name):
                self._override(document, "at_risk", "information")
                self.assertEqual(document.visibility_severity, "information")

    def test_everything_else_stays_locked_alone_and_along_with_ours(self):
        self._lock(*self.documents)
        values = [{"client_order_ref": "X"}, {"priority": "1"}, {"partner_ref": "X"}, {"ref": "X"}]
        for document, vals in zip(self.documents, values, strict=True):
            with self.subTest(model=document._name):
                with self.assertRaises(ValidationError):
                    document.write(vals)
                with self.assertRaises(ValidationError):
                    document.sudo().write({**vals, "visibility_is_at_risk": True})
                with self.assertRaises(ValidationError):
                    document.sudo().write({"visibility_is_at_risk": True, **vals})
