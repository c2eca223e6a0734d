import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .visibility_internal_address import PORTS_PARAMETER


class ResConfigSettings(models.TransientModel):
    """What may be sent where is for system administrators."""

    _inherit = "res.config.settings"

    visibility_outgoing_ports = fields.Char("Ports of receivers", config_parameter=PORTS_PARAMETER, default="443, 8443")

    @api.constrains("visibility_outgoing_ports")
    def _check_visibility_outgoing_ports(self):
        for settings in self.filtered("visibility_outgoing_ports"):
            words = re.split(r"[,\s]+", settings.visibility_outgoing_ports.strip())
            if not all(re.fullmatch(r"[0-9]{1,5}", word) and 0 < int(word) < 65536 for word in words):
                raise ValidationError(self.env._("Enter ports as numbers with commas, such as 443, 8443."))

    def set_values(self):
        result = super().set_values()
        # The policy is kept in memory, the parameter is not what it is kept by.
        self.env.registry.clear_cache()
        return result
