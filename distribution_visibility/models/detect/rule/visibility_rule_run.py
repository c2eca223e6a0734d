from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models

from ...base.parameters import get_number

#: Runs that are deleted in one go.
MOST_DELETED = 10_000


class VisibilityRuleRun(models.Model):
    """What one look of a rule came to."""

    _name = "visibility.rule.run"
    _description = "Run of a rule"
    _order = "started_at desc, id desc"
    _rec_name = "rule_id"

    rule_id = fields.Many2one("visibility.rule", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="rule_id.company_id")
    started_at = fields.Datetime("When", required=True, readonly=True, index=True, default=fields.Datetime.now)
    trigger = fields.Selection(
        [("scheduled", "On schedule"), ("immediate", "At once"), ("event", "By events"), ("by_hand", "By hand")],
        "Why",
        required=True,
        readonly=True,
    )
    duration_ms = fields.Integer("Took (ms)", readonly=True)
    matched = fields.Integer(readonly=True, help="Documents or events that are so.")
    seen = fields.Integer("Open already", readonly=True)
    opened = fields.Integer(readonly=True)
    cleared = fields.Integer(readonly=True)
    would_open = fields.Integer("Would have opened", readonly=True)
    is_test = fields.Boolean("Test mode", readonly=True)
    error = fields.Char(readonly=True)
    model_name = fields.Char(readonly=True)
    sample_ids = fields.Json("Ids of the sample", readonly=True)
    sample = fields.Html(compute="_compute_sample", sanitize=False, help="Some of what it would have opened for.")

    @api.depends("model_name", "sample_ids")
    def _compute_sample(self):
        for run in self:
            run.sample = self._get_links(run.model_name, run.sample_ids or [])

    @api.model
    def _get_links(self, model, ids):
        """Links to records, as far as the current user may see them."""
        if model not in self.env or not ids:
            return False
        records = self.env(su=False)[model].browse(ids).exists()
        if not records.has_access("read"):
            records = records._filtered_access("read")
        link = Markup('<li><a href="/odoo/%(path)s/%(id)s" target="_blank">%(name)s</a></li>')
        path = model if "." in model else f"m-{model}"
        rows = [link % {"path": path, "id": record.id, "name": record.display_name} for record in records]
        return Markup("<ul class='mb-0'>%s</ul>") % Markup().join(rows)

    @api.autovacuum
    def _gc_runs(self):
        """Delete runs after their time, in batches.

        :return: (how many were deleted, whether there are more), as the vacuum wants it
        """
        limit = fields.Datetime.now() - timedelta(days=get_number(self.env, "rule_run_retention_days"))
        runs = self.search([("started_at", "<", limit)], limit=MOST_DELETED, order="started_at")
        runs.unlink()
        return len(runs), int(len(runs) == MOST_DELETED)
