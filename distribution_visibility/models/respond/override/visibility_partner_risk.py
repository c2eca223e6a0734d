import json

from odoo import api, models

from ...detect.exception.visibility_exception import SEVERITY_RANK
from .visibility_document_mixin import NONE


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
