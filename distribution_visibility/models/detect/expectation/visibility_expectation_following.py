from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.base.days import SECOND, end_of_day
from .visibility_expectation import LIVE_STATES
from .visibility_expectation_template import MOST_DOCUMENTS


class VisibilityExpectation(models.Model):
    """How expectations are created, moved, met and cancelled with their documents and facts, in batches.

    One rule for all of it: what the templates want of a document as it is now is compared with the rows that
    there are. Following the same document twice changes nothing the second time.
    """

    _inherit = "visibility.expectation"

    # ------------------------------------------------------------------ comparing
    @api.model
    def _follow_noted(self, noted):
        """Follow documents and those that depend on them.

        What changes expectations changes places and clocks in the warehouse, too.

        :param dict noted: model name to ids of documents
        """
        seen, touched = set(), {}
        waiting = [self.env[model].browse(ids).exists() for model, ids in noted.items()]
        while waiting:
            documents = waiting.pop()
            documents = documents.filtered(lambda one: (one._name, one.id) not in seen)
            if documents:
                seen.update((one._name, one.id) for one in documents)
                touched[documents._name] = touched.get(documents._name, documents) | documents
                waiting += documents._get_dependent_documents()
                self._follow(documents._get_expectation_document())
        self.env["stock.picking"]._refresh_noted(noted)
        self.env["visibility.follow.up"]._follow_facts(touched)

    @api.model
    def _follow(self, documents):
        """Bring the expectations of documents of one model in line with what is true of them now."""
        plans = self.env["visibility.expectation.template"]._get_plans(documents._name)
        if not plans or not documents:
            return
        latest = self._find_latest(documents)
        todo = {"new": [], "move": {}, "meet": {}, "cancel": {}, "again": {}}
        for plan in plans:
            for part in documents._get_expected_parts(plan.res_model):
                if plan.company_id in (0, part.company_id.id):
                    self._compare(plan, part, latest.get((plan.template_id, part._name, part.id)), todo)
        self._carry_out(todo)

    @api.model
    def _find_latest(self, documents):
        """The latest row of each (template, part): settled ones count, so that nothing is expected twice."""
        self.flush_model(["res_model", "res_id", "template_id", "purchase_line_id"])
        latest = SQL(
            """(
            SELECT max(id) FROM visibility_expectation
             WHERE res_model = %(model)s AND res_id = ANY(%(ids)s) OR purchase_line_id = ANY(%(lines)s)
             GROUP BY res_id, template_id, purchase_line_id
            )""",
            model=documents._name,
            ids=documents.ids,
            lines=documents._get_expected_parts("purchase.order.line").ids,
        )
        rows = self.search([("id", "in", latest)], order="id")
        rows._go_with_lines()
        return {
            (row.template_id.id, "purchase.order.line", row.purchase_line_id.id)
            if row.purchase_line_id
            else (row.template_id.id, row.res_model, row.res_id): row
            for row in rows
        }

    def _go_with_lines(self):
        """A line that was moved to another order takes along what is expected of it, and its exception ends here."""
        moved = self.filtered(lambda row: row.purchase_line_id and row.res_id != row.purchase_line_id.order_id.id)
        for (line, before), rows in moved.grouped(lambda row: (row.purchase_line_id, row.res_id)).items():
            order = line.order_id
            overdue = rows.filtered(lambda row: row.state == "overdue")
            overdue.write({"state": "open", "overdue_at": False, "error": False})
            rows.write({"res_id": order.id, "company_id": order.company_id.id})
            categories = overdue.template_id.category_id
            self.env["visibility.exception"]._clear_moved(categories, order.browse(before), order)

    @api.model
    def _compare(self, plan, part, row, todo):
        """What is to be done about one plan and one document or line."""
        end = part._get_expected_end()
        triggers = {} if end else part._get_expected_triggers()
        holds = plan.trigger in triggers
        is_live = bool(row) and row.state in LIVE_STATES
        if not is_live and row and row.anew_at != part._get_expected_anew() and not row.is_waived:
            row = None  # what was settled before it was cancelled and confirmed again is of another time
        if not is_live and holds and row and row.state == "met" and not plan.recurs:
            self._compare_met(plan, part, row, triggers[plan.trigger], todo)
        if not is_live and not (holds and self._is_wanted(plan, row)):
            return
        reached = self._get_reached(plan, part)
        if is_live and reached and self._is_met_by(plan, row, reached, holds):
            todo["meet"][row] = reached
            is_live = False
        elif is_live and not (holds and self._fits(plan, part)):
            reason = end or self._say_why_not(holds)
            todo["cancel"].setdefault(reason, []).append(row)
            holds = False
        if holds:
            base = self._get_base(plan, part, triggers[plan.trigger], row if is_live else None)
            self._compare_dates(plan, part, row, is_live, reached, base, todo)

    @api.model
    def _say_why_not(self, holds):
        if holds:
            return self.env._("It is not expected of documents like this one any more.")
        return self.env._("What made it expected was undone.")

    @api.model
    def _compare_met(self, plan, part, row, since, todo):
        """What had happened is compared again: facts of Odoo go back, and what is wanted grows."""
        base = self._get_base(plan, part, since, row)
        is_undone = base and not part._is_still_reached(plan)
        if is_undone and self._fits(plan, part) and not self._is_excused(plan, part, row):
            todo["again"][row] = (plan, part, base)

    @api.model
    def _is_excused(self, plan, part, row):
        """Whether it was settled because nobody missed it, and nobody does: the scan would settle it at once again."""
        excuse = part._get_excused([part], plan.fact).get(part) if plan.fact else None
        return bool(excuse) and excuse.sentence == row.met_by

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
        """All rows first, then what follows: the end of an exception has expectations looked at again."""
        over = self._settle(todo["meet"])
        for reason, rows in todo["cancel"].items():
            over += self.browse([row.id for row in rows])._call_off(reason)
        wanted = [*todo["new"], *todo["move"].values(), *todo["again"].values()]
        due = self.env["visibility.expectation.template"]._get_due_times(wanted)
        over += self._move({row: (item[0].rule, item[2], due[item]) for row, item in todo["move"].items()})
        self._open_again({row: (*item, due[item]) for row, item in todo["again"].items()})
        if todo["new"]:
            # what recurs is met and expected anew: of the two, one is live
            self.flush_model(["state"])
            self.create([self._prepare_row(*item, due[item]) for item in todo["new"]])
        self._end_exceptions(over)

    @api.model
    def _end_exceptions(self, over):
        """:param over: list of (rows that were overdue, sentence, event id or None)"""
        for rows, sentence, event_id in over:
            self.env["visibility.exception"]._clear_expectations(rows, sentence, event_id)

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
            "anew_at": part._get_expected_anew(),
            "base_at": base,
            "due_at": due,
            "tell_at": plan.rule.get_tell_at(due),
        }

    @api.model
    def _move(self, moves):
        """Other due times; what nobody is told of yet by the new one is not overdue any more either.

        :param dict moves: rows to their rule, what is counted from, and the due time (naive UTC)
        :return: what :meth:`_end_exceptions` takes
        """
        now = fields.Datetime.now()
        relieved = self.browse()
        for row, (rule, base, due) in moves.items():
            row.write({"base_at": base, "due_at": due, "tell_at": rule.get_tell_at(due)})
            if row.state == "overdue" and row.tell_at > now:
                relieved |= row
        relieved.write({"state": "open", "overdue_at": False, "error": False})
        return [(relieved, self.env._("The date that it is measured against has moved."), None)] if relieved else []

    @api.model
    def _open_again(self, items):
        """What was met is expected again: the scan tells of it, at once where it is due already.

        What was added when its time was over cannot have been due before it was there: it has until that day ends.

        :param dict items: rows to (plan, document or line, what is counted from, due time)
        """
        now = fields.Datetime.now()
        for row, (plan, part, base, due) in items.items():
            if plan.grows and due < now:
                due = end_of_day(now, part._get_visibility_zone()) + SECOND
            row.write(
                {
                    **self._prepare_unmet(),
                    **{"state": "open", "overdue_at": False, "reopened_at": now},
                    **{"base_at": base, "due_at": due, "tell_at": plan.rule.get_tell_at(due)},
                }
            )

    @api.model
    def _prepare_unmet(self):
        return {"met_at": False, "met_by_event_id": False, "met_by": False, "late_hours": 0}

    def _cancel(self, reason):
        """These are not expected any more; ``reason`` is one sentence."""
        self._end_exceptions(self._call_off(reason))

    def _call_off(self, reason):
        """:return: what :meth:`_end_exceptions` takes"""
        overdue = self.filtered(lambda row: row.state == "overdue")
        self.write({"state": "cancelled", "cancel_reason": reason, "error": False})
        return [(overdue, reason, None)] if overdue else []

    # ------------------------------------------------------------------ what meets it, and what takes that back
    @api.model
    def _meet(self, reached):
        """Settle rows with the facts that they were waiting for.

        :param dict reached: rows to :class:`Reached`
        """
        self._end_exceptions(self._settle(reached))

    @api.model
    def _settle(self, reached):
        """:return: what :meth:`_end_exceptions` takes"""
        overdue = {}
        for row, fact in reached.items():
            if row.state == "overdue":
                overdue.setdefault((fact.event_id, fact.sentence), self.browse())
                overdue[fact.event_id, fact.sentence] |= row
            row.write(row._prepare_met(fact))
        return [(rows, sentence, event_id) for (event_id, sentence), rows in overdue.items()]

    def _prepare_met(self, fact):
        late = (fact.at - self.due_at).total_seconds() / 3600
        return {
            "state": "met",
            "met_at": fact.at,
            "met_by_event_id": fact.event_id,
            "met_by": fact.sentence,
            "late_hours": max(late, 0),
            "error": False,
        }

    @api.model
    def _meet_events(self, events):
        """Follow everything that proven events may be about: shipments, their transfers, and their orders."""
        shipments = events.shipment_id.filtered(lambda shipment: not shipment.is_test)
        noted = {"visibility.shipment": shipments.ids, "purchase.order": events._get_orders().ids}
        self._follow_noted({model: ids for model, ids in noted.items() if ids})

    @api.model
    def _unmeet_events(self, events):
        """Facts were withdrawn: what only they had met is expected again, or overdue again."""
        rows = self.search([("met_by_event_id", "in", events.ids), ("state", "=", "met")])
        live = {(row.template_id, row.res_model, row.res_id) for row in self._find_live_like(rows)}
        for row in rows.filtered(lambda one: (one.template_id, one.res_model, one.res_id) not in live):
            row.write({**self._prepare_unmet(), "state": "overdue" if row.overdue_at else "open"})
        self._meet_events(events)

    @api.model
    def _find_live_like(self, rows):
        """Rows that already stand for the same: what recurs may be expected anew by now."""
        return self.search(
            [
                ("template_id", "in", rows.template_id.ids),
                ("res_id", "in", rows.mapped("res_id")),
                ("state", "in", LIVE_STATES),
            ]
        )

    # ------------------------------------------------------------------ a template that was changed
    @api.model
    def _apply_template(self, template):
        """Follow a template's documents anew, the due times of what is open included.

        :return: how many documents were looked at: those with open rows first, then the most recent ones
        """
        open_rows = self.search([("template_id", "=", template.id), ("state", "=", "open")], limit=MOST_DOCUMENTS)
        plan = template._get_plan()
        items = {row: (plan, row._get_part(), row.base_at) for row in open_rows if row._get_part().exists()}
        due = self.env["visibility.expectation.template"]._get_due_times(list(items.values()))
        self._end_exceptions(self._move({row: (plan.rule, item[2], due[item]) for row, item in items.items()}))
        documents = template._get_recent_documents(MOST_DOCUMENTS - len(open_rows))
        # also of those that it is not for any more
        self._follow(documents.browse(dict.fromkeys([*open_rows.mapped("res_id"), *documents.ids])).exists())
        return len(open_rows) + len(documents)
