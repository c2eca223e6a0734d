from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    visibility_carrier_code = fields.Char(
        "Carrier",
        help="The carrier as it names itself in events, for example UPS or DHL Express. Events are matched to "
        "deliveries by carrier and tracking number.",
    )
