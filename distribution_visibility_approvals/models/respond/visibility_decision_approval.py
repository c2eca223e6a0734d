from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount


class VisibilityDecision(models.Model):
    """Who decides: the reviewers that the tier definitions name, and never who asked; and what follows from it."""

    _inherit = "visibility.decision"

    _tier_validation_manual_config = True
    _state_from = ["requested"]
    _state_to = ["approved"]
    _cancel_state = "cancelled"

    review_ids = fields.One2many(readonly=True)
    validation_status = fields.Selection(readonly=True)

    # ------------------------------------------------------------------ base_tier_validation's seams
    def _get_excluded_approvers(self):
        """Segregation of duties: nobody decides about what they asked for, whatever their rights."""
        return self.requester_id | self.create_uid

    def _get_sequences_to_approve(self, user):
        return [] if user in self._get_excluded_approvers() else super()._get_sequences_to_approve(user)

    @api.model
    def _get_under_validation_exceptions(self):
        """Our own rules on who writes what when are stricter, and must not stand in their own way."""
        own = self._get_outcome_fields() | self._get_content_fields()
        return [*super()._get_under_validation_exceptions(), *own]

    @api.model
    def _get_after_validation_exceptions(self):
        own = self._get_outcome_fields() | self._get_content_fields()
        return [*super()._get_after_validation_exceptions(), *own]

    @api.depends("state", "review_ids")
    def _compute_need_validation(self):
        # Without these it would stay as it was before the request, in the same transaction
        return super()._compute_need_validation()

    def _prepare_tier_review_vals(self, definition, sequence):
        return {**super()._prepare_tier_review_vals(definition, sequence), "requested_by": self.requester_id.id}

    def request_validation(self):
        """Only what was requested with its button is reviewed, and only once."""
        decisions = self.filtered(lambda decision: decision.state == "requested" and not decision.sudo().review_ids)
        return super(VisibilityDecision, decisions.sudo()).request_validation()

    def _allow_to_remove_reviews(self, values):
        """Who was asked, and what they said, stays when it is cancelled."""
        return False

    def _cancel_waiting_reviews(self):
        """Nobody is asked any more about what is cancelled."""
        cancelled = self.sudo().filtered(lambda decision: decision.state == "cancelled")
        waiting = cancelled.review_ids.filtered(lambda review: review.status in ("waiting", "pending"))
        waiting.status = "cancel"

    def restart_validation(self):
        raise UserError(self.env._("What was requested cannot be changed. Cancel it and ask for a new decision."))

    def _validate_tier(self, tiers=False):
        self._check_may_decide()
        self._check_can_still_be_moved()
        self._claim_step()
        decision = self.sudo()
        result = super(VisibilityDecision, decision)._validate_tier(decision._get_own_reviews(tiers))
        if decision.validation_status == "validated":
            decision._settle("approved")
        return result

    def _rejected_tier(self, tiers=False):
        self._check_may_decide()
        self._claim_step()
        decision = self.sudo()
        result = super(VisibilityDecision, decision)._rejected_tier(decision._get_own_reviews(tiers))
        if decision.validation_status == "rejected":
            decision._settle("rejected")
        return result

    def _get_own_reviews(self, tiers):
        """The reviews to settle; the dialog for comments could name others."""
        return (tiers.sudo() if tiers else self.review_ids) & self.review_ids

    def _notify_created_review_body(self):
        return self.env._(
            "%(requester)s asks for a decision: %(kind)s, %(amount)s. %(justification)s",
            requester=self.requester_id.name,
            kind=self._label("kind"),
            amount=format_amount(self.env, self.amount, self.currency_id),
            justification=self.justification,
        )

    # ------------------------------------------------------------------ deciding
    def action_approve(self):
        """Approve as one of those who were asked; the definition may first ask for a comment."""
        self._check_may_decide()
        self._check_can_still_be_moved()
        return self.validate_tier()

    def action_reject(self):
        """Reject as one of those who were asked; the definition may first ask for a comment."""
        self._check_may_decide()
        return self.reject_tier()

    def _check_may_decide(self):
        self.ensure_one()
        self.check_access("read")
        decision = self.sudo()
        if self.env.user in decision._get_excluded_approvers():
            raise AccessError(self.env._("You asked for this yourself: another person decides it."))
        if decision.state != "requested":
            raise UserError(self.env._("%(decision)s is not waiting for a decision.", decision=decision.name))
        if self.env.uid == SUPERUSER_ID or not decision._get_sequences_to_approve(self.env.user):
            raise AccessError(self.env._("You are not among those who were asked to decide this."))

    def _claim_step(self):
        """Who comes second waits here, is run again by Odoo, and then sees the first one's review.

        Their reviews are rows apart: each would see the other one's as pending, and nobody would settle it.
        """
        self.env.execute_query(
            SQL("UPDATE visibility_decision SET requested_at = requested_at WHERE id = %s RETURNING id", self.id)
        )

    def _settle(self, state):
        """Write down what was decided, by whom and when, here and on the exception."""
        mine = self.review_ids.filtered(lambda review: review.done_by == self.env.user)
        self.write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "decision_note": ", ".join(filter(None, mine.mapped("comment"))) or False,
            }
        )
        self.exception_id._end_decision(self)
        self._tell_run(state)

    # ------------------------------------------------------------------ the automation that waits for it
    def _tell_run(self, state):
        """The run that asked is answered; where none did, that a person decided is a row of the log, too."""
        if self.action_run_id:
            self._answer_run(state == "approved")
        else:
            self.env["visibility.action.run"]._record([self._prepare_outcome_run(state)])

    def _prepare_outcome_run(self, state):
        return {
            **self.env["visibility.action.run"]._prepare_run(self.exception_id),
            "name": f"{self.display_name}: {self._get_labels('state')[state]}",
            "origin": "approval",
            "result": "done" if state == "approved" else "declined",
            "reason": self.env._("Decided by %s", self.env.user.name),
            "detail": self.decision_note,
        }

    def _answer_run(self, is_yes):
        """Carry out what was approved, if it still applies; who decided does it in their name."""
        run = self.action_run_id
        if not run or run.status != "open":
            return
        if is_yes and not run.automation_id._get_answerable(run):
            reason = self.env._("Approved, but the conditions do not hold any more: nothing was done.")
            self._message_log(body=reason)
            run._answer(False, reason)
            return
        run._answer(is_yes)

    def action_open_run(self):
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_action_run_action", self.action_run_id)
