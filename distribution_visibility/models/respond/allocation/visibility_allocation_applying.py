from odoo import fields, models
from odoo.exceptions import AccessError, UserError

MAY_APPLY = ("distribution_visibility.group_coordinator", "stock.group_stock_manager")


class VisibilityAllocation(models.Model):
    """A person gives the goods as proposed, and may take that back until something is picked.

    Reserving and unreserving go through Odoo's own methods, as the buttons of a delivery do.
    """

    _inherit = "visibility.allocation"

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
        for allocation in self.sudo():
            allocation._lock()
            allocation._check_current()
            allocation._apply()
            allocation._note("applied", self.env._("Gave the stock as proposed"))

    def action_revert(self):
        """Reserve as before; refuse when something was picked or changed since."""
        self._check_may_apply()
        for allocation in self.sudo():
            allocation._lock()
            allocation._check_untouched()
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
