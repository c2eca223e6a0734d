from odoo import api, fields, models


class VisibilityExpectationTemplate(models.Model):
    _inherit = "visibility.expectation.template"

    trigger = fields.Selection(
        selection_add=[("decision_requested", "Decision requested")],
        ondelete={"decision_requested": lambda templates: templates._remove_with_expectations()},
    )
    fact = fields.Selection(
        selection_add=[("decided", "Decided")],
        ondelete={"decided": lambda templates: templates._remove_with_expectations()},
    )

    @api.model
    def _get_trigger_models(self):
        return {**super()._get_trigger_models(), "decision_requested": "visibility.decision"}

    @api.model
    def _get_fact_models(self):
        return {**super()._get_fact_models(), "decided": ("visibility.decision",)}
