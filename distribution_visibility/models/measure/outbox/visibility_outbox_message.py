from collections import Counter

from odoo import api, models

from ...base.visibility_queue_mixin import WorkerDied


class VisibilityOutboxMessage(models.Model):
    """What the sender counts while it works, as rows of its own: see :class:`VisibilityCounter`."""

    _inherit = "visibility.outbox.message"

    def _count_attempts(self, answers):
        counts = Counter()
        for message, answer in answers.items():
            counts["outbox_attempts", None, f"{message.subscription_id.id}|{answer.code_class}"] += 1
            counts["outbox_seconds", None, str(message.subscription_id.id)] += answer.seconds
        self.env["visibility.counter"].sudo()._add(counts)

    def _on_failed(self, error):
        if isinstance(error, WorkerDied):
            counts = Counter(("outbox_rescued", None, str(message.subscription_id.id)) for message in self)
            self.env["visibility.counter"].sudo()._add(counts)

    def _on_buried(self):
        if self:
            self.env["visibility.watch"]._wake()

    @api.model
    def _get_due_ages(self):
        # what is due depends on how receivers are doing
        self.env["visibility.subscription"].flush_model()
        return super()._get_due_ages()
