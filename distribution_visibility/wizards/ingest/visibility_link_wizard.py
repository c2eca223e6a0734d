from odoo import api, fields, models


class VisibilityLinkWizard(models.TransientModel):
    """A person ties a shipment that nobody knows to the delivery or receipt it belongs to."""

    _name = "visibility.link.wizard"
    _description = "Link a shipment to a transfer"

    shipment_id = fields.Many2one("visibility.shipment", required=True, readonly=True)
    company_id = fields.Many2one(related="shipment_id.company_id")
    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery or receipt",
        required=True,
        domain="[('company_id', '=', company_id), ('picking_type_code', 'in', ('outgoing', 'incoming', 'dropship'))]",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "visibility.shipment":
            values["shipment_id"] = self.env.context.get("active_id")
        return values

    def action_confirm(self):
        """Link, write the number on the transfer if it has none, and say who did it."""
        self.ensure_one()
        shipment, picking = self.shipment_id.sudo(), self.picking_id
        shipment._link_picking(picking.sudo())
        if not picking.carrier_tracking_ref:
            picking.carrier_tracking_ref = shipment.number
        shipment.message_post(
            body=self.env._("Linked to %s by hand.", picking.display_name), author_id=self.env.user.partner_id.id
        )
        return {"type": "ir.actions.act_window_close"}
