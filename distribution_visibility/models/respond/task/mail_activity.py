from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    visibility_playbook_id = fields.Many2one(
        "mail.activity.plan", "Playbook", readonly=True, index="btree_not_null", ondelete="set null"
    )
