from odoo import fields, models


class ResCompany(models.Model):
    """How this company reckons with its carriers' past."""

    _inherit = "res.company"

    visibility_lane_days = fields.Integer(
        "Look back (days)", default=180, help="How old a delivery may be to tell how long the next one takes."
    )
    visibility_lane_least = fields.Integer(
        "Fewest parcels",
        default=10,
        help="A lane with fewer parcels says too little: then a coarser one is taken.",
    )
    visibility_late_risk_percent = fields.Integer(
        "Late risk that counts (%)", default=50, help="From here on the exception At risk of being late opens."
    )

    _visibility_lane_numbers = models.Constraint(
        "CHECK (visibility_lane_days > 0 AND visibility_lane_least > 0)",
        "Days to look back and fewest parcels must be more than zero.",
    )
    _visibility_late_risk_percent = models.Constraint(
        "CHECK (visibility_late_risk_percent BETWEEN 1 AND 100)", "The late risk that counts is from 1 to 100 %."
    )

    def _get_visibility_zone(self):
        """The name of the time zone of this company's days: of its working hours, else of its address."""
        company = self.sudo()
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
