from odoo import api, fields, models

from .visibility_watch import FAILING


class VisibilityIncident(models.Model):
    """One trouble of the machinery itself that its owner was told of, once, until it is over.

    What is wrong is read from the database every few minutes (:meth:`_find_troubles`): a worker
    that buries ten thousand messages writes no incident, it only has the watch look sooner.
    """

    _name = "visibility.incident"
    _description = "Incident"
    _inherit = ["visibility.action.mixin"]
    _visibility_is_reported = True
    _order = "resolved_at desc, id desc"

    name = fields.Char("Incident", compute="_compute_name")
    kind = fields.Selection(
        [
            ("dead_letters", "Dead letters"),
            ("stalled", "Stalled queue"),
            ("scheduled_action", "Scheduled action does not run"),
            ("action_log", "Log of responses broken"),
            ("automation_limit", "Automation at its limit"),
            ("owner_left", "Nobody answers for it"),
            ("escalation_failed", "Escalation skipped"),
            (FAILING, "Receiver fails"),
            ("outbox_dead_letters", "Dead letters of a subscription"),
            ("outbox_stalled", "Events that nothing sends"),
            ("expectations", "Overdue expectations without exception"),
        ],
        required=True,
        readonly=True,
    )
    source_id = fields.Many2one("visibility.source", index=True, readonly=True, ondelete="cascade")
    subscription_id = fields.Many2one(
        "visibility.subscription", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, index=True)
    subject = fields.Char(default="", required=True, readonly=True, help="The lane or the scheduled action.")
    user_id = fields.Many2one("res.users", "Told", required=True, readonly=True, index=True)
    opened_at = fields.Datetime("Since", required=True, readonly=True, default=fields.Datetime.now)
    last_seen_at = fields.Datetime("Last seen", required=True, readonly=True, default=fields.Datetime.now)
    count = fields.Integer("Messages", readonly=True, help="How many are concerned now.")
    resolved_at = fields.Datetime("Over since", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")

    _one_open = models.UniqueIndex(
        "(kind, COALESCE(source_id, 0), subject) WHERE resolved_at IS NULL", "This incident is open."
    )

    @api.depends("source_id.company_id", "subscription_id.company_id")
    def _compute_company_id(self):
        for incident in self:
            incident.company_id = (incident.subscription_id or incident.source_id).company_id

    @api.depends("kind", "source_id", "subject", "count")
    def _compute_name(self):
        for incident in self:
            incident.name = incident._get_title()

    # ------------------------------------------------------------------ in words
    def _get_title(self):
        """What is wrong, in one sentence: each kind has a method ``_say_<kind>``.

        Of a kind without one its name has to do: people are told of trouble, whoever forgot to put it into words.
        """
        say = getattr(self, f"_say_{self.kind}", None)
        return say() if say else self._label("kind")

    def _say_dead_letters(self):
        return self.env._(
            "%(sender)s: messages that could not be worked on (%(count)s)", count=self.count, sender=self.source_id.name
        )

    def _say_stalled(self):
        return self.env._(
            "%(sender)s: messages that nothing works on (%(count)s, lane %(lane)s)",
            count=self.count,
            sender=self.source_id.name,
            lane=self.subject,
        )

    def _say_scheduled_action(self):
        return self.env._("The scheduled action %s is switched off, fails or does not run", self.subject)

    def _say_action_log(self):
        return self.env._("The log of responses was changed: %(place)s is the first broken row", place=self.subject)

    def _say_automation_limit(self):
        return self.env._(
            "The automation “%(automation)s” reached its limit of an hour and skipped %(count)s records",
            automation=self.subject.partition(" ")[2],
            count=self.count,
        )

    def _say_owner_left(self):
        return self.env._("Nobody answers for “%s” any more: name an owner", self.subject)

    def _say_escalation_failed(self):
        return self.env._(
            "The escalation “%(policy)s” could not take a level: %(count)s exceptions",
            policy=self.subject.partition(" ")[2],
            count=self.count,
        )

    def _say_subscription_failing(self):
        names = {"receiver": self.subscription_id.name, "count": self.count}
        if self.count >= 100:
            return self.env._("%(receiver)s was switched off because it failed for too long or is gone", **names)
        return self.env._(
            "%(receiver)s fails: %(count)s %% of the time are over after which it is switched off", **names
        )

    def _say_outbox_dead_letters(self):
        names = {"receiver": self.subscription_id.name, "count": self.count}
        return self.env._("%(receiver)s: events that could not be delivered (%(count)s)", **names)

    def _say_outbox_stalled(self):
        names = {"receiver": self.subscription_id.name, "count": self.count}
        return self.env._("%(receiver)s: events that nothing sends (%(count)s)", **names)

    def _say_expectations(self):
        if self.subject == "due":
            return self.env._("%(count)s due expectations that nobody has looked at", count=self.count)
        return self.env._("%(count)s overdue expectations whose exception could not be opened", count=self.count)

    # ------------------------------------------------------------------ watching
    @api.model
    def _cron_watch(self):
        self._watch()

    @api.model
    def _watch(self):
        """Open what is new, see again what is still there, and close what is over."""
        troubles = self.env["visibility.watch"]._find_troubles()
        known = {
            (incident.kind, incident.source_id.id, incident.subject): incident
            for incident in self.search([("resolved_at", "=", False)])
        }
        told = {incident: incident.count for incident in known.values()}
        for key, incident in known.items():
            if key in troubles:
                incident.write({"count": troubles[key], "last_seen_at": fields.Datetime.now()})
        self.union(*(incident for key, incident in known.items() if key not in troubles))._resolve()
        new = {key: count for key, count in troubles.items() if key not in known}
        self.create([self._prepare_incident(*key, count) for key, count in new.items()])._notify()
        self.union(*(one for one, count in told.items() if one._is_worse(count)))._notify_again()

    def _is_worse(self, told):
        """Whether its owner is told again: of a failing receiver at each stage.

        :param int told: the count that they were told
        """
        return self.kind == FAILING and not self.resolved_at and self.count > told

    @api.model
    def _prepare_incident(self, kind, source_id, subject, count):
        subscription = self.env["visibility.subscription"].browse([] if source_id else int(subject))
        source = self.env["visibility.source"].browse(source_id)
        return {
            "kind": kind,
            "source_id": source_id,
            "subscription_id": subscription.id,
            "subject": subject,
            "count": count,
            "user_id": self._get_person(kind, source or subscription, subject).id,
        }

    @api.model
    def _get_person(self, kind, about, subject):
        """Who answers for it; where they have left, a manager, because somebody must know."""
        if kind == "automation_limit":
            accountable = self.env["base.automation"].browse(int(subject.split(" ")[0])).accountable_id
            if accountable:
                return accountable
        owner = about.owner_id
        return owner if owner.active else self._get_manager()

    @api.model
    def _get_manager(self):
        """A manager who is here; an administrator where there is none."""
        managers = self.env.ref("distribution_visibility.group_manager").all_user_ids
        return managers.filtered(lambda user: user.active and not user.share)[:1] or self.env.ref("base.user_admin")

    def _resolve(self):
        self.resolved_at = fields.Datetime.now()
        for incident in self.filtered("activity_id"):
            incident.activity_id.action_feedback(feedback=self.env._("Over by itself."))

    # ------------------------------------------------------------------ telling
    def _notify(self):
        """One activity an incident, and one mail a person however many incidents they have."""
        self._plan_activities()
        for user, incidents in self.grouped("user_id").items():
            incidents.with_context(lang=user.lang)._send_mail(user)

    def _notify_again(self):
        """The same incident has reached its next stage: a mail, and the task says so."""
        for incident in self.filtered("activity_id"):
            incident.activity_id.summary = incident.with_context(lang=incident.user_id.lang)._get_title()
        for user, incidents in self.grouped("user_id").items():
            incidents.with_context(lang=user.lang)._send_mail(user)

    def _plan_activities(self):
        activity_type = self.env.ref("distribution_visibility.mail_activity_type_incident", raise_if_not_found=False)
        if not activity_type:
            return
        # Without Odoo's own mail about the assignment: ours says more.
        model = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        activities = model.create([incident._prepare_activity(activity_type) for incident in self])
        for incident, activity in zip(self, activities, strict=True):
            incident.activity_id = activity

    def _prepare_activity(self, activity_type):
        about = self.subscription_id or self.source_id
        return {
            "res_model_id": self.env["ir.model"]._get_id(about._name),
            "res_id": about.id,
            "activity_type_id": activity_type.id,
            "summary": self.with_context(lang=self.user_id.lang)._get_title(),
            "user_id": self.user_id.id,
            "date_deadline": fields.Date.context_today(self),
        }

    def _send_mail(self, user):
        values = {"incidents": self, "user": user, "base_url": self[:1].get_base_url()}
        body = self.env["ir.qweb"]._render("distribution_visibility.visibility_incident_mail", values)
        mail = self.env["mail.mail"].create(
            {
                "subject": self._get_mail_subject(),
                "body_html": body,
                "recipient_ids": [fields.Command.link(user.partner_id.id)],
                "auto_delete": True,
            }
        )
        mail.send_after_commit()

    def _get_mail_subject(self):
        if len(self) == 1:
            return self._get_title()
        return self.env._("Distribution Visibility: %s incidents need you", len(self))

    # ------------------------------------------------------------------ buttons
    def action_open_messages(self):
        """The messages concerned, as far as they are still in trouble."""
        self.ensure_one()
        if self.subscription_id:
            return self._open_events()
        states = ["dead", "quarantined"] if self.kind == "dead_letters" else ["pending", "retry", "running"]
        domain = [("source_id", "=", self.source_id.id), ("state", "in", states)]
        return self._open_action("distribution_visibility.visibility_inbox_message_action", domain=domain)

    def _open_events(self):
        states = ["dead"] if self.kind == "outbox_dead_letters" else ["pending", "retry", "running"]
        return {
            **self.subscription_id.action_open_messages(),
            "domain": [("subscription_id", "=", self.subscription_id.id), ("state", "in", states)],
        }

    def action_open_source(self):
        self.ensure_one()
        return (self.subscription_id or self.source_id).with_context(active_test=False).get_formview_action()
