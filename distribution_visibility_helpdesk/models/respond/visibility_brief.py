from markupsafe import Markup
from odoo import api, models


class VisibilityBriefFacts(models.AbstractModel):
    _inherit = "visibility.brief.facts"

    @api.model
    def _is_customer_told(self, exception):
        return super()._is_customer_told(exception) or bool(exception.helpdesk_ticket_id)


class VisibilityBrief(models.Model):
    """A brief on a ticket is for those who answer it: it names suppliers, values and other customers."""

    _inherit = "visibility.brief"

    def _note_on_tickets(self):
        """Put these briefs on their tickets, as internal notes in the language of whoever has the ticket."""
        for brief in self:
            ticket = brief.exception_id.sudo().helpdesk_ticket_id
            reader = ticket.user_id or brief.exception_id.user_id
            words = brief.sudo().with_context(lang=reader.lang or self.env.lang, tz=reader.tz or self.env.tz.zone)
            title = words._get_html_link(title=words.display_name)
            ticket._message_log(body=Markup("<p><b>%s</b></p>%s") % (title, Markup(words.body or "")))
