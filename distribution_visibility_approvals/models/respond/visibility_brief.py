from odoo import api, models


class VisibilityBriefFacts(models.AbstractModel):
    _inherit = "visibility.brief.facts"

    @api.model
    def _get_awaited(self, exception):
        return exception._get_open_decision().filtered(lambda one: one.state == "requested").display_name or ""


class VisibilityBrief(models.Model):
    """A brief names those who may decide about an option."""

    _inherit = "visibility.brief"

    def _say_decider(self, kind):
        """The tiers that cover this kind, as far as it alone decides."""
        domain = [("model", "=", "visibility.decision"), ("company_id", "in", [False, self.company_id.id])]
        definitions = self.env["tier.definition"].sudo().search(domain, order="sequence desc")
        sample = self.env["visibility.decision"].sudo().new({"exception_id": self.exception_id.id, "kind": kind})
        names = [definition.name for definition in definitions if sample.evaluate_tier(definition)]
        return ", ".join(names) or self.env._("nobody is named")
