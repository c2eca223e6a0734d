from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's own way to merge contacts. It is careful with unique constraints only, and ours are unique indexes."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["visibility.partner.risk"].sudo()._forget(src_partners | dst_partner)
        self.env["visibility.merge"]._take_along(src_partners, dst_partner, with_history=True)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        kept, gone = dst_partner.sudo(), src_partners.sudo()
        gets_messages = all((kept | gone).mapped("visibility_gets_messages"))
        kept._remember_former(gone)
        result = super()._update_values(src_partners, dst_partner)
        # Odoo takes a "yes" from any of them; who did not want to hear from us still does not
        kept.visibility_gets_messages = gets_messages
        self.env["visibility.partner.risk"].sudo()._work_out_anew(kept)
        self.env["stock.picking"]._refresh_queue_of([("visibility_customer_id", "=", kept.commercial_partner_id.id)])
        return result
