import json

from odoo import api, models

from ...detect.exception.visibility_exception import SEVERITY_RANK
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


class VisibilityPartnerRisk(models.Model):
    _inherit = "visibility.partner.risk"

    @api.model
    def _hold_wanted(self, wanted):
        """What a person said goes before what the exceptions say, but for what is blocking."""
        standing = self.env["visibility.override"]._get_standing({("res.partner", partner) for partner, _ in wanted})
        for (_model, partner), overrides in standing.items():
            for override in overrides:
                values = wanted.get((partner, override.company_id.id))
                if values and values["severity"] != "blocking":
                    values.update(self._get_held(override, values))

    @api.model
    def _get_held(self, override, values):
        said = json.loads(override.value)
        severity = "information" if said in (NONE, False, None) else said
        tags = values["tag_ids"] if severity == said else set()
        return {"severity": severity, "severity_rank": SEVERITY_RANK[severity], "tag_ids": tags}
