from datetime import timedelta

from odoo import api, fields, models

# The scan comes every few minutes: what is due for longer has nobody who looks.
UNNOTICED = timedelta(hours=1)


class VisibilityWatch(models.AbstractModel):
    """Also looks at expectations: whether the scan comes, and whether it can open its exceptions."""

    _inherit = "visibility.watch"

    @api.model
    def _find_troubles(self):
        return {**super()._find_troubles(), **self._find_unnoticed()}

    @api.model
    def _find_unnoticed(self):
        source = self.env["visibility.heartbeat"]._get_source()
        rows = self.env["visibility.expectation"].sudo()
        domains = {
            "due": [("state", "=", "open"), ("due_at", "<", fields.Datetime.now() - UNNOTICED)],
            "failed": [("error", "!=", False), ("state", "=", "overdue")],
        }
        found = (
            {subject: rows.search_count(domain, limit=1_000) for subject, domain in domains.items()} if source else {}
        )
        return {("expectations", source.id, subject): count for subject, count in found.items() if count}


class VisibilityIncident(models.Model):
    _inherit = "visibility.incident"

    kind = fields.Selection(
        selection_add=[("expectations", "Overdue expectations without exception")],
        ondelete={"expectations": "cascade"},
    )

    def _get_title(self):
        if self.kind != "expectations":
            return super()._get_title()
        if self.subject == "due":
            return self.env._("%(count)s due expectations that nobody has looked at", count=self.count)
        return self.env._("%(count)s overdue expectations whose exception could not be opened", count=self.count)
