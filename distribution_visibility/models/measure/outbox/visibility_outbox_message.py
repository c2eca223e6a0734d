from collections import Counter

from odoo import models

from ...base.visibility_queue_mixin import WorkerDied


class VisibilityOutboxMessage(models.Model):
    """What the sender counts while it works, as rows of its own: see :class:`VisibilityCounter`."""

    _inherit = "visibility.outbox.message"

    def _note_attempts(self, answers):
        result = super()._note_attempts(answers)
        counts = Counter()
        for message, answer in answers.items():
            counts["outbox_attempts", None, f"{message.subscription_id.id}|{answer.code_class}"] += 1
            counts["outbox_seconds", None, str(message.subscription_id.id)] += answer.seconds
        self.env["visibility.counter"].sudo()._add(counts)
        return result

    def _register_failure(self, error):
        result = super()._register_failure(error)
        if isinstance(error, WorkerDied):
            counts = Counter(("outbox_rescued", None, str(message.subscription_id.id)) for message in self)
            self.env["visibility.counter"].sudo()._add(counts)
        return result
