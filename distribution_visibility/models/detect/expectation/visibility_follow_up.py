import logging

from odoo import api, models

from ...base.guard import guarded

_logger = logging.getLogger(__name__)


class VisibilityFollowUp(models.Model):
    """Expectations are brought in line with the documents that people touched."""

    _inherit = "visibility.follow.up"

    @api.model
    def _follow_facts(self, documents):
        """Seam: what else follows from what these documents are now, wherever that came from."""
        known = {model: records.sudo() for model, records in documents.items()}
        self.env["visibility.exception"].sudo()._follow_facts(known)

    @api.model
    def _follow_expectations(self, ids_by_key):
        """What goes wrong here never stops a person's own work, nor what else was noted for the commit."""
        with guarded(self.env, flush=False) as attempt:
            self.env["visibility.expectation"]._follow_noted(ids_by_key)
            self.env.flush_all()
        if attempt.error:
            _logger.error("expectations of %s could not be brought in line", ids_by_key, exc_info=attempt.error)
            self.env.transaction.clear()
