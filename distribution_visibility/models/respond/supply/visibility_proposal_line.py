from datetime import datetime

from odoo import fields, models
from odoo.exceptions import UserError

from ....lib.track.supplier_answer import NO_TIME
from .visibility_proposal_change import CHANGED_FIELDS

DECIDED_BY_PEOPLE = frozenset({"purchase_line_id", "substitute_product_id"})


class VisibilityProposalLine(models.Model):
    """How one proposed line is accepted, refused, and put back."""

    _inherit = "visibility.proposal.line"

    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    refusal = fields.Char("Why refused", readonly=True)
    change_ids = fields.One2many("visibility.proposal.change", "proposal_line_id", readonly=True)

    def write(self, vals):
        if not self.env.su and vals.keys() - DECIDED_BY_PEOPLE:
            raise UserError(self.env._("What the supplier proposed, and what was decided, cannot be rewritten."))
        if not self.env.su and any(line.status != "proposed" for line in self):
            raise UserError(self.env._("This has been decided already: take it back before you match it anew."))
        return super().write(vals)

    # ------------------------------------------------------------------ buttons
    def action_accept(self):
        """Write on the order what the supplier proposes, with the reason, and remember what was before."""
        self._accept(self.env._("Accepted the supplier's proposal"))

    def action_accept_by_hand(self):
        """The order was changed by hand already, for example split over several dates."""
        lines = self._start_deciding()
        lines._log("accepted", reason=self.env._("Changed on the order by hand"))
        lines._finish("accepted")

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        self._start_deciding()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "distribution_visibility.visibility_proposal_refuse_wizard_action"
        )
        return {**action, "context": {"default_line_ids": [fields.Command.set(self.ids)]}}

    def action_revert(self):
        """Take the last decision back."""
        for line in self:
            line._revert(line.sudo().change_ids.filtered("can_revert")[:1])

    # ------------------------------------------------------------------ deciding
    def _accept(self, reason, policy=None):
        lines = self._start_deciding()
        for line in lines:
            obstacle = line._get_obstacle()
            if obstacle:
                raise UserError(obstacle)
        for line in lines:
            before, after = line._apply(reason)
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
                    "purchase_line_id": line.purchase_line_id.id,
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
        result = super()._follow_match()
        for line in self.filtered(lambda one: one.status == "proposed" and one.purchase_line_id).sudo():
            line._adopt_order_line()
        self.sudo().proposal_id.filtered("is_open")._settle()
        return result

    def _adopt_order_line(self):
        if self.proposed_date and self.proposed_date.time() in NO_TIME and self.purchase_line_id.date_planned:
            self.proposed_date = datetime.combine(self.proposed_date.date(), self.purchase_line_id.date_planned.time())
        if self.answer_status in ("rejected", "cancelled") and not self.has_quantity:
            self.write({"has_quantity": True, "proposed_quantity": 0})
