from odoo import api, fields, models


class VisibilityMetrics(models.AbstractModel):
    """What people decided against automation: how often, what of it is in force, and how it ended."""

    _inherit = "visibility.metrics"

    @api.model
    def _get_families(self):
        return [*super()._get_families(), *self._get_override_families()]

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
