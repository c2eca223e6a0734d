from odoo import api, fields, models
from odoo.exceptions import UserError


class VisibilityOverrideWizard(models.TransientModel):
    """What stops a step of some documents, what can be done about it, and, for who may, a way past."""

    _name = "visibility.override.wizard"
    _description = "Override a blocking exception"

    gate_id = fields.Many2one("visibility.gate", "Step", readonly=True, required=True)
    document_model = fields.Char(readonly=True, required=True)
    document_ids = fields.Char(readonly=True, required=True)
    document_names = fields.Char("Documents", compute="_compute_stops")
    exception_ids = fields.Many2many("visibility.exception", compute="_compute_stops", string="Stopped by")
    refusal = fields.Char(compute="_compute_stops")
    reason = fields.Char("Why it may pass")
    until = fields.Datetime(help="The step is stopped again after this time. Empty: without end.")

    @api.depends("gate_id", "document_model", "document_ids")
    def _compute_stops(self):
        for wizard in self:
            stops = wizard._get_stops()
            wizard.exception_ids = self.env["visibility.exception"].union(*stops.values())
            wizard.document_names = ", ".join(document.display_name for document in stops)
            wizard.refusal = wizard._get_refusal(stops)

    def _get_stops(self):
        """Looked at anew: what was closed meanwhile needs no override."""
        documents = self._get_documents()
        documents.check_access("read")
        return self.env["visibility.exception"].sudo()._get_stops(self.gate_id.sudo(), documents.sudo())

    def _get_documents(self):
        model = self.env.get(self.document_model or "")
        if model is None or not isinstance(model, self.env.registry["visibility.gated.mixin"]):
            raise UserError(self.env._("These documents have no steps that can be stopped."))
        return model.browse(int(number) for number in self.document_ids.split(",")).exists()

    def _get_refusal(self, stops):
        for document, exceptions in stops.items():
            for exception in exceptions:
                refusal = exception.category_id._get_refusal(self.env.user, exception, document)
                if refusal:
                    return refusal
        return False

    def action_override(self):
        """Write down who lets what pass, and why; then the step can be done."""
        self.ensure_one()
        rows = [
            self._prepare_override(document, exception)
            for document, exceptions in self._get_stops().items()
            for exception in exceptions
        ]
        # sudo: nobody has the right to add rows but through here; the rows look at the person's right themselves
        self.env["visibility.override"].sudo().create(rows)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_override(self, document, exception):
        return {
            "exception_id": exception.id,
            "gate_id": self.gate_id.id,
            "res_model": document._name,
            "res_id": document.id,
            "reason": self.reason,
            "until": self.until,
        }
