from odoo import fields, models
from odoo.exceptions import UserError

from ....lib.base.grant import KEEPS_MOVES


class VisibilityProposalLine(models.Model):
    """How a change gets onto the order, and off again."""

    _inherit = "visibility.proposal.line"

    # ------------------------------------------------------------------ applying
    def _prepare_order_values(self):
        """What the order's line would say, of what it does not say already."""
        values = {}
        if self.is_date_changed:
            values["date_planned"] = self.proposed_date
        if self.is_quantity_changed or self.substitute:
            values["product_qty"] = self._get_new_quantity()
        if self.is_price_changed and not self.substitute:
            values["price_unit"] = self.proposed_price
        return values

    def _apply(self, reason):
        """Change the order; gives the values before and after, as they are kept."""
        changes = self.env["visibility.proposal.change"]
        line, values = self.purchase_line_id, self._prepare_order_values()
        before = changes._read_values(line, values)
        self.sudo().before = changes._read_values(line, ("date_planned", "product_qty", "price_unit"))
        if self.substitute:
            substitute = self._order_substitute()
            values.pop("date_planned", None)
            before.pop("date_planned", None)
        self._write_order(line, values, reason)
        after = changes._read_values(line, values)
        return before, {**after, "substitute_line_id": substitute.id} if self.substitute else after

    def _write_order(self, line, values, reason):
        if not values:
            return
        line = line.with_context(visibility_promise_reason=reason)
        if values.get("product_qty", line.product_qty) < line.product_qty:
            line.with_context(**KEEPS_MOVES.context).write(values)
            line._lower_receipts()
        else:
            line.write(values)

    def _order_substitute(self):
        """The product that comes instead, as a line of its own: what was ordered stays readable."""
        line = self.purchase_line_id
        return line.create(self._prepare_substitute(line))

    def _prepare_substitute(self, line):
        open_quantity = (self.proposed_quantity if self.has_quantity else line.product_qty) - line.qty_received
        return {
            "order_id": line.order_id.id,
            "product_id": self.substitute_product_id.id,
            "product_qty": open_quantity,
            "date_planned": self.proposed_date or line.date_planned,
            "price_unit": self.proposed_price if self.has_price else line.price_unit,
        }

    # ------------------------------------------------------------------ the way back
    def _revert(self, change):
        """Undo one decision of this line; raises when somebody changed the order since."""
        if not self or not change:
            raise UserError(self.env._("There is nothing any more that could be taken back."))
        self.order_id.check_access("write")
        change.sudo()._check_unchanged()
        obstacle = self._get_obstacle_of_order()
        if obstacle:
            raise UserError(obstacle)
        reason = self.env._("Took back: %s", change.reason or change.text)
        self._put_back(change.sudo(), reason)
        self._log_reversal(change, reason)
        self._reopen()

    def _put_back(self, change, reason):
        before = dict(change.before or {})
        substitute = self.env["purchase.order.line"].browse((change.after or {}).get("substitute_line_id")).exists()
        if substitute.qty_received:
            raise UserError(self.env._("%s has been received already.", substitute.product_id.display_name))
        if substitute:
            self._write_order(substitute, {"product_qty": 0}, self.env._("Took back: %s", change.text))
        if before.get("date_planned"):
            before["date_planned"] = fields.Datetime.to_datetime(before["date_planned"])
        # The line that was decided about, whichever the proposal is matched with now
        self._write_order(change.purchase_line_id, before, reason)

    def _log_reversal(self, change, reason):
        changes = self.env["visibility.proposal.change"].sudo()
        changes.create(
            {
                **self._prepare_reversal(change),
                "text": changes._describe(change.after, change.before) if change.after else change.text,
                "reason": reason,
                "user_id": self.env.uid,
                "undone_id": change.id,
            }
        )

    def _prepare_reversal(self, change):
        return {
            "kind": "reverted",
            "proposal_id": self.proposal_id.id,
            "proposal_line_id": self.id,
            "purchase_order_id": change.purchase_order_id.id,
            "purchase_line_id": change.purchase_line_id.id,
            "company_id": self.company_id.id,
            "before": change.after,
            "after": change.before,
        }

    def _reopen(self):
        """It is to be decided again, unless a newer answer of the supplier is."""
        line, proposal = self.sudo(), self.sudo().proposal_id
        is_replaced = (
            self.env["visibility.proposal"]
            .sudo()
            .search_count(
                [
                    ("purchase_order_id", "=", proposal.purchase_order_id.id),
                    ("id", ">", proposal.id),
                    ("is_unproven", "=", proposal.is_unproven),
                ],
                limit=1,
            )
        )
        line.write({"status": "superseded" if is_replaced else "proposed", "before": False, "refusal": False})
        if not is_replaced:
            proposal._work_out()
            self.env["visibility.exception"].sudo()._detect_proposals(proposal, stands_again=True)
        proposal._on_decided(line)
