from odoo import fields, models


class VisibilityException(models.Model):
    """What is done about an exception: its owner gets a task with a date."""

    _inherit = "visibility.exception"

    def _on_opened(self):
        result = super()._on_opened()
        self._plan_response()
        return result

    def _on_reopened(self):
        result = super()._on_reopened()
        self._plan_response()
        return result

    def write(self, vals):
        owners = self._get_owner_ids() if vals.keys() & {"user_id", "deadline"} else {}
        result = super().write(vals)
        if vals.get("state") in ("resolved", "dismissed"):
            self._get_response_activities().unlink()
        elif owners:
            self._move_response_activities(vals, owners)
        return result

    def _get_owner_ids(self):
        return {exception.id: exception.user_id.id for exception in self.sudo()}

    def _move_response_activities(self, vals, owners):
        """The owners' tasks go to whoever answers now, and to the day by which they should.

        What others were told in an escalation is theirs and stays with them.

        :param dict owners: ids of the owners until now by ids of the exceptions
        """
        activities = self._get_response_activities().sorted("id")
        first = {res_id: mine[:1] for res_id, mine in activities.grouped("res_id").items()}
        activities = activities.filtered(
            # Where nobody was the owner, the oldest is the response
            lambda one: one.user_id.id == owners[one.res_id] if owners[one.res_id] else one == first[one.res_id]
        )
        if vals.get("user_id"):
            activities.user_id = vals["user_id"]
        if "deadline" in vals:
            days = {exception.id: exception._get_deadline_day() for exception in self}
            for day, alike in activities.grouped(lambda activity: days[activity.res_id]).items():
                alike.date_deadline = day

    def _get_response_type(self):
        return self.env.ref("distribution_visibility.mail_activity_type_respond", raise_if_not_found=False)

    def _get_response_activities(self):
        """The owners' tasks that are still to be done, as superuser: they may be another person's."""
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        activity_type = self._get_response_type()
        if not activity_type:
            return activities
        return activities.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", activity_type.id)]
        )

    def _plan_response(self):
        """One activity for the owner, due at the deadline, created in one go."""
        activity_type = self._get_response_type()
        if not activity_type:
            return
        # The owner sees it in the list of activities; a mail for each would be noise.
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [exception._prepare_response_activity(activity_type) for exception in self if exception.severity_rank]
        )

    def _prepare_response_activity(self, activity_type):
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": activity_type.id,
            "summary": self.title,
            "user_id": self.user_id.id or self.env.uid,
            "date_deadline": self._get_deadline_day(),
        }

    def _get_deadline_day(self):
        """The deadline's day where the owner is; today when there is no deadline."""
        deadline = self.deadline or fields.Datetime.now()
        return fields.Datetime.context_timestamp(self.with_user(self.user_id or self.env.user), deadline).date()
