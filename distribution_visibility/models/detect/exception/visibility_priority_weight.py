from odoo import api, fields, models, tools

from ....lib.detect.exception.priority import Weight


class VisibilityPriorityWeight(models.Model):
    """How many points of priority an input earns; an administrator's own to change."""

    _name = "visibility.priority.weight"
    _description = "Priority weight"
    _inherit = ["visibility.cached.mixin"]
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Selection(
        [
            ("tier_strategic", "Customer: strategic"),
            ("tier_key", "Customer: key"),
            ("tier_standard", "Customer: standard"),
            ("value", "Value at risk"),
            ("hours", "Hours to the promise"),
            ("severity_blocking", "Severity: blocking"),
            ("severity_warning", "Severity: warning"),
            ("severity_information", "Severity: information"),
            ("repeats", "Times seen"),
        ],
        "Input",
        required=True,
    )
    sequence = fields.Integer(default=10)
    points = fields.Float(required=True, help="At most. All that an exception earns adds up, to 100 at most.")
    full_at = fields.Float(
        "Full points at",
        help="Value at risk: from this amount on, in the company's currency; less earns less. Hours to the promise: "
        "all points when it is due, fewer the further off, none at this many hours. Times seen: from this "
        "many on. Without meaning for the others.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies without a line of their own.")

    _once = models.UniqueIndex("(code, COALESCE(company_id, 0))", "There is a line for this input already.")
    _points_in_range = models.Constraint("CHECK (points BETWEEN 0 AND 100)", "Give between 0 and 100 points.")
    _full_at_positive = models.Constraint(
        "CHECK (full_at > 0 OR code NOT IN ('value', 'hours', 'repeats'))", "Say at how much it earns all its points."
    )

    @api.model
    @tools.ormcache("company_id")
    def _get_weights(self, company_id):
        """The weights that hold in a company: its own lines go before those for all. Cached."""
        lines = self.sudo().search([("company_id", "in", [company_id, False])])
        own_last = lines.sorted(lambda line: bool(line.company_id))
        return {line.code: Weight(line.points, line.full_at) for line in own_last}

    # ------------------------------------------------------------------ changes count at once
    @api.model_create_multi
    def create(self, vals_list):
        weights = super().create(vals_list)
        self.env["visibility.exception"].sudo()._recompute_priorities()
        return weights

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"sequence"}:
            self.env["visibility.exception"].sudo()._recompute_priorities()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["visibility.exception"].sudo()._recompute_priorities()
        return result
