from odoo import models
from odoo.exceptions import UserError

from ....lib.base.grant import Answer
from ...detect.exception.visibility_exception import SEVERITY_RANK

#: Where a record says what it is worth, in this order, in company currency.
VALUE_FIELDS = ("value_at_risk", "amount_untaxed_signed", "amount_untaxed")


class BaseAutomation(models.Model):
    """A governed automation that asks a person before it acts on what is worth much or is severe."""

    _inherit = "base.automation"

    def _ask_first(self, records):
        """Leave out, and ask about, what is above the threshold."""
        if self._get_answered():
            return records
        to_ask = records.filtered(self._is_to_be_asked)
        asked = to_ask - self._get_waiting(to_ask, "asked")
        if asked:
            values = [self._prepare_governed_run(record, "asked") for record in asked]
            self._request_approval(self.env["visibility.action.run"]._record(values))
        return records - to_ask

    def _get_waiting(self, records, result):
        """The records about which a question of this automation is open already: it is not put again."""
        if not records:
            return records
        runs = self.env["visibility.action.run"].sudo()
        domain = [("automation_id", "=", self.id), ("result", "=", result), ("status", "=", "open")]
        waiting = runs.search([*domain, ("res_model", "=", records._name), ("res_id", "in", records.ids)])
        return records & records.browse(waiting.mapped("res_id"))

    def _get_answered(self):
        """The id of the run whose answer is carried out now; False in whatever that sets off."""
        answer = self.env.context.get("visibility_answers")
        return isinstance(answer, Answer) and answer.automation_id == self.id and answer.run_id

    def _is_to_be_asked(self, record):
        automation = self.sudo()
        if not automation.accountable_id.active:
            return True
        if automation.approval_mode != "threshold":
            return automation.approval_mode == "always"
        by_value = automation.approval_value > 0 and self._get_stake(record) >= automation.approval_value
        severity = automation.approval_severity
        return by_value or bool(severity) and self._get_severity_rank(record) >= SEVERITY_RANK[severity]

    def _get_stake(self, record):
        """What a record is worth, in its company's currency."""
        record = record.sudo()
        orders = [record.sale_id, record.purchase_id] if record._name == "stock.picking" else [record]
        return sum(self._get_worth(order) for order in orders)

    def _get_worth(self, record):
        name = next((name for name in VALUE_FIELDS if name in record._fields), None)
        rate = record.currency_rate if name == "amount_untaxed" and "currency_rate" in record._fields else 1
        return abs(record[name]) / (rate or 1) if name else 0

    def _get_severity_rank(self, record):
        record = record.sudo()
        name = "severity" if "severity" in record._fields else "visibility_severity"
        severity = record[name] if name in record._fields else False
        return SEVERITY_RANK.get(severity, -1)

    def _get_approver(self):
        """Who is asked, of those who are still here: the approver, the owner, else an administrator."""
        automation = self.sudo()
        people = [automation.approver_id, automation.accountable_id]
        return next((one for one in people if one.active), self.env["visibility.incident"].sudo()._get_manager())

    def _request_approval(self, runs):
        """Seam: have a person decide about these runs. Here one task, however many there are.

        Whoever decides calls ``_answer`` on the run: once, yes or no.
        """
        runs[:1]._tell(self._get_approver(), self._get_question(runs))

    def _get_question(self, runs):
        name, count = self.sudo().name, len(runs)
        if count > 1:
            return self.env._("“%(automation)s” asks about %(count)s records", automation=name, count=count)
        return self.env._("“%(automation)s” asks: %(record)s", automation=name, record=runs.record_name)

    def _get_answerable(self, run):
        """What was asked about, empty when it is gone or the conditions do not hold any more."""
        record = run._get_record().with_env(self.env)
        return self._filter_post(record) if record else record

    def _act_on_answer(self, run):
        """What was asked about is done now, if the conditions still hold.

        :raises UserError: when they do not
        """
        record = self._get_answerable(run)
        if not record:
            raise UserError(self.env._("This is over: the conditions of “%s” do not hold any more.", self.sudo().name))
        self.with_context(visibility_answers=Answer(self.id, run.id), __action_done={self: record})._attempt(record)
