import logging

import pytz
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .visibility_message_occasion import DOCUMENTS

_logger = logging.getLogger(__name__)

STATES = [
    ("draft", "To review"),
    ("waiting", "Waiting"),
    ("sent", "Sent"),
    ("discarded", "Discarded"),
    ("not_sent", "Not sent"),
]
OPEN_STATES = ("draft", "waiting")
REFUSALS = [
    ("unsubscribed", "Unsubscribed"),
    ("blacklisted", "Blacklisted"),
    ("no_address", "No address"),
    ("over", "Over"),
    ("failed", "Failed"),
]
#: What a reviewer may change of a draft.
EDITABLE = frozenset({"subject", "body", "user_id"})
COORDINATOR = "distribution_visibility.group_coordinator"


class VisibilityMessage(models.Model):
    """One message to one partner about one incident: a draft until a person or a governed automation releases it.

    An incident is a shipment, or the document of an exception where there is none. The text is worked out from
    the mail template each time somebody looks, so that it says what is true now, until a person edits it.
    """

    _name = "visibility.message"
    _description = "Message to a customer or supplier"
    _inherit = ["visibility.evidence.mixin", "visibility.action.mixin"]
    _order = "id desc"
    _rec_name = "subject"
    _rec_names_search = ["partner_id.name", "sale_order_id.name", "purchase_order_id.name", "text_subject"]

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="draft", index=True)
    audience = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")], "To", required=True, readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Recipient", required=True, readonly=True, index=True, ondelete="cascade"
    )
    email = fields.Char(related="partner_id.email")
    lang = fields.Selection(related="partner_id.lang", string="Language")
    user_id = fields.Many2one("res.users", "Responsible", index="btree_not_null", domain=[("share", "=", False)])

    # What it is about
    incident_key = fields.Char("Incident", required=True, readonly=True, index=True)
    occasion_id = fields.Many2one(
        "visibility.message.occasion", readonly=True, index="btree_not_null", ondelete="set null"
    )
    template_id = fields.Many2one("mail.template", "Text from", readonly=True, ondelete="set null")
    exception_id = fields.Many2one(
        "visibility.exception", readonly=True, index="btree_not_null", ondelete="set null"
    )
    exception_ids = fields.Many2many(
        "visibility.exception", "visibility_message_exception_rel", string="Exceptions", readonly=True
    )
    may_open_document = fields.Boolean(compute="_compute_may_open_document")
    shipment_id = fields.Many2one("visibility.shipment", readonly=True, index="btree_not_null", ondelete="set null")
    milestone_id = fields.Many2one("visibility.milestone", readonly=True, ondelete="set null")
    shipment_milestone_id = fields.Many2one(related="shipment_id.milestone_id", string="Where it is")
    exception_category_id = fields.Many2one(related="exception_id.category_id", string="What went wrong")
    sale_order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="cascade")
    purchase_order_id = fields.Many2one("purchase.order", readonly=True, index="btree_not_null", ondelete="cascade")
    origin = fields.Selection(
        [
            ("occasion", "Occasion"),
            ("automation", "Automation"),
            ("server_action", "Server action"),
            ("escalation", "Escalation"),
            ("person", "A person"),
        ],
        "Drafted by",
        required=True,
        readonly=True,
        default="occasion",
    )

    # The text
    subject = fields.Char(compute="_compute_subject", inverse="_inverse_subject")
    body = fields.Html(compute="_compute_body", inverse="_inverse_body", sanitize="email_outgoing")
    text_subject = fields.Char(readonly=True)
    text_body = fields.Html(readonly=True, sanitize="email_outgoing")
    is_edited = fields.Boolean("Edited", readonly=True)
    is_outdated = fields.Boolean("News since it was edited", readonly=True)

    # What became of it
    drafted_at = fields.Datetime("Drafted", required=True, readonly=True, default=fields.Datetime.now)
    send_from = fields.Datetime("Goes from", readonly=True)
    waits_for = fields.Selection(
        [("quiet", "Quiet hours"), ("cap", "Frequency cap"), ("retry", "Another try")], readonly=True
    )
    released_by_id = fields.Many2one("res.users", "Released by", readonly=True, ondelete="set null")
    automation_id = fields.Many2one("base.automation", "Released by the automation", readonly=True, ondelete="set null")
    released_at = fields.Datetime("Released", readonly=True)
    discarded_by_id = fields.Many2one("res.users", "Discarded by", readonly=True, ondelete="set null")
    sent_at = fields.Datetime("Sent at", readonly=True)
    finished_at = fields.Datetime(readonly=True)
    refusal = fields.Selection(REFUSALS, "Not sent because", readonly=True)
    reason = fields.Char(readonly=True, help="Why it waits, or why it was not sent, in words.")
    attempts = fields.Integer("Failed attempts", readonly=True)
    mail_message_id = fields.Many2one("mail.message", "In the chatter", readonly=True, ondelete="set null")
    told_date = fields.Datetime(readonly=True, help="The expected arrival that the partner was told.")

    # For templates: what the recipient may know, in the recipient's time zone
    tracking_number = fields.Char(compute="_compute_facts")
    carrier_name = fields.Char("Carrier", compute="_compute_facts")
    expected_on = fields.Date("Expected on", compute="_compute_facts", help="Only as long as it has not passed.")
    promised_on = fields.Date("Promised for", compute="_compute_facts")
    delivered_on = fields.Date("Delivered on", compute="_compute_facts")
    order_reference = fields.Char("Partner's reference", compute="_compute_facts")

    _one_open = models.UniqueIndex(
        "(incident_key, partner_id, audience) WHERE state IN ('draft', 'waiting')",
        "A message about this is being written already.",
    )
    _due = models.Index("(send_from, id) WHERE state = 'waiting'")
    _by_recipient = models.Index("(partner_id, sent_at) WHERE sent_at IS NOT NULL")

    # ------------------------------------------------------------------ what it is about
    def _get_document(self):
        """The order that the message is posted on."""
        self.ensure_one()
        return self.sale_order_id if self.audience == "customer" else self.purchase_order_id

    @api.depends("text_subject", "partner_id", "occasion_id")
    def _compute_display_name(self):
        for message in self:
            what = message.text_subject or message.sudo().occasion_id.name or self.env._("Message")
            message.display_name = f"{message.sudo().partner_id.display_name}: {what}"

    def _get_timezone(self):
        """The recipient's time zone, else that of the company's working hours."""
        company = self.company_id.sudo()
        return self.partner_id.sudo().tz or company.resource_calendar_id.tz or "UTC"

    def _compute_facts(self):
        for message in self:
            one = message.sudo()
            shipment, zone = one.shipment_id, pytz.timezone(one._get_timezone())
            document = one._get_document()
            message.tracking_number = shipment.number
            message.carrier_name = shipment.carrier_id.name or shipment.carrier_code
            message.expected_on = self._get_day(one._get_expected_at(), zone)
            promise = shipment.promised_at or (document.visibility_promise_at if document else False)
            message.promised_on = self._get_day(promise, zone)
            message.delivered_on = self._get_day(shipment.delivered_at, zone)
            name = "client_order_ref" if one.audience == "customer" else "partner_ref"
            message.order_reference = document[name] if document else False

    def _get_expected_at(self):
        """When it is expected by the carrier's or a person's word, as long as that is ahead."""
        shipment = self.shipment_id
        is_said = shipment.eta and shipment.eta_source in ("carrier", "person") and not shipment.delivered_at
        return shipment.eta if is_said and shipment.eta > fields.Datetime.now() else False

    @api.model
    def _get_day(self, moment, zone):
        return pytz.utc.localize(moment).astimezone(zone).date() if moment else False

    def _count_for(self, documents, field):
        """Write on documents how many of the messages about them the user may see."""
        groups = self._read_group([(field, "in", documents.ids)], [field], ["__count"])
        counts = {document.id: count for document, count in groups}
        for document in documents:
            document.visibility_message_count = counts.get(document.id, 0)

    # ------------------------------------------------------------------ the text
    @api.depends("text_subject", "template_id", "state")
    def _compute_subject(self):
        texts = self._render("subject", "text_subject")
        for message in self:
            message.subject = texts.get(message._origin.id) or message.text_subject

    @api.depends("text_body", "template_id", "state")
    def _compute_body(self):
        texts = self._render("body_html", "text_body")
        for message in self:
            message.body = texts.get(message._origin.id) or message.text_body

    def _render(self, field, kept):
        """By id what the template says now, of those drafts whose text nobody has kept.

        A template that cannot be read says so in place of the text; sending such a draft fails with the reason.
        """
        texts = {}
        live = self._origin.sudo().filtered(lambda one: one.state in OPEN_STATES and not one[kept])
        for (template, lang), messages in live.grouped(lambda one: (one.template_id, one.lang or False)).items():
            try:
                texts.update(messages._render_with(template, field, lang))
            except Exception as error:
                _logger.info("messages %s cannot be written", messages.ids, exc_info=True)
                sentence = self.env._("The text “%(mail)s” cannot be read: %(why)s", mail=template.name, why=error)
                texts.update(dict.fromkeys(messages.ids, sentence))
        return texts

    def _render_with(self, template, field, lang):
        """By id the text of a field of the template, in the recipient's language."""
        if not template:
            return {}
        of_documents = template.model != self._name
        records = {one.id: one._get_document().id if of_documents else one.id for one in self}
        languages = {"compute_lang": True} if template.lang else {"set_lang": lang}
        found = template._render_field(field, list(set(records.values())), **languages)
        return {message: found[record] for message, record in records.items()}

    def _inverse_subject(self):
        for message in self:
            message.sudo().write({"text_subject": message.subject, "is_edited": True})

    def _inverse_body(self):
        for message in self:
            message.sudo().write({"text_body": message.body, "is_edited": True})

    def _keep_text(self):
        """What was read and released is what is sent, whatever becomes of the facts meanwhile.

        :raises UserError: when the template cannot be read, or says nothing
        """
        for message in self:
            lang = message.lang or False
            subject = message.text_subject or message._render_with(message.template_id, "subject", lang).get(message.id)
            body = message.text_body or message._render_with(message.template_id, "body_html", lang).get(message.id)
            if not subject or not body:
                raise UserError(self.env._("The message to %s has no text.", message.partner_id.display_name))
            message.write({"text_subject": subject, "text_body": body})

    # ------------------------------------------------------------------ who may change what
    def write(self, vals):
        if not self.env.su:
            self._check_edit(vals)
        return super().write(vals)

    def _check_edit(self, vals):
        """A reviewer changes the text of drafts; everything else is done by buttons."""
        self._check_may_release()
        if vals.keys() - EDITABLE:
            raise AccessError(self.env._("Only the text of a message can be changed by hand."))
        if any(message.state != "draft" for message in self):
            raise UserError(self.env._("Only drafts can be changed: take the message back to review first."))

    def _check_may_release(self):
        """Raise AccessError where a user neither owns what the message is about nor may change its document."""
        self.check_access("read")
        if self.env.su or self.env.user.has_group("distribution_visibility.group_coordinator"):
            return
        for message in self:
            if not message._is_mine():
                raise AccessError(
                    self.env._("The message to %s belongs to somebody else.", message.sudo().partner_id.display_name)
                )

    def _is_mine(self):
        own = self.sudo()
        if self.env.user in (own.user_id | own.exception_ids.user_id):
            return True
        document = own._get_document().with_env(self.env)
        return bool(document) and document.has_access("write")

    def _hand_over(self, user_id):
        """Who takes an exception over reviews what is told about it."""
        self.filtered(lambda one: one.state in OPEN_STATES).sudo().user_id = user_id

    @api.ondelete(at_uninstall=False)
    def _keep_what_was_told(self):
        if any(message.state == "sent" for message in self) and not self.env.su:
            raise UserError(self.env._("What was sent cannot be deleted."))

    def _undo_creation(self):
        self.action_discard()

    @api.model
    def _get_document_field(self, audience):
        return {"sale.order": "sale_order_id", "purchase.order": "purchase_order_id"}[DOCUMENTS[audience]]

    # ------------------------------------------------------------------ buttons
    @api.depends("audience", "sale_order_id", "purchase_order_id")
    @api.depends_context("uid")
    def _compute_may_open_document(self):
        for message in self:
            document = message.sudo()._get_document()
            message.may_open_document = self._may_open(document._name, document.id)

    def action_open_document(self):
        self.ensure_one()
        document = self.sudo()._get_document()
        return self._open_record(document._name, document.id)

    def action_open_exception(self):
        self.ensure_one()
        return self.exception_id.get_formview_action()

    def action_open_shipment(self):
        self.ensure_one()
        return self.shipment_id.get_formview_action()

    # ------------------------------------------------------------------ what reviewers press
    def action_send(self):
        """Send these, or have them wait where it is night or the partner got enough."""
        return self._release_by_person()

    def action_send_now(self):
        """Send what waits, whatever the hour; coordinators answer for that."""
        if not self.env.user.has_group(COORDINATOR):
            raise AccessError(self.env._("Only coordinators send before the quiet hours are over."))
        return self._release_by_person(is_urgent=True)

    def _release_by_person(self, is_urgent=False):
        self._check_may_release()
        todo = self.filtered(lambda one: one.state == "draft" or is_urgent and one.state == "waiting")
        if not todo:
            raise UserError(self.env._("None of these waits for review: nothing was sent."))
        results = todo._release(is_urgent=is_urgent)
        todo._record_release(is_urgent)
        return self._tell_results(results)

    def _tell_results(self, results):
        """What a button answers: how many went, how many wait, and how many cannot go."""
        parts = [
            (self.env._("%s sent.", len(results["sent"])) if "sent" in results else ""),
            (self.env._("%s wait until they may go.", len(results["waiting"])) if "waiting" in results else ""),
            (self.env._("%s cannot be sent.", len(results["not_sent"])) if "not_sent" in results else ""),
        ]
        one = next(iter(results.values()))[:1]
        message = one.reason if len(self) == 1 and one.reason else " ".join(filter(None, parts))
        return self._say(message, "warning" if "not_sent" in results else "success", after="close")

    def action_discard(self):
        """No, this is not told."""
        self._check_may_release()
        open_ones = self.filtered(lambda one: one.state in OPEN_STATES).sudo()
        open_ones.write(
            {
                "state": "discarded",
                "discarded_by_id": self.env.uid,
                "finished_at": fields.Datetime.now(),
                "send_from": False,
                "waits_for": False,
                "reason": self.env._("Discarded by %s", self.env.user.name),
            }
        )
        open_ones._mark_exceptions()

    def action_review(self):
        """Back to review: what waits, what was discarded, and what could not be sent."""
        self._check_may_release()
        messages = self.sudo()
        undone = messages.filtered(lambda one: one.state in ("discarded", "not_sent"))
        undone._check_no_other()
        messages._back_to_review(False)
        undone.write(
            {
                "state": "draft",
                "refusal": False,
                "reason": False,
                "finished_at": False,
                "discarded_by_id": False,
                "attempts": 0,
            }
        )
        messages._mark_exceptions()

    def _check_no_other(self):
        for message in self:
            key = ("incident_key", "partner_id", "audience")
            domain = [(name, "=", message[name]) for name in key if name != "partner_id"]
            domain += [("partner_id", "=", message.partner_id.id), ("state", "in", OPEN_STATES)]
            if other := self.search(domain, limit=1):
                raise UserError(self.env._("Another message about this is to be reviewed: %s", other.display_name))

    def action_rewrite(self):
        """Take the template's text again, with what is true now."""
        self._check_may_release()
        drafts = self.filtered(lambda one: one.state == "draft").sudo()
        drafts.write({"text_subject": False, "text_body": False, "is_edited": False, "is_outdated": False})
