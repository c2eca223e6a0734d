from odoo import api, fields, models

from ...lib.base.numbers import is_same_label


class VisibilityLinkWizard(models.TransientModel):
    """A person ties a shipment that nobody knows to the delivery or receipt it belongs to.

    Its number may be another spelling of the one that stands there: then the shipment that was made for that, and that
    nobody ever told of, is this one.
    """

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
    silent_ids = fields.Many2many("visibility.shipment", compute="_compute_silent_ids")
    twin_id = fields.Many2one(
        "visibility.shipment",
        "Same parcel as",
        compute="_compute_twin_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', silent_ids)]",
        help="The number on the transfer is this parcel's, written in another way. Empty: it is another parcel.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "visibility.shipment":
            values["shipment_id"] = self.env.context.get("active_id")
        return values

    @api.depends("picking_id", "shipment_id")
    def _compute_silent_ids(self):
        """Of the transfer's parcels those of which nobody has ever told anything."""
        for wizard in self:
            others = wizard.picking_id.sudo().visibility_shipment_ids - wizard.shipment_id
            wizard.silent_ids = others.filtered(lambda one: not one.first_event_at and not one.event_ids)

    @api.depends("silent_ids")
    def _compute_twin_id(self):
        """The only one that is on the transfer and silent, where its number may stand on the same label."""
        for wizard in self:
            number = wizard.shipment_id.number_key
            alike = wizard.silent_ids.filtered(lambda one, n=number: is_same_label(one.number_key, n))
            wizard.twin_id = alike if len(alike) == 1 else False

    def action_confirm(self):
        """Link, write the number on the transfer if it has none, and say who did it."""
        self.ensure_one()
        shipment, picking = self.shipment_id.sudo(), self.picking_id
        shipment._link_picking(picking.sudo())
        if self.twin_id in self.silent_ids:
            shipment._take_place_of(self.twin_id.sudo())
        if not picking.carrier_tracking_ref:
            picking.carrier_tracking_ref = shipment.number
        shipment.message_post(
            body=self.env._("Linked to %s by hand.", picking.display_name), author_id=self.env.user.partner_id.id
        )
        return {"type": "ir.actions.act_window_close"}
