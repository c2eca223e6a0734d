from odoo import api, fields, models

READERS = "distribution_visibility.group_user,distribution_visibility.group_auditor"


class VisibilityException(models.Model):
    """An exception that somebody asked for a brief of shows the latest one."""

    _inherit = "visibility.exception"

    brief_ids = fields.One2many("visibility.brief", "exception_id", "Briefs", readonly=True, groups=READERS)
    # Stored: lists filter by it, and whoever asks at the same moment runs into this write
    brief_id = fields.Many2one(
        "visibility.brief", compute="_compute_brief_id", store=True, groups=READERS, ondelete="set null"
    )
    brief_state = fields.Selection(related="brief_id.state", string="What became of the brief", groups=READERS)
    brief_body = fields.Html(compute="_compute_brief_body", sanitize=False, groups=READERS)

    @api.depends("brief_ids.is_current")
    def _compute_brief_id(self):
        for exception in self:
            exception.brief_id = exception.brief_ids.filtered("is_current").sorted("id", reverse=True)[:1]

    @api.depends("brief_id")
    @api.depends_context("lang", "tz")
    def _compute_brief_body(self):
        for exception in self:
            exception.brief_body = exception.brief_id.body

    def action_brief(self):
        """The brief of this exception as of now; of several, their briefs. Who may read these may have it."""
        self.env["visibility.brief"].check_access("read")
        self.check_access("read")
        briefs = self.env["visibility.brief"]._write_briefs(self).sudo(False)
        if len(briefs) == 1:
            return briefs._get_own_action()
        return self._open_action("distribution_visibility.visibility_brief_action", briefs)

    def action_show_brief(self):
        """The latest brief as it was written."""
        self.ensure_one()
        return self.brief_id._get_own_action()
