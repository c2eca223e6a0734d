from odoo import api, fields, models


class VisibilityRootCause(models.Model):
    """Why something went wrong in the end, as the person who closed it found out."""

    _name = "visibility.root.cause"
    _description = "Root cause"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    responsible_party = fields.Selection(
        "_selection_responsible_party", "Responsible", help="Whose it is in the end, whoever was blamed at first."
    )
    description = fields.Text("When to choose it", translate=True)

    _name_unique = models.UniqueIndex("(name)", "There is a root cause of this name already.")

    @api.model
    def _selection_responsible_party(self):
        # Read from the field itself: its labels are translated there once
        return self.env["visibility.exception"]._fields["responsible_party"]._description_selection(self.env)
