"""Texts that are kept and read by many: each reader's language, date format and clock, worked out when it is read."""

import datetime as dt

import babel.dates
from odoo import fields
from odoo.tools.misc import babel_locale_parse, get_lang, posix_to_ldml

from ....lib.base.days import to_local
from ....lib.base.told import fill

#: So far away a day is told with its year.
FAR = dt.timedelta(days=180)
#: In this context a text is given as it is kept, with its marks.
AS_KEPT = {"visibility_as_kept": True}


class Said(str):
    """A text as it is kept, with marks for days and moments; ``terms`` has it in all languages, by code."""

    terms = None


class Told(fields.Char):
    """A kept text, told to whoever reads it: the marks in it are filled in by the reader's language and clock.

    Beside it is a Json field ``<name>_terms`` with the same text in other languages, by code.
    """

    def convert_to_record(self, value, record):
        text = super().convert_to_record(value, record)
        if not text or record.env.context.get("visibility_as_kept"):
            return text
        terms = record[f"{self.name}_terms"] or {}
        return tell(record.env, terms.get(record.env.lang, text))


def say_all(env, say):
    """What ``say(env)`` says, in each language that people here may have; its main one is the company's.

    :return: :class:`Said`
    """
    codes = [code for code, _name in env["res.lang"].get_installed()]
    own = env.company.partner_id.lang
    main = own if own in codes else codes[0]
    terms = {code: say(_speak(env, code)) for code in codes}
    said = Said(terms[main] or "")
    said.terms = terms if len(codes) > 1 else None
    return said


def _speak(env, code):
    """The environment in a language; the same one where it speaks that already, with all that it has read."""
    return env if code == (env.lang or "en_US") else env(context={**env.context, "lang": code})


def tell(env, text):
    """A kept text for this reader."""
    return fill(text, lambda day: tell_day(env, day), lambda moment: tell_moment(env, moment)) if text else text


def tell_day(env, day):
    """A day with its weekday: Friday 27 Nov. The year stands there only when it is another time of life."""
    lang = get_lang(env)
    locale = babel_locale_parse(lang.code)
    is_far = abs(day - fields.Date.context_today(env["res.lang"])) > FAR
    if lang.date_format.startswith("%Y"):
        return babel.dates.format_skeleton("yMMMEEEEd" if is_far else "MMMEEEEd", day, locale=locale)
    return babel.dates.format_date(day, "EEEE d MMM y" if is_far else "EEEE d MMM", locale=locale)


def tell_moment(env, moment, zone=None):
    """A moment (naive UTC) to the minute, by the reader's clock or a zone's; the end of a day is that day."""
    if not moment:
        return ""
    local = to_local(moment, zone or get_clock(env))
    if local.time() >= dt.time(23, 59):
        return tell_day(env, local.date())
    if local.time() == dt.time.min:
        return tell_day(env, local.date())
    return f"{tell_day(env, local.date())}, {tell_hour(env, local)}"


def tell_hour(env, local):
    """The hour of a moment on a wall clock as the reader's language writes it, without seconds."""
    lang = get_lang(env)
    locale = babel_locale_parse(lang.code)
    pattern = posix_to_ldml((lang.time_format or "%H:%M").replace(":%S", ""), locale=locale)
    return babel.dates.format_time(local.timetz(), pattern.replace("hh", "h"), locale=locale)


def get_clock(env):
    """The name of the reader's time zone; of who has none the company's."""
    return env.context.get("tz") or env.user.tz or env.company._get_visibility_zone()
