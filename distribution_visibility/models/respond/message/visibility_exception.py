from odoo import api, fields, models
from odoo.exceptions import UserError

from ...detect.exception.visibility_exception import CLOSED_STATES
from .visibility_message import OPEN_STATES
from .visibility_message_occasion import DOCUMENTS


class VisibilityException(models.Model):
    """What customers and suppliers are told of an exception."""

    _inherit = "visibility.exception"

    message_out_ids = fields.Many2many(
        "visibility.message",
        "visibility_message_exception_rel",
        string="Messages to partners",
        readonly=True,
        copy=False,
    )
    message_out_count = fields.Integer("Number of messages", compute="_compute_message_out_count", compute_sudo=True)
    has_message_draft = fields.Boolean(
        "Message to review",
        readonly=True,
        copy=False,
        help="A message about it is not sent yet.",
        written_by="detect",
    )

    can_draft_message = fields.Boolean(compute="_compute_message_ways", help="There is a text to draft for it.")
    can_write_customer = fields.Boolean(compute="_compute_message_ways")
    can_write_supplier = fields.Boolean(compute="_compute_message_ways")

    _message_drafts = models.Index("(id) WHERE has_message_draft")

    def _compute_message_out_count(self):
        groups = self.env["visibility.message"]._read_group(
            [("exception_ids", "in", self.ids)], ["exception_ids"], ["__count"]
        )
        counts = {exception.id: count for exception, count in groups}
        for exception in self:
            exception.message_out_count = counts.get(exception.id, 0)

    # ------------------------------------------------------------------ occasions
    def _get_ending(self, vals):
        """Those that this closes."""
        return self.sudo().filtered("is_open") if vals.get("state") in CLOSED_STATES else self.browse()

    def _get_proven(self, vals):
        """Those that this proves."""
        return self.sudo().filtered("is_unproven") if vals.get("is_unproven") is False else self.browse()

    def _follow_messages(self, vals, ending, proven):
        """What was to be told is over, or may be told now; drafts go with the owner."""
        if ending:
            self.env["visibility.message"]._note("ended", ending.filtered("has_message_draft"))
            ending._note_messages("cleared", "ended")
        if proven:
            proven._note_messages("opened", "opened")
        if vals.get("user_id"):
            self.sudo().filtered("has_message_draft").message_out_ids._hand_over(vals["user_id"])

    def _is_standing(self):
        """Whether it is so: open, or part of an open one from which it follows."""
        return self.is_open or (self._is_told_elsewhere() and not self.cause_ended_at)

    def _note_messages(self, event, kind):
        if self.env["visibility.message.occasion"]._is_wanted(event):
            self.env["visibility.message"]._note(kind, self)

    def _refresh_message_mark(self):
        """Write down which of these have a message that is still to be sent, where that changed."""
        if not self:
            return
        groups = (
            self.env["visibility.message"]
            .sudo()
            ._read_group([("exception_ids", "in", self.ids), ("state", "in", OPEN_STATES)], ["exception_ids"])
        )
        marked = self.browse([exception.id for (exception,) in groups]) & self
        (marked.filtered(lambda one: not one.has_message_draft)).has_message_draft = True
        (self - marked).filtered("has_message_draft").has_message_draft = False

    # ------------------------------------------------------------------ buttons
    def action_draft_message(self):
        """Draft what the occasions for this category say, also those that are not switched on."""
        self.ensure_one()
        self._check_may_work()
        messages = self.env["visibility.message"]
        for occasion in self._find_occasions()[self]:
            messages |= messages._draft_about(self, occasion, origin="person")[self]
        if not messages:
            raise UserError(
                self.env._(
                    "There is no text for %(exception)s under Configuration / Messages: write to the customer or "
                    "supplier in your own words.",
                    exception=self.name,
                )
            )
        return self._show_drafts(messages)

    def action_write_customer(self):
        return self._write_freely("customer")

    def action_write_supplier(self):
        return self._write_freely("supplier")

    def _write_freely(self, audience):
        """An empty draft to each customer or supplier of this, for one's own words; or the draft that there is."""
        self.ensure_one()
        self._check_may_work()
        messages = self.env["visibility.message"]
        for document in messages._get_documents(audience, self.sudo()):
            messages |= messages._draft_from_template(self, document, self.env["mail.template"], origin="person")
        if not messages:
            raise UserError(self.env._("No order of a partner belongs to %s.", self.name))
        return self._show_drafts(messages)

    def _show_drafts(self, messages):
        return self._open_action("distribution_visibility.visibility_message_action", messages)

    @api.depends("category_id", "sale_order_ids", "purchase_order_ids", "company_id")
    def _compute_message_ways(self):
        occasions = self._find_occasions()
        for exception in self:
            whom = {audience for audience in DOCUMENTS if exception._get_told_documents(audience)}
            exception.can_write_customer = "customer" in whom
            exception.can_write_supplier = "supplier" in whom
            exception.can_draft_message = bool(whom & set(occasions[exception].mapped("audience")))

    def _get_told_documents(self, audience):
        return self.env["visibility.message"]._get_documents(audience, self.sudo())

    def _find_occasions(self):
        """By exception the occasions that have a text for its category, also those that are not switched on."""
        occasions = self.env["visibility.message.occasion"].sudo().with_context(active_test=False)
        found = occasions.search([("event", "=", "opened"), ("category_ids", "in", self.category_id.ids)])
        return {
            exception: found.filtered(
                lambda one, of=exception: of.category_id in one.category_ids
                and one.company_id in (of.company_id, one.company_id.browse())
            )
            for exception in self
        }

    def action_open_messages(self):
        """The smart button: straight to the message when it is one."""
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_message_action", self.message_out_ids)
