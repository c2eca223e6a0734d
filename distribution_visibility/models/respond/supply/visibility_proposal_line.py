from odoo import fields, models
from odoo.exceptions import UserError

from ....lib.track.supplier_answer import with_time_of
from .visibility_proposal_change import CHANGED_FIELDS

DECIDED_BY_PEOPLE = frozenset({"purchase_line_id", "substitute_product_id"})


class VisibilityProposalLine(models.Model):
    """How one proposed line is accepted, refused, and put back."""

    _inherit = "visibility.proposal.line"

    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    refusal = fields.Char("Why refused", readonly=True)
    change_ids = fields.One2many("visibility.proposal.change", "proposal_line_id", readonly=True)

    def _check_write(self, vals):
        """People say which line or product is meant, as long as nothing was decided; the rest is evidence."""
        if not self.env.su and vals.keys() - DECIDED_BY_PEOPLE:
            raise UserError(self.env._("What the supplier proposed, and what was decided, cannot be rewritten."))
        if not self.env.su and any(line.status != "proposed" for line in self):
            raise UserError(self.env._("This has been decided already: take it back before you match it anew."))

    # ------------------------------------------------------------------ buttons
    def action_accept(self):
        """Write on the order what the supplier proposes, with the reason, and remember what was before."""
        self._with_parts()._accept(self.env._("Accepted the supplier's proposal"))

    def action_accept_by_hand(self):
        """The order was changed by hand already, for example split over several dates."""
        lines = self._with_parts()._start_deciding()
        lines._log("accepted", reason=self.env._("Changed on the order by hand"))
        lines._finish("accepted")

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        lines = self._with_parts()._start_deciding()
        context = {"default_line_ids": [fields.Command.set(lines.ids)]}
        return self._open_action("distribution_visibility.visibility_proposal_refuse_wizard_action", context=context)

    def action_revert(self):
        """Take the last decision back."""
        lines = self
        while lines:
            parts = lines[0]._get_parts()
            lines[0]._revert(lines[0]._get_last_decision())
            lines -= parts

    def _get_last_decision(self):
        return self.sudo().change_ids.filtered("can_revert")[:1]

    # ------------------------------------------------------------------ deciding
    def _accept(self, reason, policy=None):
        lines = self._start_deciding()
        for line in lines:
            obstacle = line._get_obstacle()
            if obstacle:
                raise UserError(obstacle)
        later = lines._get_later_parts()
        for line in later + (lines - later):
            before, after = line._apply_part(reason) if line in later else line._apply(reason)
            line._log("accepted", before, after, reason, policy)
        lines._finish("accepted")

    def _refuse(self, reason):
        lines = self._start_deciding()
        lines._log("refused", reason=reason)
        lines.sudo().refusal = reason
        lines._finish("refused")

    def _start_deciding(self):
        """Only who may change the order decides, and only one at a time."""
        self.order_id.check_access("write")
        if len(self.sudo().try_lock_for_update()) < len(self):
            raise UserError(self.env._("Somebody else is deciding about this right now: look again in a moment."))
        self.invalidate_recordset(["status"])
        if not self or any(line.status != "proposed" for line in self):
            raise UserError(self.env._("This has been decided already."))
        return self

    def _finish(self, status):
        """Close the lines, end the exception when nothing is left, and let others know."""
        lines = self.sudo()
        lines.write({"status": status, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()})
        lines.proposal_id._settle()
        lines.proposal_id._on_decided(lines)

    def _get_agreed_values(self):
        """What the order's line said before policies changed it by themselves, one after the other.

        A value that somebody set afterwards is what was agreed to: policies count from there.
        """
        line, changes = self.purchase_line_id, self.env["visibility.proposal.change"].sudo()
        values = changes._read_values(line, CHANGED_FIELDS)
        domain = [("purchase_line_id", "=", line.id), ("policy_id", "!=", False), ("kind", "=", "accepted")]
        names = set(CHANGED_FIELDS)
        for change in changes.search(domain, order="id desc") if line else changes:
            for name in [name for name in change._get_changed() if name in names and not change.undone_by_ids]:
                if changes._is_same(values[name], change.after[name]):
                    values[name] = change.before[name]
                else:
                    names.discard(name)
        return values

    def _log(self, kind, before=None, after=None, reason=None, policy=None):
        changes = self.env["visibility.proposal.change"].sudo()
        return changes.create(
            [
                {
                    "kind": kind,
                    "proposal_id": line.proposal_id.id,
                    "proposal_line_id": line.id,
                    "purchase_order_id": line.order_id.id,
                    "purchase_line_id": (after or {}).get("split_line_id") or line.purchase_line_id.id,
                    "company_id": line.company_id.id,
                    "before": before,
                    "after": after,
                    "text": changes._describe(before, after) if after else line.difference,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "policy_id": policy.id if policy else False,
                }
                for line in self
            ]
        )

    # ------------------------------------------------------------------ matching by hand
    def _follow_match(self):
        """A person said which line is meant: what it says already needs no decision."""
        for line in self.filtered(lambda one: one.status == "proposed" and one.purchase_line_id).sudo():
            line._adopt_order_line()
        self.sudo().proposal_id.filtered("is_open")._settle()

    def _adopt_order_line(self):
        line = self.purchase_line_id
        if self.proposed_date:
            zone = line._get_visibility_zone()
            self.proposed_date = with_time_of(self.proposed_date, self.answer_status, line.date_planned, zone)
        if self.answer_status in ("rejected", "cancelled") and not self.has_quantity:
            self.write({"has_quantity": True, "proposed_quantity": 0})

    # ------------------------------------------------------------------ what stands in the way, each in one sentence
    def _get_obstacle(self):
        """Why this line cannot be accepted, in one sentence; None when it can."""
        return self._get_obstacle_of_match() or self._get_obstacle_of_order() or self._get_obstacle_of_quantity()

    def _get_obstacle_of_match(self):
        if not self.purchase_line_id:
            return self.env._("Say first which line of the order “%s” is.", self.display_name)
        if self.is_split and not self._can_split():
            return self.env._(
                "%s would come on several dates: split the line on the order, then choose “Done by hand”.",
                self.product_id.display_name,
            )
        if self.substitute and not self.substitute_product_id:
            return self.env._("Say first which of our products “%s” is.", self.substitute)
        return None

    def _can_split(self):
        """Whether the parts say how the line is to be split: how much comes of each, and no more than was ordered."""
        line, parts = self.purchase_line_id, self._get_parts()
        total = sum(parts.mapped("proposed_quantity"))
        return (
            len(parts) > 1
            and all(part.has_quantity and part.proposed_quantity > 0 and not part.substitute for part in parts)
            and line.product_uom_id.compare(total, line.product_qty) <= 0
            and line.product_uom_id.compare(parts[0].proposed_quantity, line.qty_invoiced) >= 0
            and line._get_open_receipts().product_id <= line.product_id
        )

    def _get_obstacle_of_order(self):
        order = self.order_id
        if order.state == "cancel":
            return self.env._("%s is cancelled: nothing can be changed any more.", order.name)
        if order.locked:
            return self.env._("%s is locked: unlock it first.", order.name)
        return None

    def _get_obstacle_of_quantity(self):
        line, product = self.purchase_line_id, self.product_id.display_name
        if line.product_qty and line.product_uom_id.compare(line.qty_received, line.product_qty) >= 0:
            return self.env._("%s has been received in full: nothing can be changed any more.", product)
        is_first = self == self._get_parts()[:1]
        if is_first and line.product_uom_id.compare(self._get_new_quantity(), line.qty_received) < 0:
            return self.env._(
                "%(received)s of %(product)s have been received already: the order cannot say less.",
                received=self._format_quantity(line.qty_received),
                product=product,
            )
        if self.is_price_changed and line.qty_invoiced:
            return self.env._("%s has been billed at the old price already.", product)
        return None

    def _format_quantity(self, quantity):
        return f"{quantity:g}"

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
        before = self.sudo().before = changes._read_values(line, CHANGED_FIELDS)
        if self.substitute:
            substitute = self._order_substitute()
            values.pop("date_planned", None)
        line._write_agreed(values, reason)
        after = changes._read_values(line, CHANGED_FIELDS)
        # What else changed by it is told, too: others may have their own ideas of a quantity that is written
        names = [name for name in CHANGED_FIELDS if name in values or not changes._is_same(before[name], after[name])]
        before, after = ({name: told[name] for name in names} for told in (before, after))
        return before, {**after, "substitute_line_id": substitute.id} if self.substitute else after

    def _apply_part(self, reason):
        """Split off what does not come first; gives the values before and after, as they are kept."""
        changes, line = self.env["visibility.proposal.change"], self.purchase_line_id
        before = self.sudo().before = changes._read_values(line, CHANGED_FIELDS)
        part = line._split_off(self._prepare_part(), reason)
        after = changes._read_values(part, CHANGED_FIELDS)
        return {**before, "product_qty": 0}, {**after, "split_line_id": part.id, "whole_line_id": line.id}

    def _prepare_part(self):
        line = self.purchase_line_id
        return {
            "product_qty": self.proposed_quantity,
            "date_planned": self.proposed_date or line.date_planned,
            "price_unit": self.proposed_price if self.has_price else line.price_unit,
        }

    def _order_substitute(self):
        """The product that comes instead, as a line of its own: what was ordered stays readable."""
        line = self.purchase_line_id
        return line.create(self._prepare_substitute(line))

    def _prepare_substitute(self, line):
        open_quantity = (self.proposed_quantity if self.has_quantity else line.product_qty) - line.qty_received
        return {
            "order_id": line.order_id.id,
            "product_id": self.substitute_product_id.id,
            **self._prepare_substitute_unit(line),
            "product_qty": open_quantity,
            "date_planned": self.proposed_date or line.date_planned,
            "price_unit": self.proposed_price if self.has_price else line.price_unit,
            "discount": line.discount,
        }

    def _prepare_substitute_unit(self, line):
        """The quantity is told in the unit of what was ordered, where the other product can be counted in it."""
        is_common = line.product_uom_id._has_common_reference(self.substitute_product_id.uom_id)
        return {"product_uom_id": line.product_uom_id.id} if is_common else {}

    # ------------------------------------------------------------------ the way back
    def _revert(self, change):
        """Undo one decision of this line, for all of its parts; raises when somebody changed the order since."""
        self._check_may_revert(change)
        parts = self._get_parts().filtered(lambda part: part.status == self.status) - self
        decisions = [(self, change), *((part, part._get_last_decision()) for part in parts)]
        for part, decision in decisions:
            part._check_may_revert(decision)
        # What was split off goes back to its line before that gets its quantity
        decisions.sort(key=lambda decision: "split_line_id" not in (decision[1].after or {}))
        for part, decision in decisions:
            reason = self.env._("Took back: %s", decision.reason or decision.text)
            part._log_reversal(decision, reason)
            part._put_back(decision.sudo(), reason)
        for part, _decision in decisions:
            part._reopen()

    def _check_may_revert(self, change):
        if not self or not change:
            raise UserError(self.env._("There is nothing any more that could be taken back."))
        self.order_id.check_access("write")
        change.sudo()._check_unchanged()
        obstacle = self._get_obstacle_of_order()
        if obstacle:
            raise UserError(obstacle)
        added = self._get_added_line(change.sudo(), "substitute_line_id", "split_line_id")
        if added.qty_received:
            raise UserError(self.env._("%s has been received already.", added.product_id.display_name))
        if added.qty_invoiced:
            raise UserError(self.env._("%s has been billed already.", added.product_id.display_name))

    def _get_added_line(self, change, *names):
        """The order line that a decision added for another product or another date, if there is one."""
        added = next(filter(None, ((change.after or {}).get(name) for name in names)), False)
        return self.env["purchase.order.line"].browse(added).exists()

    def _put_back(self, change, reason):
        part = self._get_added_line(change, "split_line_id")
        if part:
            self._get_added_line(change, "whole_line_id")._join_part(part)
            return
        before, substitute = dict(change.before or {}), self._get_added_line(change, "substitute_line_id")
        if substitute:
            substitute._write_agreed({"product_qty": 0}, self.env._("Took back: %s", change.text))
        if before.get("date_planned"):
            before["date_planned"] = fields.Datetime.to_datetime(before["date_planned"])
        # The line that was decided about, whichever the proposal is matched with now
        if before:
            change.purchase_line_id._write_agreed(before, reason)

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
