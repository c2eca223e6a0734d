from odoo import fields, models
from odoo.addons.distribution_visibility.lib.respond.automation.scope import Scopes

from .visibility_decision import MONEY_KINDS

DECISION = "visibility_decision"


class IrActionsServer(models.Model):
    """An action that asks for a decision of a kind: with an amount, a justification, and a requester who may not
    approve it."""

    _inherit = "ir.actions.server"

    visibility_decision_kind = fields.Selection(
        selection=lambda self: self.env["visibility.decision"]._fields["kind"].selection,
        string="Kind of decision",
        help="Empty: a task for whoever is responsible.",
    )
    visibility_amount_rule = fields.Selection(
        [("fixed", "A fixed amount"), ("share", "A share of the value at risk")], "Costs", default="fixed"
    )
    visibility_amount = fields.Float("At most", help="In company currency.")
    visibility_share = fields.Float("Share (%)", default=5)
    visibility_is_draft = fields.Boolean(
        "Only prepare it", help="Leave a draft that its requester looks at, completes and requests."
    )

    def _get_visibility_problem(self):
        if self.state == DECISION and self.visibility_decision_kind:
            if self.model_id.model != "visibility.exception":
                return self.env._("Decisions are about exceptions: leave the kind empty to ask with a task.")
            if self.visibility_decision_kind in MONEY_KINDS and not self._is_amount_said():
                return self.env._("Say what it may cost: this decision is about money.")
        return super()._get_visibility_problem()

    def _is_amount_said(self):
        value = self.visibility_share if self.visibility_amount_rule == "share" else self.visibility_amount
        return value > 0

    # ------------------------------------------------------------------ asking
    def _request_decision(self, records):
        if not self.visibility_decision_kind or records._name != "visibility.exception":
            return super()._request_decision(records)
        free = records.filtered(lambda one: one.is_open and not one._get_open_decision())
        for one in records - free:
            waits_for = one._get_open_decision().display_name
            self._note([one], waits_for and self.env._("Waits already for %s", waits_for) or self.env._("Is closed."))
        briefs = self._ask_for_briefs(free).grouped("exception_id")
        for requester, exceptions in free.grouped(self._get_requester).items():
            self._make_decisions(requester, exceptions, briefs)
        return None

    def _make_decisions(self, requester, exceptions, briefs):
        decisions = self.env["visibility.decision"].with_user(requester).sudo().with_context(lang=requester.lang)
        made = decisions.create([self._prepare_decision(requester, one, briefs[one]) for one in exceptions])
        for decision in made:
            self._made(decision.exception_id, decision)
        asked = made.filtered(lambda one: not self.visibility_is_draft and (one.amount or one.kind not in MONEY_KINDS))
        asked.action_request()
        for decision in made - asked:
            self._note([decision.exception_id], self.env._("Prepared as a draft: %s", decision.display_name))

    def _get_requester(self, exception):
        """Whoever answers for the automation: so it is another person who decides. Else who runs this."""
        scopes = Scopes.of(self.env.context) or ((False, None),)
        automation = self.env["base.automation"].sudo().browse(scopes[-1][0] or ()) or self.sudo().base_automation_id
        person = self.env.user if self.env.user.active and not self.env.user._is_superuser() else exception.user_id
        return automation.accountable_id or person or self.env.user

    def _prepare_decision(self, requester, exception, brief):
        action = self.with_context(lang=requester.lang)
        summary = brief.with_context(lang=requester.lang, tz=requester.tz).summary
        return {
            "exception_id": exception.id,
            "kind": self.visibility_decision_kind,
            "amount": self._get_decision_amount(exception),
            "currency_id": exception.company_id.currency_id.id,
            "requester_id": requester.id,
            "justification": "\n".join(
                filter(None, (action.visibility_reason or action.name, action._explain_decision_amount(), summary))
            ),
        }

    def _explain_decision_amount(self):
        """A share of what is at risk is what it may cost, and no price that anybody has asked for."""
        if self.visibility_amount_rule != "share":
            return ""
        return self.env._(
            "The amount is a limit, %(share)g %% of the value at risk: nobody has asked yet what it costs.",
            share=self.visibility_share,
        )

    def _get_decision_amount(self, exception):
        if self.visibility_amount_rule != "share":
            return self.visibility_amount
        amount = exception.company_id.currency_id.round(exception.value_at_risk * self.visibility_share / 100)
        return min(amount, self.visibility_amount) if self.visibility_amount > 0 else amount
