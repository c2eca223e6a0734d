from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.respond.brief.brief import Standing, collect_sources, next_step, rank

EVENTS = 5
ORDERS = 20


class VisibilityBriefFacts(models.AbstractModel):
    """What the database knows about exceptions, as JSON: the same for every reader, whatever their language.

    The number of queries does not depend on the number of exceptions.
    """

    _name = "visibility.brief.facts"
    _description = "Facts of a brief"

    @api.model
    def _get_contents(self, exceptions):
        """By exception what is known: ``happened``, ``stakes``, ``options``, ``next`` and ``sources``."""
        if not exceptions:
            return {}
        plain = self.with_context(lang=None)
        cases = plain._prepare_cases(exceptions.sudo().with_context(lang=None, active_test=False))
        return {one: plain._get_content(case) for one, case in cases.items()}

    @api.model
    def _prepare_cases(self, exceptions):
        """What is read for all exceptions at once, by exception."""
        waiting, events, overdue = exceptions._get_waiting_moves(), self._get_events(exceptions), {}
        for model, some in exceptions.grouped("res_model").items():
            overdue.update(self._get_overdue(model, some))
        others = self._get_others(exceptions)
        cases = {
            one: {
                "exception": one,
                "waiting": waiting.get(one, self.env["stock.move"]).sale_line_id,
                "events": events.get(one, self.env["visibility.event"]),
                "overdue": overdue.get(one, self.env["visibility.expectation"]),
                "others": others.get(one, exceptions.browse()),
                "promise": one.shipment_id._get_promise_end() if one.shipment_id.promised_at else one.promised_at,
                "eta": self._get_eta(one),
            }
            for one in exceptions
        }
        self._add_needs(cases)
        self._add_supplies(cases)
        return cases

    @api.model
    def _get_content(self, case):
        promise = case["promise"] or None
        options = rank(self._get_options(case), promise)
        happened, stakes = self._get_happened(case), self._get_stakes(case)
        return {
            "v": 1,
            "happened": happened,
            "stakes": stakes,
            "options": [self._prepare_option(option, promise) for option in options],
            "next": next_step(self._get_standing(case), options, promise),
            "sources": collect_sources(
                [self._ref(case["exception"])],
                (fact["record"] for fact in happened if fact["record"]),
                stakes["records"],
                (source for option in options for source in option.sources),
            ),
        }

    @api.model
    def _ref(self, record):
        """(model, id, name): the name stays when the record goes."""
        return [record._name, record.id, record.display_name] if record else None

    @api.model
    def _at(self, moment):
        return fields.Datetime.to_string(moment) if moment else None

    # ------------------------------------------------------------------ what happened
    @api.model
    def _get_events(self, exceptions):
        """The latest events of each exception's shipment, or of its purchase orders."""
        orders = exceptions.filtered(lambda one: not one.shipment_id).purchase_order_ids
        self.env["visibility.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id, shipment_id, purchase_order_id FROM (
                       SELECT id, shipment_id, purchase_order_id, row_number() OVER (
                              PARTITION BY shipment_id, purchase_order_id ORDER BY occurred_at DESC, id DESC) AS place
                         FROM visibility_event
                        WHERE NOT COALESCE(is_withdrawn, FALSE)
                          AND (shipment_id = ANY(%s) OR purchase_order_id = ANY(%s))) AS event
                    WHERE place <= %s ORDER BY id""",
                exceptions.shipment_id.ids,
                orders.ids,
                EVENTS,
            )
        )
        events = self.env["visibility.event"].sudo().browse([row[0] for row in rows])
        by_shipment, by_order = events.grouped("shipment_id"), events.grouped("purchase_order_id")
        none = events.browse()
        return {
            one: by_shipment.get(one.shipment_id, none)
            if one.shipment_id
            else none.union(*(by_order.get(order, none) for order in one.purchase_order_ids))
            for one in exceptions
        }

    @api.model
    def _get_overdue(self, model, exceptions):
        """What should have happened with the documents by now and did not, by exception."""
        domain = [("res_model", "=", model), ("res_id", "in", exceptions.mapped("res_id")), ("state", "=", "overdue")]
        rows = self.env["visibility.expectation"].sudo().search(domain).grouped("res_id")
        return {one: rows[one.res_id] for one in exceptions if one.res_id in rows}

    @api.model
    def _get_happened(self, case):
        one = case["exception"]
        facts = [self._prepare_finding(one), *map(self._prepare_event, case["events"])]
        facts += [self._prepare_overdue(row) for row in case["overdue"]]
        return sorted(facts, key=lambda fact: (fact["at"] or "", fact["kind"]), reverse=True)

    @api.model
    def _prepare_finding(self, one):
        return {
            "kind": "finding",
            "at": self._at(one.last_seen_at),
            "since": self._at(one.first_seen_at),
            "seen": one.seen_count,
            "what": self._ref(one.category_id),
            "words": one.reason or "",
            "party": one.responsible_party or "",
            "record": None,
        }

    @api.model
    def _prepare_event(self, event):
        return {
            "kind": "event",
            "at": self._at(event.occurred_at),
            "zone": bool(event.is_offset_known),
            "what": self._ref(event.category_id or event.milestone_id),
            "words": event.told or "",
            "where": event.location or "",
            "eta": self._at(event.eta),
            "source": self._ref(event.source_id),
            "proven": bool(event.is_trusted),
            "record": self._ref(event),
        }

    @api.model
    def _prepare_overdue(self, row):
        return {
            "kind": "overdue",
            "at": self._at(row.due_at),
            "what": self._ref(row.milestone_id or row.template_id),
            "words": "",
            "record": self._ref(row),
        }

    # ------------------------------------------------------------------ why it matters
    @api.model
    def _get_others(self, exceptions):
        """Other open exceptions about the same orders and transfers, by exception."""
        found = {}
        for name in ("sale_order_ids", "purchase_order_ids", "picking_ids"):
            same = exceptions.search([(name, "in", exceptions[name].ids), ("is_open", "=", True)], order="id")
            by_document = {}
            for other in same:
                for document in other[name]:
                    by_document[document] = by_document.get(document, same.browse()) | other
            for one in exceptions:
                for document in one[name]:
                    found[one] = found.get(one, same.browse()) | by_document.get(document, same.browse()) - one
        return found

    @api.model
    def _get_eta(self, one):
        """When what it is about is expected now, and who says so."""
        if one.shipment_id:
            return one.shipment_id.eta or None, one.shipment_id.eta_source or ""
        dates = [date for date in one.purchase_order_ids.mapped("visibility_promise_at") if date]
        return (max(dates), "supplier") if dates else (None, "")

    @api.model
    def _get_stakes(self, case):
        one, (eta, eta_by) = case["exception"], case["eta"]
        orders = self._get_orders(case)
        late = (eta - case["promise"]).total_seconds() / 3600 if eta and case["promise"] else None
        return {
            "orders": [self._prepare_order(order) for order in orders[:ORDERS]],
            "more": max(len(orders) - ORDERS, 0),
            "waiting": len(case["waiting"]),
            "customer": self._ref(one.sale_order_ids[:1].partner_id or case["waiting"].order_id[:1].partner_id),
            "tier": one._get_best_tier(case["waiting"].order_id),
            "value": one.value_at_risk,
            "promise": self._at(one.promised_at),
            "eta": self._at(eta),
            "eta_by": eta_by,
            "late_hours": round(late) if late is not None else None,
            "others": [[*self._ref(other)] for other in case["others"]],
            "stops": [self._ref(gate) for gate in one.gate_ids] if one.severity == "blocking" else [],
            "records": [
                self._ref(record)
                for records in (one.shipment_id, orders[:ORDERS], one.picking_ids[:ORDERS], one.purchase_order_ids,
                                one.invoice_ids[:ORDERS])
                for record in records
            ],
        }  # fmt: skip

    @api.model
    def _get_orders(self, case):
        """The customers' orders concerned, the earliest promise first."""
        orders = case["exception"].sale_order_ids | case["waiting"].order_id
        return orders.sorted(lambda order: (order.visibility_promise_at or datetime.max, order.id))

    @api.model
    def _prepare_order(self, order):
        return {
            "record": self._ref(order),
            "customer": self._ref(order.partner_id),
            "value": order.amount_untaxed / (order.currency_rate or 1),
            "promise": self._at(order.visibility_promise_at),
            "first": self._at(order.visibility_first_promise_at),
            "whole": order.picking_policy == "one",
        }

    # ------------------------------------------------------------------ how far it is
    @api.model
    def _get_standing(self, case):
        one = case["exception"]
        return Standing(
            is_open=one.is_open,
            is_unproven=one.is_unproven,
            is_owned=bool(one.user_id),
            waits_for=self._get_awaited(one),
            is_strategic=self._is_strategic(case) and not self._is_customer_told(one),
        )

    @api.model
    def _get_awaited(self, exception):
        """Seam: the name of the decision that this exception waits for."""
        return ""

    @api.model
    def _is_strategic(self, case):
        return case["exception"]._get_best_tier(case["waiting"].order_id) == "strategic"

    @api.model
    def _is_customer_told(self, exception):
        """Seam: whether the customer is being told, by a ticket for example."""
        return False
