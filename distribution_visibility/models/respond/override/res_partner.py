from odoo import models

from .visibility_document_mixin import NONE


class ResPartner(models.Model):
    """Customers and suppliers whose at-risk mark a person holds, in the company in which they work."""

    _name = "res.partner"
    _inherit = ["res.partner", "visibility.overridable.mixin"]
    _visibility_aspects = {"at_risk": ["visibility_severity"]}

    def _override(self, aspects, reason, until=False, values=None):
        """Contacts show what their company has."""
        return super(ResPartner, self.commercial_partner_id)._override(aspects, reason, until, values)

    def _get_overrides(self):
        overrides = super(ResPartner, self.commercial_partner_id)._get_overrides()
        return overrides.filtered(lambda override: override.company_id in self.env.companies)

    def _get_override_company(self):
        return self.env.company

    def _apply_override(self, aspect, value):
        self._refresh_held_risk()

    def _release_override(self, aspect, overrides):
        pairs = {(one.res_id, one.company_id.id) for one in overrides.values()}
        self.env["visibility.partner.risk"].sudo()._refresh(pairs)

    def _refresh_held_risk(self):
        pairs = {(partner.id, partner._get_override_company().id) for partner in self}
        self.env["visibility.partner.risk"].sudo()._refresh(pairs)

    def _get_override_refusal(self, aspect, value):
        refusal = super()._get_override_refusal(aspect, value)
        if not refusal and value not in (NONE, "information", "warning", False, None):
            return self.env._("Whether something is blocking is not for an override to say.")
        return refusal

    def _get_state_label(self, aspect, value):
        return self.env._("Not at risk") if value in (NONE, False, None) else super()._get_state_label(aspect, value)
