from odoo import api, fields, models
from odoo.fields import Domain

from ....lib.detect.exception.causes import (
    DELIVERY,
    FOLLOWING_CODES,
    INBOUND,
    ORDER,
    ORDER_OF_CAUSES,
    PARCEL,
    PURCHASE,
    RECEIPT,
    is_mutual,
    may_follow,
)  # fmt: skip
from ...base.quiet import QUIET
from .visibility_exception import SEVERITY_RANK

SHIPMENT, PICKING, SALE, BUY = "visibility.shipment", "stock.picking", "sale.order", "purchase.order"


class VisibilityException(models.Model):
    """One trouble is one exception: what follows from an open one is shown on it, and opens none of its own.

    What follows is kept as a row that is merged into its cause, so everything that ends, proves or withdraws it finds
    it. The cause gets its documents and the worse severity. When the cause is over and this is not, it is an exception
    of its own from then on. What may follow from what stands in ``lib/detect/exception/causes.py``; here is looked up
    what hangs together: a parcel with its delivery, a delivery with its order, an order with the purchases that it
    waits for and that would have been in time.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    is_consequence = fields.Boolean(
        "Follows from another one",
        readonly=True,
        copy=False,
        help="No trouble of its own: it is part of the exception that it follows from, as long as that is open.",
        written_by="detect",
    )
    consequence_ids = fields.One2many(
        "visibility.exception",
        "merged_into_id",
        "What follows from it",
        domain=[("is_consequence", "=", True)],
        readonly=True,
        written_by="detect",
    )
    consequence_count = fields.Integer(compute="_compute_consequence_count", compute_sudo=True)

    @api.depends("consequence_ids")
    def _compute_consequence_count(self):
        for exception in self:
            exception.consequence_count = len(exception.consequence_ids)

    # ------------------------------------------------------------------ kinds of trouble
    @api.model
    def _get_place(self, category, subject):
        """What it is about and what it is, as ``causes.py`` knows it."""
        return self._get_kind(subject), category.code

    @api.model
    def _get_kind(self, subject):
        if subject._name == SHIPMENT:
            return INBOUND if subject.direction == "inbound" else PARCEL
        if subject._name == PICKING:
            return RECEIPT if subject.picking_type_code == "incoming" and not subject.return_id else DELIVERY
        return {SALE: ORDER, BUY: PURCHASE}.get(subject._name, subject._name)

    @api.model
    def _put_causes_first(self, findings):
        """Findings in rounds: what may follow from another one of them comes after it."""
        places = {key: self._get_place(*key) for key in findings}
        left = dict(findings)
        while left:
            here = {places[key] for key in left}
            later = {one for one in here for other in here if may_follow(one, other) and not is_mutual(one, other)}
            now = {key: facts for key, facts in left.items() if places[key] not in later} or left
            yield now
            left = {key: facts for key, facts in left.items() if key not in now}

    # ------------------------------------------------------------------ the door
    @api.model
    def _show_again(self, findings):
        """Count what is known already, and tell the rest on what it follows from; gives the findings of the others."""
        existing, new, told = self._find_existing(findings), {}, {}
        rows = {key: existing.get((key[0].id, key[1]._name, key[1].id), self.browse()) for key in findings}
        causes = self._find_causes(self._get_loose(findings, rows))
        for key, facts in findings.items():
            if key in causes:
                told[key] = (causes[key], facts)
            elif rows[key]:
                rows[key]._see_again(facts)
            else:
                new[key] = facts
        if told:
            self._fold(told, existing)
        return new

    @api.model
    def _get_loose(self, findings, rows):
        """What may become part of another exception: it is neither open nor part of one, and stops nothing."""
        return [
            (category, subject)
            for (category, subject), facts in findings.items()
            if not (rows[category, subject].is_open or rows[category, subject]._is_told_elsewhere())
            and not ((facts[-1].severity or category.severity) == "blocking" and category.gate_ids)
        ]

    # ------------------------------------------------------------------ what it follows from
    @api.model
    def _find_causes(self, keys):
        """The open exceptions that these follow from.

        :param keys: list of (category, subject)
        :return: dict of those that follow from something to one exception
        """
        keys = [key for key in keys if key[0].code in FOLLOWING_CODES]
        upstream = self._get_upstream([subject for _category, subject in keys]) if keys else {}
        found = self._find_explaining(set().union(*upstream.values())) if upstream else self.browse()
        causes = {}
        for category, subject in keys:
            place, own = self._get_place(category, subject), (category.id, subject._name, subject.id)
            mine = [
                (ORDER_OF_CAUSES.get(cause, len(ORDER_OF_CAUSES)), one.id, one)
                for cause, one in found
                if one._get_key() in upstream[subject] and may_follow(place, cause) and one._get_row_key() != own
            ]
            roots = (one.merged_into_id or one for _rank, _id, one in sorted(mine, key=lambda item: item[:2]))
            root = next((one for one in roots if self._may_be_cause(one, own, subject)), None)
            if root:
                causes[category, subject] = root
        return causes

    @api.model
    def _may_be_cause(self, exception, own, subject):
        return exception._get_row_key() != own and exception.company_id == self._get_subject_company(subject)

    def _get_key(self):
        return self.res_model, self.res_id

    def _get_row_key(self):
        return self.category_id.id, self.res_model, self.res_id

    @api.model
    def _find_explaining(self, keys):
        """Open exceptions about these documents that may say why others are late: (place, exception)."""
        found = self.search(self._get_about_domain(keys) & Domain(self._get_alive_domain()), order="id")._may_explain()
        living = found._get_living_documents()
        return [
            (self._get_place(one.category_id, living[one._get_key()]), one) for one in found if one._get_key() in living
        ]

    @api.model
    def _get_about_domain(self, keys):
        """:param keys: (model, id) of documents"""
        by_model = {}
        for model, record_id in keys:
            by_model.setdefault(model, []).append(record_id)
        return Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", ids) for model, ids in by_model.items()
        )

    def _may_explain(self):
        """Those that are known for sure, and of a kind that makes things late."""
        return self.filtered(lambda one: one.category_id.explains_lateness and not one.is_unproven)

    # ------------------------------------------------------------------ what hangs together
    @api.model
    def _get_upstream(self, subjects):
        """The records in which the cause of what is wrong with a subject may lie: (model, id), by subject."""
        linked = {subject: self._get_linked(subject) for subject in subjects}
        orders = self.env[SALE].union(*(records[SALE] for records in linked.values()))
        misled = self._get_misleading_purchases(orders) if orders else {}
        upstream = {}
        for subject, records in linked.items():
            purchases = records[BUY].union(*(misled.get(order, self.env[BUY]) for order in records[SALE]))
            receipts = records[PICKING] | purchases.picking_ids
            shipments = records[SHIPMENT] | purchases.picking_ids.visibility_shipment_ids
            every = (records[SALE], purchases, receipts, shipments)
            upstream[subject] = {(some._name, record_id) for some in every for record_id in some.ids}
        return upstream

    @api.model
    def _get_linked(self, subject):
        """What a subject belongs to, by model: of a parcel that is on its way the order does not matter any more."""
        subject = subject.sudo()
        linked = {model: self.env[model].sudo() for model in (SALE, BUY, PICKING, SHIPMENT)}
        if subject._name not in linked:
            return linked
        linked[subject._name] = subject
        if subject._name == SALE:
            linked[PICKING] = subject.picking_ids
        elif subject._name == SHIPMENT:
            linked[PICKING] = subject.picking_ids
            linked[BUY] = subject.purchase_order_ids if subject.direction == "inbound" else linked[BUY]
            linked[SALE] = linked[SALE] if subject.picked_up_at else subject.sale_order_ids
        elif subject._name == PICKING:
            before = self.env["stock.move"].sudo().browse(subject.move_ids._rollup_move_origs())
            linked[PICKING] = subject | before.picking_id
            linked[SHIPMENT] = subject.visibility_shipment_ids
            linked[SALE] = subject.move_ids.sale_line_id.order_id | subject.sale_id
            linked[BUY] = subject.move_ids.purchase_line_id.order_id
        return linked

    @api.model
    def _get_misleading_purchases(self, orders):
        """Purchases with open exceptions that customers' orders wait for, and whose first promise would have done."""
        about_supply = Domain("purchase_order_ids", "!=", False) & Domain("company_id", "in", orders.company_id.ids)
        troubled = self.search(about_supply & Domain(self._get_alive_domain()))._may_explain().purchase_order_ids.sudo()
        products = orders.order_line.product_id
        lines = troubled.order_line.filtered(lambda line: line.product_id in products)
        purchases = {}
        for served in lines._find_misled() if lines else ():
            order = served.move.sale_line_id.order_id
            purchases[order] = purchases.get(order, served.line.order_id) | served.line.order_id
        return purchases

    # ------------------------------------------------------------------ it is known before what follows
    @api.model
    def _fold(self, told, existing):
        """Make what was found part of what it follows from.

        :param dict told: (category, subject) to (cause, list of findings)
        :param dict existing: the rows that there are, closed by now, by (category id, model, id)
        """
        desk, rows = self._get_desk(), {}
        for (category, subject), (cause, facts) in told.items():
            values = {**self._prepare_exception(category, subject, facts, desk), **self._prepare_consequence(cause)}
            row = existing.get((category.id, subject._name, subject.id))
            if row:
                row.sudo().write({name: value for name, value in values.items() if name != "seen_count"})
            rows.setdefault(cause, []).append(row or values)
        new = [values for some in rows.values() for values in some if isinstance(values, dict)]
        created = iter(self.with_context(**QUIET).create(new))
        for cause, some in rows.items():
            consequences = self.browse([(next(created) if isinstance(one, dict) else one).id for one in some])
            cause.sudo()._take_in_consequences(consequences)
            if cause.res_model != SHIPMENT:
                # who waits for an order hears of it, whatever it follows from; of one parcel the cause says it all
                consequences._note_messages("opened", "opened")
            for one in consequences:
                cause.sudo()._message_log(body=self.env._("%(what)s: %(why)s", what=one.title, why=one.reason or ""))

    @api.model
    def _prepare_consequence(self, cause):
        return {
            "state": "dismissed",
            "resolution": self.env._("Follows from %(cause)s.", cause=cause.name),
            "merged_into_id": cause.id,
            "is_consequence": True,
            "closed_at": fields.Datetime.now(),
            "closed_by_id": False,
            "cause_ended_at": False,
            "cause_ended_event_id": False,
        }

    def _take_in_consequences(self, consequences):
        """The cause is about their documents, too, and at least as severe as the worst of them."""
        values = {
            name: [fields.Command.link(document) for document in (consequences[name] - self[name]).ids]
            for name in self._get_document_fields()
        }
        values["tag_ids"] = [fields.Command.link(tag) for tag in (consequences.tag_ids - self.tag_ids).ids]
        values = {name: commands for name, commands in values.items() if commands}
        severity = max((self | consequences).mapped("severity"), key=SEVERITY_RANK.get)
        if severity != self.severity:
            values["severity"] = severity
        if values:
            self.write(values)

    def _hear_consequence(self, facts):
        """One more report of what follows: it is counted where it stands, and what it follows from is not."""
        latest = facts[-1]
        values = {"seen_count": self.seen_count + len(facts), "last_seen_at": max(self.last_seen_at, latest.at)}
        if latest.at >= self.last_seen_at:
            values.update(self._prepare_reason(latest))
        self.sudo().write({**values, **self._prepare_told(facts)})
        self.merged_into_id.sudo()._take_in_consequences(self)

    def _is_told_elsewhere(self):
        return self.is_consequence and self.merged_into_id.is_open

    # ------------------------------------------------------------------ what follows was known first
    @api.model
    def _prove_explaining(self, events):
        """A person vouched for these: what follows from them was an exception of its own until now."""
        proven = events.filtered(lambda event: event.category_id.explains_lateness)
        keys = [(subject._name, subject.id) for subject in {event._get_subject() for event in proven}]
        if keys:
            what = Domain("category_id", "in", proven.category_id.ids)
            self.search(self._get_about_domain(keys) & what)._take_over_consequences()

    def _take_over_consequences(self):
        """Exceptions that were open before these explained them become part of them."""
        causes = self.filtered("is_open")._may_explain()
        candidates = causes._find_downstream() if causes else self.browse()
        living = candidates._get_living_documents()
        keys = {(one.category_id, living[one._get_key()]): one for one in candidates if one._get_key() in living}
        for key, cause in self._find_causes(list(keys)).items():
            late = keys[key]
            if cause in causes and late.is_open and late != cause and not self._is_mutual(key, cause):
                cause.sudo()._take_over(late)

    @api.model
    def _is_mutual(self, key, cause):
        return is_mutual(self._get_place(*key), self._get_place(cause.category_id, cause._get_document()))

    def _find_downstream(self):
        """Open exceptions of a kind that may follow, about documents that hang together with these."""
        mine = self.sudo()
        purchases = mine.purchase_order_ids
        orders = mine.sale_order_ids
        if purchases:
            lines = purchases.order_line.filtered("product_id")
            orders = orders.union(*(one.move.sale_line_id.order_id for one in lines._find_misled()))
        pickings = mine.picking_ids | orders.picking_ids
        shipments = mine.shipment_id | pickings.visibility_shipment_ids
        about = Domain.OR(
            Domain("res_model", "=", some._name) & Domain("res_id", "in", some.ids)
            for some in (purchases, orders, pickings, shipments)
        )
        what = Domain("category_id.code", "in", list(FOLLOWING_CODES)) & Domain("is_open", "=", True)
        found = self.sudo().search(about & what, order="id")
        return found.filtered(lambda one: not (one.severity == "blocking" and one.gate_ids))

    def _take_over(self, late):
        """Make an exception part of this one. Whoever works on it already goes on here."""
        if late.state != "new" and self.state == "new":
            self.write({"user_id": late.user_id.id, "state": late.state})
        self._merge(late, self.env._("It follows from this one."))
        late.write({"is_consequence": True, "closed_by_id": False})

    # ------------------------------------------------------------------ what it followed from is over
    def _look_at_consequences(self):
        """Before a cause ends: what follows may be over, too, and nobody has looked yet."""
        alive = self.consequence_ids.filtered(lambda one: not one.cause_ended_at)
        for model, some in alive.grouped("res_model").items():
            if model in self.env and isinstance(self.env[model], self.env.registry["visibility.expectation.mixin"]):
                documents = self.env[model].browse(set(some.mapped("res_id"))).exists()
                self.env["visibility.expectation"]._follow(documents)

    def _release_consequences(self):
        """These are over: what followed from them and is still so follows from another one, or is one of its own."""
        ended = self.filtered(lambda one: not one.is_open)
        alive = ended.consequence_ids.filtered(lambda one: not one.cause_ended_at)
        if not alive:
            return
        living = alive._get_living_documents()
        keys = {(one.category_id, living[one._get_key()]): one for one in alive if one._get_key() in living}
        for some in self._put_causes_first(keys):
            causes = self._find_causes(list(some))
            for key, one in some.items():
                one.sudo()._go_on(causes.get(key))

    def _go_on(self, cause):
        if cause:
            self.write({"merged_into_id": cause.id})
            cause.sudo()._take_in_consequences(self)
        elif self._is_still_so():
            self._reopen()

    def _is_still_so(self):
        """Whether what a row says can be so any more, as far as the shipment itself tells."""
        shipment = self._get_document() if self.res_model == SHIPMENT else None
        return not (shipment and self.category_id.code == "late_risk") or (
            shipment.is_late_risk and not shipment.delivered_at
        )
