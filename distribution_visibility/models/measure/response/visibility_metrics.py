from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.respond.ownership.assignment import UNOWNED

REFUSED = "not_sent"

class VisibilityMetrics(models.AbstractModel):
    """What automations did, what people decided against them, and what becomes of messages to partners."""

    _inherit = "visibility.metrics"

    # ------------------------------------------------------------------ automations and their log
    @api.model
    def _get_action_gauges(self):
        runs = self.env["visibility.action.run"].sudo()
        recent = [("occurred_at", ">", runs._since(days=1)), ("automation_id", "!=", False)]
        counts, succeeded = {}, {}
        for automation, result, count in runs._read_group(recent, ["automation_id", "result"], ["record_count:sum"]):
            counts[(self._get_automation_label(automation), result)] = count
            if result in ("done", "failed"):
                done, total = succeeded.get(automation, (0, 0))
                succeeded[automation] = (done + count * (result == "done"), total + count)
        failures = runs._read_group(
            [("result", "=", "failed"), ("automation_id", "!=", False)], ["automation_id"], ["occurred_at:max"]
        )
        return [
            self._gauge(
                "visibility_automation_records_last_day",
                "Records that governed automations looked at within a day, by result.",
                counts,
                ["automation", "result"],
            ),
            self._gauge(
                "visibility_automation_success_ratio_last_day",
                "Of what governed automations did within a day, how much succeeded.",
                {(self._get_automation_label(one),): done / total for one, (done, total) in succeeded.items() if total},
                ["automation"],
            ),
            self._gauge(
                "visibility_automation_last_failure_timestamp_seconds",
                "When a governed automation last failed.",
                {(self._get_automation_label(one),): self._get_timestamp(at) for one, at in failures},
                ["automation"],
            ),
            self._gauge(
                "visibility_responses_waiting",
                "Responses that wait for a person's answer.",
                self._count("visibility.action.run", [("status", "=", "open")]),
            ),
            self._gauge(
                "visibility_exceptions_unowned",
                "Open exceptions that went to a fallback because nobody was there for them.",
                self._count("visibility.exception", [("is_open", "=", True), ("owner_source", "in", UNOWNED)]),
            ),
            self._gauge(
                "visibility_action_log_broken",
                "1 where the log of responses of a company was changed.",
                {
                    (str(chain.company_id.id),): int(chain.state == "broken")
                    for chain in self.env["visibility.action.chain"].sudo().search([("head_sequence", ">", 0)])
                },
                ["company"],
            ),
        ]

    @api.model
    def _get_automation_label(self, automation):
        """Its id and its name in English, so that a label stays what it is in any language."""
        return f"{automation.id} {automation.with_context(lang='en_US').name}"

    # ------------------------------------------------------------------ what people decided against them
    @api.model
    def _get_override_families(self):
        rows = self.env["visibility.override"].sudo()
        made, ended = {}, {}
        for aspect, kind, count in rows._read_group([], ["aspect", "kind"], ["__count"]):
            if kind == "grant":
                made[aspect,] = count
            else:
                ended[aspect, "expired" if kind == "expire" else "given_back"] = count
        standing = {(aspect,): count for aspect, count in self._count_standing(rows)}
        against = rows._read_group(
            [("automation_id", "!=", False), ("kind", "=", "grant")], ["automation_id"], ["__count"]
        )
        return [
            # Rows are never deleted, so these never fall
            self._counter("visibility_overrides_made", "What people took out of automation's hands.", ["state"], made),
            self._counter("visibility_overrides_ended", "Overrides that ended.", ["state", "how"], ended),
            self._gauge("visibility_overrides_in_force", "Overrides that hold now.", standing, ["state"]),
            self._counter(
                "visibility_automation_overridden",
                "What people set otherwise than an automation had.",
                ["automation"],
                {(self._get_automation_label(one),): count for one, count in against},
            ),
        ]

    @api.model
    def _count_standing(self, rows):
        """A step that was let pass holds no longer than its exception."""
        in_time = ["|", ("until", "=", False), ("until", ">", fields.Datetime.now())]
        alive = ["|", ("aspect", "!=", "gate"), ("exception_id.is_open", "=", True)]
        return rows._read_group([("is_open", "=", True), *in_time, *alive], ["aspect"], ["__count"])

    # ------------------------------------------------------------------ messages to customers and suppliers
    @api.model
    def _get_message_gauges(self):
        day = fields.Datetime.now() - timedelta(days=1)
        messages = self.env["visibility.message"].sudo()
        return [
            self._gauge(
                "visibility_messages_open",
                "Messages to partners that are not sent yet, by state.",
                self._count_open_messages(messages),
                ["audience", "state"],
            ),
            self._gauge(
                "visibility_messages_drafted_last_day",
                "Messages to partners that were drafted within a day.",
                {
                    (audience,): count
                    for audience, count in messages._read_group(
                        [("drafted_at", ">", day)], ["audience"], ["__count"]
                    )
                },
                ["audience"],
            ),
            self._gauge(
                "visibility_messages_finished_last_day",
                "What became of messages within a day: sent, discarded, or why they were not sent.",
                self._count_finished_messages(messages, day),
                ["audience", "result"],
            ),
            self._gauge(
                "visibility_messages_release_seconds_last_day",
                "From draft to release, on average, of messages that were released within a day.",
                self._get_release_seconds(day),
                ["audience"],
            ),
        ]

    @api.model
    def _count_open_messages(self, messages):
        counts = {(audience, state): 0 for audience in ("customer", "supplier") for state in ("draft", "waiting")}
        groups = messages._read_group([("state", "in", ("draft", "waiting"))], ["audience", "state"], ["__count"])
        return counts | {(audience, state): count for audience, state, count in groups}

    @api.model
    def _count_finished_messages(self, messages, since):
        groups = messages._read_group([("finished_at", ">", since)], ["audience", "state", "refusal"], ["__count"])
        counts = {}
        for audience, state, refusal, count in groups:
            key = audience, refusal if state == REFUSED and refusal else state
            counts[key] = counts.get(key, 0) + count
        return counts

    @api.model
    def _get_release_seconds(self, since):
        self.env["visibility.message"].flush_model()
        query = SQL(
            """SELECT audience, avg(extract(epoch FROM released_at - drafted_at)) FROM visibility_message
                WHERE released_at > %s GROUP BY audience""",
            since,
        )
        return {(audience,): float(seconds) for audience, seconds in self.env.execute_query(query)}
