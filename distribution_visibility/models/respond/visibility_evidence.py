from odoo import api, models
from odoo.tools import clean_context


class VisibilityEvidenceMixin(models.AbstractModel):
    """Rows that say what happened: nothing in them comes from defaults that a caller put into the context."""

    _name = "visibility.evidence.mixin"
    _description = "Row that says what happened"

    @api.model_create_multi
    def create(self, vals_list):
        made = super(VisibilityEvidenceMixin, self.with_context(clean_context(self.env.context))).create(vals_list)
        return made.with_env(self.env)


class VisibilityException(models.Model):
    _name = "visibility.exception"
    _inherit = ["visibility.exception", "visibility.evidence.mixin"]


class VisibilityOverride(models.Model):
    _name = "visibility.override"
    _inherit = ["visibility.override", "visibility.evidence.mixin"]


class VisibilityExpectation(models.Model):
    _name = "visibility.expectation"
    _inherit = ["visibility.expectation", "visibility.evidence.mixin"]


class VisibilityPromise(models.Model):
    _name = "visibility.promise"
    _inherit = ["visibility.promise", "visibility.evidence.mixin"]


class VisibilityActionRun(models.Model):
    _name = "visibility.action.run"
    _inherit = ["visibility.action.run", "visibility.evidence.mixin"]


class VisibilityActionChange(models.Model):
    _name = "visibility.action.change"
    _inherit = ["visibility.action.change", "visibility.evidence.mixin"]


class VisibilityAllocation(models.Model):
    _name = "visibility.allocation"
    _inherit = ["visibility.allocation", "visibility.evidence.mixin"]


class VisibilityAllocationLine(models.Model):
    _name = "visibility.allocation.line"
    _inherit = ["visibility.allocation.line", "visibility.evidence.mixin"]


class VisibilityProposal(models.Model):
    _name = "visibility.proposal"
    _inherit = ["visibility.proposal", "visibility.evidence.mixin"]


class VisibilityProposalLine(models.Model):
    _name = "visibility.proposal.line"
    _inherit = ["visibility.proposal.line", "visibility.evidence.mixin"]


class VisibilityProposalEffect(models.Model):
    _name = "visibility.proposal.effect"
    _inherit = ["visibility.proposal.effect", "visibility.evidence.mixin"]


class VisibilityProposalChange(models.Model):
    _name = "visibility.proposal.change"
    _inherit = ["visibility.proposal.change", "visibility.evidence.mixin"]


class VisibilityBrief(models.Model):
    _name = "visibility.brief"
    _inherit = ["visibility.brief", "visibility.evidence.mixin"]


class VisibilityEscalationStep(models.Model):
    _name = "visibility.escalation.step"
    _inherit = ["visibility.escalation.step", "visibility.evidence.mixin"]


class VisibilityOutboxMessage(models.Model):
    _name = "visibility.outbox.message"
    _inherit = ["visibility.outbox.message", "visibility.evidence.mixin"]


class VisibilityOutboxAttempt(models.Model):
    _name = "visibility.outbox.attempt"
    _inherit = ["visibility.outbox.attempt", "visibility.evidence.mixin"]


class VisibilityPriorityChange(models.Model):
    _name = "visibility.priority.change"
    _inherit = ["visibility.priority.change", "visibility.evidence.mixin"]


class VisibilityMessage(models.Model):
    _name = "visibility.message"
    _inherit = ["visibility.message", "visibility.evidence.mixin"]
