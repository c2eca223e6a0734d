import logging
import time
from collections.abc import MutableSet
from copy import copy

from odoo import api, models
from odoo.tools import SQL, split_every

from ....lib.base.grant import ROLLS_BACK
from ....lib.respond.automation.scope import Scope, Scopes
from ....lib.respond.log.hash_chain import canonical_json
from ...base.guard import attempt_all

_logger = logging.getLogger(__name__)

BATCH = 500
EXCEPTION = "visibility.exception"
#: Names the locks under which transactions take turns, with the automation's id.
LIMIT_LOCK = 0x7669736C
#: Results that count against the limit of an hour.
ACTED = ("done", "failed")


#: Where a transaction says that what happens in it now will be undone.
REHEARSES = "distribution_visibility.rehearses"


def keep_callbacks(callbacks):
    """What waits for the commit, hooks and their data; gives a function that puts exactly that back."""
    waiting = list(callbacks._funcs)
    # Odoo's ordered sets would share what is in them with their copies
    data = {
        key: type(value)(value) if isinstance(value, MutableSet) else copy(value)
        for key, value in callbacks.data.items()
    }

    def put_back():
        callbacks._funcs.clear()
        callbacks._funcs.extend(waiting)
        callbacks.data.clear()
        callbacks.data.update(data)

    return put_back


class Disagreement(Exception):
    """Records on which another automation has just set the same field to something else."""

    def __init__(self, found):
        super().__init__(found)
        #: record id to (sentence, id of the other automation)
        self.found = found


class Overridden(Exception):
    """Records on which an automation would change what a person holds."""

    def __init__(self, found):
        super().__init__(found)
        #: record id to the override
        self.found = found


class BaseAutomation(models.Model):
    """How a governed automation runs: in batches, within its limits, and without stopping anybody's work.

    What people hold is left alone: those steps (``_leave_to_people``, ``_check_overrides``, ``_let_alone``) are in
    the room of overrides.
    """

    _inherit = "base.automation"  # pylint: disable=consider-merging-classes-inherited

    def _process(self, records, domain_post=None):
        records = self._leave_to_causes(records)
        if not self.sudo().is_governed:
            return super()._process(records, domain_post=domain_post)
        if ROLLS_BACK.says(self.env.context):
            return None
        automation, todo = self._claim_records(records)
        if todo:
            automation.with_context(domain_post=domain_post)._run_governed(todo)
        return None

    @api.model
    def _leave_to_causes(self, records):
        """What only follows from an exception is none to act on: the cause is."""
        return records.filtered(lambda one: not one.is_consequence) if records._name == EXCEPTION else records

    def _claim_records(self, records):
        """As Odoo does it in ``_process``: once a record and chain, and only where a watched field has changed."""
        done = self.env.context.get("__action_done", {})
        before = done.get(self, records.browse())
        records -= before
        if not records:
            return self, records
        if not self.env.context.get("__action_feedback"):
            done = dict(done)
        done[self] = before + records
        automation = self.with_context(__action_done=done)
        records = records.with_context(__action_done=done).filtered(automation._check_trigger_fields)
        done[self] = before + records
        return automation, records

    def _run_governed(self, records):
        """Act on records as far as the limits and a person's word allow; nothing here ever raises for a record."""
        self.ensure_one()
        records = self._leave_to_people(records)
        if not self.sudo().is_test_mode:
            records = self._ask_first(records)
            records = self._keep_limit(records)
        for ids in split_every(BATCH, records.ids):
            self._attempt(records.browse(ids))

    # ------------------------------------------------------------------ limits
    def _keep_limit(self, records):
        """As many as the limit of an hour allows. The rest is one row, and the watch tells the owner."""
        limit = self.sudo().hourly_limit
        if not limit or not records:
            return records
        left = max(limit - self._count_acted(), 0)
        if skipped := records[left:]:
            self._record_skipped(skipped, limit)
        return records[:left]

    def _count_acted(self):
        """How many it acted on within the last hour, those included that others have just committed.

        Whoever acts under a limit takes turns until the commit. A transaction does not see what was committed
        since it began, so another one looks, too.
        """
        self.env["visibility.action.run"].flush_model()
        since = self.env["visibility.action.run"]._since(hours=1)
        query = SQL(
            "SELECT id FROM visibility_action_run WHERE automation_id = %s AND result IN %s AND occurred_at > %s",
            self.id, ACTED, since,
        )  # fmt: skip
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", LIMIT_LOCK, self.id))
        seen = {run_id for (run_id,) in self.env.execute_query(query)}
        with self.pool.cursor() as fresh:
            fresh.execute(query)
            seen |= {run_id for (run_id,) in fresh.fetchall()}
        return len(seen)

    def _record_skipped(self, records, limit):
        sentence = self.env._("The limit of %(limit)s an hour was reached.", limit=limit)
        for company, skipped in records.grouped(self.env["visibility.exception"]._get_subject_company).items():
            values = self._prepare_governed_run(records.browse(), "limited", detail=sentence, company=company)
            one = skipped if len(skipped) == 1 else records.browse()
            values.update(
                res_id=one.id,
                record_name=one.sudo().display_name if one else self.env._("%s records", len(skipped)),
                record_count=len(skipped),
                record_ids=skipped.ids,
            )
            self.env["visibility.action.run"]._record([values])
        self.env["visibility.watch"].sudo()._wake()

    # ------------------------------------------------------------------ acting
    def _attempt(self, records):
        """Act on all records at once; where that fails, on parts of them, so that a bad one stops no other."""
        attempt_all(self.env, records, self._act, self._record_failure, self._sort_out)

    def _sort_out(self, records, error):
        """See to those on which nothing may be done, where the error names them; gives the others."""
        if isinstance(error, Disagreement):
            self._hold_back(records, error.found)
        elif isinstance(error, Overridden):
            self._let_alone(records, error.found)
        else:
            return None
        return records - records.browse(error.found)

    def _act(self, records):
        """Run the actions on the records, and write down what changed.

        :raises Disagreement: when another automation holds one of the fields; nothing is changed then
        """
        runs = self._rehearse(records) if self.sudo().is_test_mode else self._act_now(records)
        self.env["visibility.action.run"]._record(runs)

    def _rehearse(self, records):
        """Act, look at what changed, and undo all of it; gives what is recorded and stays."""
        # First, because it runs the hooks that wait for the commit
        savepoint = self.env.cr.savepoint()
        restore = [keep_callbacks(callbacks) for callbacks in (self.env.cr.precommit, self.env.cr.postcommit)]
        # Of the transaction, and not of the context: nobody from outside can ask for silence
        self.env.cr.postcommit.data[REHEARSES] = True
        try:
            return self._act_now(records)
        finally:
            savepoint.close(rollback=True)
            # What the actions wanted to write or send at the commit is not written or sent either
            for put_back in restore:
                put_back()

    def _act_now(self, records):
        """Run the actions; gives the values of one run a record."""
        started, scope = time.monotonic(), Scope()
        recorder = self.env["visibility.action.recorder"]
        scope.before = recorder._snapshot(records)
        last_activity = recorder._get_last_activity()
        entering = Scopes.of(self.env.context).entering(self.id, scope)
        context = {**entering, "domain_post": self.env.context.get("domain_post")}
        for action in self.sudo().action_server_ids.sorted():
            action.with_context(**context)._run_on_records(records.with_context(**context), self.sudo().is_test_mode)
        self.env.flush_all()
        recorder._note_new_activities(scope, records, last_activity)
        compared = recorder._compare(scope.before)
        self._check_overrides(scope, records, compared)
        self._check_disagreements(scope, records, compared)
        self._claim_changes(compared)
        duration = round((time.monotonic() - started) * 1000 / len(records))
        return [self._prepare_done(record, scope, compared, duration) for record in records]

    def _prepare_done(self, record, scope, compared, duration):
        key = (record._name, record.id)
        automation = self.sudo()
        return self._prepare_governed_run(
            record,
            "test" if automation.is_test_mode else "done",
            duration_ms=duration,
            detail="\n".join(scope.notes.get(key, ())) or False,
            change_ids=self.env["visibility.action.recorder"]._prepare_changes(key, scope, compared),
            is_reversible=automation.is_reversible,
            irreversible_reason=automation.irreversible_reason,
        )

    def _claim_changes(self, compared):
        """Automations that made this one run leave these changes out of their own runs."""
        keys = {(*key, name) for key, changed in compared.items() for name, _before, _after in changed}
        for _automation, scope in Scopes.of(self.env.context):
            scope.claimed |= keys

    def _record_failure(self, record, attempt):
        _logger.info("governed automation %s failed on %s: %s", self.id, record, attempt.error)
        detail = str(attempt.error) or type(attempt.error).__name__
        duration = round(attempt.seconds * 1000)
        values = self._prepare_governed_run(record, "failed", detail=detail, duration_ms=duration)
        self.env["visibility.action.run"]._record([values])

    def _prepare_governed_run(self, record, result, **values):
        automation = self.sudo()
        answered = self._get_answered()
        trigger = automation._label("trigger")
        return self.env["visibility.action.run"]._prepare_run(
            record,
            **{
                "automation": automation,
                "name": automation.name,
                "origin": "approval" if answered else "automation",
                "run_id": answered,
                "result": result,
                "reason": f"{automation.purpose or automation.name} ({trigger})",
                **values,
            },
        )

    # ------------------------------------------------------------------ disagreements
    def _check_disagreements(self, scope, records, compared):
        """Refuse to change what another automation has set to something else a moment ago."""
        minutes = self.sudo().disagreement_minutes
        if not minutes or self._get_answered() or self.sudo().is_test_mode:
            return
        held = {**self._get_recent_settings(compared, minutes), **self._get_settings_in_progress(compared)}
        found = {}
        for record in records:
            key = (record._name, record.id)
            for other in dict.fromkeys([key, *scope.related.get(key, ())]):
                for name, before, after in compared.get(other, ()):
                    setter = held.get((*other, name, canonical_json(before)))
                    if setter and before != after and not isinstance(after, list):
                        found[record.id] = (self._get_disagreement_sentence(other, name, setter), setter)
        if found:
            raise Disagreement(found)

    def _get_recent_settings(self, compared, minutes):
        """(model, id, field, value) to the other automation that set it within the last minutes."""
        if not compared:
            return {}
        runs = self.env["visibility.action.run"]
        runs.flush_model()
        self.env["visibility.action.change"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT c.res_model, c.res_id, c.field_name, c.after, r.automation_id
                     FROM visibility_action_change c JOIN visibility_action_run r ON r.id = c.run_id
                    WHERE c.kind = 'changed' AND (c.res_model, c.res_id) IN %s
                      AND r.result = 'done' AND r.origin IN ('automation', 'approval')
                      AND r.automation_id != %s AND r.occurred_at >= %s
                      AND NOT EXISTS (SELECT 1 FROM visibility_action_run back
                                       WHERE back.run_id = r.id AND back.origin = 'rollback' AND back.result = 'done')
                    ORDER BY c.id""",
                tuple(compared),
                self.id,
                runs._since(minutes=minutes),
            )
        )
        return {(model, record_id, name, after): automation for model, record_id, name, after, automation in rows}

    def _get_settings_in_progress(self, compared):
        """The same for automations that made this one run and are not finished."""
        held = {}
        for automation, scope in Scopes.of(self.env.context):
            if not automation:
                continue
            for key, changed in compared.items():
                for name, before, _after in changed:
                    if key in scope.before and scope.before[key][name] != before:
                        held[(*key, name, canonical_json(before))] = automation
        return held

    def _get_disagreement_sentence(self, key, name, other_id):
        field = self.env[key[0]]._fields[name]._description_string(self.env)
        return self.env._(
            "“%(other)s” and “%(own)s” disagree about %(field)s.",
            other=self.sudo().browse(other_id).name,
            own=self.sudo().name,
            field=field,
        )

    def _hold_back(self, records, found):
        held = records.filtered(lambda record: record.id in found)
        held -= self._get_waiting(held, "disagreed")
        runs = self.env["visibility.action.run"]._record(
            [self._prepare_governed_run(record, "disagreed", detail=found[record.id][0]) for record in held]
        )
        told = {}
        for record, run in zip(held, runs, strict=True):
            sentence, other_id = found[record.id]
            owners = self.sudo().accountable_id | self.sudo().browse(other_id).accountable_id
            told.setdefault((sentence, owners), run)
        for (sentence, owners), run in told.items():
            run._tell(owners, sentence)
