"""The stage: one test of Odoo's own kind for each story and house; each in a savepoint of its own."""

import json
import time
import traceback
from datetime import timedelta, timezone
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.http import request
from odoo.service import server
from odoo.tests import HttpCase
from odoo.tests.loader import run_suite
from odoo.tests.result import OdooTestResult
from odoo.tests.suite import OdooSuite
from odoo.tools import config

from scripts.stories import told
from scripts.stories.billing import Billing
from scripts.stories.buying import Buying
from scripts.stories.clock import HOURS, Clock
from scripts.stories.house import House, make_products
from scripts.stories.looking import Looking
from scripts.stories.moving import Moving
from scripts.stories.selling import Selling
from scripts.stories.sending import Sending

UTC = timezone.utc
# More nights than these are a long time
LONG = 3


class Stage(Selling, Buying, Moving, Billing, Sending, Looking, HttpCase):
    """Acts a story out: each line is a method `do_<verb>`."""

    test_tags = {"stories"}
    test_module = "stories"
    is_person = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Clock.start(cls, told.FIRST_MONDAY - timedelta(days=40))
        cls.env.cr._now = told.FIRST_MONDAY - timedelta(days=40)
        cls.houses = {city: House(cls.env, city) for city in told.ZONES}
        cls.products = make_products(cls.env, cls.houses)
        cls.env.flush_all()
        # People save in requests: what follows comes a moment later, by the scheduled action
        follow_up = cls.registry["visibility.follow.up"]
        waits = patch.object(follow_up, "_is_somebody_waiting", lambda _self: cls.is_person or bool(request))
        cls.startClassPatcher(waits)

    def act(self, story, house):
        """Play a story in a house; what the looks showed is kept, and so is an error."""
        self.story, self.place = story, house
        self.house = self.houses[house.partition("-")[0]]
        self.warehouse = self.house.warehouses[house]
        self.docs, self.sent, self.partners = {}, [], dict(self.house.partners)
        self.as_user(self.house.user)
        self.clock = Clock(self)
        self.clock.set(told.moment(story.lines[0].when, house) - timedelta(minutes=1))
        self.looks, failures, began = [], [], time.process_time()
        try:
            for line in story.lines:
                self.line = line
                self.play(line)
        except Exception:
            failures.append({**self.where(), "error": traceback.format_exc()})
        seconds = round(time.process_time() - began, 1)
        self.tell_of({"looks": self.looks, "failures": failures, "seconds": seconds})

    def where(self):
        story = self.story
        return {"title": story.title, "place": story.place, "house": self.place, "when": self.line.when}

    def play(self, line):
        moment = told.moment(line.when, self.place)
        self.clock.move(moment, self.get_stops)
        type(self).is_person = line.verb != "expect"
        getattr(self, f"do_{line.verb.replace('-', '_')}")(line)
        self.settle()
        type(self).is_person = False
        if line.verb != "expect":
            self.clock.run(at_once=True)

    def get_stops(self, since, until):
        """Hours of the days in between, on the house's own clock; of a long time only the first and the last night."""
        days = range((until - since).days + 2)
        first = (since.replace(tzinfo=UTC).astimezone(ZoneInfo(self.house.zone))).replace(hour=0, minute=0, tzinfo=None)
        stops = [
            (self._get_stop(first + timedelta(days=day, hours=hour)), hour == HOURS[0])
            for day in days
            for hour in HOURS
        ]
        stops = [stop for stop in stops if since < stop[0] < until]
        nights = [stop for stop in stops if stop[1]]
        return stops if len(nights) <= LONG else [nights[0], nights[-1]]

    def _get_stop(self, local):
        return local.replace(tzinfo=ZoneInfo(self.house.zone)).astimezone(UTC).replace(tzinfo=None)

    def as_user(self, user):
        context = {"tz": user.tz, "allowed_company_ids": user.company_ids.ids}
        self.office = self.env(user=user, context=context)

    def settle(self):
        """The end of a request: what was noted is written down."""
        self.env.flush_all()
        self.env.cr.flush()
        self.env.cr.postcommit.clear()
        self.env.invalidate_all()

    # ------------------------------------------------------------------ what is asked for
    def doc(self, name):
        return self.docs[name].with_env(self.office)

    def at(self, text):
        return told.moment(text, self.place)

    def do_outage(self, line):
        """No scheduled action runs until then."""
        self.clock.stopped_until = self.at(" ".join(line.head))

    def do_holiday(self, line):
        """A public holiday: of the house's calendar, or of a company for all its calendars."""
        day = line.head[0]
        everybody = line.options.get("everybody")
        city = (everybody or "").removeprefix("of ") or self.house.city
        company = self.houses[city].company
        start = told.moment(f"{day} 00:00", f"{city}-1")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": company.id,
                "calendar_id": company.resource_calendar_id.id if everybody is None else False,
                "date_from": start,
                "date_to": start + timedelta(hours=24),
            }
        )


def play(env, stories, path):
    """Act out stories; write what was seen of each as a line of JSON."""
    env.cr.rollback()
    if not server.server.httpd:
        server.server.http_spawn()
    config["test_enable"] = True
    suite = OdooSuite()
    for index, (story, house) in enumerate(stories):
        name = f"test_{index:03}_{house.replace('-', '_')}"
        setattr(Stage, name, lambda self, story=story, house=house: self.act(story, house))
        suite.addTest(Stage(name))
    with open(path, "w", encoding="utf-8") as stream:
        Stage.tell_of = lambda _self, seen: print(json.dumps(seen), file=stream, flush=True)
        run_suite(suite, OdooTestResult())
