from odoo import api, fields, models


class QcInspection(models.Model):
    """An inspection, as the subject of an exception: it holds the goods of a transfer."""

    _name = "qc.inspection"
    _inherit = ["qc.inspection", "visibility.subject.mixin"]

    visibility_picking_id = fields.Many2one(
        "stock.picking",
        "Holds transfer",
        compute="_compute_visibility_picking_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The receipt or delivery whose goods wait for this inspection.",
    )

    def object_selection_values(self):
        """Transfers can be inspected, too; other add-ons may have said so already."""
        values = super().object_selection_values()
        if any(model == "stock.picking" for model, _name in values):
            return values
        return [*values, ("stock.picking", self.env._("Transfer"))]

    @api.depends("object_id")
    def _compute_visibility_picking_id(self):
        """The transfer that is inspected, or that the inspected thing belongs to; else what a person said."""
        for inspection in self:
            inspected = inspection.object_id
            if inspected and inspected._name == "stock.picking":
                inspection.visibility_picking_id = inspected
            elif inspected and "picking_id" in inspected._fields:
                inspection.visibility_picking_id = inspected.picking_id
            else:
                inspection.visibility_picking_id = inspection.visibility_picking_id

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return self.sudo().visibility_picking_id._prepare_exception_links()

    def _get_exception_owners(self, role):
        return self.user | self.sudo().visibility_picking_id.user_id

    def _get_facts(self):
        return self.env["visibility.event"]
