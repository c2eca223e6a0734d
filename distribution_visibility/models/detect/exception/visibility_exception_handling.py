from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...base.words.told import tell_moment
from .visibility_exception import CLOSED_STATES

BATCH = 500


class VisibilityException(models.Model):
    """How people handle exceptions: who may, what the buttons do, closing with a root cause, and snoozing.

    Snoozed exceptions, which nobody has to look at until a date or until there is news, stay open: the documents stay
    at risk, and the same trouble does not open a second one.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    root_cause_id = fields.Many2one(
        "visibility.root.cause", "Root cause", index="btree_not_null", tracking=True, ondelete="restrict",
        help="Why it happened in the end; asked for when a person resolves it.",
    )  # fmt: skip
    root_cause_party = fields.Selection(
        related="root_cause_id.responsible_party", store=True, string="Responsible in the end"
    )
    closed_by_id = fields.Many2one(
        "res.users",
        "Closed by",
        readonly=True,
        help="Empty on a closed exception: it cleared itself.",
        written_by="detect",
    )
    reopen_count = fields.Integer("Times reopened", readonly=True, written_by="detect")

    is_snoozed = fields.Boolean("Snoozed", readonly=True, copy=False, written_by="detect")
    snoozed_until = fields.Datetime("Snoozed until", readonly=True, copy=False, written_by="detect")
    snooze_until_news = fields.Boolean("Until news", readonly=True, copy=False, written_by="detect")
    snooze_count = fields.Integer("Times snoozed", readonly=True, copy=False, written_by="detect")

    may_work = fields.Boolean(
        "May be worked on",
        compute="_compute_may_work",
        help="By whoever reads it: it is theirs or nobody's, or they coordinate.",
    )

    _by_snooze = models.Index("(snoozed_until) WHERE is_snoozed")

    # ------------------------------------------------------------------ who may work on what
    def _check_may_work(self, vals=None):
        """Raise AccessError, and say what to do, when these belong to other people.

        :param dict vals: what is about to be written; whoever takes an exception over may do so
        """
        if (vals or {}).get("user_id") == self.env.uid:
            return
        others = self._filter_of_others()
        if others:
            raise AccessError(self._get_not_yours(others))

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_may_work(self):
        others = self._filter_of_others()
        for exception in self:
            exception.may_work = exception not in others

    def _filter_of_others(self):
        """Those of these that belong to other people, for who coordinates nothing."""
        if self.env.su or self.env.user.has_group("distribution_visibility.group_coordinator"):
            return self.browse()
        return self.filtered(lambda exception: exception.user_id and exception.user_id != self.env.user)

    def _get_not_yours(self, others):
        if len(others) == 1:
            return self.env._(
                "%(exception)s belongs to %(owner)s. Take it over first, or ask a coordinator.",
                exception=others.name,
                owner=others.user_id.name,
            )
        return self.env._(
            "%(count)s of these belong to others (%(names)s, ...): nothing was changed. Take them over first, or ask a "
            "coordinator.",
            count=len(others),
            names=", ".join(others[:3].mapped("name")),
        )

    def _valid_field_parameter(self, field, name):
        return name == "written_by" or super()._valid_field_parameter(field, name)

    @api.model
    def _get_fields_of_detect(self):
        """Seam: the fields that only detectors and buttons write; each says so itself: ``written_by="detect"``."""
        return {name for name, field in self._fields.items() if getattr(field, "written_by", None) == "detect"}

    def _check_fields_of_detect(self, vals):
        """What the facts say is not for people to rewrite; the buttons change it as superuser."""
        if not self.env.su and vals.keys() & self._get_fields_of_detect():
            raise AccessError(self.env._("What was found, and about what, cannot be changed by hand."))

    # ------------------------------------------------------------------ results of bulk actions
    def _tell_result(self, message, done):
        """What a button on several exceptions answers; on one the screen itself shows it.

        :param done: those that were changed, the others had been closed or changed before
        """
        if len(self) < 2:
            return None
        left = len(self - done)
        rest = self.env._("%s were left as they are: closed, or done before.", left) if left else ""
        return self._say(f"{message} {rest}".strip(), "success" if done else "warning", after="close")

    # ------------------------------------------------------------------ buttons
    def action_acknowledge(self):
        """I have seen it: whoever clicks becomes the owner where there is none."""
        new = self.filtered(lambda exception: exception.state == "new")
        new.filtered(lambda exception: not exception.user_id).user_id = self.env.user
        new.state = "acknowledged"
        return self._tell_result(self.env._("%s exceptions are acknowledged.", len(new)), new)

    def action_take(self):
        open_ones = self.filtered("is_open")
        open_ones.user_id = self.env.user
        open_ones.filtered(lambda exception: exception.state == "new").state = "acknowledged"
        return self._tell_result(self.env._("%s exceptions are yours now.", len(open_ones)), open_ones)

    def action_start(self):
        self.filtered("is_open").state = "in_progress"

    def action_wait(self):
        self.filtered("is_open").state = "waiting"

    def action_resolve(self):
        self.filtered("is_open").write({"state": "resolved"})

    def action_dismiss(self):
        self.filtered("is_open").write({"state": "dismissed"})

    def action_reopen(self):
        self.filtered(lambda exception: not exception.is_open)._reopen()

    def action_confirm(self):
        """A person vouches for what an unproven source said."""
        for exception in self.filtered("is_unproven"):
            facts = exception._get_subject_facts(exception._get_document())
            facts.filtered(lambda fact, e=exception: fact.category_id == e.category_id).action_confirm()
        # Also what a rule calls by another name than its sender did
        self.filtered("is_unproven").event_id.action_confirm()

    def action_open_shipment(self):
        return self._open_action("distribution_visibility.visibility_shipment_action", self.shipment_id)

    def action_open_pickings(self):
        return self._open_action("stock.action_picking_tree_all", self.picking_ids)

    def action_open_sale_orders(self):
        return self._open_action("sale.action_orders", self.sale_order_ids)

    def action_open_purchase_orders(self):
        return self._open_action("purchase.purchase_form_action", self.purchase_order_ids)

    def action_open_invoices(self):
        return self._open_action("account.action_move_out_invoice_type", self.invoice_ids)

    # ------------------------------------------------------------------ closed, and open again
    def _check_dismissal(self, vals):
        is_silent = vals.get("state") == "dismissed" and not vals.get("resolution")
        if is_silent and any(not exception.resolution for exception in self):
            raise UserError(self.env._("Say why this needs no action: press Dismiss on the exception."))

    def _complete_state(self, vals):
        """What goes with being closed: when, by whom, and nobody has to be told to wait for it."""
        if vals.get("state") not in CLOSED_STATES:
            return vals
        closed = {"closed_at": fields.Datetime.now(), "closed_by_id": False if self.env.su else self.env.uid}
        return {**closed, **vals, **self._prepare_awake()}

    def _close(self, state, resolution, root_cause):
        """Close those of these that are open, in the name of the user: all of them or, when one may not be, none.

        :param str state: ``resolved`` or ``dismissed``
        :return: those that were closed
        """
        exceptions = self.filtered("is_open")
        if not exceptions:
            raise UserError(self.env._("None of these is open any more: nothing was changed."))
        values = {"state": state, "root_cause_id": root_cause.id}
        exceptions.write({**values, "resolution": resolution} if resolution else values)
        return exceptions

    def _begin_anew(self):
        """Nothing of how it was closed is left, and there is a new deadline."""
        for (category, company), exceptions in self.grouped(lambda one: (one.category_id, one.company_id)).items():
            exceptions.sudo().write(
                {
                    "closed_at": False,
                    "closed_by_event_id": False,
                    "resolution": False,
                    "deadline": self._get_deadline(category, company),
                }
            )

    def _count_reopening(self):
        for count, exceptions in self.sudo().grouped("reopen_count").items():
            exceptions.write({"reopen_count": count + 1, "closed_by_id": False, "root_cause_id": False})

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
        moment = tell_moment(self.env, until)
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
    def _wake_by_news(self, events):
        """Something was heard of a shipment or purchase order that people wait for."""
        real = events.filtered(lambda event: event._get_subject())
        about = [
            "|",
            ("shipment_id", "in", real.shipment_id.ids),
            "&",
            ("res_model", "=", "purchase.order"),
            ("res_id", "in", real._get_orders().ids),
        ]
        waiting = self.search([("is_snoozed", "=", True), ("snooze_until_news", "=", True), *about])
        headlines = {
            subject: event.headline
            for event in real.sorted("occurred_at")
            for subject in (event._get_subject(), *event._get_orders())
        }
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
