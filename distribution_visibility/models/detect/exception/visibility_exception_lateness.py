from odoo import api, fields, models
from odoo.fields import Domain

from .visibility_exception import SEVERITY_RANK

LATE_RISK = "late_risk"
SHIPMENT, PICKING = "visibility.shipment", "stock.picking"


class VisibilityException(models.Model):
    """One work item for one thing: what says why something comes late carries its late risk, too.

    A delay whose new ETA breaks the promise is one exception, whichever of both is known first.
    """

    _inherit = "visibility.exception"

    is_late_risk = fields.Boolean(related="shipment_id.is_late_risk", string="Shipment at risk of being late")
    late_risk_text = fields.Char(related="shipment_id.late_risk_text", string="Late risk")

    # ------------------------------------------------------------------ what explains it
    @api.model
    def _get_kin(self, subject):
        """The records that are late together with a shipment or delivery: (model, id) of it and of its others."""
        if subject._name == SHIPMENT:
            others = {(PICKING, one) for one in subject.picking_ids.ids}
        elif subject._name == PICKING:
            others = {(SHIPMENT, one) for one in subject.sudo().visibility_shipment_ids.ids}
        else:
            return set()
        return {(subject._name, subject.id), *others}

    @api.model
    def _get_kin_domain(self, keys):
        by_model = {model: [one for name, one in keys if name == model] for model in (SHIPMENT, PICKING)}
        return Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", ids) for model, ids in by_model.items()
        )

    def _get_key(self):
        return self.res_model, self.res_id

    def _may_explain(self):
        """Those that are known for sure, and of a kind that makes things late."""
        return self.filtered(
            lambda one: (
                one.category_id.explains_lateness and not one.is_unproven and one.res_model in (SHIPMENT, PICKING)
            )
        )

    @api.model
    def _find_explaining(self, subjects):
        """The open exceptions that say why these are late, themselves or what they belong to.

        :param subjects: list of records
        :return: dict of subject to one exception, for those that have one
        """
        kin = {subject: self._get_kin(subject) for subject in subjects}
        keys = set().union(*kin.values())
        if not keys:
            return {}
        found = self.search(self._get_kin_domain(keys) & Domain(self._get_alive_domain()), order="id")._may_explain()
        result = {}
        for subject, related in kin.items():
            own = (subject._name, subject.id)
            mine = found.filtered(
                lambda one, own=own, related=related: (
                    one._get_key() in related and (one.category_id.code != LATE_RISK or one._get_key() != own)
                )
            )
            if mine:
                result[subject] = mine[0].merged_into_id or mine[0]
        return result

    # ------------------------------------------------------------------ the late risk comes second
    @api.model
    def _open_findings(self, findings):
        late = [subject for category, subject in findings if category.code == LATE_RISK]
        explaining = self._find_explaining(late) if late else {}
        told = {key: facts for key, facts in findings.items() if key[0].code == LATE_RISK and key[1] in explaining}
        if told:
            self._note_causes_are_back(told)
            for (category, subject), facts in told.items():
                explaining[subject]._take_in_late_risk(category, facts)
        left = {key: facts for key, facts in findings.items() if key not in told}
        return super()._open_findings(left) if left else None

    def _take_in_late_risk(self, category, facts):
        """The late risk is told on what explains it: tags, the worse severity, and a sentence."""
        severity = max(self.severity, facts[-1].severity or category.severity, key=SEVERITY_RANK.get)
        values = {"tag_ids": [fields.Command.link(tag) for tag in (category.tag_ids - self.tag_ids).ids]}
        if severity != self.severity:
            values["severity"] = severity
        if severity != self.severity or values["tag_ids"]:
            self.write(values)
        self.sudo()._message_log(body=self.env._("At risk of being late: %s", facts[-1].reason))

    @api.model
    def _clear_late_risk(self, category, shipments):
        result = super()._clear_late_risk(category, shipments)
        for shipment, exception in self._find_explaining(list(shipments)).items():
            why = shipment.late_risk_text or ""
            exception.sudo()._message_log(body=self.env._("It is likely in time again: %(why)s", why=why))
        return result

    # ------------------------------------------------------------------ the late risk was there first
    def _on_opened(self):
        result = super()._on_opened()
        self._take_over_late_risks()
        return result

    def _on_reopened(self):
        result = super()._on_reopened()
        self._take_over_late_risks()
        return result

    @api.model
    def _prove(self, events):
        result = super()._prove(events)
        subjects = {event._get_subject() for event in events if event.category_id.explains_lateness}
        for exception in self._find_explaining(list(subjects)).values():
            exception._take_over_late_risks()
        return result

    def _take_over_late_risks(self):
        """Late risks that were open before these explained them become part of them."""
        explaining = self._may_explain().filtered(lambda one: one.category_id.code != LATE_RISK and one.is_open)
        kin = {one: self._get_kin(one._get_document()) for one in explaining}
        keys = set().union(*kin.values())
        if not keys:
            return
        domain = self._get_kin_domain(keys) & Domain("category_id.code", "=", LATE_RISK) & Domain("is_open", "=", True)
        for late in self.sudo().search(domain):
            one = next((one for one in explaining if late._get_key() in kin[one]), None)
            if one:
                one.sudo()._take_over(late)

    def _take_over(self, late):
        """Make a late risk part of this one. Whoever works on it already goes on here."""
        if late.state != "new" and self.state == "new":
            self.write({"user_id": late.user_id.id, "state": late.state})
        self._merge(late, self.env._("It says why it is late."))
        late.closed_by_id = False

    # ------------------------------------------------------------------ what explained it is over
    def _end(self, values):
        before = (self | self.merged_into_id).filtered("is_open")._may_explain()
        result = super()._end(values)
        self._open_unexplained(before.filtered(lambda one: not one.is_open))
        return result

    def _open_unexplained(self, ended):
        """What stays late although its explanation is over is an exception of its own from now on."""
        shipments = self.env[SHIPMENT]
        for one in ended.filtered(lambda one: one.category_id.code != LATE_RISK or one.res_model != SHIPMENT):
            document = one._get_document().exists()
            shipments |= document.sudo().visibility_shipment_ids if document._name == PICKING else document
        late = shipments.filtered(lambda one: one.is_late_risk and not one.delivered_at)
        if late:
            category = self._get_category(LATE_RISK)
            self._open_findings({(category, one): [self._find_late_risk(one)] for one in late})
