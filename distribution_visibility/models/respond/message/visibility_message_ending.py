from odoo import api, fields, models

from .visibility_message import OPEN


class VisibilityMessage(models.Model):
    """What becomes of drafts whose exception is over, or whose shipment has moved on."""

    _inherit = "visibility.message"

    @api.model
    def _end_with(self, exceptions):
        """Drafts about nothing that is still open are over; those about something else as well tell that."""
        if not exceptions:
            return
        drafts = self.sudo().search([("exception_ids", "in", exceptions.ids), ("state", "in", OPEN)])
        for message in drafts.filtered(lambda one: not one.occasion_id or one.occasion_id.event == "opened"):
            targets = message.exception_ids.merged_into_id.filtered("is_open")
            left = message.exception_ids.filtered("is_open") | targets
            if targets.message_out_ids.filtered(lambda one, m=message: one.state in OPEN and one._is_twin(m)):
                message._finish_unsent("over", self.env._("It was merged into %s, which is told of.", targets[0].name))
            elif left:
                message._tell_instead(left)
            elif not message.occasion_id.is_good_news:
                message._finish_unsent("over", self._get_end_sentence(message.exception_ids & exceptions))
        drafts._mark_exceptions()

    def _is_twin(self, other):
        """Whether this is another message to the same partner."""
        return self != other and (self.partner_id, self.audience) == (other.partner_id, other.audience)

    def _tell_instead(self, exceptions):
        """The one it was about is over; another one is not."""
        if self.exception_id.is_open:
            return
        exception = exceptions.sorted("id", reverse=True)[:1]
        plans = [
            plan
            for plan in self._get_plans("opened")
            if exception.category_id.id in plan.categories and plan.audience == self.audience
        ]
        occasion = self.env["visibility.message.occasion"].browse(plans[0].id) if plans else self.occasion_id
        self.write(
            {
                "exception_id": exception.id,
                "exception_ids": [fields.Command.link(exception.id)],
                "occasion_id": occasion.id,
                "template_id": (occasion.template_id or self.template_id).id,
            }
        )
        self._note_news()

    @api.model
    def _get_end_sentence(self, exceptions):
        one = exceptions[:1]
        if one.resolution:
            return self.env._("It was over before it was sent: %s", one.resolution)
        return self.env._("It was over before it was sent.")

    @api.model
    def _end_passed(self, shipments):
        """What a draft says of the way is no news any more once the shipment was delivered or turned back."""
        if not shipments:
            return
        drafts = self.sudo().search([("shipment_id", "in", shipments.ids), ("state", "in", OPEN)])
        passed = drafts.filtered(
            lambda one: not one.occasion_id.is_good_news
            and one.occasion_id.event in ("milestone", "date")
            and one.shipment_id.milestone_id not in one.occasion_id.milestone_ids
            and (one.shipment_id.delivered_at or one.shipment_id.milestone_id.branch in ("return", "terminal"))
        )
        passed._finish_unsent("over", self.env._("The shipment has moved on before it was sent."))

    # ------------------------------------------------------------------ marks on exceptions
    def _mark_exceptions(self):
        """Exceptions know whether a message about them is being written: what ends costs nothing without one."""
        self.exception_ids.sudo()._refresh_message_mark()
