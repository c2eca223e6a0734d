import pytz
from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_amount, formatLang

from ...base.words.told import tell_moment


class VisibilityBrief(models.Model):
    """A brief in words: in the reader's language and time zone, whoever asked for it."""

    _inherit = "visibility.brief"

    @api.depends("content", "draft", "text")
    @api.depends_context("lang", "tz")
    def _compute_body(self):
        for brief in self:
            brief.body = brief.text or brief.draft or brief._render_facts()

    @api.depends("content")
    @api.depends_context("lang", "tz")
    def _compute_summary(self):
        for brief in self:
            brief.summary = brief._get_summary()

    def _render_facts(self):
        """What is known, put into words by a template that an administrator may edit."""
        self.ensure_one()
        if not self.content:
            return False
        content = self.content
        values = {"brief": self, "step": content["next"], **content}
        return self.env["ir.qweb"]._render("distribution_visibility.visibility_brief_body", values)

    def _render_sources(self):
        """What it rests on, each a click away: a brief in somebody's own words keeps its sources."""
        self.ensure_one()
        values = {"brief": self, "sources": (self.content or {}).get("sources", ())}
        return self.env["ir.qweb"]._render("distribution_visibility.visibility_brief_sources", values)

    @api.depends("content")
    @api.depends_context("lang")
    def _compute_sources(self):
        for brief in self:
            brief.sources = brief._render_sources()

    def _get_summary(self):
        """What happened and what is at stake, in two or three sentences without HTML."""
        self.ensure_one()
        stakes = (self.content or {}).get("stakes")
        if not stakes:
            return False
        exception = self.exception_id
        sentences = [
            f"{exception.title}: {exception.reason}" if exception.reason else exception.title,
            self._say_stakes(stakes),
            self._say_delay(stakes),
        ]
        return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)

    # ------------------------------------------------------------------ words
    @api.model
    def _say_moment(self, text):
        """A time with its zone: readers are in many."""
        if not text:
            return self.env._("not known")
        moment = fields.Datetime.to_datetime(text)
        local = pytz.utc.localize(moment).astimezone(self.env.tz)
        return f"{tell_moment(self.env, moment, self.env.tz.zone)} ({local:%Z})"

    @api.model
    def _say_record(self, ref):
        """The name of a record as it is now, in the reader's language; of one that is gone, as it was."""
        if not ref:
            return ""
        record = self._get_referred(ref).sudo()
        return record.display_name if record else ref[2]

    @api.model
    def _get_referred(self, ref):
        """The record that is named, empty where it or its model is gone, or what it was was erased."""
        model, record_id, _name = ref
        is_known = model in self.env and isinstance(record_id, int)
        return self.env[model].browse(record_id).exists() if is_known else self.browse()

    @api.model
    def _link(self, ref):
        """The name, as a link for whoever may read the record."""
        name, record = self._say_record(ref), self._get_referred(ref)
        if not record or not record._filtered_access("read"):
            return name
        return Markup('<a href="/odoo/%s/%s" target="_blank">%s</a>') % (record._name, record.id, name)

    @api.model
    def _say_model(self, ref):
        return self.env["ir.model"]._get(ref[0]).sudo().name if ref[0] in self.env else ref[0]

    def _say_amount(self, amount):
        return format_amount(self.env, amount, self.company_id.currency_id)

    @api.model
    def _say_number(self, number):
        return formatLang(self.env, number, digits=0 if float(number).is_integer() else 2)

    def _say_hours(self, hours):
        return self.exception_id._get_time_words(abs(hours))

    def _say_delay(self, stakes):
        """Promise against what is expected now."""
        late = stakes["late_hours"]
        if late is None:
            return self.env._("How late it will be is not known") if stakes["promise"] else ""
        expected, promise = self._say_moment(stakes["eta"]), self._say_moment(stakes["promise"])
        if late <= 0:
            return self.env._("Expected %(eta)s, promised %(promise)s: in time", eta=expected, promise=promise)
        return self.env._(
            "Expected %(eta)s, promised %(promise)s: %(time)s late",
            eta=expected,
            promise=promise,
            time=self._say_hours(late),
        )

    def _say_stakes(self, stakes):
        words = [
            self.exception_id._get_tier_words(stakes["tier"]),
            self._say_record(stakes["customer"]),
            self._say_count(len(stakes["orders"]) + stakes["more"]),
            stakes["value"] and self.env._("%s at risk", self._say_amount(stakes["value"])),
        ]
        sentence = ", ".join(filter(None, words))
        return f"{sentence[:1].upper()}{sentence[1:]}"

    @api.model
    def _say_count(self, orders):
        return self.env._("one order") if orders == 1 else orders and self.env._("%s orders", orders)

    @api.model
    def _say_goods(self, goods):
        """What is free of each product, and how much is needed."""
        return ", ".join(
            self.env._(
                "%(free)s (needed: %(needed)s) of %(product)s",
                free=self._say_number(free),
                needed=self._say_number(needed),
                product=self._say_record(product),
            )
            for product, needed, free in goods
        )

    def _say_decision(self, kind):
        return self.env["visibility.exception.category"]._get_labels("default_approval").get(kind, kind)

    def _say_decider(self, kind):
        """Seam: who decides about it. Here whoever answers for the exception."""
        return self.exception_id.user_id.name or self.env._("not known")

    def _say_eta_source(self, source):
        return {
            "carrier": self.env._("says the carrier"),
            "lane": self.env._("from the lane's history"),
            "person": self.env._("says a person"),
            "supplier": self.env._("says the supplier"),
        }.get(source, self.env._("who says so is not known"))

    def _say_party(self, party):
        return self.exception_id._get_labels("responsible_party").get(party, "")

    def _say_chance(self, option):
        if option["in_time"] is None:
            return self.env._("not known whether in time")
        return self.env._("in time") if option["in_time"] else self.env._("too late for the promise")

    def _say_unknown(self, code):
        return {
            "time": self.env._("how long it takes from there"),
            "cost": self.env._("what it costs"),
            "promised_to_others": self.env._("whether it is promised to others"),
            "their_stock": self.env._("whether they have it"),
            "eta": self.env._("when it arrives"),
        }.get(code, code)

    def _say_need(self, code):
        return {
            "customer_agrees": self.env._("the customer's consent: the order is to be delivered as a whole"),
            "goods": self.env._("the goods once more: the first ones are under way"),
        }.get(code, code)

    def _say_option(self, option):
        """What it is, in a few words; an add-on with options of its own extends it."""
        known = option["known"]
        return {
            "send_again": self.env._("Send the goods again"),
            "from_stock": self.env._("Deliver from stock"),
            "stock_elsewhere": self.env._("Deliver from another warehouse"),
            "incoming": self.env._("Wait for goods that are on their way to us"),
            "partial": self.env._("Deliver a part"),
            "expedite": self.env._("Expedite"),
            "other_carrier": self.env._("Another carrier: %s", self._say_record(known.get("carrier"))),
            "other_supplier": self.env._("Another supplier: %s", self._say_record(known.get("supplier"))),
            "tell_customer": self.env._("Tell the customer: %s", self._say_record(known.get("customer"))),
            "wait": self.env._("Wait"),
        }.get(option["code"], option["code"])

    def _say_next(self, step):
        """The next step in one sentence."""
        option = next((one for one in self.content["options"] if one["code"] == step["option"]), None)
        words = option and self._say_option(option)
        return {
            "over": self.env._("Nothing: the exception is closed."),
            "confirm": self.env._("Find out whether it is true, and confirm it: its source proved nothing."),
            "take": self.env._("Somebody takes it over: nobody answers for it."),
            "decide": self.env._("Wait for the decision that was asked for."),
            "do": self.env._("%s: it keeps the promise and needs nobody's approval.", words),
            "ask": self.env._(
                "Ask for a decision (%(kind)s): %(option)s keeps the promise.",
                kind=option and self._say_decision(option["decision"]),
                option=words,
            ),
            "tell": self.env._("Tell the customer before they ask, and agree on a new date."),
            "find_out": self.env._("Find out what is not known about: %s.", words),
        }.get(step["code"], step["code"])
