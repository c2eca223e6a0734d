from markupsafe import Markup
from odoo import api, fields, models

from .visibility_rule_engine import SAMPLE

COUNTS = ("matched", "would_open", "seen")


class VisibilityRule(models.Model):
    """What would this find now? Works on what stands in the form, before it is saved."""

    _inherit = "visibility.rule"

    is_previewed = fields.Boolean("What would this find now?", store=False, help="Shows it here, before you save.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends(
        "is_previewed", "kind", "model_id", "domain", "age_field_id", "age_hours", "grace_minutes", "company_id",
        "category_id", "milestone_ids", "event_category_ids", "source_ids", "responsible_party",
    )  # fmt: skip
    def _compute_preview(self):
        for rule in self:
            rule.preview = rule._get_preview() if rule.is_previewed else False

    def _get_preview(self):
        """Counts and some records, or one sentence that says what is wrong."""
        self.check_access("read")
        try:
            # without flush: rolling back must not forget what stands in the form
            with self.env.cr.savepoint(flush=False):
                self._check_readable()
                return self._render_preview(*self._look_ahead())
        except Exception as error:
            return Markup('<p class="text-danger mb-0">%s</p>') % self._explain(error)

    def _look_ahead(self):
        """What the rule would find in the companies that the user sees: counts, and some ids of new ones."""
        companies = self._get_companies() & self.env.companies
        surveys = [self._survey(company) for company in companies]
        counts = {name: sum(survey[name][0] for survey in surveys) for name in COUNTS}
        counts["gone"] = sum(len(survey["gone"]) for survey in surveys)
        sample = [record_id for survey in surveys for record_id in survey["new"] or survey["sample"]]
        return counts, sample[:SAMPLE]

    def _render_preview(self, counts, sample):
        sentence = self.env._(
            "%(matched)s match now: %(new)s would be new, %(seen)s are open already; %(gone)s would be cleared.",
            matched=counts["matched"],
            new=counts["would_open"],
            seen=counts["seen"],
            gone=counts["gone"],
        )
        links = self.env["visibility.rule.run"]._get_links(self.model_name, sample) or ""
        return self._lay_out_preview(sentence, links)

    @api.model
    def _lay_out_preview(self, sentence, links):
        return Markup("<p class='mb-1'><b>%s</b></p>%s") % (sentence, links)
