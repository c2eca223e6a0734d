from odoo import api, fields, models


class VisibilityAbsence(models.Model):
    """A person is away, from a day to a day, and somebody may stand in."""

    _name = "visibility.absence"
    _description = "Absence"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Away", required=True, index=True, domain=[("share", "=", False)], ondelete="cascade",
        default=lambda self: self.env.user,
    )  # fmt: skip
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", required=True, help="The last day, in the time zone of who is away.")
    substitute_id = fields.Many2one(
        "res.users", "Stands in", domain=[("share", "=", False)], ondelete="set null", help="Empty: the team shares it."
    )
    note = fields.Char()

    _dates_in_order = models.Constraint("CHECK (date_from <= date_to)", "The last day is before the first.")
    _somebody_else = models.Constraint(
        "CHECK (substitute_id IS NULL OR substitute_id != user_id)", "Somebody else has to stand in."
    )

    @api.model
    def _get_absences(self, users=None):
        """Ids of who is away today, where they are, to the id of who stands in or None."""
        now = fields.Datetime.now()
        days = [fields.Date.add(now.date(), days=offset) for offset in (-1, 1)]
        domain = [("date_from", "<=", days[1]), ("date_to", ">=", days[0])]
        if users is not None:
            domain.append(("user_id", "in", users.ids))
        away = {}
        for absence in self.sudo().search(domain, order="id"):
            today = fields.Datetime.context_timestamp(absence.with_context(tz=absence.user_id.tz), now).date()
            if absence.date_from <= today <= absence.date_to:
                away[absence.user_id.id] = absence.substitute_id.id or None
        return away
