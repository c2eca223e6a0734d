from odoo import api, fields, models, tools


class VisibilityVocabularyMixin(models.AbstractModel):
    """Master data that senders and rules name by a code that never changes."""

    _name = "visibility.vocabulary.mixin"
    _description = "Vocabulary"
    _inherit = ["visibility.cached.mixin"]

    code = fields.Char(required=True, help="The canonical code that senders and rules use; never translated.")

    @api.model
    @tools.ormcache("self._name")
    def _get_ids_by_code(self):
        """Record ids by code. Cached; any change of the vocabulary forgets it."""
        return {record.code: record.id for record in self.sudo().search([])}

    @api.model
    def _protect_shipped_rows(self):
        """Mark vocabulary and code maps that come in CSV files as an administrator's own from now on."""
        rows = self.env["ir.model.data"].search(
            [
                ("module", "=", "distribution_visibility"),
                ("model", "in", self._get_shipped_models()),
                ("noupdate", "=", False),
            ]
        )
        rows.noupdate = True

    @api.model
    def _get_shipped_models(self):
        return [
            "visibility.milestone",
            "visibility.exception.category",
            "visibility.gate",
            "visibility.aspect",
            "visibility.tag",
            "visibility.code.map",
        ]
