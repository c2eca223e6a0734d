from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding
from ....lib.detect.supply.receipt_comparison import SHORT, compare
from ....lib.track.supplier_answer import Answer, match_lines, normalise_code
from ...base.words.told import say_all

CATEGORY = "receipt_or_asn_discrepancy"


class VisibilityReceiptComparison(models.Model):
    """Of one product: what was ordered, what the ship notice announced, what was received, in the order's unit.

    Written anew each time a receipt that belongs to a ship notice is validated, or one of its returns.
    All receipts of one delivery are looked at together: the first one and its backorders.
    """

    _name = "visibility.receipt.comparison"
    _description = "Receipt against ship notice"
    _order = "picking_id desc, is_different desc, id"
    _rec_name = "product_name"

    picking_id = fields.Many2one(
        "stock.picking", "Receipt", required=True, index=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    product_id = fields.Many2one("product.product", "Product (ours)", readonly=True, ondelete="cascade")
    product_name = fields.Char("Product", readonly=True, help="As the notice names it, when it is none of ours.")
    ordered = fields.Float(readonly=True, digits="Product Unit")
    announced = fields.Float(readonly=True, digits="Product Unit")
    is_announced = fields.Boolean(readonly=True)
    received = fields.Float(readonly=True, digits="Product Unit")
    product_uom_id = fields.Many2one("uom.uom", "Unit", readonly=True, help="In which it was ordered.")
    kind = fields.Selection(
        [
            ("short", "Less than announced"),
            ("over", "More than announced"),
            ("not_announced", "Not on the notice"),
            ("wrong", "Neither ordered nor announced"),
        ],
        "Difference",
        readonly=True,
    )
    is_different = fields.Boolean(readonly=True)

    # ------------------------------------------------------------------ comparing
    @api.model
    def _compare(self, pickings):
        """Compare what these validated receipts and returns brought with their ship notices.

        One query for receipts that no notice announced.
        """
        roots = self._get_roots(pickings)
        notices = self._find_notices(roots | pickings)
        if not notices:
            return
        different, good = {}, pickings.browse()
        rows = []
        for root, family in self._get_families(roots).items():
            mine = self._get_arrived(notices, family)
            if not mine:
                continue
            compared = self._compare_family(family, mine)
            units = {line.product_id: line.product_uom_id for line in reversed(self._get_ordered_lines(family))}
            rows += [self._prepare_row(root, row, units) for row in compared]
            if wrong := [row for row in compared if row.kind]:
                different[root] = self._get_finding(wrong, mine, units)
            else:
                good |= root
        self.search([("picking_id", "in", roots.ids)]).unlink()
        self.create(rows)
        self._report(different, good)

    @api.model
    def _compare_told(self, notices):
        """These came, or were taken back, after goods that they announce had come: compare these now."""
        receipts = notices.shipment_id.picking_ids.filtered(lambda one: one.state == "done" and one._is_of_supplier())
        if not receipts:
            return
        self._compare(receipts)
        roots = self._get_roots(receipts)
        if not self._find_notices(roots | receipts):
            rows = self.search([("picking_id", "in", roots.ids)])
            category = self.env["visibility.exception"]._get_category(CATEGORY)
            sentence = self.env._("The ship notice was taken back.")
            self.env["visibility.exception"]._clear_subjects(category, rows.picking_id, sentence)
            rows.unlink()

    @api.model
    def _report(self, different, good):
        """Open an exception for each receipt with a difference, and clear those of the good ones.

        :param dict different: receipts to what was found
        """
        exceptions = self.env["visibility.exception"]
        category = exceptions._get_category(CATEGORY)
        if different:
            exceptions._open_findings({(category, root): [finding] for root, finding in different.items()})
        if good:
            exceptions._clear_subjects(category, good, self.env._("What was received is what was announced."))

    @api.model
    def _get_roots(self, pickings):
        """The first receipts of the deliveries that these belong to, without those that were not bought."""
        receipts = pickings.browse([(picking.return_id or picking).id for picking in pickings])
        while receipts.backorder_id:
            receipts = receipts.browse([(picking.backorder_id or picking).id for picking in receipts])
        return receipts.filtered(lambda picking: picking._get_purchase_orders())

    @api.model
    def _find_notices(self, receipts):
        """The ship notices that stand, the latest of each number."""
        events = self.env["visibility.event"].search(
            [
                ("kind", "=", "despatch_advice"),
                ("is_withdrawn", "=", False),
                ("shipment_id.picking_ids", "in", receipts.ids),
            ],
            order="occurred_at, id",
        )
        latest = {(event.source_id, event.shipment_id, event.reference): event for event in events}
        return events.browse([one.id for one in latest.values() if one.milestone_id.code != "cancelled"])

    @api.model
    def _get_families(self, roots):
        """Each first receipt with all its backorders."""
        parent = {root: root for root in roots}
        level = roots
        while level:
            level = level.search([("backorder_id", "in", level.ids)])
            parent.update({picking: parent[picking.backorder_id] for picking in level})
        families = {}
        for picking, root in parent.items():
            families[root] = families.get(root, roots.browse()) | picking
        return families

    @api.model
    def _get_arrived(self, notices, family):
        """Which notices of a delivery count yet: of several those whose goods can be here, while a rest is open."""
        mine = notices.filtered(lambda event: event.shipment_id.picking_ids & family)
        if len(mine) < 2 or all(picking.state in ("done", "cancel") for picking in family):
            return mine
        now = fields.Datetime.now()
        here = mine.filtered(
            lambda event: event.shipment_id.delivered_at or (event.shipment_id.eta and event.shipment_id.eta <= now)
        )
        return here or mine[:1]

    @api.model
    def _compare_family(self, family, notices):
        """What was ordered, announced and received of each product, in the unit in which it was ordered."""
        told = [item for notice in notices for item in self._read_notice(family, notice)]
        lines = self._get_ordered_lines(family)
        units = {line.product_id: line.product_uom_id for line in reversed(lines)}
        kits = self._get_kits(family, lines, [product for _line, product, _quantity in told])
        ordered = self._add_up(self._get_ordered(family, lines, kits), units)
        announced = self._add_up([(line or product, product, quantity) for line, product, quantity in told], units)
        received = self._add_up(self._get_received(family, kits), units)
        return compare(ordered, self._read_pieces(announced, ordered, received, units), received)

    @api.model
    def _read_pieces(self, announced, ordered, received, units):
        """A notice tells no units: 36 of 3 ordered dozens are pieces, where that is what was ordered or came."""
        pieces = {}
        for product in announced.keys() & units.keys():
            known = (ordered.get(product, 0), received.get(product, 0))
            told = announced[product]
            if told and units[product] != product.uom_id and not self._is_one_of(told, known):
                counted = product.uom_id._compute_quantity(told, units[product], round=False)
                pieces[product] = counted if self._is_one_of(counted, known) else told
        return {**announced, **pieces}

    @api.model
    def _is_one_of(self, quantity, known):
        return any(abs(quantity - one) < 1e-6 for one in known)

    @api.model
    def _add_up(self, items, units):
        """Quantities by product, in its unit; None where one of them is not told.

        :param items: triples of what the quantity is counted by (an order's line, a move, a product or words), the
            product, and the quantity
        """
        quantities = {}
        for counted, product, quantity in items:
            before = quantities.get(product, 0)
            mine = None if quantity is None else self._convert(counted, product, quantity, units)
            quantities[product] = None if mine is None or before is None else before + mine
        return quantities

    @api.model
    def _convert(self, counted, product, quantity, units):
        """A quantity in the unit in which the product was ordered; of words, and of other products, as it is told."""
        unit = {"purchase.order.line": "product_uom_id", "stock.move": "product_uom"}.get(getattr(counted, "_name", ""))
        if not unit:
            return quantity
        return counted[unit]._compute_quantity(quantity, units.get(product, product.uom_id), round=False)

    @api.model
    def _get_ordered_lines(self, family):
        lines = family._get_purchase_orders().order_line
        return lines.filtered(lambda line: line.product_id and not line.display_type)

    @api.model
    def _get_kits(self, family, lines, told):
        """Lines whose goods come as other products: of a kit its parts, unless notices name the parts themselves."""
        moves = family.move_ids.filtered(lambda move: move.state != "cancel" and move.purchase_line_id in lines)
        parts = moves.filtered(self._is_part)
        named = parts.filtered(lambda move: move.product_id in told)
        return parts.purchase_line_id - named.purchase_line_id

    @api.model
    def _is_part(self, move):
        """Whether this is a part of a kit that was ordered: then Odoo counts kits. Another product is a wrong one."""
        line = move.purchase_line_id
        is_exploded = "bom_line_id" in move._fields and bool(move.bom_line_id)
        return move.product_id != line.product_id and (is_exploded or bool(line.qty_received))

    @api.model
    def _get_ordered(self, family, lines, kits):
        """The order's lines; where a kit was announced part by part, its parts."""
        parts = self._get_parts(family, kits)
        yield from ((line, line.product_id, line.product_qty) for line in lines - parts.purchase_line_id)
        yield from ((move, move.product_id, move.product_uom_qty) for move in parts)

    @api.model
    def _get_parts(self, family, kits):
        """Moves of what was ordered as another product, of which we count each for itself."""
        parts = family.move_ids.filtered(lambda move: move.purchase_line_id and self._is_part(move))
        return parts.filtered(lambda move: move.purchase_line_id not in kits)

    @api.model
    def _get_received(self, family, kits):
        """What came, less what went back; of whole kits how many, as Odoo counts them."""
        moves = family.move_ids.filtered(lambda move: move.state == "done" and move.purchase_line_id not in kits)
        returned = moves.returned_move_ids.filtered(lambda move: move.state == "done")
        yield from ((move, move.product_id, move.quantity) for move in moves)
        yield from ((move, move.product_id, -move.quantity) for move in returned)
        yield from ((line, line.product_id, line.qty_received) for line in kits)

    # ------------------------------------------------------------------ what the notices say
    @api.model
    def _read_notice(self, family, notice):
        """What a notice names for the orders of a delivery: order line (or None), product or words, quantity."""
        proposals = self.env["visibility.proposal"]
        meant = list(zip(notice.details or (), notice._name_line_orders(), strict=True))
        for order in family._get_purchase_orders():
            lines = proposals._get_order_lines(order)
            told = [line for line, orders in meant if self._is_of_order(line, orders, order)]
            answers = [Answer(line=line.get("line") or "", product=line.get("product") or "") for line in told]
            for key, line in zip(match_lines(proposals._describe_lines(lines), answers), told, strict=True):
                mine = lines.filtered(lambda one, k=key: one.id == k)
                yield mine or None, mine.product_id or self._find_other(family, line), line.get("quantity")

    @api.model
    def _is_of_order(self, line, orders, order):
        """Whether a notice's line is about this order; what names none is of the first that has the product."""
        if len(orders) < 2:
            return order == orders
        having = orders.filtered(lambda one: self._has_product(one, line.get("product") or ""))
        return order == (having or orders)[:1]

    @api.model
    def _has_product(self, order, code):
        proposals = self.env["visibility.proposal"]
        lines = proposals._describe_lines(proposals._get_order_lines(order))
        return any(normalise_code(code) in line.codes for line in lines)

    @api.model
    def _find_other(self, family, line):
        """A received product that was not ordered, else the words of the notice."""
        code = normalise_code(line.get("product") or "")
        received = family.move_ids.product_id.filtered(
            lambda product: code and code in (normalise_code(product.default_code), normalise_code(product.barcode))
        )
        return received[:1] or line.get("product") or line.get("line") or self.env._("Unnamed")

    # ------------------------------------------------------------------ what is said of it
    @api.model
    def _prepare_row(self, root, row, units):
        is_ours = not isinstance(row.product, str)
        unit = units.get(row.product, row.product.uom_id) if is_ours else self.env["uom.uom"]
        return {
            "picking_id": root.id,
            "product_id": row.product.id if is_ours else False,
            "product_name": row.product.display_name if is_ours else row.product,
            "ordered": row.ordered,
            "announced": row.announced or 0,
            "is_announced": row.announced is not None,
            "received": row.received,
            "product_uom_id": unit.id,
            "kind": row.kind,
            "is_different": bool(row.kind),
        }

    @api.model
    def _get_finding(self, rows, notices, units):
        worst = max(rows, key=lambda row: (row.kind == SHORT, row.kind == "wrong"))
        return Finding(
            at=fields.Datetime.now(),
            reason=say_all(self.env, lambda env: self.with_env(env)._tell_all(rows, units)),
            reason_code=worst.kind,
            responsible_party="supplier",
            is_trusted=any(notices.mapped("is_trusted")),
        )

    @api.model
    def _tell_all(self, rows, units):
        return "; ".join(self._tell(row, units) for row in rows[:3]) + (" …" if len(rows) > 3 else "")

    @api.model
    def _tell(self, row, units):
        """One product in one sentence; with the unit, where it was ordered in another one than its own."""
        is_ours = not isinstance(row.product, str)
        unit = units.get(row.product) if is_ours and units.get(row.product) != row.product.uom_id else None
        numbers = {"received": row.received, "announced": row.announced or 0, "ordered": row.ordered}
        values = {
            "product": row.product.with_env(self.env).display_name if is_ours else row.product,
            **{name: f"{number:g} {unit.name}" if unit else f"{number:g}" for name, number in numbers.items()},
        }
        if row.kind == "wrong":
            return self.env._("%(product)s: %(received)s received, neither ordered nor announced", **values)
        if row.kind == "not_announced":
            return self.env._("%(product)s: %(received)s received, not on the ship notice", **values)
        if row.announced is None:
            return self.env._("%(product)s: announced, nothing received", **values)
        return self.env._("%(product)s: %(received)s received, %(announced)s announced, %(ordered)s ordered", **values)
