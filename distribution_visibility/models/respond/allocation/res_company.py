from odoo import fields, models


class ResCompany(models.Model):
    """What counts how much when there is too little for all; only the proportion matters."""

    _inherit = "res.company"

    visibility_allocation_promise = fields.Float("Nearness of the promise", default=40)
    visibility_allocation_tier = fields.Float("Customer tier", default=30)
    visibility_allocation_value = fields.Float("Value", default=20)
    visibility_allocation_age = fields.Float("Age of the order", default=10)

    _visibility_allocation_weights = models.Constraint(
        "CHECK (visibility_allocation_promise >= 0 AND visibility_allocation_tier >= 0"
        " AND visibility_allocation_value >= 0 AND visibility_allocation_age >= 0)",
        "A weight cannot be below zero.",
    )
