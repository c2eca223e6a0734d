import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize

from ....lib.base.backoff import HOURLY
from ....lib.respond.message.message_timing import WEEK, Cap, QuietHours, find_moment
from ...base.guard import guarded
from .visibility_message import OPEN_STATES

_logger = logging.getLogger(__name__)

MESSAGES_A_BATCH = 50


class VisibilityMessage(models.Model):
    """How drafts are released, wait, and go: in the chatter of the order, through Odoo's queue of mails.

    Addresses, unsubscribing, quiet hours and caps say who may be written to, and when.
    """

    _inherit = "visibility.message"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ releasing
    def _release(self, automation=None, is_urgent=False):
        """Send these now, or as soon as quiet hours and caps allow.

        :param automation: the governed automation that releases them; a person does, if None
        :param is_urgent: neither quiet hours nor caps count
        :return: dict of states to messages: what became of them
        """
        todo = self._lock_open()
        todo.write(
            {
                "released_by_id": False if automation else self.env.uid,
                "automation_id": automation.id if automation else False,
                "released_at": fields.Datetime.now(),
            }
        )
        todo -= todo._refuse_impossible()
        moments = {} if is_urgent else todo._find_moments()
        # One alone raises: whoever releases it sees why. Of many a bad one stops no other; a rule has its own way.
        is_guarded = len(todo) > 1 and not automation
        for message in todo:
            release = message._release_guarded if is_guarded else message._release_one
            release(*moments.get(message, (None, None)))
        self._wake_queue(todo)
        self.sudo()._mark_exceptions()
        return self.sudo().grouped("state")

    def _lock_open(self):
        """Those that are still to be sent, locked: of two who release the same one, one is too late."""
        todo = self.filtered(lambda one: one.state in OPEN_STATES).sudo()
        if todo:
            todo.lock_for_update()
            todo.invalidate_recordset(["state"])
        return todo.filtered(lambda one: one.state in OPEN_STATES)

    def _release_one(self, moment, reason):
        self._keep_text()
        if reason:
            self._wait(moment, reason, self._get_wait_sentence(moment, reason))
        else:
            self._send()

    def _release_guarded(self, moment, reason):
        with guarded(self.env) as attempt:
            self._release_one(moment, reason)
        if attempt.error:
            self._back_to_review(False)
            reason = self.env._("It could not be sent: %s", str(attempt.error)[:300])
            self.write({"reason": reason, "released_at": False})

    def _wait(self, moment, reason, sentence):
        self.write({"state": "waiting", "send_from": moment, "waits_for": reason, "reason": sentence})

    @api.model
    def _wake_queue(self, messages):
        """Odoo's own queue of mails for what goes now, ours for the moment when the first waiting one may go."""
        if any(message.state == "sent" for message in messages):
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        waiting = messages.filtered(lambda one: one.state == "waiting")
        if waiting:
            cron = self.env.ref("distribution_visibility.ir_cron_messages", raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger(at=min(waiting.mapped("send_from")))

    # ------------------------------------------------------------------ sending
    def _send(self):
        """Post it on the order: Odoo mails it to the partner alone, and the answer comes back there."""
        self.ensure_one()
        document = self._get_document().sudo().with_context(**self._get_post_context())
        posted = document.message_post(**self._prepare_post())
        self.write(
            {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "finished_at": fields.Datetime.now(),
                "send_from": False,
                "waits_for": False,
                "reason": False,
                "mail_message_id": posted.id,
                "told_date": self._get_expected_at(),
            }
        )
        self._note_on_exceptions()

    def _get_post_context(self):
        """Nobody follows the order because of it, and the queue sends the mail: a slow server delays no one."""
        return {
            "lang": self.lang or self.env.lang,
            "mail_post_autofollow": False,
            "mail_post_autofollow_author_skip": True,
            "mail_notify_force_send": False,
            "visibility_unsubscribe_url": self._get_unsubscribe_url(),
        }

    def _prepare_post(self):
        author = self._get_author()
        return {
            "subject": self.text_subject,
            "body": self.text_body,
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_ids": self.partner_id.ids,
            "author_id": author.id,
            "email_from": self._get_sender() or author.email_formatted,
            "email_layout_xmlid": "distribution_visibility.visibility_message_layout",
            "email_add_signature": False,
            "notify_skip_followers": True,
            "subtitles": [self._get_document().name],
            "mail_headers": self._get_mail_headers(),
        }

    def _get_author(self):
        """Who released it; of what a rule released, who answers for the order, else the company."""
        return self.released_by_id.partner_id or self.user_id.partner_id or self.company_id.partner_id

    def _get_sender(self):
        """The template's sender, if it names one."""
        if not self.template_id.email_from:
            return False
        return self._render_with(self.template_id, "email_from", self.lang)[self.id]

    def _get_mail_headers(self):
        """RFC 8058: mail programs offer to unsubscribe with one click, which is a POST."""
        headers = {"X-Auto-Response-Suppress": "OOF"}
        if url := self._get_unsubscribe_url():
            headers.update({"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
        return headers

    def _get_unsubscribe_url(self):
        """For customers only: suppliers are told what belongs to their orders."""
        if self.audience != "customer":
            return False
        return self.partner_id._get_visibility_unsubscribe_url(self._get_document().get_base_url())

    def _note_on_exceptions(self):
        partner = self.partner_id.display_name
        note = self.env._("%(partner)s was told: %(subject)s", partner=partner, subject=self.text_subject)
        author = self._get_author().id
        exceptions = self.exception_ids.sudo()
        exceptions._message_log_batch(dict.fromkeys(exceptions.ids, note), author_id=author)

    # ------------------------------------------------------------------ runs
    def _record_release(self, is_urgent=False):
        """One run a message: who released it, and what became of it."""
        runs = self.env["visibility.action.run"]
        runs._record([one._prepare_release_run(is_urgent) for one in self.sudo()])

    def _prepare_release_run(self, is_urgent=False):
        about = self.exception_id or self
        automation = self.automation_id
        return self.env["visibility.action.run"]._prepare_run(
            about.with_env(self.env),
            company=self.company_id,
            automation=automation,
            name=self.env._("Message to %s", self.partner_id.display_name),
            origin="automation" if automation else "button",
            result="done" if self.state in ("sent", "waiting") else "failed",
            reason=self.env._("Sent at once, whatever the hour.") if is_urgent else self.occasion_id.name or False,
            detail=f"{self._label('state')}: {self.reason or self.text_subject}",
            is_reversible=False,
            irreversible_reason=self.env._("What was sent stays sent."),
        )

    # ------------------------------------------------------------------ who is not told
    def _get_refusals(self):
        """By message why it cannot go: (code, sentence). One query for all of them."""
        addresses = {one: email_normalize(one.partner_id.email or "") for one in self}
        blacklist = self.env["mail.blacklist"].sudo()
        listed = set(blacklist.search([("email", "in", list(filter(None, addresses.values())))]).mapped("email"))
        found = {one: one._get_refusal(addresses[one], listed) for one in self}
        return {one: refusal for one, refusal in found.items() if refusal}

    def _get_refusal(self, address, blacklist):
        """Seam: why this message cannot go to anybody: (code, sentence), or None."""
        partner = self.partner_id
        if self.audience == "customer" and not partner.visibility_gets_messages:
            return "unsubscribed", self.env._("%s wants no messages about deliveries.", partner.display_name)
        if not address:
            return "no_address", self.env._("%s has no mail address.", partner.display_name)
        if address in blacklist:
            return "blacklisted", self.env._("%s is on the list of addresses that get no mails.", partner.email)
        document = self._get_document()
        if not document or document.state == "cancel":
            return "over", self.env._("The order was cancelled.")
        return None

    def _refuse_impossible(self):
        """Take those out that can go to nobody, and say why."""
        refusals = self.filtered(lambda one: one.state in OPEN_STATES)._get_refusals()
        for message, (code, sentence) in refusals.items():
            message._finish_unsent(code, sentence)
        return self.browse().union(*refusals)

    def _finish_unsent(self, code, sentence):
        open_ones = self.filtered(lambda one: one.state in OPEN_STATES).sudo()
        open_ones.write(
            {
                "state": "not_sent",
                "refusal": code,
                "reason": sentence,
                "send_from": False,
                "waits_for": False,
                "finished_at": fields.Datetime.now(),
            }
        )

    # ------------------------------------------------------------------ when
    def _find_moments(self):
        """By message when it may go (naive UTC) and what it waits for, each counted as sent for those after it."""
        now, sent, moments = fields.Datetime.now(), self._get_sent_times(), {}
        for message in self:
            company, times = message.company_id.sudo(), sent.setdefault(message._get_cap_key(), [])
            quiet = QuietHours(company.visibility_quiet_from, company.visibility_quiet_to)
            cap = Cap(company.visibility_message_cap_day, company.visibility_message_cap_week)
            moment, reason = find_moment(now, message._get_timezone(), quiet, cap, times)
            times.append(moment)
            moments[message] = moment, reason
        return moments

    def _get_cap_key(self):
        return self.partner_id.id, self.company_id.id

    def _get_sent_times(self):
        """When partners were sent something within a week, by partner and company."""
        since = fields.Datetime.now() - WEEK
        domain = [("partner_id", "in", self.partner_id.ids), ("sent_at", ">", since)]
        groups = self.sudo()._read_group(domain, ["partner_id", "company_id"], ["sent_at:array_agg"])
        return {(partner.id, company.id): list(times) for partner, company, times in groups}

    def _get_wait_sentence(self, moment, reason):
        local = fields.Datetime.context_timestamp(self.with_context(tz=self._get_timezone()), moment)
        values = {
            "moment": f"{local:%Y-%m-%d %H:%M}",
            "zone": self._get_timezone(),
            "partner": self.partner_id.display_name,
        }
        if reason == "cap":
            return self.env._("%(partner)s got as many messages as agreed; this one goes on %(moment)s.", **values)
        return self.env._("It is night where %(partner)s is; this one goes on %(moment)s (%(zone)s).", **values)

    # ------------------------------------------------------------------ what waits for its hour
    @api.model
    def _cron_send_waiting(self):
        """Batch by batch, each committed."""
        while done := self._send_due():
            self.env["ir.cron"]._commit_progress(done)

    @api.model
    def _send_due(self):
        """Send what waited long enough; gives how many were looked at. A bad one stops no other."""
        domain = [("state", "=", "waiting"), ("send_from", "<=", fields.Datetime.now())]
        due = self.sudo().search(domain, order="send_from, id", limit=MESSAGES_A_BATCH).try_lock_for_update()
        for message in due:
            message._send_guarded()
        self._wake_queue(due)
        due._mark_exceptions()
        return len(due)

    def _send_guarded(self):
        with guarded(self.env) as attempt:
            self._send_again()
        if attempt.error:
            self._note_failure(attempt.error)

    def _send_again(self):
        """Look once more at what stands in the way: hours have passed since."""
        if self._refuse_impossible():
            return
        moment, reason = self._find_moments()[self]
        if reason:
            self._wait(moment, reason, self._get_wait_sentence(moment, reason))
        else:
            self._send()
            self._record_release()

    def _note_failure(self, error):
        _logger.warning("message %s could not be sent: %s", self.id, error)
        self.attempts += 1
        wait = HOURLY.delay(self.attempts)
        if wait:
            again = fields.Datetime.now() + timedelta(seconds=wait)
            self._wait(again, "retry", self.env._("It could not be sent and is tried again: %s", str(error)[:300]))
        else:
            self._finish_unsent("failed", self.env._("It could not be sent: %s", str(error)[:300]))
