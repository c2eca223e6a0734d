from odoo import api, fields, models

from ....lib.detect.exception.finding import Finding
from ...base.words.told import say_all


class VisibilityException(models.Model):
    """Numbers that several shipments have: somebody has to say which one is meant."""

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _detect_undecided(self, events):
        """:param events: events that wait for a person to choose their shipment"""
        category = self._get_category("shipment_undecided")
        findings = {}
        for event in events.filtered(lambda event: not event.choice_id.is_test).sorted("id"):
            choice = event.choice_id
            reason = say_all(self.env, lambda env, choice=choice: self.with_env(env)._say_undecided(choice))
            finding = Finding(event.received_at, reason, "shipment_undecided", "", event.is_trusted)
            findings.setdefault((category, choice), []).append(finding)
        if findings:
            self._open_findings(findings)

    @api.model
    def _detect_undecided_picking(self, choice):
        reason = say_all(self.env, lambda env: self.with_env(env)._say_undecided(choice))
        finding = Finding(fields.Datetime.now(), reason, "shipment_undecided")
        self._open_findings({(self._get_category("shipment_undecided"), choice): [finding]})

    @api.model
    def _say_undecided(self, choice):
        return self.env._(
            "%(count)s shipments have the number %(number)s: %(shipments)s",
            count=len(choice.candidate_ids),
            number=choice.number,
            shipments=", ".join(
                shipment.carrier_code or self.env._("carrier unknown") for shipment in choice.candidate_ids
            ),
        )

    @api.model
    def _clear_undecided(self, choice, user):
        sentence = self.env._(
            "%(user)s chose %(carrier)s %(number)s.",
            user=user.name,
            carrier=choice.shipment_id.carrier_code or "",
            number=choice.shipment_id.number,
        )
        self._clear_subjects(self._get_category("shipment_undecided"), choice, sentence)
