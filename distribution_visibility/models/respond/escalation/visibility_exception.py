import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.base.backoff import HOURLY
from ....lib.respond.automation.scope import Scope
from ...base.guard import guarded
from ...detect.exception.visibility_exception_category import SEVERITY
from ..ownership.visibility_exception import Desk

_logger = logging.getLogger(__name__)

BATCH = 100
NAMED = 10


class VisibilityException(models.Model):
    """What happens when nobody responds to an exception: one level at a time, each once."""

    _inherit = "visibility.exception"

    escalation_policy_id = fields.Many2one(
        "visibility.escalation.policy", "Escalation", readonly=True, copy=False, ondelete="set null"
    )
    escalation_level = fields.Integer("Escalated to level", readonly=True, copy=False)
    escalation_due_at = fields.Datetime("Escalates at", readonly=True, copy=False)
    escalation_attempts = fields.Integer("Failed attempts to escalate", readonly=True, copy=False)
    escalation_error = fields.Char("Why it could not be escalated", readonly=True, copy=False)
    escalation_skipped = fields.Integer("Levels that were skipped", readonly=True, copy=False)
    escalation_step_ids = fields.One2many("visibility.escalation.step", "exception_id", "Escalated", readonly=True)

    _by_escalation = models.Index("(escalation_due_at, id) WHERE escalation_due_at IS NOT NULL")
    _by_skipped_level = models.Index("(id) WHERE is_open AND escalation_skipped > 0")

    # ------------------------------------------------------------------ when it begins and ends
    def _get_moved_ranks(self, vals):
        return {one.id: one.severity_rank for one in self.sudo()} if "severity" in vals else {}

    def _follow_escalation(self, vals, ranks):
        """It stops when somebody responds, and may begin when it becomes more severe."""
        if vals.get("state") and vals["state"] != "new":
            self.sudo().filtered(lambda one: one._is_escalation_over()).escalation_due_at = False
        if ranks:
            self.filtered(lambda one: one.severity_rank > ranks[one.id])._plan_escalation_of_risen()

    def _plan_escalation_of_risen(self):
        """What became more severe may fall under a policy now; what escalates already goes on where it is."""
        self.sudo().filtered(lambda one: not one.escalation_due_at and not one.escalation_level)._plan_escalation()

    def _is_escalation_over(self):
        """Closed, or acknowledged where that is enough."""
        is_answered = not self.is_open or self.escalation_policy_id.stops_on_acknowledge
        return bool(self.escalation_due_at) and is_answered

    def _plan_escalation(self):
        """From the first level on: one write for all that get the same policy and time."""
        policies = self.env["visibility.escalation.policy"].sudo().search([("active", "=", True)])
        groups, cache = {}, {}
        for exception in self.sudo().filtered(lambda one: one.state == "new") if policies else self.browse():
            policy = policies._pick(exception)
            if policy:
                due = exception._get_escalation_due(policy, 1, exception._get_escalation_start(policy), cache)
                groups.setdefault((policy.id, due), []).append(exception.id)
        for (policy, due), ids in groups.items():
            values = {"escalation_policy_id": policy, "escalation_due_at": due, "escalation_level": 0}
            fresh = {"escalation_attempts": 0, "escalation_error": False, "escalation_skipped": 0}
            self.sudo().browse(ids).write({**values, **fresh})

    def _get_escalation_start(self, policy):
        return self.deadline if policy.starts_at == "deadline" and self.deadline else fields.Datetime.now()

    def _get_escalation_due(self, policy, number, start, cache):
        level = policy._get_level(number)
        return policy._plan(self.company_id, start, level.hours, cache) if level else False

    # ------------------------------------------------------------------ the scheduled action
    @api.model
    def _cron_escalate(self):
        """Batch by batch, each committed. What fails is moved on, so that the next batch is another one."""
        while done := self._escalate_due():
            self.env["ir.cron"]._commit_progress(done)

    @api.model
    def _escalate_due(self):
        """Take the next level of what is due; gives how many were looked at."""
        domain = [("is_open", "=", True), ("escalation_due_at", "<=", fields.Datetime.now())]
        due = self.sudo().search(domain, order="escalation_due_at, id", limit=BATCH).try_lock_for_update()
        asleep = due.filtered("is_snoozed")
        asleep._sleep_escalation()
        told, desk, cache = {}, Desk(self.env), {}
        for exception in due - asleep:
            exception._escalate_one(desk, told, cache)
        self._tell_escalated(told)
        return len(due)

    def _sleep_escalation(self):
        """Who snoozed it has seen it: the clock goes on when it wakes."""
        for exception in self:
            wakes = exception.snoozed_until or fields.Datetime.now() + timedelta(days=1)
            exception.escalation_due_at = max(wakes, fields.Datetime.now() + timedelta(minutes=1))

    def _escalate_one(self, desk, told, cache):
        """One level of one exception in a savepoint: one that fails stops no other."""
        if self._rest_escalation():
            return
        policy, number = self.escalation_policy_id, self.escalation_level + 1
        level = policy._get_level(number)
        if not policy.active or not level:
            self.escalation_due_at = False
            return
        with guarded(self.env) as attempt:
            people = level._get_people(self, desk)
            self._take_level(level, number, people, cache)
        if attempt.error:
            self._note_escalation_failure(attempt.error)
        else:
            for person in people:
                told.setdefault(person, []).append(self)

    def _note_escalation_failure(self, error):
        _logger.warning("exception %s could not be escalated: %s", self.id, error)
        attempts, values = self.escalation_attempts + 1, {"escalation_error": str(error)[:500]}
        wait = HOURLY.delay(attempts)
        if wait:
            again = fields.Datetime.now() + timedelta(seconds=wait)
            self.write({**values, "escalation_attempts": attempts, "escalation_due_at": again})
        else:
            self._skip_level(values)

    def _skip_level(self, values):
        """A level that cannot be taken does not keep the next one waiting; the log and the watch tell of it."""
        number = self.escalation_level + 1
        due = self._get_escalation_due(self.escalation_policy_id, number + 1, fields.Datetime.now(), {})
        self.write(
            {
                **values,
                "escalation_level": number,
                "escalation_due_at": due,
                "escalation_attempts": 0,
                "escalation_skipped": self.escalation_skipped + 1,
            }
        )
        runs = self.env["visibility.action.run"]
        values = {"result": "failed", "detail": values["escalation_error"]}
        runs._record([self._prepare_escalation_run(self.escalation_policy_id, number, **values)])
        self.env["visibility.watch"].sudo()._wake()

    # ------------------------------------------------------------------ one level
    def _take_level(self, level, number, people, cache):
        recorder = self.env["visibility.action.recorder"]
        before, last = recorder._snapshot(self), recorder._get_last_activity()
        due = self.escalation_due_at
        getattr(self, f"_escalate_{level.action}")(level, people)
        self.write(
            {
                "escalation_level": number,
                "escalation_due_at": self._get_escalation_due(
                    level.policy_id, number + 1, fields.Datetime.now(), cache
                ),
                "escalation_attempts": 0,
                "escalation_error": False,
            }
        )
        self._record_step(level, number, people, due)
        self._record_escalation(level, number, people, before, last)
        self._emit_event("exception.escalated", level=number)

    def _record_step(self, level, number, people, due):
        self.env["visibility.escalation.step"].create(
            {
                "exception_id": self.id,
                "policy_id": level.policy_id.id,
                "level": number,
                "action": level.action,
                "user_ids": [fields.Command.set(people.ids)],
                "due_at": due,
            }
        )

    def _record_escalation(self, level, number, people, before, last):
        """A run, so that who looks for what was done finds it; what it changed can be rolled back."""
        recorder, runs, scope = self.env["visibility.action.recorder"], self.env["visibility.action.run"], Scope()
        self.env.flush_all()
        recorder._note_new_activities(scope, self, last)
        compared = recorder._compare(before)
        key = (self._name, self.id)
        compared[key] = [row for row in compared.get(key, ()) if not row[0].startswith("escalation_")]
        changes = recorder._prepare_changes(key, scope, compared)
        values = self._prepare_escalation_run(
            level.policy_id,
            number,
            result="done",
            detail=", ".join(people.mapped("name")),
            change_ids=changes,
            is_reversible=bool(changes),
            irreversible_reason=False if changes else self.env._("Who was told knows it."),
        )
        runs._record([values])

    def _prepare_escalation_run(self, policy, number, **values):
        return self.env["visibility.action.run"]._prepare_run(
            self,
            name=self.env._("%(policy)s: level %(number)s", policy=policy.name, number=number),
            origin="escalation",
            reason=self.env._("Nobody responded in time."),
            **values,
        )

    def _escalate_notify(self, level, people):
        """Each gets a task here; the message is one for all exceptions of the batch."""
        activity_type = self._get_response_type()
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        others = people - self._get_response_activities().user_id
        activities.create(
            [
                {
                    **self._prepare_response_activity(activity_type),
                    "user_id": person.id,
                    "summary": self.env._("Nobody responded yet: %s", self.title),
                    "date_deadline": fields.Date.context_today(self),
                }
                for person in (others if activity_type else others.browse())
            ]
        )

    def _escalate_reassign(self, level, people):
        self.write({"user_id": people[:1].id, "owner_source": "person"})

    def _escalate_raise_severity(self, level, people):
        names = [name for name, _label in SEVERITY]
        self.severity = names[min(names.index(self.severity) + 1, len(names) - 1)]
        self._escalate_notify(level, people)

    def _escalate_draft_mail(self, level, people):
        """The mail as a draft like any other, and as a task of whoever releases it. Nothing is sent."""
        template = level.template_id.sudo()
        documents = self._get_mail_documents(template)
        if not documents:
            raise UserError(
                self.env._("The mail “%(mail)s” is not for %(document)s.", mail=template.name, document=self.title)
            )
        values = {"origin": "escalation", "user_id": people[:1].id}
        for document in documents:
            message = self.env["visibility.message"]._draft_from_template(self, document, template, **values)
            self._plan_release(message, people[:1])

    def _get_mail_documents(self, template):
        """The orders that a mail is about, one for each partner; of what comes back nobody is told.

        A mail of messages goes to the supplier where there is a purchase.
        """
        messages = self.env["visibility.message"]
        orders = {"sale.order": self.sale_order_ids, "purchase.order": self.purchase_order_ids}
        orders["visibility.message"] = self.purchase_order_ids or self.sale_order_ids
        if template.model not in orders or messages._is_about_return(self):
            return self.browse()
        by_partner = {}
        for order in orders[template.model]:
            by_partner.setdefault(messages._get_recipient(order), order)
        return orders[template.model].browse(one.id for one in by_partner.values())

    def _plan_release(self, message, person):
        activity_type = self._get_response_type()
        if not activity_type:
            return
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            {
                **self._prepare_response_activity(activity_type),
                "user_id": person.id,
                "summary": self.env._("Release the mail: %s", message.subject),
                "note": message.body,
                "date_deadline": fields.Date.context_today(self),
            }
        )

    # ------------------------------------------------------------------ telling
    @api.model
    def _tell_escalated(self, told):
        """One message a person, however many exceptions of theirs were escalated."""
        for person, exceptions in told.items():
            with guarded(self.env) as attempt:
                self._tell_person(person, exceptions)
            if attempt.error:
                # The level is taken, and whoever is to be told has the task: the message is not worth the batch
                sentence = "user %s could not be told of %s exceptions"
                _logger.error(sentence, person.id, len(exceptions), exc_info=attempt.error)

    @api.model
    def _tell_person(self, person, exceptions):
        lang = self.with_context(lang=person.lang)
        subject = lang.env._("%s exceptions wait for a response", len(exceptions))
        values = {"reason": subject, "records": exceptions[:NAMED], "more": len(exceptions) - NAMED}
        body = lang.env["ir.qweb"]._render("distribution_visibility.visibility_notify_role", values)
        thread = self.env["mail.thread"].with_context(mail_notify_force_send=False)
        thread.message_notify(partner_ids=person.partner_id.ids, subject=subject, body=body)
