from odoo import api, models

from ....lib.ingest.canonical import DespatchEvent, OrderResponseEvent

# What a supplier's answer means for us, by its overall status; what is not here is good news.
CATEGORY_BY_STATUS = {
    "rejected": "supplier_reject_or_backorder",
    "backordered": "supplier_reject_or_backorder",
    "cancelled": "supplier_reject_or_backorder",
    "accepted_with_changes": "supplier_change_proposed",
    "date_changed": "supplier_change_proposed",
    "quantity_changed": "supplier_change_proposed",
    "price_changed": "supplier_change_proposed",
    "substituted": "supplier_change_proposed",
    "partly_shipped": "supplier_change_proposed",
    "on_hold": "supplier_change_proposed",
}


class VisibilityEvent(models.Model):
    """What suppliers say: answers to purchase orders, and notices of what they shipped."""

    _inherit = "visibility.event"

    @api.model
    def _get_purchase_orders(self, facts):
        """Purchase orders by (message, order number) for all supplier facts: one search.

        A source that is one supplier's may speak of that supplier's orders only.
        """
        wanted = {
            (message, reference)
            for message, fact in facts
            for reference in self._get_order_references(fact)
            if not self._is_test(message, fact)
        }
        if not wanted:
            return {}
        orders = self.env["purchase.order"].search([("name", "in", [reference for _message, reference in wanted])])
        found = {}
        for message, reference in wanted:
            mine = orders.filtered(
                lambda order, m=message, r=reference: order.name == r and self._may_speak_of(m, order)
            )
            if mine:
                found[message, reference] = mine[0]
        return found

    @api.model
    def _may_speak_of(self, message, order):
        supplier = message.source_id.partner_id.commercial_partner_id
        return order.company_id == message.company_id and (
            not supplier or supplier == order.partner_id.commercial_partner_id
        )

    @api.model
    def _get_order_references(self, fact):
        if isinstance(fact, OrderResponseEvent):
            return [fact.data.order]
        if isinstance(fact, DespatchEvent):
            return list(filter(None, dict.fromkeys([fact.data.order, *(line.order for line in fact.data.lines)])))
        return []

    @api.model
    def _get_shipment_number(self, fact):
        if isinstance(fact, DespatchEvent):
            return fact.data.tracking_number or fact.data.despatch_number
        return super()._get_shipment_number(fact)

    @api.model
    def _get_moment(self, fact):
        if isinstance(fact, OrderResponseEvent):
            return fact.data.responded or fact.timestamp
        if isinstance(fact, DespatchEvent):
            return fact.timestamp or fact.data.shipped
        return super()._get_moment(fact)

    @api.model
    def _prepare_fact_values(self, message, fact, orders):
        if isinstance(fact, OrderResponseEvent):
            return self._prepare_order_response(message, fact, orders)
        if isinstance(fact, DespatchEvent):
            return self._prepare_despatch_advice(message, fact, orders)
        return super()._prepare_fact_values(message, fact, orders)

    @api.model
    def _prepare_order_response(self, message, fact, orders):
        data = fact.data
        category = CATEGORY_BY_STATUS.get(data.status, "")
        return {
            "kind": "order_response",
            "purchase_order_id": orders[message, data.order].id if (message, data.order) in orders else False,
            "reference": data.order,
            "reason_code": data.status,
            "reason": data.note or next((line.reason for line in data.lines if line.reason), False),
            "description": data.note or False,
            "details": [line.model_dump(mode="json") for line in data.lines],
            **self._prepare_meaning((), "order_acknowledged", category, "supplier" if category else ""),
        }

    @api.model
    def _prepare_despatch_advice(self, message, fact, orders):
        data = fact.data
        found = [orders[message, name] for name in self._get_order_references(fact) if (message, name) in orders]
        return {
            "kind": "despatch_advice",
            "purchase_order_id": found[0].id if found else False,
            "reference": data.despatch_number,
            "eta": self._to_naive(data.eta),
            "details": [line.model_dump(mode="json") for line in data.lines],
            **self._prepare_meaning((), "cancelled" if data.is_cancelled else "asn_received"),
        }

    @api.model
    def _link_receipts(self, events):
        """Tie the shipment of a despatch advice to the open receipts of its order."""
        advices = events.filtered(lambda event: event.kind == "despatch_advice" and event.shipment_id)
        for event in advices.filtered("purchase_order_id"):
            receipts = event.purchase_order_id.picking_ids.filtered(
                lambda picking: picking.state not in ("done", "cancel")
            )
            event.shipment_id.direction = receipts[:1]._get_shipment_direction() or "inbound"
            for receipt in receipts:
                event.shipment_id._link_picking(receipt)
