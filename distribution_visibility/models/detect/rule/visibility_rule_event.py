import time
from collections import defaultdict

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.safe_eval import safe_eval


class VisibilityRule(models.Model):
    """Rules about what senders report: looked at once for each event, before its exception opens.

    The first rule that fits an event decides. It raises an exception where the event alone would not,
    or changes the category, the severity and the owner of the one that it opens.
    """

    _inherit = "visibility.rule"

    milestone_ids = fields.Many2many("visibility.milestone", string="Milestones", help="One of these. Empty: any.")
    event_category_ids = fields.Many2many(
        "visibility.exception.category", string="Reported as", help="One of these. Empty: any, or no trouble at all."
    )
    source_ids = fields.Many2many("visibility.source", string="Sources", help="From one of these. Empty: from any.")
    responsible_party = fields.Selection("_selection_responsible_party", "Responsible")

    @api.model
    def _selection_responsible_party(self):
        return self.env["visibility.exception"]._fields["responsible_party"].selection

    # ------------------------------------------------------------------ which events
    def _get_event_domain(self):
        """What an event has to be for this rule; the condition stands beside it."""
        domain = Domain(safe_eval(self.domain or "[]", self._get_eval_context(self.env["visibility.event"])))
        for name, records in (
            ("milestone_id", self.milestone_ids),
            ("category_id", self.event_category_ids),
            ("source_id", self.source_ids),
            ("company_id", self.company_id),
        ):
            if records:
                domain &= Domain(name, "in", records.ids)
        if self.responsible_party:
            domain &= Domain("responsible_party", "=", self.responsible_party)
        return domain

    @api.model
    @tools.ormcache()
    def _get_event_rule_ids(self):
        """Ids of the rules about events in their order; any change of a rule forgets it."""
        return tuple(self.sudo().with_context(active_test=True).search([("kind", "=", "event")]).ids)

    @api.model
    def _match_events(self, events):
        """The first rule that fits each event: one query a rule for the whole batch.

        :return: dict of event to rule; rules in test mode only write down what they would have changed
        """
        matched, left = {}, events
        for rule in self.browse(self._get_event_rule_ids()):
            if not left:
                break
            found = rule._look_at(left)
            if not rule.is_test:
                matched.update({event: rule for event in left if event.id in found})
                left = left.filtered(lambda event, found=found: event.id not in found)
        return matched

    def _look_at(self, events):
        """The ids of those events that this rule fits; a broken or paused rule fits none."""
        started = time.monotonic()
        if self.is_paused:
            return set()
        try:
            with self.env.cr.savepoint():
                found = self._find_among(events)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self._note_error("event", started, error)
            return set()
        if found:
            self._note_effect("event", started, self._get_event_effect(found))
        return set(found[: self.max_new])

    def _find_among(self, events):
        found = events.sudo().search(self._get_event_domain() & Domain("id", "in", events.ids), order="id").ids
        if len(found) > self.max_new and not self.is_test:
            self._pause()
        return found

    def _get_event_effect(self, found):
        effect = defaultdict(int, matched=len(found), sample=[])
        if self.is_test:
            effect.update(would_open=len(found), sample=found[:10])
        return effect

    # ------------------------------------------------------------------ preview
    def _look_ahead(self):
        """For events: how many that are stored already would have been meant."""
        if self.kind != "event":
            return super()._look_ahead()
        domain = self._get_event_domain() & Domain("company_id", "in", self.env.companies.ids)
        events = self.env["visibility.event"].sudo()
        return {"matched": events.search_count(domain)}, events.search(domain, limit=10).ids

    def _render_preview(self, counts, sample):
        if self.kind != "event":
            return super()._render_preview(counts, sample)
        links = self.env["visibility.rule.run"]._get_links("visibility.event", sample) or ""
        sentence = self.env._(
            "%(count)s events of the past are like this. Here are the latest:", count=counts["matched"]
        )
        return self._lay_out_preview(sentence, links)
