import json

from odoo import fields, models
from odoo.exceptions import UserError


class VisibilityLogHeadWizard(models.TransientModel):
    """Compare a head that was exported earlier with the log of responses as it is now."""

    _name = "visibility.log.head.wizard"
    _description = "Compare with an exported head"
    _inherit = ["visibility.action.mixin"]

    chain_id = fields.Many2one("visibility.action.chain", required=True, readonly=True, ondelete="cascade")
    exported = fields.Text("What the exported file says", required=True, help="The whole content of the file.")

    def action_compare(self):
        """Say whether the log still holds the exported row.

        :raises UserError: when what was entered is no exported head of this company
        """
        self.ensure_one()
        sequence, head = self._read_exported()
        if self.chain_id._contains(sequence, head):
            return self._say(self.env._("Row %s is still there, as it was exported.", sequence), after="reload")
        sentence = self.env._("Row %s is not as it was exported: the log was changed or cut off.", sequence)
        return self._say(sentence, "danger", after="reload", sticky=True)

    def _read_exported(self):
        try:
            told = json.loads(self.exported)
            sequence, head, company = int(told["rows"]), str(told["head"]), told["company_id"]
        except (ValueError, KeyError, TypeError):
            raise UserError(self.env._("This is not the content of an exported head.")) from None
        if company != self.chain_id.company_id.id:
            raise UserError(self.env._("This head is of another company."))
        return sequence, head
