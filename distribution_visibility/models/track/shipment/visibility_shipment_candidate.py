from odoo import api, fields, models


class VisibilityShipment(models.Model):
    """The shipments among which a person chooses."""

    _inherit = "visibility.shipment"

    choice_ids = fields.Many2many("visibility.shipment.choice", "visibility_shipment_choice_rel", readonly=True)
    undecided_count = fields.Integer("To decide", compute="_compute_undecided_count")

    @api.depends("choice_ids.is_open")
    def _compute_undecided_count(self):
        for shipment in self:
            shipment.undecided_count = len(shipment.choice_ids.filtered("is_open"))

    def action_choose(self):
        """The button on each card: this is the one."""
        self.ensure_one()
        choice = self.env["visibility.shipment.choice"].browse(self.env.context.get("visibility_choice_id"))
        return choice._choose(self)

    def action_open_choices(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_shipment_choice_action")
        choices = self.choice_ids.filtered("is_open")
        if len(choices) == 1:
            return {**action, "views": [(False, "form")], "res_id": choices.id}
        return {**action, "domain": [("id", "in", choices.ids)], "context": {}}
