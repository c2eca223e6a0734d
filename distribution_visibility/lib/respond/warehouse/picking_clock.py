"""When a transfer should be done, so that what was promised is kept."""

from dataclasses import dataclass

from ...base.due_time import DueRule, OutOfHorizon, WorkingTime, get_due


@dataclass(frozen=True)
class Way:
    """What lies between the end of a transfer and the promise.

    ``transit_days`` are working days on the road, ``cut_off`` the time of day in hours at which the carrier collects
    (None: at any time), ``hours`` the working hours of what is left to do here before the goods leave.
    """

    transit_days: float = 0
    cut_off: float | None = None
    hours: float = 0

    def get_rules(self):
        """The steps back from the promise."""
        leave = DueRule(self.transit_days, "working_days", is_before=True, cut_off=self.cut_off)
        ready = DueRule(self.hours, "working_hours", is_before=True)
        return leave, ready

    def get_span(self):
        """How far from the promise the due time may be, roughly: what working time is needed for."""
        leave, ready = self.get_rules()
        return leave.get_span() + ready.get_span()

    def needs_working_time(self):
        return any(rule.needs_working_time() for rule in self.get_rules())


def get_clock_due(promised, way, working_time):
    """When a transfer should be done; both naive UTC.

    Goods that leave on the day of the promise leave before the promise, whatever the cut-off.

    :raises OutOfHorizon: when the working time at hand does not reach far enough
    """
    leave, ready = way.get_rules()
    moment = min(get_due(promised, leave, working_time), promised)
    return get_due(moment, ready, working_time)


def get_spare_hours(due, done):
    """By how many hours it was done before it was due; less than zero: after."""
    return (due - done).total_seconds() / 3600


def get_within(moment, hours, working_time):
    """When so many working hours have passed from a moment on; both naive UTC. So sparse hours are none."""
    rule = DueRule(hours, "working_hours")
    try:
        return get_due(moment, rule, working_time)
    except OutOfHorizon:
        return get_due(moment, rule, WorkingTime(working_time.zone.key))
