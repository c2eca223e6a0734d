import json
import time

from odoo import api, models

from ..lib.ingest.verification import SignedRequest
from ..lib.ingest.verification.signing import sign_headers, sign_hmac_body
from . import carrier_bodies, story


class VisibilityDemo(models.AbstractModel):
    """What carriers and suppliers say in the demo story, and what people do about it."""

    _inherit = "visibility.demo"

    # ------------------------------------------------------------------ carriers and suppliers
    def _tell_history(self):
        """All messages in the order in which they came, each worked on before the next."""
        for when, source, body in sorted(self._get_news() + self._get_answers(), key=lambda row: row[0]):
            self._receive(when, source, body)

    def _get_news(self):
        """Each scan is a message, which carries the scans before it along."""
        scans, messages = {}, []
        for news in story.HISTORY:
            when, parcel = self._in(hours=-news.when), story.get_parcel(news.number)
            mine = scans.setdefault(news.number, [])
            mine.append(carrier_bodies.Scan(when, news.code, news.place, news.text))
            eta = None if news.eta is None else self._in(hours=news.eta).replace(minute=0)
            body = carrier_bodies.build(parcel.source, parcel.carrier, news.number, mine, eta, news.signed_by)
            messages.append((when, parcel.source, body))
        return messages

    def _get_answers(self):
        messages = []
        for hours, order, supplier, status, note, promised in story.ANSWERS:
            when = self._in(hours=-hours)
            body = carrier_bodies.build_order_response(order, supplier, status, note, when, self._in(hours=promised))
            messages.append((when, "canonical", body))
        return messages

    @api.model
    def _receive(self, when, code, body):
        """Sign, verify and store one message as the webhook does, and work on it at once."""
        receiver = self.env["visibility.source"].sudo()._get_receiver(code)
        inbox = self.env(user=receiver.user_id, su=True)["visibility.inbox.message"]
        raw = json.dumps(body).encode()
        headers = self._sign(code, body, raw)
        keys = self.env["visibility.vault"]._unseal(receiver.sealed_keys)
        signed = SignedRequest(raw, {name.lower(): [value] for name, value in headers.items()})
        verified = receiver.scheme.verify(signed, keys, time.time())
        inbox._accept(receiver, raw, body, {name.lower(): value for name, value in headers.items()}, verified)
        message = inbox.search([("source_id", "=", receiver.source_id)], limit=1)
        message.received_at = when
        inbox._claim(receiver.lane, 1)._work()
        message.finished_at = when

    def _sign(self, code, body, raw):
        source = self._ref(f"source_{code}").sudo()
        secret = self.env["visibility.vault"]._decrypt(source.key_ids[:1].secret_encrypted)
        now = int(time.time())
        if source.preset == "standard_webhooks":
            return sign_headers(body["id"], now, raw, [secret])
        return sign_hmac_body(raw, secret, source.preset, now)

    # ------------------------------------------------------------------ people
    def _tell_work(self):
        """What people did about their exceptions, and what they wrote down."""
        for work in story.WORK:
            exception = self._as(work.role)["visibility.exception"].search(
                [("shipment_id.number", "=", work.number), ("category_id.code", "=", work.category)]
            )
            for step in work.steps:
                getattr(exception, step)()
            exception.message_post(body=work.words)
            if work.overdue:
                exception.deadline = self._in(hours=-work.overdue)
            if work.resolution:
                exception.resolution = work.resolution
                exception.action_resolve()
            # What was tracked is written down now, in the name of this person and not of the next.
            self.env.flush_all()
            self.env.cr.precommit.run()
