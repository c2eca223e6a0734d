from odoo import api, models
from odoo.exceptions import AccessError

DECISION = "visibility.decision"


class TierReview(models.Model):
    """Every employee may write reviews, says their access list: not those that decide about money and goods.

    The methods of a decision check who acts, and go on as superuser.
    """

    _inherit = "tier.review"

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse(any(vals.get("model") == DECISION for vals in vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse(
            vals.get("model") == DECISION or (not self._is_harmless(vals) and DECISION in self.mapped("model"))
        )
        if "comment" in vals:
            self._refuse(not all(review._may_comment() for review in self if review.model == DECISION))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_decisions(self):
        self._refuse(DECISION in self.mapped("model"))

    def _is_harmless(self, vals):
        """What base_tier_validation writes as the user: a comment, and that the turn of a review has come."""
        return vals.keys() <= {"comment", "last_reminder_date"} or (
            vals == {"status": "pending"} and all(review.status == "waiting" for review in self)
        )

    def _may_comment(self):
        """Who is asked says something while they are asked; what was said stays."""
        review = self.sudo()
        excluded = self.env[DECISION].sudo().browse(review.res_id)._get_excluded_approvers()
        is_open = review.status in ("waiting", "pending")
        return is_open and self.env.user in review.reviewer_ids - excluded

    def _refuse(self, is_tampering):
        if is_tampering and not self.env.su:
            raise AccessError(self.env._("Approve or reject the decision itself; its reviews follow."))
