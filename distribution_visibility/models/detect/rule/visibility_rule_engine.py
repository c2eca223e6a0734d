from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ....lib.detect.exception.finding import Finding
from ...base.guard import guarded
from ...base.words.told import say_all
from ..exception.visibility_exception_detection import DISMISSED_RESTS
from .visibility_rule import SAMPLE


class VisibilityRule(models.Model):
    """How a condition becomes exceptions: one query that compares what matches with what is open.

    A rule *holds* the exceptions whose documents match it (``rule_ids``). Several rules may hold one
    exception; it is cleared when the last of them lets go. Nothing is written about what has not changed.

    Rules about what senders report look once at each event, before its exception opens. The first rule that fits
    an event decides. It raises an exception where the event alone would not, or changes the category, the
    severity and the owner of the one that it opens.
    """

    _inherit = "visibility.rule"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ what comes of it
    def _evaluate(self, companies, ids=None):
        """Open, join and clear what this rule says of these companies' documents.

        :param ids: look at these documents only; None: at all
        :return: dict of counts: ``matched``, ``seen``, ``opened``, ``cleared``, ``would_open``; and ``sample`` ids
        """
        self.ensure_one()
        effect = defaultdict(int, sample=[])
        for company in companies:
            survey = self._survey(company, ids, self.max_new + 1)
            effect["matched"] += survey["matched"][0]
            effect["seen"] += survey["seen"][0]
            if self.is_test:
                effect["would_open"] += survey["would_open"][0]
                effect["sample"] = (effect["sample"] + survey["new"])[:SAMPLE]
            else:
                effect["cleared"] += self._let_go(survey["gone"])
                self._hold(survey["joined"])
                effect["opened"] += self._open_new(company, survey["new"], effect["opened"])
        return effect

    # ------------------------------------------------------------------ looking
    def _survey(self, company, ids=None, limit=SAMPLE):
        """What matches now beside what is known already: one query, which loads no document.

        :return: dict of lists. Counts (one number): ``matched``, ``seen`` (open already), ``would_open``.
            Ids: ``new`` (documents, oldest first, at most ``limit``), ``sample`` (any that match),
            ``joined`` (exceptions that other rules hold and this one matches, too), ``gone`` (exceptions
            held by this rule that match no more)
        """
        found = defaultdict(list)
        for name, number in self.env.execute_query(self._get_survey_sql(company, ids, limit)):
            found[name].append(number)
        return found

    def _get_survey_sql(self, company, ids, limit):
        documents = self._get_documents(company, ids)
        query = documents._search(self._get_domain(company, ids))
        settled = self._get_settled_sql(documents, query)
        self.env["visibility.exception"].flush_model()
        return SQL(
            """
            WITH matched AS MATERIALIZED (%(matched)s), known AS MATERIALIZED (%(known)s),
            fresh AS MATERIALIZED (
                SELECT id FROM matched WHERE is_settled AND NOT EXISTS (
                    SELECT FROM known WHERE known.res_id = matched.id AND known.rests
                )
            )
            SELECT 'matched', count(*) FROM matched
            UNION ALL SELECT 'seen', count(*) FROM matched JOIN known ON res_id = matched.id WHERE is_open
            UNION ALL SELECT 'would_open', count(*) FROM fresh
            UNION ALL (SELECT 'new', id FROM fresh ORDER BY id LIMIT %(limit)s)
            UNION ALL (SELECT 'sample', id FROM matched ORDER BY id LIMIT %(sample)s)
            UNION ALL SELECT 'joined', known.id FROM matched JOIN known ON res_id = matched.id
                       WHERE rests AND NOT is_mine
            UNION ALL SELECT 'gone', id FROM known WHERE is_mine AND NOT EXISTS (
                SELECT FROM matched WHERE matched.id = known.res_id
            )
            """,
            matched=query.select(SQL("%s AS id", SQL.identifier(query.table, "id")), SQL("%s AS is_settled", settled)),
            known=self._get_known_sql(company, ids),
            limit=limit,
            sample=SAMPLE,
        )

    def _get_known_sql(self, company, ids):
        """The exceptions that matter to this rule; ``rests`` is true while no new one is to be opened.

        A dismissed one rests while any rule that holds it still matches, and a day longer.
        """
        only = SQL("TRUE") if ids is None else SQL("e.res_id = ANY(%s)", list(ids))
        return SQL(
            """
            SELECT e.id, e.res_id, e.is_open, mine.rule_id IS NOT NULL AS is_mine,
                   e.is_open OR e.id = ANY(%(kept)s)
                   OR (e.state = 'dismissed' AND (held.id IS NOT NULL OR e.closed_at > %(rested)s)) AS rests
              FROM visibility_exception e
              LEFT JOIN visibility_exception_rule_rel mine ON mine.exception_id = e.id AND mine.rule_id = %(rule)s
              LEFT JOIN LATERAL (
                  SELECT exception_id AS id FROM visibility_exception_rule_rel WHERE exception_id = e.id LIMIT 1
              ) held ON TRUE
             WHERE e.category_id = %(category)s AND e.res_model = %(model)s AND e.company_id = %(company)s AND %(only)s
               AND (e.is_open OR held.id IS NOT NULL OR e.id = ANY(%(kept)s)
                    OR e.state = 'dismissed' AND e.closed_at > %(rested)s)
            """,
            rule=self._origin.id or 0,
            category=self.category_id.id or 0,
            model=self.model_name,
            company=company.id,
            rested=fields.Datetime.now() - DISMISSED_RESTS,
            kept=self._get_kept_closed(),
            only=only,
        )

    def _look_again_at(self, exceptions):
        """Let go of those of these exceptions whose documents do not match any more; nothing is opened."""
        with guarded(self.env) as attempt:
            for company, mine in exceptions.grouped("company_id").items():
                self._let_go(self._survey(company, mine.mapped("res_id"))["gone"])
        if attempt.error:
            self._note_failure("immediate", attempt)

    # ------------------------------------------------------------------ opening
    def _open_new(self, company, ids, opened):
        """Open exceptions for these documents, as far as the limit allows; gives how many."""
        if self.is_paused or not ids:
            return 0
        allowed = ids[: max(self.max_new - opened, 0)]
        if len(allowed) < len(ids):
            self._pause()
        documents = self._get_documents(company).browse(allowed)
        exceptions = self.env(su=True, context=documents.env.context)["visibility.exception"]
        exceptions._open_findings({(self.category_id, record): [self._get_finding(record)] for record in documents})
        return len(allowed)

    def _get_finding(self, record):
        reason = say_all(self.env, lambda env: self.with_env(env)._get_reason(self._read_in(record, env)))
        return Finding(at=fields.Datetime.now(), reason=reason, rule_id=self.id)

    @api.model
    def _read_in(self, record, env):
        """The record as the rule sees it, in another language."""
        is_same = (record.env.lang or "en_US") == (env.lang or "en_US")
        return record if is_same else record.with_context(lang=env.lang)

    def _get_owner(self, subject):
        """The id of the user who owns what this rule finds; False: as the category says."""
        exceptions = self.env["visibility.exception"].sudo()
        people = self.user_id
        if self.owner_role:
            people |= exceptions._get_subject_owners(subject, self.owner_role)
        return people.filtered(lambda user: user.active and user.id != SUPERUSER_ID)[:1].id

    # ------------------------------------------------------------------ holding and letting go
    def _hold(self, exception_ids):
        """Say that this rule matches these exceptions' documents, too."""
        if exception_ids:
            self.env.cr.execute(
                "INSERT INTO visibility_exception_rule_rel (exception_id, rule_id) "
                "SELECT unnest(%s), %s ON CONFLICT DO NOTHING",
                [exception_ids, self.id],
            )
            self.env["visibility.exception"].browse(exception_ids).invalidate_recordset(["rule_ids"])

    def _let_go(self, exception_ids, sentence=None):
        """These match no more: what no other rule holds is cleared. Gives how many were."""
        if not exception_ids:
            return 0
        self.env.cr.execute(
            "DELETE FROM visibility_exception_rule_rel WHERE rule_id = %s AND exception_id = ANY(%s)",
            [self.id, exception_ids],
        )
        exceptions = self.env["visibility.exception"].sudo().browse(exception_ids)
        exceptions.invalidate_recordset(["rule_ids"])
        return exceptions._clear_unheld(sentence or self._get_clearing_sentence())

    def _get_clearing_sentence(self):
        rule = self.with_context(lang=self.accountable_id.lang or self.env.lang)
        return rule.env._("Rule “%(rule)s”: not so any more.", rule=rule.name)

    def _release(self, sentence):
        """This rule looks no more: what it alone holds is cleared."""
        held = self.env["visibility.exception"].sudo().search([("rule_ids", "in", self.ids)])
        self._let_go(held.ids, sentence)

    # ------------------------------------------------------------------ events
    @api.model
    @tools.ormcache()
    def _get_event_rule_ids(self):
        """Ids of the rules about events in their order; any change of a rule forgets it."""
        return tuple(self.sudo().with_context(active_test=True).search([("kind", "=", "event")]).ids)

    @api.model
    def _match_events(self, events):
        """The first rule that fits each event: one query a rule for the whole batch.

        :return: dict of event to rule; rules in test mode only write down what they would have changed
        """
        matched, left = {}, events
        for rule in self.browse(self._get_event_rule_ids()):
            if not left:
                break
            found = rule._look_at(left)
            if not rule.is_test:
                matched.update({event: rule for event in left if event.id in found})
                left = left.filtered(lambda event, found=found: event.id not in found)
        return matched

    def _look_at(self, events):
        """The ids of those events that this rule fits; one that is broken, paused or at rest fits none."""
        if self.is_paused or self._is_at_rest():
            return set()
        with guarded(self.env) as attempt:
            found = self._find_among(events)
        if attempt.error:
            self._note_error("event", attempt.began, attempt.error)
            return set()
        if found:
            self._note_effect("event", attempt.began, self._get_event_effect(found))
        return set(found[: self.max_new])

    def _find_among(self, events):
        found = events.sudo().search(self._get_event_domain() & Domain("id", "in", events.ids), order="id").ids
        if len(found) > self.max_new and not self.is_test:
            self._pause()
        return found

    def _get_event_effect(self, found):
        effect = defaultdict(int, matched=len(found), sample=[])
        if self.is_test:
            effect.update(would_open=len(found), sample=found[:SAMPLE])
        return effect
