from odoo import api, fields, models


class VisibilityTeam(models.Model):
    """People who share the exceptions of a role, or of some categories, warehouses or a company."""

    _name = "visibility.team"
    _description = "Team"
    _inherit = ["mail.thread", "visibility.action.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    role = fields.Selection(
        selection=lambda self: self.env["visibility.exception.category"]._fields["owner_role"].selection,
        required=True,
        tracking=True,
        help="Takes the exceptions of all categories of this role, unless categories are named.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: of all companies.")
    warehouse_ids = fields.Many2many("stock.warehouse", string="Warehouses", help="Empty: of all warehouses.")
    category_ids = fields.Many2many(
        "visibility.exception.category", string="Categories", help="Takes these whatever their role. Empty: by role."
    )
    leader_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        tracking=True,
        help="Gets what nobody of the team is there for, and escalations to the team's leader.",
    )
    member_ids = fields.One2many("visibility.team.member", "team_id", "Members")
    present_count = fields.Integer("Present", compute="_compute_load")
    open_count = fields.Integer("Open exceptions", compute="_compute_load")

    @api.depends("member_ids")
    @api.depends_context("allowed_company_ids")
    def _compute_load(self):
        for team in self:
            team.present_count = len(team.member_ids.filtered("is_present"))
            team.open_count = sum(team.member_ids.mapped("open_count"))

    def action_open_exceptions(self):
        """What is open for the people of this team, by owner."""
        members = self.env["visibility.team.member"]
        return members._open_exceptions_of(self.member_ids.user_id, {"search_default_group_owner": 1})

    def action_open_workload(self):
        """The members with what is open for each."""
        self.ensure_one()
        domain = [("team_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_team_member_action", domain=domain)
