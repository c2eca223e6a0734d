from datetime import timedelta

from odoo import api, fields, models

from ...base.quiet import QUIET

DISMISSED_RESTS = timedelta(days=1)
# What a later, good answer of the supplier ends.
SUPPLIER_CATEGORIES = ("supplier_change_proposed", "supplier_reject_or_backorder")


class VisibilityException(models.Model):
    """The one door through which exceptions are opened, seen again and cleared, and what they are about.

    Documents that inherit ``visibility.subject.mixin`` say themselves what belongs to them. Of any
    other record the fields that Odoo's models name alike are taken: ``partner_id``, ``company_id``,
    ``user_id``, and fields that point to documents with an at-risk state.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    told_at = fields.Datetime(
        "Told of last",
        readonly=True,
        help="When it was so last, by those who tell of it; empty where only we have noticed it.",
        written_by="detect",
    )

    # ------------------------------------------------------------------ events
    @api.model
    def _detect_events(self, events):
        """What new events mean: some open an exception or show it again, some clear one.

        :param events: events that are not withdrawn, of shipments that were moved by them already
        """
        proposals = self._find_proposals(events)
        # Answers that propose something are looked at by what they propose, not by their status code
        told = events - proposals.event_id
        self._open_from_events(told)
        self._clear_reached(told.filtered("counts").shipment_id)
        self._clear_answered(told.filtered("counts"))
        self._wake_by_news(told)
        self._meet_expectations(told.filtered("counts"))
        self._detect_new_proposals(proposals)
        self._detect_unknown_orders(told)
        self._compare_notices(told)

    @api.model
    def _open_from_events(self, events):
        findings = {}
        judged = self._judge_events(events)
        for event in sorted(judged, key=lambda event: (event.occurred_at, event.id)):
            category, finding = judged[event]
            findings.setdefault((category, event._get_subject()), []).append(finding)
        self._open_findings(findings)

    @api.model
    def _judge_events(self, events):
        """Seam: of each event that means trouble its category and its finding; event rules have the last say."""
        judged = {event: (event.category_id, event._get_finding()) for event in events if event._is_trouble()}
        return {**judged, **self._judge_by_rules(events)}

    @api.model
    def _prove(self, events):
        """A person vouched for these facts: the exceptions that rest on them count in full."""
        self._prove_opened(events)
        self._prove_targets()
        self._prove_explaining(events)
        self._prove_found_by_rules(events)
        self._meet_expectations(events)

    @api.model
    def _prove_opened(self, events):
        for event in events.filtered("category_id"):
            resting = self._find_open(event.category_id, event._get_subject()).filtered("is_unproven")
            resting.write({"is_unproven": False, "severity": event.category_id.severity})

    @api.model
    def _follow_withdrawal(self, events):
        """Facts were withdrawn: what rested on them alone is over, what they had ended is back."""
        self._bring_back_parts(events)
        self._bring_back_cleared(events)
        self._clear_unfounded(events)
        self._clear_found_by_rules(events)
        self._unmeet_expectations(events)
        self._clear_unknown_orders(events)
        self._compare_notices(events)

    @api.model
    def _bring_back_cleared(self, events):
        self.search([("closed_by_event_id", "in", events.ids), ("state", "=", "resolved")])._reopen()

    @api.model
    def _clear_unfounded(self, events):
        for event in events.filtered("category_id"):
            subject = event._get_subject()
            known = subject and self._get_subject_facts(subject)
            facts = known and known.filtered(lambda fact, e=event: fact.category_id == e.category_id)
            if facts and all(facts.mapped("is_withdrawn")):
                self._find_open(event.category_id, subject)._clear(event)

    @api.model
    def _follow_correction(self, shipments):
        """A person set these shipments back: what a milestone had ended that they no longer have is back."""
        ended = self.search(
            [
                ("shipment_id", "in", shipments.ids),
                ("state", "=", "resolved"),
                ("closed_by_event_id", "!=", False),
                ("category_id.clearing_milestone_id", "!=", False),
            ]
        )
        back = ended.filtered(lambda one: not one.shipment_id._is_past(one.category_id, one._get_last_true()))
        back._reopen()

    @api.model
    def _follow_move(self, events, shipment, note):
        """A person said that these events are about another shipment: here they open and end nothing any more."""
        ended = self.search([("closed_by_event_id", "in", events.ids), ("state", "=", "resolved")])
        ended.filtered(lambda one: one.shipment_id == shipment)._reopen()
        told = [("shipment_id", "=", shipment.id), ("counts", "=", True), ("category_id", "in", events.category_id.ids)]
        left = {category for (category,) in events._read_group(told, ["category_id"])}
        for category in events.category_id.filtered(lambda one: one not in left):
            self._find_open(category, shipment)._clear(note)

    # ------------------------------------------------------------------ the door
    @api.model
    def _open_findings(self, findings, desk=None):
        """Open an exception for each (category, subject), or show it again where there is one, or where it follows
        from one.

        :param dict findings: (category, subject) to a list of :class:`Finding`, oldest first
        :param desk: hands out those that are new; several calls may share one
        """
        desk = desk or self._get_desk()
        for some in self._put_causes_first(findings):
            self._note_causes_are_back(some)
            new = self._show_again(some)
            self._open(new, desk)

    @api.model
    def _open(self, findings, desk):
        deadlines = self._get_deadlines(findings)
        values = [
            {
                **self._prepare_exception(category, subject, facts, desk),
                "deadline": deadlines[category, self._get_subject_company(subject)],
            }
            for (category, subject), facts in findings.items()
        ]
        opened = self.with_context(**QUIET).create(values)
        self.browse(opened.ids)._on_opened()

    @api.model
    def _clear_subjects(self, category, subjects, resolution):
        """Resolve the open exceptions of a category whose cause is gone, and that have no other one.

        :param subjects: records of one model; ``resolution`` is one sentence that says what ended it
        """
        over = subjects - self._get_still_caused(category, subjects)
        self._find_open(category, over)._end({"state": "resolved", "resolution": resolution})

    @api.model
    def _find_existing(self, findings):
        """The latest exception of each (category, subject), open or closed; of what was merged the target."""
        exceptions = self.search(
            [
                ("category_id", "in", list({category.id for category, _subject in findings})),
                ("res_model", "in", list({subject._name for _category, subject in findings})),
                ("res_id", "in", list({subject.id for _category, subject in findings})),
            ],
            order="id",
        )
        return {
            one._get_row_key(): one if one.is_consequence or not one.merged_into_id else one.merged_into_id
            for one in exceptions
        }

    def _see_again(self, facts):
        """One more report of the same trouble: on this one, and on those that were split off from it."""
        if self._is_told_elsewhere():
            self._hear_consequence(facts)
            return
        was_open = self.is_open
        self._count_report(facts)
        for part in self.split_ids.filtered(lambda one: not one.merged_into_id):
            part._see_again(facts)
        self._hear_rule(facts[-1], was_open)

    def _count_report(self, facts):
        """It is counted, and reopened where it was thought solved."""
        latest = facts[-1]
        values = {
            "seen_count": self.seen_count + len(facts),
            "last_seen_at": max(self.last_seen_at, latest.at),
            **self._prepare_told(facts),
        }
        if latest.at >= self.last_seen_at:
            values.update(self._prepare_reason(latest))
        returns = not self.is_open and latest.at > self._get_quiet_until(latest)
        is_proven = any(fact.is_trusted for fact in facts)
        if is_proven and (self.is_unproven or returns):
            values.update(self._prepare_proven())
        elif returns:
            values.update(is_unproven=True, severity="information")
        self.write(values)
        if returns:
            self._reopen()

    def _prepare_told(self, facts):
        """When those who tell of it say that it was so last: facts are compared with facts, by the same clocks."""
        told = [*filter(None, [self.told_at]), *(fact.at for fact in facts if fact.event_id)]
        return {"told_at": max(told)} if told else {}

    def _get_last_true(self):
        """The moment (naive UTC) after which a fact may end this: what we noticed later ourselves is no such fact."""
        return self.told_at or self.last_seen_at

    def _get_quiet_until(self, latest):
        """Until when more news of it is no news: what somebody dismissed rests for a day longer.

        What a fact ended was over when that happened, and not when we heard of it.
        """
        one = self.merged_into_id if self.is_consequence else self
        closed = one._get_ended_at(latest) or one.closed_at or latest.at
        return closed + DISMISSED_RESTS if one.state == "dismissed" else closed

    def _get_ended_at(self, latest):
        """When the fact that ended it happened, for news that are facts, too."""
        is_fact = latest.event_id and self.closed_by_event_id.kind != "correction"
        return self.closed_by_event_id.occurred_at if is_fact else False

    @api.model
    def _find_open(self, category, subjects):
        """The open exceptions of a category about records of one model."""
        return self.search(
            [
                ("category_id", "=", category.id),
                ("res_model", "=", subjects._name),
                ("res_id", "in", subjects.ids),
                *self._get_alive_domain(),
            ]
        )

    @api.model
    def _prepare_exception(self, category, subject, facts, desk):
        """What a new exception says: as it was found, then as a rule says, with how it came to its owner."""
        values = self._prepare_found(category, subject, facts, desk)
        values.update(self._prepare_rule_values(facts[-1], subject, values["user_id"]))
        return {**values, **desk.get_source(category, subject)}

    @api.model
    def _prepare_found(self, category, subject, facts, desk):
        latest = facts[-1]
        is_unproven = not any(fact.is_trusted for fact in facts)
        return {
            "category_id": category.id,
            "company_id": self._get_subject_company(subject).id,
            "res_model": subject._name,
            "res_id": subject.id,
            "severity": "information" if is_unproven else latest.severity or category.severity,
            "is_unproven": is_unproven,
            "first_seen_at": facts[0].at,
            "last_seen_at": latest.at,
            "seen_count": len(facts),
            **self.browse()._prepare_told(facts),
            "tag_ids": [fields.Command.set(category.tag_ids.ids)],
            "user_id": self._get_owner(category, subject, desk).id,
            **self._prepare_reason(latest),
            **self._get_subject_links(subject),
        }

    # ------------------------------------------------------------------ clearing
    @api.model
    def _clear_reached(self, shipments):
        """Resolve what ended by itself: the shipment got as far as the category says."""
        candidates = self.search(
            [
                ("shipment_id", "in", shipments.ids),
                ("category_id.clearing_milestone_id", "!=", False),
                *self._get_alive_domain(),
            ]
        )
        reached = candidates.filtered(
            lambda exception: exception.shipment_id._is_past(exception.category_id, exception._get_last_true())
        )
        for shipment, exceptions in reached.grouped("shipment_id").items():
            exceptions._clear(shipment._get_clearing_event())

    def _clear(self, event):
        """Close with the fact that ended it."""
        self._end(
            {
                "state": "resolved",
                "closed_by_event_id": event.id,
                "resolution": self.env._("Cleared by itself: %(fact)s", fact=event.headline or self.env._("recovered")),
            }
        )

    @api.model
    def _clear_answered(self, events):
        """A supplier that accepts after all ends what its earlier answer had opened."""
        good = events.filtered(lambda event: event.kind == "order_response" and not event.category_id)
        for event in good.filtered("purchase_order_id"):
            exceptions = self.search(
                [
                    ("category_id.code", "in", SUPPLIER_CATEGORIES),
                    ("res_model", "=", "purchase.order"),
                    ("res_id", "=", event.purchase_order_id.id),
                    ("is_open", "=", True),
                ]
            )
            exceptions.filtered(lambda one, e=event: one._get_last_true() <= e.occurred_at)._clear(event)

    # ------------------------------------------------------------------ what it is about
    @api.model
    def _is_known_subject(self, subject):
        return isinstance(subject, self.env.registry["visibility.subject.mixin"])

    @api.model
    def _get_subject_company(self, subject):
        """The company of a subject; of records that all companies share the current one."""
        company = subject.company_id if "company_id" in subject._fields else self.env["res.company"]
        return company[:1] or self.env.company

    @api.model
    def _get_subject_links(self, subject):
        """Values of an exception that tie it to the documents and people its subject is about."""
        if self._is_known_subject(subject):
            return subject._prepare_exception_links()
        links = {
            name: [fields.Command.set(self._get_related(subject, self._fields[name].comodel_name).ids)]
            for name in self._get_document_fields()
        }
        return {**links, "partner_id": self._get_related(subject, "res.partner", "partner_id")[:1].id}

    @api.model
    def _get_related(self, subject, model, *names):
        """Records of a model that a record points to: it itself, or by the named (else all direct) fields."""
        if subject._name == model:
            return subject
        found = self.env[model]
        for name in names or subject._fields:
            field = subject._fields.get(name)
            if field and field.store and field.type == "many2one" and field.comodel_name == model:
                found |= subject[name]
        return found

    @api.model
    def _get_subject_owners(self, subject, role):
        """Users who may answer for a subject, best first."""
        if self._is_known_subject(subject):
            return subject._get_exception_owners(role)
        return self._get_related(subject, "res.users", "user_id", "invoice_user_id", "responsible_id")

    @api.model
    def _get_subject_facts(self, subject):
        """The events that were told of a subject; none of what senders know nothing of."""
        return subject._get_facts() if self._is_known_subject(subject) else self.env["visibility.event"]

    def _link_shipment_documents(self):
        """The shipment got a delivery after the trouble was known: now it is the order's trouble too."""
        for exception in self:
            exception.write(exception._adapt_links(exception.shipment_id._prepare_exception_links()))
