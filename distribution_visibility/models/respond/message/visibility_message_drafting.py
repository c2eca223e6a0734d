from odoo import api, fields, models

from .visibility_message import OPEN_STATES


class VisibilityMessage(models.Model):
    """The life of drafts: made, refreshed with what is news, and ended with what they are about."""

    _inherit = "visibility.message"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ drafts
    @api.model
    def _draft(self, wants, is_asked=False, **values):
        """Make or refresh one draft for each (incident, partner, audience).

        :param list wants: all that happened, in any order
        :param is_asked: somebody asks for it: also where the partner was told of it before
        :param values: what is written on those that are new, such as ``origin``
        :return: dict of keys (incident, partner, audience) to messages, those that there were included
        """
        groups = {}
        for want in sorted(wants, key=lambda want: (not want.exceptions, want.plan.sequence)):
            groups.setdefault(self._get_key(want), []).append(want)
        known = self._find_known(groups)
        drafts, new = {}, {}
        for key, group in groups.items():
            history = known.get(key, self.browse())
            current = history.filtered(lambda one: one.state in OPEN_STATES)[:1]
            if current:
                current._refresh(group)
                drafts[key] = current
            elif fitting := [want for want in group if is_asked or self._is_news(want, history)]:
                new[key] = {**self._prepare_draft(fitting), **values}
        # What has just ended makes room for these in the index of open ones
        self.flush_model(["state"])
        made = self.sudo().create(list(new.values()))
        made._refuse_impossible()
        self.browse().union(made, *drafts.values())._mark_exceptions()
        return {**drafts, **dict(zip(new, made, strict=True))}

    @api.model
    def _find_known(self, keys):
        """What was written about these incidents before, newest first, by key."""
        if not keys:
            return {}
        messages = self.sudo().search([("incident_key", "in", list({key[0] for key in keys}))], order="id desc")
        return messages.grouped(lambda one: (one.incident_key, one.partner_id, one.audience))

    @api.model
    def _is_news(self, want, history):
        """Whether a partner who was told something of the incident (or whose draft was discarded) hears this, too."""
        plan = want.plan
        same = history.filtered(lambda one: one.occasion_id.id == plan.id)
        told = history.filtered(lambda one: one.state == "sent")
        if plan.event == "date":
            return (plan.tells_updates or not told) and self._is_new_date(want, told, plan.date_hours)
        if not told:
            return plan.event == "cleared" or not same or bool(want.exceptions - same.exception_ids)
        if plan.event == "milestone":
            return plan.tells_updates and not same
        if plan.event == "cleared":
            return not same
        is_other = bool(want.exceptions - told.exception_ids)
        return plan.tells_updates and (is_other or self._is_new_date(want, told, plan.date_hours))

    @api.model
    def _is_new_date(self, want, told, hours):
        """Whether the expected arrival differs by more than ``hours`` from what was told, or promised, last."""
        eta, shipment = want.shipment.eta, want.shipment
        if not eta or shipment.delivered_at or shipment.eta_source not in ("carrier", "person"):
            return False
        before = told[:1].told_date or shipment.promised_at
        return bool(before) and abs((eta - before).total_seconds()) >= hours * 3600

    @api.model
    def _prepare_draft(self, wants):
        """Values of a draft about what stands highest of these."""
        want = wants[0]
        exceptions = self.env["visibility.exception"].union(*(one.exceptions for one in wants))
        document = want.document
        occasion = self.env["visibility.message.occasion"].sudo().browse(want.plan.id or ())
        return {
            "company_id": document.company_id.id,
            "audience": want.plan.audience,
            "partner_id": self._get_recipient(document).id,
            "user_id": (exceptions[:1].user_id or document.user_id).id,
            "incident_key": want.incident,
            "shipment_id": want.shipment.id,
            "exception_ids": [fields.Command.set(exceptions.ids)],
            self._get_document_field(want.plan.audience): document.id,
            **self._prepare_occasion(want, occasion),
        }

    @api.model
    def _prepare_occasion(self, want, occasion):
        return {
            "occasion_id": occasion.id,
            "template_id": occasion.template_id.id,
            "exception_id": want.exceptions[:1].id,
            "milestone_id": want.shipment.milestone_id.id,
        }

    def _refresh(self, wants):
        """Something more happened before this was sent: it is told instead, or along with it.

        What a draft says of an exception that is still open stays, unless the new occasion stands higher up.
        """
        best = wants[0]
        exceptions = self.env["visibility.exception"].union(*(one.exceptions for one in wants))
        values = {"exception_ids": [fields.Command.link(one.id) for one in exceptions - self.exception_ids]}
        values = {name: links for name, links in values.items() if links}
        if best.plan.id and best.plan.id != self.occasion_id.id and not self._stands_before(best.plan):
            occasion = self.env["visibility.message.occasion"].sudo().browse(best.plan.id)
            values.update(self._prepare_occasion(best, occasion))
        if values:
            self.sudo().write(values)
            self._note_news()

    def _stands_before(self, plan):
        """Whether what this says of an exception is still true, and no less important."""
        occasion = self.occasion_id
        is_true = occasion.event == "opened" and any(self.exception_ids.mapped("is_open"))
        return is_true and occasion.sequence <= plan.sequence

    def _note_news(self):
        """What a person wrote or released is not changed behind their back: they look once more."""
        self._back_to_review(self.env._("There was news before it was sent."))
        self.filtered("is_edited").sudo().is_outdated = True

    def _back_to_review(self, reason):
        waiting = self.filtered(lambda one: one.state == "waiting").sudo()
        waiting.filtered(lambda one: not one.is_edited).write({"text_subject": False, "text_body": False})
        waiting.write(
            {
                "state": "draft",
                "send_from": False,
                "waits_for": False,
                "released_by_id": False,
                "automation_id": False,
                "released_at": False,
                "reason": reason,
            }
        )

    @api.model
    def _refresh_dates(self, shipments):
        """Drafts show the new day by themselves; what a person edited or released is looked at again."""
        if not shipments:
            return
        drafts = self.sudo().search([("shipment_id", "in", shipments.ids), ("state", "in", OPEN_STATES)])
        drafts.filtered(lambda one: one.is_edited or one.state == "waiting")._note_news()

    # ------------------------------------------------------------------ what is over
    @api.model
    def _end_with(self, exceptions):
        """Drafts about nothing that is still open are over; those about something else as well tell that."""
        if not exceptions:
            return
        drafts = self.sudo().search([("exception_ids", "in", exceptions.ids), ("state", "in", OPEN_STATES)])
        for message in drafts.filtered(lambda one: not one.occasion_id or one.occasion_id.event == "opened"):
            targets = message.exception_ids.merged_into_id.filtered("is_open")
            left = message.exception_ids.filtered("is_open") | targets
            if targets.message_out_ids.filtered(lambda one, m=message: one.state in OPEN_STATES and one._is_twin(m)):
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
        drafts = self.sudo().search([("shipment_id", "in", shipments.ids), ("state", "in", OPEN_STATES)])
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
