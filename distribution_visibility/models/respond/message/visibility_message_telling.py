import logging
from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from psycopg2.errors import UniqueViolation

from ...base.guard import guarded
from ...base.notes import note
from .visibility_message_occasion import DOCUMENTS, Plan

_logger = logging.getLogger(__name__)

#: What is to be told to one partner about one incident. ``document`` is the order it is posted on.
Want = namedtuple("Want", "plan incident document exceptions shipment")


class VisibilityMessage(models.Model):
    """What is to be told to whom: noted while something happens, looked at once before the commit, in sets."""

    _inherit = "visibility.message"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ noting
    @api.model
    def _note(self, kind, records):
        """Remember that something happened that a partner may have to hear of.

        :param str kind: ``opened`` or ``ended`` (exceptions), ``moved`` or ``dated`` (shipments)
        """
        if records:
            note(self.env, "messages", kind, records.ids)

    @api.model
    def _follow_guarded(self, noted):
        """Draft what was noted; what fails here stops nobody's work.

        Two transactions that draft about the same incident at once: the later one looks again after the first.
        """
        with guarded(self.env) as attempt:
            self._follow(noted)
        if isinstance(attempt.error, UniqueViolation):
            self.env["visibility.follow.up"]._leave("messages", noted)
        elif attempt.error:
            _logger.error("messages about %s could not be drafted", noted, exc_info=attempt.error)

    @api.model
    def _follow(self, noted):
        """Bring drafts in line with what happened: end those that are over, refresh what there is, make new ones."""
        exceptions = self.env["visibility.exception"].sudo()
        shipments = self.env["visibility.shipment"].sudo()
        ended = exceptions.browse(noted.get("ended", ())).exists().filtered(lambda one: not one.is_open)
        moved = shipments.browse(noted.get("moved", ())).exists()
        dated = shipments.browse(noted.get("dated", ())).exists()
        self._end_with(ended)
        opened = exceptions.browse(noted.get("opened", ())).exists()
        self._refresh_dates(dated)
        self._draft(
            [
                *self._want_opened(opened.filtered(lambda one: one._is_standing() and not one.is_unproven)),
                *self._want_cleared(ended.filtered(lambda one: one.state == "resolved")),
                *self._want_moved(moved),
                *self._want_dated(dated),
            ]
        )
        self._end_passed(moved)
        self.env.flush_all()

    # ------------------------------------------------------------------ who is to be told what
    @api.model
    def _get_plans(self, event):
        return [plan for plan in self.env["visibility.message.occasion"]._get_plans() if plan.event == event]

    @api.model
    def _want_opened(self, exceptions):
        return [
            want
            for plan in self._get_plans("opened")
            for exception in exceptions
            if exception.category_id.id in plan.categories and plan.company_id in (0, exception.company_id.id)
            for want in self._get_wants(plan, exception)
        ]

    @api.model
    def _want_cleared(self, exceptions):
        """Only who was told of the trouble hears that it is over."""
        plans = self._get_plans("cleared")
        if not plans or not exceptions:
            return []
        told = self.sudo().search([("exception_ids", "in", exceptions.ids), ("state", "=", "sent")])
        pairs = {(one.incident_key, one.partner_id, one.audience) for one in told}
        return [
            want
            for plan in plans
            for exception in exceptions & told.exception_ids
            if exception.category_id.id in plan.categories and plan.company_id in (0, exception.company_id.id)
            for want in self._get_wants(plan, exception)
            if self._get_key(want) in pairs
        ]

    @api.model
    def _want_moved(self, shipments):
        """Milestones of shipments that are on their way to somebody; not what a carrier reports days later."""
        now = fields.Datetime.now()
        return [
            want
            for plan in self._get_plans("milestone")
            for shipment in self._get_telling(shipments)
            if shipment.milestone_id.id in plan.milestones
            and plan.company_id in (0, shipment.company_id.id)
            and (not plan.max_age_hours or shipment.milestone_at > now - timedelta(hours=plan.max_age_hours))
            for want in self._get_wants(plan, shipment)
        ]

    @api.model
    def _want_dated(self, shipments):
        """A new day is an occasion of its own, or news of the trouble that was told of."""
        trouble = shipments.exception_ids.filtered(lambda one: one.is_open and not one.is_unproven)
        return self._want_opened(trouble) + [
            want
            for plan in self._get_plans("date")
            for shipment in self._get_telling(shipments)
            if plan.company_id in (0, shipment.company_id.id)
            for want in self._get_wants(plan, shipment)
        ]

    @api.model
    def _get_telling(self, shipments):
        return shipments.filtered(lambda one: not one.is_test and one.direction != "return")

    @api.model
    def _get_wants(self, plan, subject):
        """One for each partner whose order it is: nobody hears of somebody else's."""
        shipment = self._get_incident_shipment(subject)
        exceptions = subject if subject._name == "visibility.exception" else self.env["visibility.exception"]
        found = {}
        for document in self._get_documents(plan.audience, subject):
            found.setdefault(self._get_recipient(document), document)
        incident = self._get_incident(subject, shipment)
        return [Want(plan, incident, document, exceptions, shipment) for document in found.values()]

    @api.model
    def _get_documents(self, audience, subject):
        """Seam: the orders of a shipment or exception that partners are told of.

        Nobody is told that what they send back takes longer: they are the ones who sent it.
        """
        if self._is_about_return(subject):
            return self.env["sale.order" if audience == "customer" else "purchase.order"]
        orders = subject[f"{'sale' if audience == 'customer' else 'purchase'}_order_ids"]
        states = ("sale",) if audience == "customer" else ("purchase", "done")
        return orders.filtered(lambda order: order.state in states and order.company_id == subject.company_id)

    @api.model
    def _is_about_return(self, subject):
        """Whether a shipment or exception is about nothing but goods that come back, or go back to a supplier."""
        shipment = subject if subject._name == "visibility.shipment" else subject.shipment_id
        pickings = shipment.picking_ids
        if not shipment and subject.res_model == "stock.picking":
            pickings = self.env["stock.picking"].browse(subject.res_id).exists()
        return bool(pickings) and all(picking._is_return() for picking in pickings)

    @api.model
    def _get_recipient(self, document):
        """Seam: who is told. The contact of the order; where it has no address, its company."""
        partner = document.partner_id
        company = partner.commercial_partner_id
        return company if not partner.email and company.email else partner

    @api.model
    def _get_incident_shipment(self, subject):
        """The shipment that something is about; of an order's trouble the one that is under way, if it is only one."""
        if subject._name == "visibility.shipment":
            return subject
        if subject.shipment_id:
            return subject.shipment_id
        # Not the transfers of what was merged into it
        own = subject.picking_ids.filtered(
            lambda one: subject.res_id in self._get_orders_of_transfer(one, subject.res_model).ids
        )
        under_way = own.visibility_shipment_ids.filtered(
            lambda one: one.is_current and not one.is_test and not one.delivered_at and one.direction != "return"
        )
        return under_way if len(under_way) == 1 else under_way.browse()

    @api.model
    def _get_incident(self, subject, shipment):
        """What makes several occasions one incident: the shipment, else the document."""
        if shipment:
            return f"visibility.shipment,{shipment.id}"
        return f"{subject.res_model},{subject.res_id}"

    @api.model
    def _get_key(self, want):
        return want.incident, self._get_recipient(want.document), want.plan.audience

    # ------------------------------------------------------------------ what somebody asks for
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
            record = self._get_orders_of_transfer(record, DOCUMENTS[plan.audience])
        if record._name != DOCUMENTS[plan.audience]:
            return []
        none = self.env["visibility.exception"], self.env["visibility.shipment"]
        return [Want(plan, f"{order._name},{order.id}", order, *none) for order in record]

    @api.model
    def _get_orders_of_transfer(self, picking, model):
        """The orders of a model that a transfer serves; none where it brings their goods back."""
        orders = {"sale.order": picking._get_sale_orders, "purchase.order": picking._get_purchase_orders}
        found = orders[model]() if model in orders else None
        return self.env[model].browse() if found is None or picking._is_return() else found

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
