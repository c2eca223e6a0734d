from odoo import api, models

from .visibility_message_drafting import Want
from .visibility_message_occasion import Plan


class VisibilityMessage(models.Model):
    """Drafts that somebody asks for: a person, a server action, an escalation."""

    _inherit = "visibility.message"

    @api.model
    def _draft_about(self, records, occasion, **values):
        """Draft a message of an occasion about records of any model that partners are told of.

        :param records: exceptions, shipments, orders or transfers
        :return: dict of records to messages
        """
        plan = occasion.sudo()._get_plan()
        wants = {record: self._get_wants_about(plan, record.sudo()) for record in records}
        drafts = self._draft([want for some in wants.values() for want in some], is_asked=True, **values)
        return {
            record: self.browse().union(*(drafts[self._get_key(want)] for want in some))
            for record, some in wants.items()
        }

    @api.model
    def _get_wants_about(self, plan, record):
        if record._name in ("visibility.exception", "visibility.shipment"):
            return self._get_wants(plan, record)
        if record._name == "stock.picking":
            if record.visibility_shipment_ids:
                return self._get_wants(plan, record.visibility_shipment_ids.sorted("id")[-1:])
            record = record.sale_id if plan.audience == "customer" else record.purchase_id
        is_fitting = record and record._name == ("sale.order" if plan.audience == "customer" else "purchase.order")
        if not is_fitting:
            return []
        none = self.env["visibility.exception"], self.env["visibility.shipment"]
        return [Want(plan, f"{record._name},{record.id}", record, *none)]

    @api.model
    def _draft_from_template(self, exception, document, template, **values):
        """Draft a mail template about an exception, whatever occasions there are; an escalation does so.

        :param document: the order that it is posted on
        """
        audience = "customer" if document._name == "sale.order" else "supplier"
        plan = Plan(0, 50, 0, audience, "opened", frozenset(), frozenset(), False, 0, 0)
        exception, document = exception.sudo(), document.sudo()
        shipment = self._get_incident_shipment(exception)
        want = Want(plan, self._get_incident(exception, shipment), document, exception, shipment)
        drafts = self._draft([want], is_asked=True, template_id=template.id, **values)
        return drafts[self._get_key(want)]
