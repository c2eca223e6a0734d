from odoo import fields, models
from odoo.tools import email_normalize

from ....lib.respond.message.message_timing import WEEK, Cap, QuietHours, find_moment
from .visibility_message import OPEN


class VisibilityMessage(models.Model):
    """Who may be written to, and when: addresses, unsubscribing, quiet hours and caps."""

    _inherit = "visibility.message"

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
        refusals = self.filtered(lambda one: one.state in OPEN)._get_refusals()
        for message, (code, sentence) in refusals.items():
            message._finish_unsent(code, sentence)
        return self.browse().union(*refusals)

    def _finish_unsent(self, code, sentence):
        open_ones = self.filtered(lambda one: one.state in OPEN).sudo()
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
