import json

from odoo import fields, models
from odoo.exceptions import UserError

from ....lib.base.grant import OVERRIDES

#: What is held together, by aspect; the first is what a person sets.
HELD = {"eta": ("eta", "eta_source", "eta_reported_at"), "direction": ("direction",)}


class VisibilityShipment(models.Model):
    """Shipments whose ETA, direction or late risk a person holds; facts are recorded all the same.

    Where a shipment is, is no state of automation: a person's word about it is a fact, see ``_correct`` of
    :mod:`visibility_event_correction`.
    """

    _name = "visibility.shipment"
    _inherit = ["visibility.shipment", "visibility.overridable.mixin"]
    _visibility_aspects = {"eta": ["eta"], "direction": ["direction"], "late_risk": ["is_late_risk"]}

    # ------------------------------------------------------------------ nothing but a person changes it
    def _split_by_held(self, vals):
        """What may be written on whom: pairs of shipments and values, without what a person holds."""
        aspects = [aspect for aspect, names in HELD.items() if names[0] in vals]
        if not aspects or OVERRIDES.take(self.env.context):
            return [(self, vals)]
        held = self._filter_held(aspects)
        parts = [(shipment, shipment._leave_out_held(aspects, vals)) for shipment in held]
        return [*((shipment, left) for shipment, left in parts if left), (self - held, vals)]

    def _filter_held(self, aspects):
        return self.filtered(lambda one: any(one._get_override(aspect) for aspect in aspects))

    def _leave_out_held(self, aspects, vals):
        """The values without what a person holds; another person has to say so first."""
        names = {name for aspect in aspects if self._get_override(aspect) for name in HELD[aspect]}
        if not self.env.su:
            self._refuse_change(next(aspect for aspect in aspects if self._get_override(aspect)))
        return {name: value for name, value in vals.items() if name not in names}

    def _refuse_change(self, aspect):
        line = self._get_override(aspect)._get_banner_line().rstrip(".")
        raise UserError(
            self.env._(
                "%(shipment)s: %(line)s. Override it anew, or give it back first.", shipment=self.number, line=line
            )
        )

    def _hold_late_risk(self, values):
        """What a person said goes before what is worked out, until it is delivered."""
        override = None if self.delivered_at else self._get_override("late_risk")
        return {**values, "is_late_risk": json.loads(override.value)} if override else values

    # ------------------------------------------------------------------ beginning and end
    def _apply_override(self, aspect, value):
        if aspect == "eta":
            self._write_by_hand({"eta": value, "eta_source": "person", "eta_reported_at": fields.Datetime.now()})
        elif aspect != "late_risk":
            super()._apply_override(aspect, value)
        return self._refresh_outlook()

    def _release_override(self, aspect, overrides):
        """Worked out anew from what was told meanwhile."""
        if aspect == "direction":
            for shipment in self:
                shipment.direction = shipment._get_direction_by_facts(json.loads(overrides[shipment.id].before))
        self._recompute_from_timeline()

    def _get_direction_by_facts(self, before):
        back = [("shipment_id", "=", self.id), ("counts", "=", True), ("is_return", "=", True)]
        if self.env["visibility.event"].search_count(back, limit=1):
            return "return"
        return self.picking_ids[:1]._get_shipment_direction() or before

    # ------------------------------------------------------------------ who, and in words
    def _get_override_refusal(self, aspect, value):
        refusal = super()._get_override_refusal(aspect, value)
        if not refusal and aspect == "eta" and value and value <= fields.Datetime.to_string(fields.Datetime.now()):
            return self.env._("Say when it will arrive: a time that has not passed yet.")
        return refusal

    def _get_worst_exception(self):
        found = self.exception_ids.filtered("is_open")
        return found.sorted(lambda one: (-one.severity_rank, -one.id))[:1]

    def _get_state_label(self, aspect, value):
        if aspect == "late_risk":
            return self.env._("At risk of being late") if value else self.env._("In time")
        return super()._get_state_label(aspect, value)
