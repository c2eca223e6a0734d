from odoo import fields, models


class VisibilityOutboxType(models.Model):
    """One type of outgoing event, to choose from: what it holds is in lib/respond/outbox/catalogue.py."""

    _name = "visibility.outbox.type"
    _description = "Type of outgoing event"
    _order = "sequence, id"

    name = fields.Char("Type", required=True, readonly=True)
    meaning = fields.Char("When", required=True, readonly=True, translate=True)
    sequence = fields.Integer(default=10)

    _name_unique = models.Constraint("UNIQUE (name)", "There is a type with this name already.")

    def _compute_display_name(self):
        for one in self:
            one.display_name = f"{one.name}: {one.meaning}"
