from odoo import api, fields, models

from ....lib.base.numbers import normalise_number


class VisibilityShipmentAlias(models.Model):
    """A further number that a shipment is known by: a booking, a bill of lading, a shop's own id."""

    _name = "visibility.shipment.alias"
    _description = "Further number of a shipment"
    _rec_name = "number"

    shipment_id = fields.Many2one("visibility.shipment", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shipment_id.company_id", store=True, index=True)
    number = fields.Char(required=True)
    number_key = fields.Char(required=True, index=True)

    _once = models.UniqueIndex("(shipment_id, number_key)", "The shipment is known by this number already.")

    @api.model
    def _remember(self, matches, other_numbers):
        """Keep the further numbers of matched shipments.

        :param dict matches: shipment keys to shipments
        :param dict other_numbers: some of the same keys to further numbers
        """
        wanted = {
            (matches[key].id, normalise_number(number)): number
            for key, numbers in other_numbers.items()
            for number in numbers
            if normalise_number(number) and normalise_number(number) != matches[key].number_key
        }
        if not wanted:
            return
        known = self.search([("shipment_id", "in", list({shipment_id for shipment_id, _key in wanted}))])
        for alias in known:
            wanted.pop((alias.shipment_id.id, alias.number_key), None)
        self.create(
            [
                {"shipment_id": shipment_id, "number": number, "number_key": key}
                for (shipment_id, key), number in wanted.items()
            ]
        )
