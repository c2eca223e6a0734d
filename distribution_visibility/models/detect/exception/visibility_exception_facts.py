from odoo import api, models
from odoo.fields import Domain

LATE_SUPPLY = ("promise_moved", "supplier_late")


class VisibilityException(models.Model):
    """What becomes of exceptions when documents changed, whoever changed them: they end with their matter.

    Nothing is opened here. What is open about the documents is compared with what they are now.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _follow_facts(self, documents):
        """Seam: these documents were touched, by a button, a write, an import or another add-on.

        :param dict documents: recordsets by the name of their model
        """
        known = self._find_alive_about(documents)
        known._end_with_matter(documents)
        known._look_again()
        known._compare_supply(documents)
        self._follow_receipts(known, documents)
        self._end_decided_proposals(documents)
        self._end_needless_allocations(documents)
        self._end_questions_about(documents)

    @api.model
    def _find_alive_about(self, documents):
        """What is open about them: one query, whatever they are."""
        about = [
            Domain("res_model", "=", model) & Domain("res_id", "in", records.ids)
            for model, records in documents.items()
            if records
        ]
        return self.search(Domain.OR(about) & Domain(self._get_alive_domain())) if about else self

    def _get_subjects(self, documents):
        """The documents that these are about, with what is about each: (document, exceptions) pairs."""
        for (model, res_id), found in self.grouped(lambda one: (one.res_model, one.res_id)).items():
            if res_id in documents.get(model, self.browse()).ids:
                yield documents[model].browse(res_id), found

    # ------------------------------------------------------------------ the document is over
    def _end_with_matter(self, documents):
        """Of what was cancelled nothing is wrong any more."""
        for document, found in self._get_subjects(documents):
            sentence = document._get_matter_end()
            if sentence:
                found._end({"state": "resolved", "resolution": sentence})

    # ------------------------------------------------------------------ dates that suppliers moved
    def _compare_supply(self, documents):
        """A date that was moved matters until the goods are in: on the purchase, and on what waits for it."""
        late = self.filtered(lambda one: one._is_standing() and one.reason_code in LATE_SUPPLY)
        for document, found in late._get_subjects(documents):
            if document._name == "purchase.order":
                found._compare_late_receipt(document)
            elif document._name == "sale.order" and not self._is_kept_waiting(document):
                sentence = self.env._("It does not wait for late goods any more.")
                self._clear_subjects(found.category_id, document, sentence)

    def _compare_late_receipt(self, order):
        lines = order.order_line.filtered(self._is_receipt_late)
        if not lines:
            self._clear_subjects(self.category_id, order, self._say_supply_is_over(order))
            return
        reason = self._find_late_receipt(lines).reason
        self.filtered(lambda one: one.reason != reason).write({"reason": reason})

    @api.model
    def _say_supply_is_over(self, order):
        if any(line._is_awaited() for line in order.order_line):
            return self.env._("What still is to come is not later than promised.")
        return self.env._("Nothing more is to come.")

    @api.model
    def _is_kept_waiting(self, order):
        """Whether goods that an order waits for come too late for what was promised."""
        waiting = order._get_awaited_supply()._get_waiting_deliveries()
        return any(
            self._is_delivery_late(move, line._get_expected_delivery(move))
            for line, moves in waiting.items()
            for move in moves
            if move.sale_line_id.order_id == order
        )

    # ------------------------------------------------------------------ our own receipt is proof
    @api.model
    def _follow_receipts(self, known, documents):
        """What we hold in our hands is neither late nor lost, whatever the carrier has said or not said."""
        shipments = documents.get("visibility.shipment", self.env["visibility.shipment"])
        here = shipments.filtered(lambda one: one.received_at and not one.delivered_at)
        for shipment, found in known.exists()._get_subjects({"visibility.shipment": here}):
            over = found.filtered(lambda one, shipment=shipment: shipment._is_over_once_received(one))
            over._end({"state": "resolved", "resolution": shipment._say_received()})
        here.filtered(lambda one: one.risk_basis not in (False, "delivered"))._refresh_outlook()
