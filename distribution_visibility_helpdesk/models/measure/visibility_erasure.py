from odoo import api, models


class VisibilityErasure(models.Model):
    """Tickets that were opened for exceptions name people, too; other tickets are the helpdesk's own."""

    _inherit = "visibility.erasure"

    @api.model
    def _get_person_fields(self):
        own = {"helpdesk.ticket": ["name", "description", "partner_name", "partner_email"]}
        return {**super()._get_person_fields(), **own}

    @api.model
    def _find_ids(self, model, names, terms, companies):
        ids = super()._find_ids(model, names, terms, companies)
        if model != "helpdesk.ticket":
            return ids
        tickets = self.env[model].sudo().browse(ids)
        return tickets.filtered("visibility_exception_id").ids
