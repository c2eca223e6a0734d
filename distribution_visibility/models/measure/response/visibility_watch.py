from odoo import api, fields, models


class VisibilityWatch(models.AbstractModel):
    """Also looks at responses: whether somebody changed their log, and automations that reached their limit."""

    _inherit = "visibility.watch"

    @api.model
    def _find_troubles(self):
        return {**super()._find_troubles(), **self._find_broken_logs(), **self._find_limits()}

    @api.model
    def _find_limits(self):
        """Automations that have skipped records within the last hour because of their limit."""
        source = self.env["visibility.heartbeat"]._get_source()
        runs = self.env["visibility.action.run"]
        domain = [
            ("result", "=", "limited"),
            ("occurred_at", ">", runs._since(hours=1)),
            ("automation_id", "!=", False),
        ]
        groups = runs._read_group(domain, ["automation_id"], ["record_count:sum"]) if source else []
        return {("automation_limit", source.id, f"{one.id} {one.name}"): count for one, count in groups}

    @api.model
    def _find_broken_logs(self):
        source = self.env["visibility.heartbeat"]._get_source()
        chains = self.env["visibility.action.chain"].search([("broken_sequence", ">", 0)]) if source else []
        return {
            ("action_log", source.id, f"{chain.company_id.name}, {chain.broken_sequence}"): chain.broken_sequence
            for chain in chains
        }


class VisibilityIncident(models.Model):
    _inherit = "visibility.incident"

    kind = fields.Selection(
        selection_add=[("action_log", "Log of responses broken"), ("automation_limit", "Automation at its limit")],
        ondelete={"action_log": "cascade", "automation_limit": "cascade"},
    )

    @api.model
    def _prepare_incident(self, kind, source_id, subject, count):
        values = super()._prepare_incident(kind, source_id, subject, count)
        if kind == "automation_limit":
            automation = self.env["base.automation"].browse(int(subject.split(" ")[0]))
            values["user_id"] = automation.accountable_id.id or values["user_id"]
        return values

    def _get_title(self):
        if self.kind == "action_log":
            return self.env._(
                "The log of responses was changed: %(place)s is the first broken row", place=self.subject
            )
        if self.kind == "automation_limit":
            return self.env._(
                "The automation “%(automation)s” reached its limit of an hour and skipped %(count)s records",
                automation=self.subject.partition(" ")[2],
                count=self.count,
            )
        return super()._get_title()
