from odoo import api, fields, models


class VisibilityTeamMember(models.Model):
    """One person in one team, and how much of its work they take."""

    _name = "visibility.team.member"
    _description = "Team member"
    _inherit = ["visibility.action.mixin"]
    _order = "team_id, sequence, id"
    _rec_name = "user_id"

    team_id = fields.Many2one("visibility.team", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    role = fields.Selection(related="team_id.role")
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        "res.users", "Person", required=True, index=True, domain=[("share", "=", False)], ondelete="cascade"
    )
    share = fields.Float(default=1, help="1: a full share of the work; 0.5: half of it; 0: none for now.")
    is_present = fields.Boolean("Present", compute="_compute_workload")
    substitute_id = fields.Many2one("res.users", "Stands in", compute="_compute_workload")
    open_count = fields.Integer("Open exceptions", compute="_compute_workload")
    overdue_count = fields.Integer("Overdue", compute="_compute_workload")
    score = fields.Integer(compute="_compute_workload", help="The priority scores of what is open, together.")

    _once = models.Constraint("UNIQUE (team_id, user_id)", "This person is in the team already.")
    _share_not_negative = models.Constraint("CHECK (share >= 0)", "A share cannot be less than zero.")

    @api.depends("user_id")
    @api.depends_context("allowed_company_ids")
    def _compute_workload(self):
        exceptions = self.env["visibility.exception"].sudo()
        domain = self._get_open_domain(self.user_id)
        groups = exceptions._read_group(domain, ["user_id"], ["__count", "priority_score:sum"])
        load = {user: (count, score) for user, count, score in groups}
        late = [*domain, ("deadline", "<", fields.Datetime.now())]
        overdue = dict(exceptions._read_group(late, ["user_id"], ["__count"]))
        absences = self.env["visibility.absence"]._get_absences(self.user_id)
        for member in self:
            member.open_count, member.score = load.get(member.user_id, (0, 0))
            member.overdue_count = overdue.get(member.user_id, 0)
            member.is_present = member.user_id.active and member.user_id.id not in absences
            member.substitute_id = absences.get(member.user_id.id)

    @api.model
    def _get_open_domain(self, users):
        """What is open for people in the companies that one works in: both counted and shown."""
        return [("is_open", "=", True), ("user_id", "in", users.ids), ("company_id", "in", self.env.companies.ids)]

    def action_open_exceptions(self):
        """What is open for this person."""
        self.ensure_one()
        return self._open_exceptions_of(self.user_id)

    @api.model
    def _open_exceptions_of(self, users, context=None):
        domain, xmlid = self._get_open_domain(users), "distribution_visibility.visibility_exception_action"
        return self._open_action(xmlid, domain=domain, context=context or {})
