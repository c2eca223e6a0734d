from odoo import api, fields, models


class VisibilityExceptionWizard(models.AbstractModel):
    """A small form that does one thing with one or many exceptions, or, if one may not be, with none."""

    _name = "visibility.exception.wizard"
    _description = "Something to do with exceptions"

    exception_ids = fields.Many2many("visibility.exception", required=True, readonly=True)
    exception_count = fields.Integer("Exceptions", compute="_compute_exception_count")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "visibility.exception":
            ids = context.get("active_ids") or [context.get("active_id")]
            values["exception_ids"] = [fields.Command.set(ids)]
        return values

    @api.depends("exception_ids.is_open")
    def _compute_exception_count(self):
        for wizard in self:
            wizard.exception_count = len(wizard.exception_ids.filtered("is_open"))

    def _finish(self, message, done):
        """Close the form; after a bulk action say what became of it."""
        return self.exception_ids._tell_result(message, done) or {"type": "ir.actions.act_window_close"}
