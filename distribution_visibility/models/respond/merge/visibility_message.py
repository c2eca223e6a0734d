from odoo import api, fields, models

from ..message.visibility_message import OPEN_STATES


class VisibilityMessage(models.Model):
    _inherit = "visibility.message"

    @api.model
    def _follow_merge(self, gone, kept):
        """What merged recipients were or will be told is the remaining one's; there is one draft of one incident.

        The draft that is furthest stays: one that waits to be sent, else one that a person wrote.
        """
        messages = self._find_merged(gone)
        drafts = {}
        for message in messages.filtered(lambda one: one.state in OPEN_STATES):
            drafts.setdefault(message._get_key_after_merge(gone, kept), []).append(message)
        for key, others in drafts.items():
            here = self.union(*others, self._find_open(*key)).sorted(lambda one: one._get_rank_in_merge(kept))
            here[:-1]._give_way(kept)
        self.flush_model()
        for message in messages:
            message.write(message._prepare_merged(gone, kept))

    @api.model
    def _find_merged(self, gone):
        """All messages of these recipients or incidents, and those still to be sent about these orders."""
        incidents = [f"{gone._name},{one}" for one in gone.ids]
        found = self.search([("incident_key", "in", incidents)], order="id")
        for name in self._get_fields_of(gone):
            alive = [] if name == "partner_id" else [("state", "in", OPEN_STATES)]
            found |= self.search([(name, "in", gone.ids), *alive], order="id")
        return found

    @api.model
    def _get_fields_of(self, records):
        """Which fields of a message name records of this model."""
        names = ("partner_id", "sale_order_id", "purchase_order_id")
        return [name for name in names if self._fields[name].comodel_name == records._name]

    def _prepare_merged(self, gone, kept):
        values = {
            name: kept.id
            for name in self._get_fields_of(gone)
            if self[name] in gone and (name == "partner_id" or self.state in OPEN_STATES)
        }
        if self.incident_key in {f"{gone._name},{one}" for one in gone.ids}:
            values["incident_key"] = f"{kept._name},{kept.id}"
        return values

    def _get_key_after_merge(self, gone, kept):
        values = self._prepare_merged(gone, kept)
        return (
            values.get("incident_key", self.incident_key),
            values.get("partner_id", self.partner_id.id),
            self.audience,
        )

    @api.model
    def _find_open(self, incident, partner, audience):
        domain = [("incident_key", "=", incident), ("partner_id", "=", partner), ("audience", "=", audience)]
        return self.search([*domain, ("state", "in", OPEN_STATES)])

    def _get_rank_in_merge(self, kept):
        is_of_kept = any(self[name] == kept for name in self._get_fields_of(kept))
        return self.state == "waiting", self.is_edited, is_of_kept, -self.id

    def _give_way(self, kept):
        """These are not told: another draft says the same to the same recipient."""
        if self:
            self.write(
                {
                    "state": "discarded",
                    "finished_at": fields.Datetime.now(),
                    "send_from": False,
                    "waits_for": False,
                    "reason": self.env._("Merged: another draft tells %s of this.", kept.display_name),
                }
            )
            self._mark_exceptions()
