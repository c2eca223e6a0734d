from odoo import fields, models

from ....lib.respond.outbox.answers import Answer


class VisibilityOutboxAttempt(models.Model):
    """One attempt to send one message, and what came of it. Never changed."""

    _name = "visibility.outbox.attempt"
    _description = "Attempt to send"
    _inherit = ["visibility.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "sentence"

    message_id = fields.Many2one(
        "visibility.outbox.message", required=True, index=True, readonly=True, ondelete="cascade"
    )
    number = fields.Integer("Attempt", required=True, readonly=True)
    attempted_at = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now, index=True)
    outcome = fields.Selection(
        [
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("throttled", "Asked to wait"),
            ("gone", "Gone for good"),
            ("refused", "Not allowed"),
        ],
        required=True,
        readonly=True,
    )
    status = fields.Integer("HTTP status", readonly=True, help="0: there was no answer.")
    code_class = fields.Char(readonly=True)
    seconds = fields.Float(readonly=True, digits=(16, 3))
    sentence = fields.Char("What came of it", readonly=True)
    excerpt = fields.Char("Answer", readonly=True, help="The beginning of what was answered, secrets blanked.")
    retry_after = fields.Float(readonly=True)

    def _prepare_attempt(self, message, answer):
        """Values for the row of one answer."""
        return {
            "message_id": message.id,
            "number": message.attempts,
            "outcome": answer.outcome,
            "status": answer.status or 0,
            "code_class": answer.code_class,
            "seconds": answer.seconds,
            "sentence": answer.sentence,
            "excerpt": answer.excerpt or False,
            "retry_after": answer.retry_after or 0,
        }

    def _get_answer(self):
        """The answer as the plain-Python side takes it."""
        return Answer(
            self.outcome, self.sentence or "", self.status or None, self.seconds, "", self.retry_after or None
        )
