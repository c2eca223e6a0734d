"""The one way to have a scheduled action work right after the commit, and for that action to wait for more.

A trigger is a row, and its commit a second one: under load that would double the cost of what is saved. So a process
leaves out triggers for :data:`WAKE_EVERY_SECONDS` after it wrote one. That is safe because the action that a trigger
starts stays for longer than that after its last work (:class:`Linger`), and starts after the trigger.
"""

import logging
import time
from functools import partial

from odoo import SUPERUSER_ID, api

_logger = logging.getLogger(__name__)

WAKE_EVERY_SECONDS = 0.5

# (database, scheduled action) to when this process woke it last
_last_wake = {}


def wake(env, cron_xmlid, pause=WAKE_EVERY_SECONDS):
    """Have a scheduled action run after the commit of this transaction.

    What cannot be woken is only logged: what was saved is durable, and the action comes by itself.

    :param pause: a process wakes it at most once in so many seconds; the action has to stay longer than that
    """
    # Only then: a transaction that is rolled back must not count as a wake-up
    env.cr.postcommit.add(partial(_wake_now, env.registry, env.cr.dbname, cron_xmlid, pause))


def _wake_now(registry, dbname, cron_xmlid, pause):
    now, key = time.monotonic(), (dbname, cron_xmlid)
    if now - _last_wake.get(key, -pause) < pause:
        return
    _last_wake[key] = now
    try:
        with registry.cursor() as cr:
            cron = api.Environment(cr, SUPERUSER_ID, {}).ref(cron_xmlid, raise_if_not_found=False)
            if cron:
                cron._trigger()
    except Exception:
        _logger.warning("%s could not be woken and runs at its next interval", cron_xmlid, exc_info=True)


class Linger:
    """How long a scheduled action stays after its last work, looking again after each pause."""

    def __init__(self, seconds, pause):
        if seconds <= WAKE_EVERY_SECONDS:
            raise ValueError("what is woken has to stay for longer than wake-ups are left out")
        self._seconds = seconds
        self._pause = pause
        self.renew()

    def renew(self):
        """There was work: stay as long again."""
        self._until = time.monotonic() + self._seconds

    @property
    def is_over(self):
        return time.monotonic() > self._until

    def rest(self):
        """There was none: wait a little for more."""
        time.sleep(self._pause)
