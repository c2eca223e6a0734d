from random import randint

from odoo import fields, models


class VisibilityTag(models.Model):
    """A word on documents and exceptions that people filter and group by, such as At risk."""

    _name = "visibility.tag"
    _description = "Visibility tag"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer(default=lambda self: randint(1, 11))
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is a tag with this name already.")
