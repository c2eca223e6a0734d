from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.parameters import get_number

FAILING = "subscription_failing"
KINDS = [
    (FAILING, "Receiver fails"),
    ("outbox_dead_letters", "Dead letters of a subscription"),
    ("outbox_stalled", "Events that nothing sends"),
]


class VisibilityWatch(models.AbstractModel):
    """Also looks at receivers that fail, and at events that are given up or that nothing sends."""

    _inherit = "visibility.watch"

    @api.model
    def _find_troubles(self):
        self.env["visibility.outbox.message"].flush_model()
        self.env["visibility.subscription"].flush_model()
        return {
            **super()._find_troubles(),
            **self._find_failing_subscriptions(),
            **self._find_outbox_dead_letters(),
            **self._find_outbox_stalled(),
        }

    @api.model
    def _find_failing_subscriptions(self):
        """From half of the schedule on; the number is the percentage of it that is used up."""
        found = {}
        failing = ["|", ("failing_since", "!=", False), ("is_off_by_failure", "=", True)]
        for one in self.env["visibility.subscription"].sudo().search([("state", "!=", "paused"), *failing]):
            stage = 100 if one.is_off_by_failure else one.state == "active" and one._get_stage()
            if stage:
                found[FAILING, False, str(one.id)] = stage
        return found

    @api.model
    def _find_outbox_dead_letters(self):
        query = SQL(
            """SELECT subscription_id, count(*) FROM visibility_outbox_message
                WHERE state = 'dead' GROUP BY subscription_id HAVING count(*) >= %s""",
            get_number(self.env, "dead_letter_alarm"),
        )
        return {("outbox_dead_letters", False, str(one)): count for one, count in self.env.execute_query(query)}

    @api.model
    def _find_outbox_stalled(self):
        limit, found = fields.Datetime.now() - timedelta(minutes=get_number(self.env, "stalled_minutes")), {}
        if self.env["visibility.subscription"]._is_database_neutralized():
            return found
        outbox = self.env["visibility.outbox.message"]
        for lane, _label in outbox._fields["lane"].selection:
            query = SQL(
                """SELECT m.subscription_id, count(*) FROM visibility_outbox_message m
                    WHERE %s AND m.next_attempt_at < %s GROUP BY m.subscription_id""",
                outbox._get_due_sql(lane),
                limit,
            )
            found.update({("outbox_stalled", False, str(one)): count for one, count in self.env.execute_query(query)})
        return found


class VisibilityIncident(models.Model):
    """Incidents of subscriptions: their owner is told, of a failing receiver again at each stage."""

    _inherit = "visibility.incident"

    kind = fields.Selection(selection_add=KINDS, ondelete={kind: "cascade" for kind, _label in KINDS})
    subscription_id = fields.Many2one(
        "visibility.subscription", index="btree_not_null", readonly=True, ondelete="cascade"
    )

    @api.depends("subscription_id.company_id")
    def _compute_company_id(self):
        result = super()._compute_company_id()
        for incident in self.filtered("subscription_id"):
            incident.company_id = incident.subscription_id.company_id
        return result

    @api.model
    def _watch(self):
        known = self.search([("resolved_at", "=", False), ("kind", "=", FAILING)])
        told = {incident: incident.count for incident in known}
        result = super()._watch()
        known.filtered(lambda one: not one.resolved_at and one.count > told[one])._notify_again()
        return result

    def _notify_again(self):
        """The same incident has reached its next stage: a mail, and the task says so."""
        for incident in self.filtered("activity_id"):
            incident.activity_id.summary = incident.with_context(lang=incident.user_id.lang)._get_title()
        for user, incidents in self.grouped("user_id").items():
            incidents.with_context(lang=user.lang)._send_mail(user)

    @api.model
    def _prepare_incident(self, kind, source_id, subject, count):
        values = super()._prepare_incident(kind, source_id, subject, count)
        if not source_id:
            subscription = self.env["visibility.subscription"].browse(int(subject))
            values["subscription_id"] = subscription.id
            if subscription.owner_id.active:
                values["user_id"] = subscription.owner_id.id
        return values

    def _get_title(self):
        if not self.subscription_id:
            return super()._get_title()
        names = {"receiver": self.subscription_id.name, "count": self.count}
        if self.kind == "outbox_dead_letters":
            return self.env._("%(receiver)s: events that could not be delivered (%(count)s)", **names)
        if self.kind == "outbox_stalled":
            return self.env._("%(receiver)s: events that nothing sends (%(count)s)", **names)
        if self.count >= 100:
            return self.env._("%(receiver)s was switched off because it failed for too long or is gone", **names)
        return self.env._(
            "%(receiver)s fails: %(count)s %% of the time are over after which it is switched off", **names
        )

    def _prepare_activity(self, activity_type):
        values = super()._prepare_activity(activity_type)
        if self.subscription_id:
            model = self.env["ir.model"]._get_id("visibility.subscription")
            values.update(res_model_id=model, res_id=self.subscription_id.id)
        return values

    def action_open_messages(self):
        if not self.subscription_id:
            return super().action_open_messages()
        states = ["dead"] if self.kind == "outbox_dead_letters" else ["pending", "retry", "running"]
        return {
            **self.subscription_id.action_open_messages(),
            "domain": [("subscription_id", "=", self.subscription_id.id), ("state", "in", states)],
        }

    def action_open_source(self):
        if self.subscription_id:
            return self.subscription_id.with_context(active_test=False).get_formview_action()
        return super().action_open_source()


class VisibilitySubscription(models.Model):
    _inherit = "visibility.subscription"

    def _note_answers(self, answers):
        state = self.state
        result = super()._note_answers(answers)
        if self.state != state:
            self.env["visibility.watch"]._wake()
        return result


class VisibilityOutboxMessage(models.Model):
    _inherit = "visibility.outbox.message"

    def _on_buried(self):
        result = super()._on_buried()
        if self:
            self.env["visibility.watch"]._wake()
        return result
