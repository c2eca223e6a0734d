from odoo import fields, models


class VisibilityActionRun(models.Model):
    """Runs that a person's override stopped, and those that say that somebody overrode something."""

    _inherit = "visibility.action.run"

    override_id = fields.Many2one(
        "visibility.override", readonly=True, ondelete="restrict", index="btree_not_null"
    )
