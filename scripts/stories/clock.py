"""The story's clock: freezegun's, for Odoo's process and its HTTP threads, and the scheduled actions that it moves."""

from datetime import timedelta
from unittest.mock import patch

import freezegun
from odoo.addons.distribution_visibility.models.base.wake import Linger

# What finds trouble and ends it; others (priorities, escalation, sending, sealing, watching ourselves) have their tests
ACTIONS = (
    "follow_up",
    "inbox_transactional",
    "expectation_scan",
    "expectation_retry",
    "rules",
    "lanes",
    "outlook",
)
WAITING = ("pending", "retry")
AT_ONCE = ("follow_up", "inbox_transactional")
# What costs most looks at the moments of the story and at night
NIGHTLY = ("rules", "lanes")
# Local hours of a day at which the scheduled actions run besides the moments of the story itself
HOURS = (3, 17.2)


def _renew(linger):
    linger.is_tired = False


def _rest(linger):
    """There is nothing more to do, and in a story nothing comes meanwhile."""
    linger.is_tired = True


class Clock:
    """Moves the time of a story on, and has run by then what Odoo's scheduler would have run."""

    def __init__(self, case):
        self.case = case
        self.crons = self._get_crons()
        self.last = {}
        self.stopped_until = None

    @classmethod
    def start(cls, case, at):
        """Stop the real clock for a whole class of tests; the scheduled actions do not linger for more work."""
        case.freezer = freezegun.freeze_time(at, tick=True)
        case.frozen = case.freezer.start()
        case.addClassCleanup(case.freezer.stop)
        for name, value in (("renew", _renew), ("rest", _rest), ("is_over", property(lambda linger: linger.is_tired))):
            case.startClassPatcher(patch.object(Linger, name, value))

    def _get_crons(self):
        found = {name: self.case.env.ref(f"distribution_visibility.ir_cron_{name}") for name in ACTIONS}
        return [(name, cron, timedelta(**{cron.interval_type: cron.interval_number})) for name, cron in found.items()]

    def _is_work_left(self, name):
        """Was it woken?"""
        if name == "follow_up":
            return bool(self.case.env["visibility.follow.up"].search_count([], limit=1))
        return bool(self.case.env["visibility.inbox.message"].search_count([("state", "in", WAITING)], limit=1))

    # ------------------------------------------------------------------ moving on
    def set(self, moment):
        """It is this time now, for Odoo, for its transactions and for those who send."""
        self.now = moment
        self.case.frozen.move_to(moment)
        self.case.env.cr._now = moment

    def move(self, moment, hours_of):
        """Go on to a moment, past the hours at which something may have become due in between."""
        for stop, is_night in hours_of(self.now, moment):
            self.set(stop)
            self.run(leave_out=() if is_night else NIGHTLY)
        self.set(moment)

    def run(self, at_once=False, leave_out=()):
        """Run the scheduled actions whose interval has passed; or those only that are woken at once."""
        if self.stopped_until and self.now < self.stopped_until:
            return
        self.case.settle()
        # They are due now: Odoo counts their next time from the last one, minute by minute
        self.case.env.cr.execute("UPDATE ir_cron SET nextcall = %s", (self.now,))
        for name, cron, interval in self.crons:
            since = self.last.get(name)
            is_due = not at_once and name not in leave_out and (not since or self.now - since >= interval)
            if is_due or (name in AT_ONCE and self._is_work_left(name)):
                self.last[name] = self.now
                cron.method_direct_trigger()
        self.case.settle()
