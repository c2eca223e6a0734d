from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding
from ...base.words.told import AS_KEPT, say_all
from ..exception.visibility_exception_detection import SUPPLIER_CATEGORIES

UNKNOWN = "unmatched_order"


class VisibilityException(models.Model):
    """Suppliers' proposals as exceptions of their orders: what it does to customers is the reason.

    And what suppliers say of orders that we do not know, and of goods that were here before they said it.
    """

    _inherit = "visibility.exception"

    @api.model
    def _find_proposals(self, events):
        answers = events.filtered(lambda event: event._is_answer())
        if not answers:
            return self.env["visibility.proposal"]
        return self.env["visibility.proposal"].search([("event_id", "in", answers.ids), ("is_open", "=", True)])

    @api.model
    def _detect_new_proposals(self, proposals):
        if proposals:
            proposals._work_out()
            self._detect_proposals(proposals)

    @api.model
    def _detect_proposals(self, proposals, stands_again=False):
        """Open or show again the exception of each open proposal, with the orders whose promise would fall.

        :param stands_again: True when they were over and are open again, whatever was resolved since
        """
        if not proposals:
            return
        categories = self._get_proposal_categories(proposals)
        findings = {
            (category, proposal.purchase_order_id): [self._find_proposal(proposal)]
            for proposal, category in categories.items()
        }
        self._open_findings(findings)
        if stands_again:
            latest = self.browse([exception.id for exception in self._find_existing(findings).values()])
            latest.filtered(lambda exception: exception.state == "resolved")._reopen()
        self._clear_other_kind(categories)
        self._link_affected(categories)

    @api.model
    def _get_proposal_categories(self, proposals):
        return {proposal: self._get_category(proposal._get_category_code()) for proposal in proposals}

    @api.model
    def _find_proposal(self, proposal):
        return Finding(
            at=proposal.responded_at,
            reason=self._say_proposal(proposal),
            reason_code=proposal.event_id.reason_code or "",
            responsible_party="supplier",
            is_trusted=not proposal.is_unproven,
            event_id=proposal.event_id.id,
        )

    @api.model
    def _say_proposal(self, proposal):
        return say_all(self.env, lambda env: proposal.with_env(env)._get_reason())

    @api.model
    def _clear_other_kind(self, categories):
        """A change after a rejection, or the other way round: one answer is one exception."""
        for code in SUPPLIER_CATEGORIES:
            category = self._get_category(code)
            orders = self.env["purchase.order"].union(
                *(
                    proposal.purchase_order_id
                    for proposal, mine in categories.items()
                    if mine != category and not proposal.is_unproven
                )
            )
            if orders:
                self._clear_subjects(category, orders, self.env._("The supplier has answered again."))

    @api.model
    def _link_affected(self, categories):
        """The customers' orders whose promise would fall are at risk, too."""
        for proposal, category in categories.items():
            exception = self._find_open(category, proposal.purchase_order_id)
            affected = proposal.effect_ids.filtered("misses").sale_order_id
            values = {}
            if exception:
                links = exception._adapt_links({"sale_order_ids": [fields.Command.set(affected.ids)]})
                wanted = {order for command in links.get("sale_order_ids", ()) for order in command[2]}
                values.update(links if wanted != set(exception.sale_order_ids.ids) else {})
            said = self._say_proposal(proposal)
            if exception.event_id == proposal.event_id and exception.with_context(**AS_KEPT).reason != said:
                values.update(reason=said, reason_terms=said.terms or False)
            if values:
                exception.write(values)
            exception._refresh_stakes()

    def _value_proposal(self):
        """Of what a supplier proposes the goods whose promise would fall, by order."""
        stakes = {}
        if self.category_id.code in SUPPLIER_CATEGORIES and self.res_model == "purchase.order":
            proposals = self._get_document().exists().sudo().visibility_proposal_ids
            for effect in proposals.filtered("is_open").effect_ids.filtered("misses"):
                key = self._get_stake_key(effect.sale_order_id)
                stakes[key] = stakes.get(key, 0) + effect.value
        return stakes

    @api.model
    def _end_decided_proposals(self, documents):
        """Of what is in, or will never come, no date or quantity is to be decided any more."""
        orders = documents.get("purchase.order", self.env["purchase.order"])
        proposals = orders.sudo().visibility_proposal_ids.filtered("is_open")
        over = proposals.line_ids.filtered(lambda line: line.status == "proposed" and line._is_decided_by_facts())
        over.status = "superseded"
        for proposal in over.proposal_id.filtered(lambda one: not one.is_open):
            self._clear_proposals(proposal.purchase_order_id, self.env._("Nothing more is to come."))

    @api.model
    def _clear_proposals(self, orders, sentence):
        """End what was open about the answers of these orders."""
        for code in SUPPLIER_CATEGORIES:
            self._clear_subjects(self._get_category(code), orders, sentence)

    # ------------------------------------------------------------------ orders that we do not know
    @api.model
    def _detect_unknown_orders(self, events):
        """Tell people of answers and notices that name an order that we could not find: one for each name."""
        unknown = events.filtered("unknown_orders")
        if not unknown:
            return
        category, findings = self._get_category(UNKNOWN), {}
        subjects = self._get_first_told(unknown)
        for event in unknown.sorted("id"):
            subject = subjects[event.source_id.id, event.unknown_orders]
            findings.setdefault((category, subject), []).append(self._find_unknown_order(event))
        self._open_findings(findings)

    @api.model
    def _get_first_told(self, events):
        """The first event of each source that named these orders: what comes again is the same matter."""
        told = self.env["visibility.event"].search(
            [("unknown_orders", "in", events.mapped("unknown_orders")), ("source_id", "in", events.source_id.ids)],
            order="id desc",
        )
        return {(event.source_id.id, event.unknown_orders): event for event in told}

    @api.model
    def _find_unknown_order(self, event):
        supplier = event.source_id.partner_id.name or event.source_id.name
        names = {"supplier": supplier, "orders": event.unknown_orders, "notice": event.reference}
        if event.kind == "despatch_advice":
            reason = self.env._("%(supplier)s announces goods of %(orders)s with notice %(notice)s", **names)
        else:
            reason = self.env._("%(supplier)s answers %(orders)s", **names)
        return Finding(event.received_at, reason, UNKNOWN, "", event.is_trusted, event_id=event.id)

    @api.model
    def _clear_unknown_orders(self, events):
        """The orders were found, or the supplier has taken it back."""
        first = self.search(
            [("category_id.code", "=", UNKNOWN), ("event_id", "in", events.ids), *self._get_alive_domain()]
        )
        for exception in first:
            event = exception.event_id
            if event.is_withdrawn:
                exception._clear(event)
            elif not event.unknown_orders:
                orders = ", ".join(event._get_orders().mapped("name"))
                exception._end({"state": "resolved", "resolution": self.env._("It is %(orders)s.", orders=orders)})

    # ------------------------------------------------------------------ notices after the goods
    @api.model
    def _compare_notices(self, events):
        """Goods that were here before their notice are compared with it now, as far as it stands."""
        notices = events.filtered(lambda event: event.kind == "despatch_advice" and event.shipment_id)
        if notices:
            self.env["visibility.receipt.comparison"].sudo()._compare_told(notices)
