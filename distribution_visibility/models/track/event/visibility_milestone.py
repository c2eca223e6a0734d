from odoo import fields, models


class VisibilityMilestone(models.Model):
    """One step in the life of a shipment or purchase, the same for all carriers and suppliers."""

    _name = "visibility.milestone"
    _description = "Milestone"
    _inherit = ["visibility.vocabulary.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    rank = fields.Integer(
        help="How far along it is. A shipment never goes back to a lower rank because an old scan arrives late."
    )
    branch = fields.Selection(
        [
            ("main", "On the way"),
            ("return", "On the way back"),
            ("terminal", "Ended"),
            ("information", "Information only"),
        ],
        default="main",
        required=True,
        help="What only informs never moves a shipment.",
    )
    active = fields.Boolean(default=True)
    x12_1650 = fields.Char(string="X12 1650 codes")
    edifact_9011 = fields.Char("EDIFACT 9011")
    dcsa = fields.Char("DCSA code")
    epcis = fields.Char("EPCIS step")

    _code_unique = models.Constraint("UNIQUE (code)", "There is a milestone with this code already.")
