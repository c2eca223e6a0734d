from odoo import api, fields, models

from ....lib.respond.automation.scope import Scopes
from .visibility_message_occasion import DOCUMENTS

STATE = "visibility_message"
#: What partners can be told about, by model.
TELLABLE = ("visibility.message", "visibility.exception", "visibility.shipment", "stock.picking", *DOCUMENTS.values())


class IrActionsServer(models.Model):
    """An action that drafts a message to a customer or supplier, and sends it where a governed automation may."""

    _inherit = "ir.actions.server"

    state = fields.Selection(selection_add=[(STATE, "Message the Partner")], ondelete={STATE: "cascade"})
    visibility_occasion_id = fields.Many2one(
        "visibility.message.occasion",
        "Message to partners",
        ondelete="restrict",
        context={"active_test": False},
        help="Whom it tells, and its text; also one that is not switched on.",
    )
    visibility_sends = fields.Boolean(
        "Send it",
        help="Only within a governed automation that somebody answers for; elsewhere it stays a draft for review.",
    )

    def _get_problem_visibility_message(self):
        model = self.model_id.model
        if model not in TELLABLE:
            return self.env._("Partners are told of orders, transfers, shipments and exceptions only.")
        if model == "visibility.message":
            return False if self.visibility_sends else self.env._("A draft is there already: this action sends it.")
        if not self.visibility_occasion_id:
            return self.env._("Choose which message is written.")
        audience = self.visibility_occasion_id.audience
        if model in DOCUMENTS.values() and model != DOCUMENTS[audience]:
            return self.env._("“%s” is not for these orders.", self.visibility_occasion_id.name)
        return False

    def _get_irreversible_visibility_message(self):
        return self.env._("What was sent stays sent.") if self.visibility_sends else False

    def _tells_outside(self):
        """Whether any of these actions sends messages to partners by itself."""
        return any(one.state == STATE and one.visibility_sends for one in self | self.child_ids)

    @api.constrains("state", "visibility_sends", "base_automation_id", "parent_id")
    def _check_risk_of_telling(self):
        (self.base_automation_id | self.parent_id.base_automation_id)._check_telling()

    # ------------------------------------------------------------------ running
    def _run_action_visibility_message_multi(self, eval_context=None):
        records = self._get_active_records()
        automation = self._get_governing_automation()
        if records._name == "visibility.message":
            drafts = {record: record for record in records}
        else:
            values = {"origin": "automation" if automation else "server_action"}
            occasion = self.with_context(active_test=False).visibility_occasion_id
            drafts = self.env["visibility.message"].sudo()._draft_about(records, occasion, **values)
        for record, messages in drafts.items():
            self._note_drafts(record, messages)
        if self.visibility_sends:
            self._send_drafts(drafts, automation)

    def _note_drafts(self, record, messages):
        if not messages:
            self._note([record], self.env._("Nobody to tell: no order of a partner belongs to it."))
        elif record._name != "visibility.message":
            self._made(record, messages.filtered(lambda one: one.state == "draft"))

    def _send_drafts(self, drafts, automation):
        messages = self.env["visibility.message"].sudo().union(*drafts.values())
        messages = messages.filtered(lambda one: one.state == "draft")
        unproven = messages.filtered(lambda one: any(one.exception_ids.mapped("is_unproven")))
        if automation:
            (messages - unproven)._release(automation=automation)
        for record, some in drafts.items():
            for message in some:
                self._note([record], self._get_outcome(message, automation, message in unproven))

    def _get_outcome(self, message, automation, is_unproven):
        values = {"partner": message.partner_id.display_name}
        if message.state == "draft" and not automation:
            return self.env._(
                "Drafted for %(partner)s: only a governed automation that somebody answers for sends by itself.",
                **values,
            )
        if message.state == "draft" and is_unproven:
            return self.env._("Drafted for %(partner)s: a person confirms first what happened.", **values)
        if message.state == "sent":
            owner = message.automation_id.accountable_id.name or ""
            return self.env._("Sent to %(partner)s, by the rule of %(owner)s.", owner=owner, **values)
        return f"{message.partner_id.display_name}: {message.reason or ''}"

    def _get_governing_automation(self):
        """The governed automation as a part of which this runs, and that may act: None otherwise."""
        scopes = Scopes.of(self.env.context)
        automation_id = scopes[-1][0] if scopes else False
        if not automation_id:
            return None
        automation = self.env["base.automation"].sudo().browse(automation_id).exists()
        is_own = self in automation.action_server_ids | automation.action_server_ids.child_ids
        may_act = automation.active and automation.is_governed and automation.accountable_id.active
        return automation if is_own and may_act else None
