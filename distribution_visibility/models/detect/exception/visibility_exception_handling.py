from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

BATCH = 500


class VisibilityException(models.Model):
    """Exceptions that nobody has to look at until a date, or until there is news.

    They stay open: the documents stay at risk, and the same trouble does not open a second one.
    """

    _inherit = "visibility.exception"

    is_snoozed = fields.Boolean("Snoozed", readonly=True, copy=False)
    snoozed_until = fields.Datetime("Snoozed until", readonly=True, copy=False)
    snooze_until_news = fields.Boolean("Until news", readonly=True, copy=False)
    snooze_count = fields.Integer("Times snoozed", readonly=True, copy=False)

    _by_snooze = models.Index("(snoozed_until) WHERE is_snoozed")

    @api.model
    def _get_fields_of_detect(self):
        return super()._get_fields_of_detect() | {"is_snoozed", "snoozed_until", "snooze_until_news", "snooze_count"}

    def _complete_state(self, vals):
        vals = super()._complete_state(vals)
        if vals.get("state") in ("resolved", "dismissed"):
            vals = {**vals, **self._prepare_awake()}
        return vals

    # ------------------------------------------------------------------ going to sleep
    def _snooze(self, until, until_news=False, reason=None):
        """Hide the open ones of these until a moment (naive UTC), or until news that comes before it.

        All of them or none. The response is due again from that moment on, if that is later than before.

        :return: those that sleep now
        """
        exceptions = self.filtered("is_open")
        exceptions._check_may_work()
        exceptions._check_snooze(until, until_news)
        exceptions._log_snooze(until, until_news, reason)
        sleeping = exceptions.sudo()
        for count, alike in sleeping.grouped("snooze_count").items():
            alike.write({**self._prepare_snooze(until, until_news), "snooze_count": count + 1})
        sleeping._postpone_deadlines(until)
        self._get_wake_cron()._trigger(at=until)
        return exceptions

    def _check_snooze(self, until, until_news):
        if not self:
            raise UserError(self.env._("None of these is open any more: nothing was changed."))
        if until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a moment that is still to come."))
        if until_news and any(not one._can_have_news() for one in self):
            raise UserError(
                self.env._("Only shipments and purchase orders bring news: snooze the others until a date.")
            )

    def _can_have_news(self):
        return bool(self.shipment_id or self.res_model == "purchase.order")

    @api.model
    def _prepare_snooze(self, until, until_news):
        return {"is_snoozed": True, "snoozed_until": until, "snooze_until_news": until_news}

    def _postpone_deadlines(self, until):
        """The time to respond starts when they wake up; a later deadline stays."""
        for (category, company), exceptions in self.grouped(lambda one: (one.category_id, one.company_id)).items():
            due = self._get_deadline(category, company, since=until)
            exceptions.filtered(lambda one, due=due: not one.deadline or one.deadline < due).write({"deadline": due})

    def _log_snooze(self, until, until_news, reason):
        moment = format_datetime(self.env, until)
        text = (
            self.env._("Snoozed until there is news, at the latest until %s.", moment)
            if until_news
            else self.env._("Snoozed until %s.", moment)
        )
        self.sudo()._message_log_batch(
            {one.id: f"{text} {reason or ''}".strip() for one in self}, author_id=self.env.user.partner_id.id
        )

    # ------------------------------------------------------------------ waking up
    def action_wake(self):
        """Back on the list, by hand."""
        self._check_may_work()
        self._wake(self.env._("Woken up by hand."), author=self.env.user.partner_id)

    def _wake(self, sentence, author=None):
        """Show these again; what was put off is due as if it had been found now."""
        asleep = self.sudo().filtered("is_snoozed")
        asleep.write(self._prepare_awake())
        for (category, company), exceptions in asleep.grouped(lambda one: (one.category_id, one.company_id)).items():
            due = self._get_deadline(category, company)
            exceptions.filtered(lambda one, due=due: one.deadline and one.deadline > due).write({"deadline": due})
        if asleep:
            values = {"author_id": author.id} if author else {}
            asleep._message_log_batch(dict.fromkeys(asleep.ids, sentence), **values)

    @api.model
    def _prepare_awake(self):
        return {"is_snoozed": False, "snoozed_until": False, "snooze_until_news": False}

    @api.model
    def _detect_events(self, events):
        result = super()._detect_events(events)
        self._wake_by_news(events)
        return result

    @api.model
    def _wake_by_news(self, events):
        """Something was heard of a shipment or purchase order that people wait for."""
        real = events.filtered(lambda event: event._get_subject())
        about = [
            "|",
            ("shipment_id", "in", real.shipment_id.ids),
            "&",
            ("res_model", "=", "purchase.order"),
            ("res_id", "in", real.purchase_order_id.ids),
        ]
        waiting = self.search([("is_snoozed", "=", True), ("snooze_until_news", "=", True), *about])
        headlines = {event._get_subject(): event.headline for event in real.sorted("occurred_at")}
        by_news = waiting.grouped(lambda one: headlines.get(one.shipment_id) or headlines.get(one._get_document()))
        for news, exceptions in by_news.items():
            exceptions._wake(self.env._("There is news: %s", news or ""))

    # ------------------------------------------------------------------ scheduled action
    @api.model
    def _get_wake_cron(self):
        return self.env.ref("distribution_visibility.ir_cron_wake_exceptions").sudo()

    @api.model
    def _cron_wake(self):
        """Called by the scheduled action: wake those whose time has come, in batches."""
        while due := self.search(
            [("is_snoozed", "=", True), ("snoozed_until", "<=", fields.Datetime.now())], limit=BATCH
        ):
            due._wake(self.env._("The snooze is over."))
            if not self.env["ir.cron"]._commit_progress(len(due)):
                break
