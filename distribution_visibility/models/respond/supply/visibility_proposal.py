from odoo import fields, models


class VisibilityProposal(models.Model):
    """A person decides about everything that is still open in an answer."""

    _inherit = "visibility.proposal"

    change_ids = fields.One2many("visibility.proposal.change", "proposal_id", "Decisions", readonly=True)
    policy_note = fields.Char("Automation", readonly=True)

    def action_accept_all(self):
        """Take over what the supplier proposes, all of it or nothing."""
        self.line_ids.filtered(lambda line: line.status == "proposed").action_accept()

    def action_refuse_all(self):
        lines = self.line_ids.filtered(lambda line: line.status == "proposed")
        return lines.action_refuse()

    def _settle(self):
        """After a decision: what is decided is no exception any more, what is not has its effect worked out anew."""
        for proposal in self:
            if proposal.is_open:
                proposal._work_out()
                proposal._tell_exceptions()
            else:
                self.env["visibility.exception"]._clear_proposals(proposal.purchase_order_id, proposal._tell_decision())

    def _tell_decision(self):
        state = self._label("state")
        latest = self.change_ids[:1]
        if latest.policy_id:
            return self.env._("%(state)s by the policy %(policy)s", state=state, policy=latest.policy_id.name)
        return self.env._("%(state)s by %(user)s", state=state, user=latest.user_id.name or self.env.user.name)

    def _on_decided(self, lines):
        """Seam: lines were accepted or refused, or a decision was taken back. The supplier might be told here."""
