from datetime import timedelta

import pytz
from odoo import SUPERUSER_ID, api, fields, models

DISMISSED_RESTS = timedelta(days=1)


class VisibilityException(models.Model):
    """The one door through which exceptions are opened, seen again, and cleared."""

    _inherit = "visibility.exception"

    # ------------------------------------------------------------------ events
    @api.model
    def _detect_events(self, events):
        """What new events mean: some open an exception or show it again, some clear one.

        :param events: events that are not withdrawn, of shipments that were moved by them already
        """
        self._open_from_events(events)
        self._clear_reached(events.filtered("counts").shipment_id)
        self._clear_answered(events.filtered("counts"))

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
        """Seam for rules: of each event that means trouble its category and its finding."""
        return {event: (event.category_id, event._get_finding()) for event in events if event._is_trouble()}

    # ------------------------------------------------------------------ the door
    @api.model
    def _open_findings(self, findings):
        """Open an exception for each (category, subject), or show it again where there is one.

        :param dict findings: (category, subject) to a list of :class:`Finding`, oldest first
        """
        existing = self._find_existing(findings)
        deadlines = self._get_deadlines(findings)
        new = []
        for (category, subject), facts in findings.items():
            exception = existing.get((category.id, subject._name, subject.id))
            if exception:
                exception._see_again(facts)
            else:
                values = self._prepare_exception(category, subject, facts)
                new.append({**values, "deadline": deadlines[category, self._get_subject_company(subject)]})
        opened = self.with_context(**self._get_quiet_context()).create(new)
        self.browse(opened.ids)._on_opened()

    @api.model
    def _clear_subjects(self, category, subjects, resolution):
        """Resolve the open exceptions of a category whose cause is gone.

        :param subjects: records of one model; ``resolution`` is one sentence that says what ended it
        """
        self._find_open(category, subjects)._end({"state": "resolved", "resolution": resolution})

    @api.model
    def _get_quiet_context(self):
        """Opening is told by the activity and the lists: no mail and no log entry for each exception."""
        return {
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
            "mail_auto_subscribe_no_notify": True,
            "tracking_disable": True,
        }

    @api.model
    def _find_existing(self, findings):
        """The latest exception of each (category, subject), open or closed."""
        exceptions = self.search(
            [
                ("category_id", "in", list({category.id for category, _subject in findings})),
                ("res_model", "in", list({subject._name for _category, subject in findings})),
                ("res_id", "in", list({subject.id for _category, subject in findings})),
            ],
            order="id",
        )
        return {
            (exception.category_id.id, exception.res_model, exception.res_id): exception for exception in exceptions
        }

    def _see_again(self, facts):
        """One more report of the same trouble: counted, and reopened where it was thought solved."""
        latest = facts[-1]
        values = {
            "seen_count": self.seen_count + len(facts),
            "last_seen_at": max(self.last_seen_at, latest.at),
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

    def _get_quiet_until(self, latest):
        """Until when more news of it is no news: what somebody dismissed rests for a day longer."""
        closed = self.closed_at or latest.at
        return closed + DISMISSED_RESTS if self.state == "dismissed" else closed

    def _prepare_proven(self):
        return {"is_unproven": False, "severity": self.category_id.severity}

    @api.model
    def _prove(self, events):
        """A person vouched for these facts: the exceptions that rest on them count in full."""
        for event in events.filtered("category_id"):
            self._find_open(event.category_id, event._get_subject()).filtered("is_unproven").write(
                {"is_unproven": False, "severity": event.category_id.severity}
            )

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
    def _get_alive_domain(self):
        """Seam: exceptions whose cause, as far as we know, is still there."""
        return [("is_open", "=", True)]

    @api.model
    def _prepare_exception(self, category, subject, facts):
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
            "tag_ids": [fields.Command.set(category.tag_ids.ids)],
            "user_id": self._get_owner(category, subject).id,
            **self._prepare_reason(latest),
            **self._get_subject_links(subject),
        }

    @api.model
    def _prepare_reason(self, finding):
        return {
            "reason": finding.reason,
            "reason_code": finding.reason_code,
            "responsible_party": finding.responsible_party,
            "event_id": finding.event_id,
        }

    def _link_shipment_documents(self):
        """The shipment got a delivery after the trouble was known: now it is the order's trouble too."""
        for exception in self:
            exception.write(exception._adapt_links(exception.shipment_id._prepare_exception_links()))

    def _adapt_links(self, links):
        """Seam: which of the documents of its shipment an exception is about.

        :param dict links: values of the fields that hold documents, each one ``Command.set``
        """
        return links

    # ------------------------------------------------------------------ owner and deadline
    @api.model
    def _get_owner(self, category, subject):
        """The category's owner; else, by role, the person behind the document; nobody owns nothing."""
        candidates = category.user_id | self._get_subject_owners(subject, category.owner_role)
        people = candidates.filtered(lambda user: user.active and user.id != SUPERUSER_ID)
        # env.ref() would look the user up for each exception
        return people[:1] or people.browse(self.env["ir.model.data"]._xmlid_to_res_id("base.user_admin"))

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
        now = pytz.utc.localize(since or fields.Datetime.now())
        calendar = company.resource_calendar_id
        due = calendar and calendar.plan_hours(category.response_hours, now, compute_leaves=True)
        due = due or now + timedelta(hours=category.response_hours)
        return due.astimezone(pytz.utc).replace(tzinfo=None)

    def _on_opened(self):
        """Seam for respond: what happens with exceptions that have just been opened."""
        self._refresh_documents()

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
            lambda exception: exception.shipment_id._is_past(exception.category_id, exception.last_seen_at)
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

    def _end(self, values):
        """Seam: the cause of these is gone.

        :param dict values: what is written on those that end with it
        """
        self.write(values)
