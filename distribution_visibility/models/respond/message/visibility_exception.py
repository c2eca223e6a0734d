from odoo import fields, models
from odoo.exceptions import UserError

from ...detect.exception.visibility_exception import CLOSED_STATES
from .visibility_message import OPEN_STATES


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
        occasions = self.env["visibility.message.occasion"].sudo().with_context(active_test=False)
        fitting = occasions.search(
            [
                ("event", "=", "opened"),
                ("category_ids", "in", self.category_id.ids),
                ("company_id", "in", (self.company_id.id, False)),
            ]
        )
        messages = self.env["visibility.message"]
        for occasion in fitting:
            messages |= messages._draft_about(self, occasion, origin="person")[self]
        if not messages:
            raise UserError(
                self.env._(
                    "There is nothing to tell about %(exception)s: no order of a partner belongs to it, or no occasion "
                    "under Configuration / Messages is for its category.",
                    exception=self.name,
                )
            )
        return self.action_open_messages()

    def action_open_messages(self):
        """The smart button: straight to the message when it is one."""
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_message_action", self.message_out_ids)
