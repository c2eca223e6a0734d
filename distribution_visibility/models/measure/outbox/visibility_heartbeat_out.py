from odoo import api, models

INTERVAL_SECONDS = 300


class VisibilityHeartbeat(models.AbstractModel):
    """Also tells subscribers who asked for it that the way to them works."""

    _inherit = "visibility.heartbeat"

    @api.model
    def _beat(self):
        result = super()._beat()
        outbox = self.env["visibility.outbox.message"]
        if outbox._is_wanted("heartbeat"):
            self._beat_out(outbox)
        return result

    @api.model
    def _beat_out(self, outbox):
        """One for each subscriber whose last one has arrived: they must not pile up."""
        waiting = [("event_type", "=", "heartbeat"), ("state", "in", ("pending", "retry", "running"))]
        busy = outbox.sudo().search(waiting).subscription_id
        wants = self.env["visibility.subscription"]._get_wanting("heartbeat")
        ids = [want.subscription_id for want in wants if want.subscription_id not in busy.ids]
        for subscription in self.env["visibility.subscription"].sudo().browse(ids):
            outbox._emit_to(subscription, "heartbeat", {"interval_seconds": INTERVAL_SECONDS})
