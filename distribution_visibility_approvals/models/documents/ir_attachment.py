from odoo import api, models
from odoo.exceptions import UserError

#: What an attachment is evidence by: where it belongs and what is in it.
EVIDENCE_FIELDS = {"res_model", "res_id", "res_field", "type", "url", "raw", "datas", "db_datas", "store_fname"}


class IrAttachment(models.Model):
    """What was put before the approver stays with the decision, as it was."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if vals.keys() & EVIDENCE_FIELDS:
            self._check_no_evidence()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_no_evidence()

    def _check_no_evidence(self):
        attachments = self.sudo().filtered(lambda attachment: attachment.res_model == "visibility.decision")
        decisions = self.env["visibility.decision"].sudo().browse(attachments.mapped("res_id")).exists()
        kept = decisions.filtered(lambda decision: decision.state != "draft")
        if kept:
            raise UserError(
                self.env._(
                    "%(decisions)s was requested with this attachment, and it stays with it.",
                    decisions=", ".join(kept.mapped("name")),
                )
            )
