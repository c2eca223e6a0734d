from dataclasses import replace

from odoo import api, fields, models

from ..exception.visibility_exception import SEVERITY_RANK


class VisibilityException(models.Model):
    """Which rules opened an exception and hold it, and what they say about severity and owner."""

    _inherit = "visibility.exception"

    rule_id = fields.Many2one(
        "visibility.rule", "Found by", index="btree_not_null", readonly=True, ondelete="set null", copy=False,
        written_by="detect",
    )  # fmt: skip
    rule_ids = fields.Many2many(
        "visibility.rule",
        "visibility_exception_rule_rel",
        "exception_id",
        "rule_id",
        "So for",
        readonly=True,
        copy=False,
        context={"active_test": False},
        help="The rules whose condition the document meets now. The exception is cleared when none is left.",
        written_by="detect",
    )

    # ------------------------------------------------------------------ opening
    @api.model
    def _prepare_rule_values(self, finding, subject, user_id):
        """What the rule behind a finding says: its own severity and owner go before the category's."""
        rule = self.env["visibility.rule"].sudo().browse(finding.rule_id or ())
        if not rule:
            return {}
        changes = {"rule_id": rule.id, "user_id": rule._get_owner(subject) or user_id}
        if rule.kind == "condition":
            changes["rule_ids"] = [fields.Command.link(rule.id)]
        if rule.severity:
            changes["severity"] = self._limit_severity(rule.severity, finding.is_trusted)
        return changes

    @api.model
    def _judge_by_rules(self, events):
        """Event rules have their say before the exception opens: they raise, or change what is opened."""
        judged = {}
        for event, rule in self.env["visibility.rule"].sudo()._match_events(events).items():
            category = rule.category_id or event.category_id
            if event._is_trouble(category):
                judged[event] = (category, replace(event._get_finding(), rule_id=rule.id))
        return judged

    @api.model
    def _limit_severity(self, severity, is_trusted):
        """What nobody has proven may be looked at sooner; it blocks nothing."""
        if is_trusted or SEVERITY_RANK[severity] <= SEVERITY_RANK["warning"]:
            return severity
        return "warning"

    def _hear_rule(self, latest, was_open):
        """A rule that sees it for the first time, or brings it back, has its say about severity and owner."""
        if latest.rule_id and (latest.rule_id != self.rule_id.id or self.is_open != was_open):
            values = self._prepare_rule_values(latest, self._get_document(), self.user_id.id)
            # whoever has taken it over keeps it
            self.write({name: value for name, value in values.items() if name != "user_id"})
        elif latest.rule_id and self.rule_id.kind == "condition":
            self.rule_ids = [fields.Command.link(self.rule_id.id)]

    def _prepare_proven(self):
        """What was unproven had its severity held down: now it has the category's, or the rule's if that is more."""
        severities = filter(None, (self.category_id.severity, self.rule_id.severity))
        return {"is_unproven": False, "severity": max(severities, key=SEVERITY_RANK.get)}

    # ------------------------------------------------------------------ clearing
    def _look_again(self):
        """The conditions that hold these are looked at now: what does not match any more ends now, not tonight."""
        for rule in self.sudo().rule_ids.filtered("active"):
            rule._look_again_at(self.filtered(lambda one, rule=rule: one.is_open and rule in one.rule_ids))

    def _clear_unheld(self, sentence):
        """Resolve what a rule's condition had opened, no rule holds any more and is not overdue; gives how many."""
        alive = (self - self._filter_overdue()).filtered(lambda one: one.is_open or one.merged_into_id.is_open)
        unheld = alive.filtered(lambda one: one.rule_id.kind == "condition" and not one.rule_ids)
        if unheld:
            unheld._end({"state": "resolved", "resolution": sentence})
        return len(unheld)

    @api.model
    def _clear_found_by_rules(self, events):
        """What a rule made of an event ends with it, whatever category the sender had named."""
        exceptions = self.search(
            [("event_id", "in", events.ids), ("rule_id.kind", "=", "event"), ("is_open", "=", True)]
        )
        for event, found in exceptions.grouped("event_id").items():
            found._clear(event)

    @api.model
    def _prove_found_by_rules(self, events):
        for exception in self.search([("event_id", "in", events.ids), ("is_unproven", "=", True)]):
            exception.write(exception._prepare_proven())
