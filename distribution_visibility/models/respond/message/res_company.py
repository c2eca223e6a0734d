from odoo import fields, models


class ResCompany(models.Model):
    """When this company does not write to its partners, and how often at most."""

    _inherit = "res.company"

    visibility_quiet_from = fields.Float(
        "Quiet from", default=20, help="From this hour of the recipient's day on, messages wait for the morning."
    )
    visibility_quiet_to = fields.Float("Quiet until", default=7, help="The same hour as the other one: no quiet hours.")
    visibility_message_cap_day = fields.Integer(
        "Most messages a day", default=3, help="To one contact within 24 hours. What is more waits. 0: any number."
    )
    visibility_message_cap_week = fields.Integer(
        "Most messages a week", default=10, help="To one contact within 7 days. What is more waits. 0: any number."
    )

    _visibility_message_limits = models.Constraint(
        "CHECK (visibility_message_cap_day >= 0 AND visibility_message_cap_week >= 0)",
        "A number of messages cannot be less than zero.",
    )
    _visibility_quiet_hours = models.Constraint(
        "CHECK (visibility_quiet_from BETWEEN 0 AND 24 AND visibility_quiet_to BETWEEN 0 AND 24)",
        "Quiet hours are hours of the day, from 0 to 24.",
    )
