from odoo import fields, models


class VisibilityExceptionCategory(models.Model):
    """What exceptions of a category stop while they are open and blocking, and who may let it pass."""

    _inherit = "visibility.exception.category"

    gate_ids = fields.Many2many(
        "visibility.gate",
        "visibility_exception_category_gate_rel",
        "category_id",
        "gate_id",
        string="Stops",
        tracking=True,
        help="What cannot be done with a document while an exception of this category and of severity Blocking "
        "is open on it. Empty: it stops nothing.",
    )
    override_group_id = fields.Many2one(
        "res.groups",
        "May be overridden by",
        default=lambda self: self.env.ref("distribution_visibility.group_coordinator", raise_if_not_found=False),
        # nobody may, then, which is the safe side; and restricting would keep our own groups from being uninstalled
        ondelete="set null",
        tracking=True,
        help="Who may let a document pass in spite of the exception, and who may close such an exception by hand. "
        "Empty: nobody.",
    )
    is_four_eyes = fields.Boolean(
        "Four eyes",
        tracking=True,
        help="Who owns the exception, owned it before, or made the document or answers for it may not let it pass: "
        "somebody else has to.",
    )

    def _get_refusal(self, user, exception=None, document=None):
        """Why a user may not let pass what exceptions of this category stop: one sentence, empty if they may."""
        self.ensure_one()
        if not self.override_group_id:
            return self.env._("Nobody may override exceptions of the category %(name)s.", name=self.name)
        # sudo: which groups somebody has is read to decide, and told to nobody
        if self.sudo().override_group_id not in user.sudo().all_group_ids:
            return self.env._(
                "Only who has the right %(group)s may override exceptions of the category %(name)s.",
                group=self.sudo().override_group_id.full_name,
                name=self.name,
            )
        if self.is_four_eyes and exception and user in exception._get_involved(document):
            return self.env._(
                "%(exception)s needs four eyes: you own it or answer for the document, so somebody else decides.",
                exception=exception.name,
            )
        return ""
