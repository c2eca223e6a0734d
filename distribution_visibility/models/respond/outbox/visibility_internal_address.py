import re

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ....lib.respond.outbox.endpoint import PORTS, Policy

PORTS_PARAMETER = "distribution_visibility.outgoing_ports"
HOST = re.compile(r"[a-z0-9_.:-]{1,253}\Z")


class VisibilityInternalAddress(models.Model):
    """A server of the own network that events may be sent to. For system administrators only.

    Who may make subscriptions could otherwise have this server ask others that only it can reach.
    """

    _name = "visibility.internal.address"
    _description = "Internal address"
    _inherit = ["visibility.cached.mixin"]
    _order = "host, port"
    _rec_name = "host"

    host = fields.Char("Server", required=True, help="The name exactly as in the address, such as n8n.")
    port = fields.Integer(required=True, default=443)
    reason = fields.Char(required=True, help="What is there, and who asked for it.")
    active = fields.Boolean(default=True)

    _once = models.UniqueIndex("(host, port)", "This server and port are allowed already.")
    _port_range = models.Constraint("CHECK (port BETWEEN 1 AND 65535)", "A port is between 1 and 65535.")

    @api.constrains("host")
    def _check_host(self):
        for address in self:
            if not HOST.match(address.host):
                raise ValidationError(
                    self.env._("Enter the server's name alone: no https://, no port, no path, in lower case.")
                )

    def _compute_display_name(self):
        for address in self:
            address.display_name = f"{address.host}:{address.port}"

    @api.model
    @tools.ormcache()
    def _get_policy(self):
        """Where events may be sent, as the plain-Python side takes it. Kept in memory."""
        allowed = self.sudo().search([("active", "=", True)])
        return Policy(self._get_ports(), frozenset((one.host, one.port) for one in allowed))

    @api.model
    def _get_ports(self):
        text = self.env["ir.config_parameter"].sudo().get_param(PORTS_PARAMETER) or ""
        return frozenset(int(word) for word in re.findall(r"[0-9]{1,5}", text)) or frozenset(PORTS)
