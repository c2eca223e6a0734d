from odoo import api, fields, models
from odoo.fields import Domain

from ....lib.base.days import local_day
from ....lib.base.told import mark_day
from ....lib.detect.exception.finding import Finding
from ...base.words.told import say_all, tell
from .visibility_exception import SEVERITY_RANK

LATE_RISK = "late_risk"
SHIPMENT, PICKING = "visibility.shipment", "stock.picking"
CODES = ("risk_passed", "risk_eta", "risk_estimate", "risk_lane", "risk_waiting")


class VisibilityException(models.Model):
    """Late, and by when: suppliers' dates that move, shipments that will miss the promise, and the time to respond.

    Odoo itself hides that a supplier moves a date: it moves the deadlines of receipt and delivery along, so nothing is
    late. A shipment's late risk opens at the company's threshold and clears below it. It is one work item with what
    says why something comes late: a delay whose new ETA breaks the promise is one exception, whichever of both is known
    first.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    is_late_risk = fields.Boolean(related="shipment_id.is_late_risk", string="Shipment at risk of being late")
    late_risk_text = fields.Char(related="shipment_id.late_risk_text", string="Late risk")

    # ------------------------------------------------------------------ the time to respond
    @api.model
    def _get_deadlines(self, findings):
        """The deadline by category and company: calendars are slow, and all findings are of one moment."""
        pairs = {(category, self._get_subject_company(subject)) for category, subject in findings}
        return {pair: self._get_deadline(*pair) for pair in pairs}

    @api.model
    def _get_deadline(self, category, company, since=None):
        """When the response is due: the category's working hours from now, by the company's calendar.

        :param since: count from this moment (naive UTC) instead of now
        """
        begin = since or fields.Datetime.now()
        return company.resource_calendar_id._plan_visibility_hours(category.response_hours, begin, company)

    # ------------------------------------------------------------------ suppliers' dates that move
    @api.model
    def _detect_moved_promises(self, lines):
        """Look at purchase order lines whose promise is new or has moved: open, or clear.

        :param lines: confirmed purchase order lines
        """
        self._detect_late_receipts(lines.order_id)
        self._detect_late_deliveries(lines)

    @api.model
    def _detect_late_receipts(self, orders):
        late = {order: order.order_line.filtered(self._is_receipt_late) for order in orders}
        category = self._get_category("late_risk")
        self._open_findings(
            {(category, order): [self._find_late_receipt(lines)] for order, lines in late.items() if lines}
        )
        good = orders.filtered(lambda order: not late[order])
        self._clear_subjects(category, good, self.env._("The supplier is back on the first promise."))

    @api.model
    def _is_receipt_late(self, line):
        is_later = line._is_later(line.visibility_promise_at, line.visibility_first_promise_at)
        return is_later and line._is_awaited()

    @api.model
    def _find_late_receipt(self, lines):
        worst = max(lines, key=lambda line: line.visibility_promise_at - line.visibility_first_promise_at)
        reason = say_all(self.env, lambda env: self.with_env(env)._say_late_receipt(worst.with_env(env)))
        return Finding(fields.Datetime.now(), reason, "promise_moved", "supplier")

    @api.model
    def _say_late_receipt(self, line):
        return self.env._(
            "%(product)s: promised for %(first)s, now %(latest)s",
            product=line.product_id.display_name,
            first=self._mark_day(line, line.visibility_first_promise_at),
            latest=self._mark_day(line, line.visibility_promise_at),
        )

    @api.model
    def _detect_late_deliveries(self, lines):
        """The customers' orders that wait for these lines: is their promise still possible?"""
        findings, orders = {}, self.env["sale.order"]
        category = self._get_category("late_risk")
        for line, moves in lines._get_waiting_deliveries().items():
            for move in moves:
                order, expected = move.sale_line_id.order_id, line._get_expected_delivery(move)
                orders |= order
                if self._is_delivery_late(move, expected):
                    findings.setdefault((category, order), []).append(self._find_late_delivery(line, move, expected))
        self._open_findings(findings)
        good = orders.filtered(lambda order: (category, order) not in findings)
        self._clear_subjects(category, good, self.env._("What it waits for comes in time again."))

    @api.model
    def _is_delivery_late(self, move, expected):
        """Whether this is too late for what the customer was told last: one who agreed to a later day waits for it."""
        return move.sale_line_id._is_later(expected, move.sale_line_id.visibility_promise_at)

    @api.model
    def _find_late_delivery(self, line, move, expected):
        reason = say_all(
            self.env, lambda env: self.with_env(env)._say_late_delivery(line.with_env(env), move.sale_line_id, expected)
        )
        return Finding(fields.Datetime.now(), reason, "supplier_late", "supplier")

    @api.model
    def _say_late_delivery(self, line, sale_line, expected):
        return self.env._(
            "Waits for %(purchase)s: %(product)s can go on %(expected)s, promised was %(promise)s",
            purchase=line.order_id.name,
            product=line.product_id.display_name,
            expected=self._mark_day(sale_line, expected),
            promise=self._mark_day(sale_line, sale_line.visibility_promise_at),
        )

    @api.model
    def _get_category(self, code):
        ids = self.env["visibility.exception.category"]._get_ids_by_code()
        return self.env["visibility.exception.category"].browse(ids.get(code))

    @api.model
    def _mark_day(self, line, moment):
        """The day on which this moment (naive UTC) is where the goods of an order's line are delivered, as kept."""
        return mark_day(local_day(moment, line._get_visibility_zone()))

    # ------------------------------------------------------------------ shipments that will miss the promise
    @api.model
    def _detect_late_risk(self, before):
        """Look at shipments whose late risk was worked out anew.

        Only what crossed the threshold, or is at risk for another reason than before, is news.

        :param dict before: shipments to (at risk before, basis before)
        """
        category = self._get_category("late_risk")
        risen = [
            shipment
            for shipment, (was_at_risk, basis) in before.items()
            if shipment.is_late_risk and (not was_at_risk or basis != shipment.risk_basis)
        ]
        if risen:
            self._open_findings({(category, shipment): [self._find_late_risk(shipment)] for shipment in risen})
        fallen = [
            shipment.id
            for shipment, (was_at_risk, _basis) in before.items()
            # What was delivered is cleared by the fact that says so.
            if was_at_risk and not shipment.is_late_risk and not shipment.delivered_at
        ]
        if fallen:
            self._clear_late_risk(category, self.env["visibility.shipment"].browse(fallen))

    @api.model
    def _find_late_risk(self, shipment):
        party = "" if shipment.risk_basis == "waiting" else "carrier"
        reason = say_all(self.env, lambda env: shipment.with_env(env).late_risk_text)
        return Finding(fields.Datetime.now(), reason, f"risk_{shipment.risk_basis}", party)

    @api.model
    def _clear_late_risk(self, category, shipments):
        """What a carrier itself reported as late is not ours to clear; what explains the lateness is told of it."""
        mine = self._find_open(category, shipments).filtered(lambda exception: exception.reason_code in CODES)
        for exception in mine:
            sentence = self._say_in_time(exception.shipment_id)
            self._clear_subjects(category, exception.shipment_id, sentence)
        for shipment, exception in self._find_explaining(list(shipments)).items():
            exception.sudo()._message_log(body=self._say_in_time(shipment))

    @api.model
    def _say_in_time(self, shipment):
        return self.env._("It is likely in time again: %(why)s", why=shipment.late_risk_text or "")

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

    def _get_explaining(self):
        """Of these and what they were merged into the open ones that explain why something is late."""
        return (self | self.merged_into_id).filtered("is_open")._may_explain()

    # ------------------------------------------------------------------ the late risk comes second
    @api.model
    def _leave_out_told(self, findings):
        """Tell late risks on what explains them; gives the other findings."""
        late = [subject for category, subject in findings if category.code == LATE_RISK]
        explaining = self._find_explaining(late) if late else {}
        told = {key: facts for key, facts in findings.items() if key[0].code == LATE_RISK and key[1] in explaining}
        if told:
            self._note_causes_are_back(told)
            for (category, subject), facts in told.items():
                explaining[subject]._take_in_late_risk(category, facts)
        return {key: facts for key, facts in findings.items() if key not in told}

    def _take_in_late_risk(self, category, facts):
        """The late risk is told on what explains it: tags, the worse severity, and a sentence."""
        severity = max(self.severity, facts[-1].severity or category.severity, key=SEVERITY_RANK.get)
        values = {"tag_ids": [fields.Command.link(tag) for tag in (category.tag_ids - self.tag_ids).ids]}
        if severity != self.severity:
            values["severity"] = severity
        if severity != self.severity or values["tag_ids"]:
            self.write(values)
        self.sudo()._message_log(body=self.env._("At risk of being late: %s", tell(self.env, facts[-1].reason)))

    # ------------------------------------------------------------------ the late risk was there first
    @api.model
    def _prove_explaining(self, events):
        subjects = {event._get_subject() for event in events if event.category_id.explains_lateness}
        for exception in self._find_explaining(list(subjects)).values():
            exception._take_over_late_risks()

    def _take_over_late_risks(self):
        """Late risks that were open before these explained them become part of them."""
        explaining = self._may_explain().filtered(lambda one: one.category_id.code != LATE_RISK and one.is_open)
        living = explaining._get_living_documents()
        kin = {one: self._get_kin(living[one._get_key()]) for one in explaining if one._get_key() in living}
        keys = set().union(*kin.values())
        if not keys:
            return
        domain = self._get_kin_domain(keys) & Domain("category_id.code", "=", LATE_RISK) & Domain("is_open", "=", True)
        for late in self.sudo().search(domain):
            one = next((one for one, mine in kin.items() if late._get_key() in mine), None)
            if one:
                one.sudo()._take_over(late)

    def _take_over(self, late):
        """Make a late risk part of this one. Whoever works on it already goes on here."""
        if late.state != "new" and self.state == "new":
            self.write({"user_id": late.user_id.id, "state": late.state})
        self._merge(late, self.env._("It says why it is late."))
        late.closed_by_id = False

    # ------------------------------------------------------------------ what explained it is over
    def _let_late_risks_go(self):
        """Late risks that these took over, where nothing else is in them, are exceptions of their own from now on.

        Else what stops a delivery would stop it for as long as it is late, though the hold itself is over.
        """
        parts = self.merged_ids.filtered(lambda one: not one.cause_ended_at)
        taken = parts.filtered(lambda one: one.category_id.code == LATE_RISK and not one.closed_by_id)
        alone = taken.filtered(lambda one: not (parts & one.merged_into_id.merged_ids) - taken)
        alone.filtered(lambda one: one.merged_into_id.category_id.code != LATE_RISK).write(
            {"merged_into_id": False, "state": "new"}
        )

    @api.model
    def _open_unexplained(self, explaining):
        """What stays late although its explanation is over is an exception of its own from now on."""
        shipments = self.env[SHIPMENT]
        ended = explaining.filtered(lambda one: not one.is_open)
        for one in ended.filtered(lambda one: one.category_id.code != LATE_RISK or one.res_model != SHIPMENT):
            document = one._get_document().exists()
            shipments |= document.sudo().visibility_shipment_ids if document._name == PICKING else document
        late = shipments.filtered(lambda one: one.is_late_risk and not one.delivered_at)
        if late:
            category = self._get_category(LATE_RISK)
            self._open_findings({(category, one): [self._find_late_risk(one)] for one in late})
