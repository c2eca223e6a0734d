from odoo import api, fields, models


class VisibilityAspect(models.Model):
    """One thing that is set by itself and that a person can take out of automation's hands.

    What respects it is code, so the rows come with the add-ons: see ``visibility.overridable.mixin``.
    """

    _name = "visibility.aspect"
    _description = "What can be overridden"
    _inherit = ["visibility.vocabulary.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, readonly=True)
    sequence = fields.Integer(default=10)
    model_names = fields.Char("Of", readonly=True, help="Technical names of the models, with commas.")
    effect = fields.Char(translate=True, readonly=True, help="What automation leaves alone then.")

    _code_unique = models.Constraint("UNIQUE (code)", "There is a row with this code already.")

    @api.model
    def _get_of(self, model):
        """What can be overridden on records of a model."""
        return self.search([("model_names", "like", model)]).filtered(lambda one: model in one.model_names.split(","))
