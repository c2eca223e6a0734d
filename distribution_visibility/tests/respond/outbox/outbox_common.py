import json
import time
from contextlib import contextmanager
from unittest.mock import patch

from ....lib.detect.exception.finding import Finding
from ....lib.respond.outbox.answers import DELIVERED, FAILED, GONE, REFUSED, THROTTLED, Answer
from ...common import VisibilityCase

SENTENCES = {
    DELIVERED: ("Delivered (200).", 200),
    FAILED: ("The receiver failed (500).", 500),
    THROTTLED: ("The receiver asks for patience (429).", 429),
    GONE: ("The receiver says that this address is gone for good (410).", 410),
    REFUSED: ("hooks.example leads into a private or reserved network.", None),
}
SECRET = "whsec_dGVzdC1vbmx5LXNlY3JldC1vZi1hLXJlY2VpdmVyISE="


class OutboxCase(VisibilityCase):
    """A receiver that answers what a test says, and subscriptions to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outbox = cls.env["visibility.outbox.message"]
        # Whatever this database holds besides: it wants nothing, and allows nothing.
        cls.env["visibility.subscription"].search([("state", "!=", "off")]).state = "off"
        cls.env["visibility.internal.address"].search([("active", "=", True)]).active = False
        cls.subscription = cls._subscribe("exception.opened", "exception.updated", "exception.resolved")

    @classmethod
    def _subscribe(cls, *types, **values):
        subscription = cls.env["visibility.subscription"].create(
            {
                "name": "n8n",
                "url": "https://hooks.example/visibility",
                "owner_id": cls.owner.id,
                "type_ids": [(6, 0, cls.env["visibility.outbox.type"].search([("name", "in", types)]).ids)],
                **values,
            }
        )
        cls.env["visibility.subscription.key"].create({"subscription_id": subscription.id, "secret": SECRET})
        subscription.state = values.get("state", "active")
        return subscription

    def _open(self, reason="Stuck at the hub", subject=None, code="late_risk"):
        """One exception, as detectors open it."""

        exceptions = self.env["visibility.exception"]
        subject = subject or self._create_delivery(f"1Z{time.monotonic_ns()}").sale_id
        category = exceptions._get_category(code)
        finding = Finding(self.env.cr.now(), reason, "R1", "carrier")
        exceptions._open_findings({(category, subject): [finding]})
        return exceptions._find_open(category, subject)

    def _messages(self, event_type=None, subscription=None):
        domain = [("subscription_id", "=", (subscription or self.subscription).id)]
        return self.outbox.search([*domain, *([("event_type", "=", event_type)] if event_type else [])], order="id")

    @staticmethod
    def _data(message):
        return json.loads(message.body)["data"]

    @contextmanager
    def _receiver(self, *answers):
        """A receiver that answers so in turn, the last one for ever; gives what it was sent."""
        sent, queue = [], list(answers) or [DELIVERED]

        def deliver(job):
            sent.append(job[0])
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            return answer if isinstance(answer, Answer) else Answer(answer, *SENTENCES[answer], 0.1, "", None)

        with patch.object(self.env.registry["visibility.outbox.message"], "_deliver", staticmethod(deliver)):
            yield sent

    def _send_round(self, lane="transactional"):
        """What the scheduled action does with one round, without its commits."""
        batch = self.outbox._claim(lane, 32)
        if batch:
            batch._work()
            batch._note_round()
        return batch
