from odoo import api, fields, models

from .visibility_expectation import LIVE_STATES


class VisibilityExpectation(models.Model):
    """How expectations are created, moved, met and cancelled with their documents, in batches.

    One rule for all of it: what the templates want of a document as it is now is compared with the rows that
    there are. Following the same document twice changes nothing the second time.
    """

    _inherit = "visibility.expectation"

    @api.model
    def _follow_noted(self, noted):
        """Follow documents and those that depend on them.

        :param dict noted: model name to ids of documents
        """
        seen = set()
        waiting = [self.env[model].browse(ids).exists() for model, ids in noted.items()]
        while waiting:
            documents = waiting.pop()
            documents = documents.filtered(lambda one: (one._name, one.id) not in seen)
            if documents:
                seen.update((one._name, one.id) for one in documents)
                waiting += documents._get_dependent_documents()
                self._follow(documents._get_expectation_document())

    @api.model
    def _follow(self, documents):
        """Bring the expectations of documents of one model in line with what is true of them now."""
        plans = self.env["visibility.expectation.template"]._get_plans(documents._name)
        if not plans or not documents:
            return
        latest = self._find_latest(documents)
        todo = {"new": [], "move": {}, "meet": {}, "cancel": {}}
        for plan in plans:
            for part in documents._get_expected_parts(plan.res_model):
                if plan.company_id in (0, part.company_id.id):
                    self._compare(plan, part, latest.get((plan.template_id, part._name, part.id)), todo)
        self._carry_out(todo)

    @api.model
    def _find_latest(self, documents):
        """The latest row of each (template, part): settled ones count, so that nothing is expected twice."""
        rows = self.search([("res_model", "=", documents._name), ("res_id", "in", documents.ids)], order="id")
        return {
            (row.template_id.id, "purchase.order.line", row.purchase_line_id.id)
            if row.purchase_line_id
            else (row.template_id.id, row.res_model, row.res_id): row
            for row in rows
        }

    @api.model
    def _compare(self, plan, part, row, todo):
        """What is to be done about one plan and one document or line."""
        end = part._get_expected_end()
        triggers = {} if end else part._get_expected_triggers()
        holds = plan.trigger in triggers
        is_live = bool(row) and row.state in LIVE_STATES
        if not is_live and not (holds and self._is_wanted(plan, row)):
            return
        reached = self._get_reached(plan, part)
        if is_live and reached and self._is_met_by(plan, row, reached, holds):
            todo["meet"][row] = reached
            is_live = False
        elif is_live and not holds:
            reason = end or self.env._("What made it expected was undone.")
            todo["cancel"].setdefault(reason, []).append(row)
        if holds:
            base = self._get_base(plan, part, triggers[plan.trigger], row if is_live else None)
            self._compare_dates(plan, part, row, is_live, reached, base, todo)

    @api.model
    def _compare_dates(self, plan, part, row, is_live, reached, base, todo):
        if is_live and base and base != row.base_at:
            todo["move"][row] = (plan, part, base)
        elif not is_live and base and self._is_new(plan, row, reached, base) and self._fits(plan, part):
            todo["new"].append((plan, part, base))

    @api.model
    def _is_wanted(self, plan, row):
        """Whether a further row may be needed where none is live."""
        return not row or plan.recurs or (row.state == "cancelled" and not row.is_waived)

    @api.model
    def _is_met_by(self, plan, row, reached, holds):
        """What recurs is met by what comes after it was expected; while that goes on in time, it only moves."""
        if not plan.recurs:
            return True
        return reached.at > row.base_at and (row.state == "overdue" or not holds)

    @api.model
    def _is_new(self, plan, row, reached, base):
        if plan.recurs:
            return not row or base > row.base_at
        return not reached

    @api.model
    def _fits(self, plan, part):
        return not plan.domain or bool(part.filtered_domain(list(plan.domain)))

    @api.model
    def _get_reached(self, plan, part):
        return part._get_reached_fact(plan.fact) if plan.fact else part._get_reached_milestone(plan)

    @api.model
    def _get_base(self, plan, part, since, row=None):
        """What the due time is counted from: the date that the plan names, or the moment of its trigger.

        A trigger whose moment Odoo does not keep has happened when it was first seen.
        """
        if plan.base != "trigger":
            return part._get_expected_dates().get(plan.base)
        return since or (row.base_at if row else fields.Datetime.now())

    # ------------------------------------------------------------------ carrying out
    @api.model
    def _carry_out(self, todo):
        self._meet(todo["meet"])
        for reason, rows in todo["cancel"].items():
            self.browse([row.id for row in rows])._cancel(reason)
        wanted = [*todo["new"], *todo["move"].values()]
        due = self.env["visibility.expectation.template"]._get_due_times(wanted)
        self._move({row: (base, due[plan, part, base]) for row, (plan, part, base) in todo["move"].items()})
        if todo["new"]:
            self.create([self._prepare_row(*item, due[item]) for item in todo["new"]])

    @api.model
    def _prepare_row(self, plan, part, base, due):
        document = part._get_expectation_document()
        return {
            "template_id": plan.template_id,
            "company_id": part.company_id.id,
            "res_model": document._name,
            "res_id": document.id,
            "purchase_line_id": part.id if part._name == "purchase.order.line" else False,
            "milestone_id": plan.milestone_id or False,
            "fact": plan.fact or False,
            "base_at": base,
            "due_at": due,
        }

    @api.model
    def _move(self, moves):
        """Other due times; what is not due any more by the new one is not overdue any more either."""
        now = fields.Datetime.now()
        relieved = self.browse()
        for row, (base, due) in moves.items():
            row.write({"base_at": base, "due_at": due})
            if row.state == "overdue" and due > now:
                relieved |= row
        if relieved:
            relieved.write({"state": "open", "overdue_at": False, "error": False})
            self.env["visibility.exception"]._clear_expectations(
                relieved, self.env._("The date that it is measured against has moved.")
            )

    def _cancel(self, reason):
        """These are not expected any more; ``reason`` is one sentence."""
        overdue = self.filtered(lambda row: row.state == "overdue")
        self.write({"state": "cancelled", "cancel_reason": reason, "error": False})
        if overdue:
            self.env["visibility.exception"]._clear_expectations(overdue, reason)
