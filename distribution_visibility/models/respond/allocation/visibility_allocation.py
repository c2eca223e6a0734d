from odoo import api, fields, models

from ....lib.respond.allocation.allocation import Claim, Weights, allocate

WEIGHTS = ("promise", "tier", "value", "age")
#: Deliveries that have goods, or could have some.
CLAIMING = ("confirmed", "partially_available", "assigned")


class VisibilityAllocation(models.Model):
    """Who should get a product of which a warehouse has too little: a ranked proposal, applied by a person."""

    _name = "visibility.allocation"
    _description = "Who gets the stock"
    _inherit = ["visibility.evidence.mixin", "mail.thread"]
    _order = "is_open desc, id desc"
    _mail_post_access = "read"

    product_id = fields.Many2one("product.product", required=True, readonly=True, index=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="warehouse_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    uom_id = fields.Many2one(related="product_id.uom_id")
    picking_id = fields.Many2one("stock.picking", "Came with", readonly=True, ondelete="set null")
    state = fields.Selection(
        [("proposed", "Proposed"), ("applied", "Applied"), ("reverted", "Taken back"), ("dropped", "Not needed")],
        default="proposed",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    is_open = fields.Boolean(compute="_compute_is_open", store=True, index=True)
    worked_out_at = fields.Datetime("Worked out", readonly=True)
    available = fields.Float(
        "To give away", readonly=True, digits="Product Unit", help="What is there, without what is picked already."
    )
    free = fields.Float(readonly=True, digits="Product Unit", help="Of it, reserved for nobody.")
    wanted = fields.Float("Wanted in all", readonly=True, digits="Product Unit")
    line_ids = fields.One2many("visibility.allocation.line", "allocation_id", "Deliveries", readonly=True)
    summary = fields.Char("Effect", readonly=True)
    before = fields.Json(readonly=True, help="What was reserved for whom before it was applied.")
    applied_by_id = fields.Many2one("res.users", "Applied by", readonly=True)
    applied_at = fields.Datetime("Applied", readonly=True)

    _one_open = models.UniqueIndex(
        "(product_id, warehouse_id) WHERE is_open", "There is a proposal for this product and warehouse already."
    )

    @api.depends("state")
    def _compute_is_open(self):
        for allocation in self:
            allocation.is_open = allocation.state == "proposed"

    def _compute_display_name(self):
        for allocation in self:
            allocation.display_name = self.env._(
                "%(product)s in %(warehouse)s",
                product=allocation.product_id.display_name,
                warehouse=allocation.warehouse_id.sudo().name,
            )

    # ------------------------------------------------------------------ who claims what
    @api.model
    def _propose(self, products, warehouses, pickings=None):
        """Make or renew the proposals of products of which there is less than deliveries want.

        One query when nobody waits. Runs as superuser.

        :param pickings: what the goods came with, if they have just come
        """
        claims = self._find_claims(products, warehouses)
        waiting = {key: moves for key, moves in claims.items() if any(map(self._is_waiting, moves))}
        if not waiting:
            return self.browse()
        existing = self.search(
            [("product_id", "in", products.ids), ("warehouse_id", "in", warehouses.ids), ("is_open", "=", True)]
        )
        known = {(one.product_id, one.warehouse_id) for one in existing}
        rows = [self._prepare_allocation(*key, pickings) for key in waiting if key not in known]
        made = self.create(rows)
        for proposal in existing | made:
            proposal._work_out(claims.get((proposal.product_id, proposal.warehouse_id), self.env["stock.move"]))
        made.filtered(lambda one: one._is_needless()).unlink()
        existing._drop_needless()
        return (existing | made).exists().filtered("is_open")

    @api.model
    def _prepare_allocation(self, product, warehouse, pickings):
        came = (pickings or self.env["stock.picking"]).filtered(
            lambda picking: picking.picking_type_id.warehouse_id == warehouse and product in picking.move_ids.product_id
        )
        return {"product_id": product.id, "warehouse_id": warehouse.id, "picking_id": came[:1].id}

    @api.model
    def _find_claims(self, products, warehouses):
        """Deliveries to customers that take these products from stock, by (product, warehouse)."""
        moves = self.env["stock.move"].search(self._get_claims_domain(products, warehouses))
        return moves.grouped(lambda move: (move.product_id, move.location_id.warehouse_id))

    @api.model
    def _get_claims_domain(self, products, warehouses):
        """Of several steps (pick, pack, ship) the first one: it is the one that reserves."""
        return [
            ("product_id", "in", products.ids),
            ("state", "in", CLAIMING),
            ("sale_line_id", "!=", False),
            ("location_id", "child_of", warehouses.lot_stock_id.ids),
            ("procure_method", "=", "make_to_stock"),
            ("move_orig_ids", "=", False),
            ("returned_move_ids", "=", False),
        ]

    @api.model
    def _is_waiting(self, move):
        return move.product_uom.compare(move.quantity, move.product_uom_qty) < 0

    # ------------------------------------------------------------------ ranking
    def _work_out(self, moves=None):
        """Rank the deliveries anew and propose what each should get."""
        self.ensure_one()
        if moves is None:
            claims = self._find_claims(self.product_id, self.warehouse_id)
            moves = claims.get((self.product_id, self.warehouse_id), self.env["stock.move"])
        free = self._get_free()
        claims = [self._get_claim(move) for move in moves]
        available = free + sum(self._to_unit(move, move.quantity) for move in moves if not move.picked)
        awards = allocate(claims, available, self._get_weights())
        lines = self.env["visibility.allocation.line"]
        self.line_ids.unlink()
        lines.create(lines._prepare_lines(self, moves, awards))
        self.invalidate_recordset(["line_ids"])
        self.write(
            {
                "free": free,
                "available": available,
                "wanted": sum(claim.wanted for claim in claims),
                "worked_out_at": fields.Datetime.now(),
                "summary": self._summarise(),
            }
        )

    def _get_free(self):
        """What is in the warehouse's stock and reserved for nobody, in the product's unit."""
        return max(self.env["stock.quant"]._get_available_quantity(self.product_id, self.warehouse_id.lot_stock_id), 0)

    @api.model
    def _to_unit(self, move, quantity):
        return move.product_uom._compute_quantity(quantity, move.product_id.uom_id, round=False)

    def _get_weights(self):
        company = self.company_id
        return Weights(**{name: company[f"visibility_allocation_{name}"] for name in WEIGHTS})

    def _get_claim(self, move):
        promised, order = move.sale_line_id.visibility_first_promise_at, move.sale_line_id.order_id
        now = fields.Datetime.now()
        rows = self.env["visibility.proposal.line"]
        tiers = self.env["res.partner"]._fields["visibility_tier"].selection
        return Claim(
            key=move.id,
            wanted=self._to_unit(move, move.quantity) if move.picked else move.product_qty,
            hours_to_promise=(promised - now).total_seconds() / 3600 if promised else None,
            tier=rows._get_tier_rank(order.partner_id.commercial_partner_id.visibility_tier),
            tiers=len(tiers),
            value=rows._get_value(move),
            age_days=(now - order.date_order).total_seconds() / 86400,
            locked=self._to_unit(move, move.quantity) if move.picked else 0,
        )

    def _drop_needless(self):
        """There is enough for all, or everybody has already what the ranking would give."""
        self.filtered(lambda one: one._is_needless()).state = "dropped"

    def _is_needless(self):
        return all(self.uom_id.compare(line.proposed, line.reserved) == 0 for line in self.line_ids)

    def _summarise(self):
        """How many promises it keeps, against how many are kept as things are reserved now."""
        before = len(self.line_ids.filtered("keeps_before"))
        after = len(self.line_ids.filtered("keeps_after"))
        return self.env._(
            "%(after)s of %(count)s promises kept, %(before)s as it is reserved now",
            after=after,
            before=before,
            count=len(self.line_ids),
        )
