from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding
from ....lib.detect.supply.receipt_comparison import SHORT, compare
from ....lib.track.supplier_answer import Answer, match_lines, normalise_code

CATEGORY = "receipt_or_asn_discrepancy"


class VisibilityReceiptComparison(models.Model):
    """Of one product: what was ordered, what the ship notice announced, what was received.

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
            rows += [self._prepare_row(root, row) for row in compared]
            if wrong := [row for row in compared if row.kind]:
                different[root] = self._get_finding(wrong, mine)
            else:
                good |= root
        self.search([("picking_id", "in", roots.ids)]).unlink()
        self.create(rows)
        self._report(different, good)

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
        return receipts.filtered("purchase_id")

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
        return compare(self._get_ordered(family), self._get_announced(family, notices), self._get_received(family))

    @api.model
    def _get_ordered(self, family):
        quantities = {}
        for line in family.purchase_id.order_line.filtered(lambda line: line.product_id and not line.display_type):
            quantities[line.product_id] = quantities.get(line.product_id, 0) + line.product_uom_qty
        return quantities

    @api.model
    def _get_received(self, family):
        """By product, in its unit: what came, less what went back."""
        quantities = {}
        moves = family.move_ids.filtered(lambda move: move.state == "done")
        returned = moves.returned_move_ids.filtered(lambda move: move.state == "done")
        for move, sign in [*((move, 1) for move in moves), *((move, -1) for move in returned)]:
            quantity = move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id, round=False)
            quantities[move.product_id] = quantities.get(move.product_id, 0) + sign * quantity
        return quantities

    @api.model
    def _get_announced(self, family, notices):
        """By product (or by the name on the notice, where it is none of ours), in its unit."""
        quantities = {}
        for notice in notices:
            for product, quantity in self._read_notice(family, notice):
                before = quantities.get(product, 0)
                quantities[product] = None if quantity is None or before is None else before + quantity
        return quantities

    @api.model
    def _read_notice(self, family, notice):
        """Products and quantities that a notice names for the orders of a delivery."""
        proposals = self.env["visibility.proposal"]
        for order in family.purchase_id:
            lines = proposals._get_order_lines(order)
            told = [line for line in notice.details or () if self._is_of_order(line, notice, order)]
            answers = [Answer(line=line.get("line") or "", product=line.get("product") or "") for line in told]
            for key, line in zip(match_lines(proposals._describe_lines(lines), answers), told, strict=True):
                product = lines.filtered(lambda one, k=key: one.id == k).product_id or self._find_other(family, line)
                yield product, line.get("quantity")

    @api.model
    def _is_of_order(self, line, notice, order):
        return (line.get("order") or notice.purchase_order_id.name) == order.name

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
    def _prepare_row(self, root, row):
        is_ours = not isinstance(row.product, str)
        return {
            "picking_id": root.id,
            "product_id": row.product.id if is_ours else False,
            "product_name": row.product.display_name if is_ours else row.product,
            "ordered": row.ordered,
            "announced": row.announced or 0,
            "is_announced": row.announced is not None,
            "received": row.received,
            "kind": row.kind,
            "is_different": bool(row.kind),
        }

    @api.model
    def _get_finding(self, rows, notices):
        worst = max(rows, key=lambda row: (row.kind == SHORT, row.kind == "wrong"))
        return Finding(
            at=fields.Datetime.now(),
            reason="; ".join(self._tell(row) for row in rows[:3]) + (" …" if len(rows) > 3 else ""),
            reason_code=worst.kind,
            responsible_party="supplier",
            is_trusted=any(notices.mapped("is_trusted")),
        )

    @api.model
    def _tell(self, row):
        """One product in one sentence."""
        values = {
            "product": row.product if isinstance(row.product, str) else row.product.display_name,
            "received": f"{row.received:g}",
            "announced": f"{row.announced or 0:g}",
            "ordered": f"{row.ordered:g}",
        }
        if row.kind == "wrong":
            return self.env._("%(product)s: %(received)s received, neither ordered nor announced", **values)
        if row.kind == "not_announced":
            return self.env._("%(product)s: %(received)s received, not on the ship notice", **values)
        if row.announced is None:
            return self.env._("%(product)s: announced, nothing received", **values)
        return self.env._("%(product)s: %(received)s received, %(announced)s announced, %(ordered)s ordered", **values)
