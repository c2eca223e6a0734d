from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ....lib.respond.allocation.allocation import Claim, Weights, allocate

WEIGHTS = ("promise", "tier", "value", "age")
#: Deliveries that have goods, or could have some.
CLAIMING = ("confirmed", "partially_available", "assigned")
MAY_APPLY = ("distribution_visibility.group_coordinator", "stock.group_stock_manager")


class VisibilityAllocation(models.Model):
    """Who should get a product of which a warehouse has too little: a ranked proposal, applied by a person.

    A person gives the goods as proposed, and may take that back until something is picked. Reserving and unreserving
    go through Odoo's own methods, as the buttons of a delivery do.
    """

    _name = "visibility.allocation"
    _description = "Who gets the stock"
    _inherit = ["visibility.evidence.mixin", "mail.thread", "visibility.action.mixin"]
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
        promised, order = move.sale_line_id.visibility_promise_at, move.sale_line_id.order_id
        now = fields.Datetime.now()
        rows = self.env["visibility.proposal.line"]
        tiers = self.env["res.partner"]._fields["visibility_tier"].selection
        return Claim(
            key=move.id,
            wanted=self._to_unit(move, move.quantity) if move.picked else move.product_qty,
            hours_to_promise=(promised - now).total_seconds() / 3600 if promised else None,
            tier=rows._get_tier_rank(order.partner_id.commercial_partner_id.visibility_tier),
            tiers=len(tiers),
            value=move._get_visibility_value(),
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

    # ------------------------------------------------------------------ buttons
    def action_work_out(self):
        """Rank anew with the stock and the deliveries as they are now."""
        self._check_may_apply()
        proposals = self.sudo().filtered("is_open")
        for proposal in proposals:
            proposal._work_out()
        proposals._drop_needless()

    def action_apply(self):
        """Reserve as proposed; refuse when stock or deliveries have changed since it was worked out."""
        self._check_may_apply()
        allocations = self.sudo()
        for allocation in allocations:
            allocation._lock()
            allocation._check_current()
        for allocation in allocations:
            allocation._apply()
            allocation._note("applied", self.env._("Gave the stock as proposed"))

    def action_revert(self):
        """Reserve as before; refuse when something was picked or changed since."""
        self._check_may_apply()
        allocations = self.sudo()
        for allocation in allocations:
            allocation._lock()
            allocation._check_untouched()
        for allocation in allocations:
            allocation._revert()
            allocation._note("reverted", self.env._("Took the stock back as it was reserved before"))

    # ------------------------------------------------------------------ what is in the way
    def _check_may_apply(self):
        """Who hands out goods is a coordinator or answers for the stock; picking alone is not enough."""
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in MAY_APPLY):
            raise AccessError(self.env._("Only a coordinator or a stock manager decides who gets the stock."))

    def _lock(self):
        moves = self.line_ids.move_id
        if not self.try_lock_for_update() or len(moves.try_lock_for_update()) < len(moves):
            raise UserError(self.env._("Somebody is working on these deliveries right now: try again in a moment."))
        self.invalidate_recordset(["state"])
        moves.invalidate_recordset(["state", "quantity", "picked"])

    def _check_current(self):
        if self.state != "proposed":
            raise UserError(self.env._("This has been decided already."))
        claims = self._find_claims(self.product_id, self.warehouse_id)
        moves = claims.get((self.product_id, self.warehouse_id), self.env["stock.move"])
        is_same = set(moves.ids) == set(self.line_ids.move_id.ids)
        if not is_same or not self._is_near(self.free, self._get_free()) or not self._is_reserved("reserved"):
            raise UserError(
                self.env._("Stock or deliveries have changed since this was worked out: press “Work out again”.")
            )

    def _is_near(self, one, other):
        return self.uom_id.compare(one, other) == 0

    def _is_reserved(self, name):
        """Whether each delivery has what the lines say under this name, and wants what it wanted."""
        return all(
            self._is_near(line[name], self._to_unit(line.move_id, line.move_id.quantity))
            and self._is_near(line.wanted, line.move_id.product_qty)
            and line.is_picked == line.move_id.picked
            for line in self.line_ids
        )

    def _check_untouched(self):
        if self.state != "applied":
            raise UserError(self.env._("There is nothing that could be taken back."))
        moved = self.line_ids.filtered(lambda line: line.move_id.state in ("done", "cancel") or line.move_id.picked)
        touched = moved.filtered(lambda line: not line.is_picked)
        if touched:
            raise UserError(
                self.env._(
                    "%s is being picked or has left: it cannot be taken back any more.", touched[0].picking_id.name
                )
            )
        if not self._is_reserved("proposed"):
            raise UserError(self.env._("Somebody has reserved otherwise since: it cannot be taken back any more."))

    # ------------------------------------------------------------------ applying
    def _get_changing(self):
        return self.line_ids.filtered(
            lambda line: not line.is_picked and not self._is_near(line.reserved, line.proposed)
        )

    def _apply(self):
        changing = self._get_changing()
        self.before = [self._prepare_reservation(row) for row in changing.move_id.move_line_ids]
        changing.move_id._do_unreserve()
        for line in changing.filtered("proposed"):
            self._reserve(line)
        changing.move_id._recompute_state()
        if not self._is_reserved("proposed"):
            raise UserError(
                self.env._("Stock or deliveries have changed since this was worked out: press “Work out again”.")
            )

    def _reserve(self, line):
        move = line.move_id.with_company(self.company_id)
        quantity = self.uom_id._compute_quantity(line.proposed, move.product_uom, round=False)
        move._action_assign(force_qty=quantity)

    def _prepare_reservation(self, row):
        return {
            "move": row.move_id.id,
            "location": row.location_id.id,
            "lot": row.lot_id.id,
            "package": row.package_id.id,
            "owner": row.owner_id.id,
            "quantity": row.quantity_product_uom,
        }

    def _revert(self):
        changing = self._get_changing()
        changing.move_id._do_unreserve()
        for row in self.before or ():
            self._reserve_again(row)
        changing.move_id._recompute_state()
        if not self._is_reserved("reserved"):
            raise UserError(self.env._("What was reserved before is not there any more: it cannot be taken back."))

    def _reserve_again(self, row):
        """The very goods that were reserved before: place, lot, package, owner."""
        self.env["stock.move"].browse(row["move"])._update_reserved_quantity(
            row["quantity"],
            self.env["stock.location"].browse(row["location"]),
            self.env["stock.lot"].browse(row["lot"] or ()),
            self.env["stock.package"].browse(row["package"] or ()),
            self.env["res.partner"].browse(row["owner"] or ()),
            strict=True,
        )

    def _note(self, state, sentence):
        """Who did it, on the proposal, on the deliveries, and in the log of responses."""
        self.write({"state": state, "applied_by_id": self.env.uid, "applied_at": fields.Datetime.now()})
        changed = self._get_changing()
        names = "; ".join(
            f"{line.picking_id.name}: {line.reserved:g} → {line.proposed:g}"
            if state == "applied"
            else f"{line.picking_id.name}: {line.proposed:g} → {line.reserved:g}"
            for line in changed
        )
        self._message_log(body=f"{sentence} · {names}", author_id=self.env.user.partner_id.id)
        runs = self.env["visibility.action.run"]
        runs._record(
            [
                runs._prepare_run(
                    self, name=sentence, origin="button", result="done", reason=self.summary, detail=names,
                    company=self.company_id,
                )
            ]
        )  # fmt: skip

    # ------------------------------------------------------------------ showing them
    @api.model
    def _show(self, allocations):
        """Show these proposals; when there are none, say that nobody has to wait for stock that is here."""
        if allocations:
            return self._open_action("distribution_visibility.visibility_allocation_action", allocations)
        message = self.env._("Nothing to decide: there is enough for all, or nobody could be served better.")
        return self._say(message, "info")
