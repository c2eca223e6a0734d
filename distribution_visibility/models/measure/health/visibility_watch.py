from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.parameters import get_number

FAILING = "subscription_failing"
# The scan comes every few minutes: what is due for longer has nobody who looks.
UNNOTICED = timedelta(hours=1)


class VisibilityWatch(models.AbstractModel):
    """Looks for trouble of the machinery: what is given up or stands still, and what nobody answers for."""

    _name = "visibility.watch"
    _description = "Watch over the queue"

    @api.model
    def _wake(self):
        """Have the watch look as soon as this transaction is committed."""
        cron = self.env.ref("distribution_visibility.ir_cron_watch", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _find_troubles(self):
        """What is wrong now: a dict of (kind, source id, subject) to how many messages are concerned.

        Extend it to watch over more; each kind is a value of ``visibility.incident.kind``.
        """
        return {
            **self._find_inbox_troubles(),
            **self._find_scheduled_actions(),
            **self._find_response_troubles(),
            **self._find_outbox_troubles(),
            **self._find_unnoticed(),
        }

    # ------------------------------------------------------------------ messages in, and scheduled actions
    @api.model
    def _find_inbox_troubles(self):
        self.env["visibility.inbox.message"].flush_model()
        return {**self._find_dead_letters(), **self._find_stalled()}

    @api.model
    def _find_dead_letters(self):
        least = get_number(self.env, "dead_letter_alarm")
        query = SQL(
            """SELECT source_id, count(*) FROM visibility_inbox_message
                WHERE state IN ('dead', 'quarantined') GROUP BY source_id HAVING count(*) >= %s""",
            least,
        )
        return {("dead_letters", source, ""): count for source, count in self.env.execute_query(query)}

    @api.model
    def _find_stalled(self):
        """Messages that have been due for too long and that nobody takes, by source and lane."""
        limit = fields.Datetime.now() - timedelta(minutes=get_number(self.env, "stalled_minutes"))
        found = {}
        for lane in self.env["visibility.heartbeat"]._get_lanes():
            query = SQL(
                """SELECT m.source_id, count(*) FROM visibility_inbox_message m
                    WHERE %s AND m.next_attempt_at < %s GROUP BY m.source_id""",
                self.env["visibility.inbox.message"]._get_due_sql(lane),
                limit,
            )
            found.update({("stalled", source, lane): count for source, count in self.env.execute_query(query)})
        return found

    @api.model
    def _find_scheduled_actions(self):
        """Ours that do not run. Odoo switches one off by itself when it failed for a week."""
        source = self.env["visibility.heartbeat"]._get_source()
        names = self.env["visibility.health"]._get_failing_actions() if source else []
        return {("scheduled_action", source.id, name): 0 for name in names}

    # ------------------------------------------------------------------ expectations
    @api.model
    def _find_unnoticed(self):
        source = self.env["visibility.heartbeat"]._get_source()
        rows = self.env["visibility.expectation"].sudo()
        domains = {
            "due": [("state", "=", "open"), ("tell_at", "<", fields.Datetime.now() - UNNOTICED)],
            "failed": [("error", "!=", False), ("state", "=", "overdue")],
        }
        found = (
            {subject: rows.search_count(domain, limit=1_000) for subject, domain in domains.items()} if source else {}
        )
        return {("expectations", source.id, subject): count for subject, count in found.items() if count}

    # ------------------------------------------------------------------ responses
    @api.model
    def _find_response_troubles(self):
        """The log of responses, automations at their limit, and whether somebody is there who answers for it."""
        return {
            **self._find_broken_logs(),
            **self._find_limits(),
            **self._find_owners_who_left(),
            **self._find_skipped_levels(),
        }

    @api.model
    def _find_limits(self):
        """Automations that have skipped records within the last hour because of their limit."""
        source = self.env["visibility.heartbeat"]._get_source()
        runs = self.env["visibility.action.run"]
        domain = [
            ("result", "=", "limited"),
            ("occurred_at", ">", runs._since(hours=1)),
            ("automation_id", "!=", False),
        ]
        groups = runs._read_group(domain, ["automation_id"], ["record_count:sum"]) if source else []
        return {("automation_limit", source.id, f"{one.id} {one.name}"): count for one, count in groups}

    @api.model
    def _find_broken_logs(self):
        source = self.env["visibility.heartbeat"]._get_source()
        chains = self.env["visibility.action.chain"].search([("broken_sequence", ">", 0)]) if source else []
        return {
            ("action_log", source.id, f"{chain.company_id.name}, {chain.broken_sequence}"): chain.broken_sequence
            for chain in chains
        }

    @api.model
    def _find_owners_who_left(self):
        """Automations and policies whose owner is not here any more, or may not do any more what they do."""
        source = self.env["visibility.heartbeat"]._get_source()
        left = self._get_ownerless() if source else []
        return {("owner_left", source.id, record.name): 0 for record in left}

    @api.model
    def _get_ownerless(self):
        """Seam: what acts by itself in the name of nobody."""
        governed = self.env["base.automation"].sudo().search([("is_governed", "=", True)])
        policies = self.env["visibility.proposal.policy"].sudo().search([("active", "=", True)])
        return [
            *governed.filtered(lambda one: not one.accountable_id.active),
            *policies.filtered(lambda one: not one._has_owner()),
        ]

    @api.model
    def _find_skipped_levels(self):
        """Open exceptions of which a level of escalation was skipped because it failed again and again."""
        source = self.env["visibility.heartbeat"]._get_source()
        exceptions = self.env["visibility.exception"].sudo()
        domain = [("is_open", "=", True), ("escalation_skipped", ">", 0)]
        groups = exceptions._read_group(domain, ["escalation_policy_id"], ["__count"]) if source else []
        return {("escalation_failed", source.id, f"{policy.id} {policy.name}"): count for policy, count in groups}

    # ------------------------------------------------------------------ events out
    @api.model
    def _find_outbox_troubles(self):
        """Receivers that fail, and events that are given up or that nothing sends."""
        self.env["visibility.outbox.message"].flush_model()
        self.env["visibility.subscription"].flush_model()
        return {
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
