from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.measure.person_search import MIN_LENGTH, read_terms


class VisibilityErasureWizard(models.TransientModel):
    """Find what is kept of a person, see how much it is, and erase it."""

    _name = "visibility.erasure.wizard"
    _description = "Erase a person's data"
    _inherit = ["visibility.action.mixin"]

    partner_id = fields.Many2one("res.partner", "Contact")
    terms = fields.Text(
        "What identifies the person",
        compute="_compute_terms",
        store=True,
        readonly=False,
        help="One name, e-mail address or telephone number a line, each form that senders may use in a line "
        "of its own. Telephone numbers are found with any punctuation.",
    )
    reason = fields.Char(help="Kept in the log of erasures with your name: do not name the person here.")
    is_searched = fields.Boolean()
    message_count = fields.Integer("Messages", readonly=True)
    record_count = fields.Integer(
        "Other records", readonly=True, help="Events, shipments, exceptions, briefs and rows of the log of responses."
    )

    @api.depends("partner_id")
    def _compute_terms(self):
        for wizard in self:
            partner = wizard.partner_id
            known = filter(None, (partner.name, partner.email, partner.phone))
            wizard.terms = "\n".join(known) or wizard.terms

    @api.onchange("terms", "partner_id")
    def _onchange_terms(self):
        self.is_searched = False

    def _get_terms(self):
        terms = read_terms(self.terms or "")
        if not terms:
            raise UserError(self.env._("Enter at least one name, address or number of %s letters or more.", MIN_LENGTH))
        return terms

    def action_search(self):
        """Count what would be erased."""
        self.ensure_one()
        messages, records = self.env["visibility.erasure"]._find(self._get_terms(), self.env.companies)
        self.write(
            {
                "is_searched": True,
                "message_count": len(messages),
                "record_count": sum(map(len, records.values())),
            }
        )
        return self._get_own_action()

    def _get_own_action(self):
        return self._open_action("distribution_visibility.visibility_erasure_wizard_action", res_id=self.id)

    def action_confirm(self):
        """Erase. There is no way back."""
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Enter the reason."))
        terms = self._get_terms()
        self.env["visibility.erasure"]._erase(terms, self.env.companies, self.reason.strip())
        # What was searched for is the person's data too.
        self.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
