from odoo import api, fields, models

KINDS = [("owner_left", "Nobody answers for it"), ("escalation_failed", "Escalation skipped")]


class VisibilityWatch(models.AbstractModel):
    """Also looks at whether somebody is there: behind what acts by itself, and behind each level of escalations."""

    _inherit = "visibility.watch"

    @api.model
    def _find_troubles(self):
        return {**super()._find_troubles(), **self._find_owners_who_left(), **self._find_skipped_levels()}

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


class VisibilityIncident(models.Model):
    _inherit = "visibility.incident"

    kind = fields.Selection(selection_add=KINDS, ondelete={kind: "cascade" for kind, _label in KINDS})

    def _get_title(self):
        if self.kind == "owner_left":
            return self.env._("Nobody answers for “%s” any more: name an owner", self.subject)
        if self.kind == "escalation_failed":
            return self.env._(
                "The escalation “%(policy)s” could not take a level: %(count)s exceptions",
                policy=self.subject.partition(" ")[2],
                count=self.count,
            )
        return super()._get_title()
