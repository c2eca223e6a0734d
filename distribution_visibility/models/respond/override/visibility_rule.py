from odoo import api, fields, models

from ..automation.base_automation import STATISTICS_DAYS


class VisibilityRule(models.Model):
    """Rules that a person lets rest until a date, and how often people decide against what a rule found."""

    _name = "visibility.rule"
    _inherit = ["visibility.rule", "visibility.overridable.mixin"]
    _visibility_aspects = {"runs": []}

    overridden_count = fields.Integer(
        "Overridden (30 days)",
        compute="_compute_overridden",
        help="What people decided against what this rule had found.",
    )
    overridden_rate = fields.Float(
        "Overridden share (30 days)",
        compute="_compute_overridden",
        help="Of the exceptions that it found within 30 days and those overridden then: how many were overridden.",
    )

    # ------------------------------------------------------------------ at rest
    def _is_at_rest(self):
        """Then it looks only when somebody presses the button."""
        return bool(self._get_override("runs"))

    def _release_override(self, aspect, overrides):
        """It looks at once at what it has missed."""
        self._plan_next_run()

    @api.model
    def _get_kept_closed(self):
        """Ids of exceptions that a person keeps as they are, so that none comes back."""
        standing = self.env["visibility.override"].sudo().search(
            [
                ("is_open", "=", True),
                ("res_model", "=", "visibility.exception"),
                ("aspect", "in", ("state", "all")),
            ]
        )
        return standing.mapped("res_id")

    # ------------------------------------------------------------------ how often people know better
    def _compute_overridden(self):
        since = self.env["visibility.action.run"]._since(days=STATISTICS_DAYS)
        overrides = self.env["visibility.override"].sudo().search(self._get_overridden_domain())
        found = dict(
            self.env["visibility.exception"]
            .sudo()
            ._read_group([("rule_id", "in", self.ids), ("first_seen_at", ">=", since)], ["rule_id"], ["__count"])
        )
        for rule in self:
            mine = overrides.filtered(lambda override, rule=rule: override.rule_id == rule)
            records = {(one.res_model, one.res_id) for one in mine.filtered(lambda one: not one.exception_id)}
            records |= {("visibility.exception", one.id) for one in mine.exception_id}
            rule.overridden_count = len(mine)
            rule.overridden_rate = min(len(records) / found[rule], 1) if found.get(rule) else float(bool(mine))

    def _get_overridden_domain(self):
        """What people decided against these lately: both counted and shown."""
        return [
            ("rule_id", "in", self.ids),
            ("kind", "=", "grant"),
            ("aspect", "!=", "runs"),
            ("create_date", ">=", self.env["visibility.action.run"]._since(days=STATISTICS_DAYS)),
        ]

    def action_open_overrides(self):
        """What people decided against this rule lately."""
        self.ensure_one()
        domain = self._get_overridden_domain()
        return self._open_action("distribution_visibility.visibility_override_action", domain=domain)
