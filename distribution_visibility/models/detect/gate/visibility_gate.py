from odoo import api, fields, models


class VisibilityGate(models.Model):
    """A step of a document that blocking exceptions can stop, such as validating a delivery.

    Which categories stop which steps is up to the managers. A new gate is a record with a code, and a
    call of ``_check_gate(code)`` of ``visibility.gated.mixin`` where the step is done.
    """

    _name = "visibility.gate"
    _description = "Step that can be blocked"
    _inherit = ["visibility.vocabulary.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, readonly=True)
    sequence = fields.Integer(default=10)
    category_ids = fields.Many2many(
        "visibility.exception.category",
        "visibility_exception_category_gate_rel",
        "gate_id",
        "category_id",
        string="Stopped by",
        help="Only exceptions of severity Blocking stop anything.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "There is a step with this code already.")

    @api.model
    def _get(self, code):
        """The gate with this code; none where it was never loaded."""
        return self.browse(self._get_ids_by_code().get(code))
