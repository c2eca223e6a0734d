from odoo import api, fields, models
from odoo.exceptions import ValidationError


class VisibilityEscalationLevel(models.Model):
    """One step of an escalation: after which time, to whom, and what is done."""

    _name = "visibility.escalation.level"
    _description = "Escalation level"
    _inherit = ["visibility.action.mixin"]
    _order = "policy_id, sequence, id"
    _rec_name = "action"

    policy_id = fields.Many2one("visibility.escalation.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    hours = fields.Float(
        "After (working hours)", required=True, default=4, help="After the level before, or after the time began."
    )
    action = fields.Selection(
        [
            ("notify", "Tell"),
            ("reassign", "Hand over to"),
            ("raise_severity", "Raise the severity, and tell"),
            ("draft_mail", "Draft a mail that this person releases"),
        ],
        required=True,
        default="notify",
    )
    who = fields.Selection(
        [
            ("owner", "The owner"),
            ("leader", "The leader of the team"),
            ("role", "Who of a role has the least to do"),
            ("group", "Members of a group"),
            ("users", "Named people"),
        ],
        "Whom",
        required=True,
        default="owner",
    )
    who_text = fields.Char("Whom, in words", compute="_compute_who_text")
    role = fields.Selection(
        selection=lambda self: self.env["visibility.exception.category"]._fields["owner_role"].selection
    )
    group_id = fields.Many2one("res.groups", ondelete="set null")
    user_ids = fields.Many2many("res.users", string="People", domain=[("share", "=", False)])
    template_id = fields.Many2one(
        "mail.template", "Mail", ondelete="restrict", help="Of the document that the exception is about."
    )

    _hours_positive = models.Constraint("CHECK (hours > 0)", "The time of a level must be more than zero.")

    @api.constrains("action", "who", "role", "group_id", "user_ids", "template_id")
    def _check_complete(self):
        needed = {"role": "role", "group": "group_id", "users": "user_ids"}
        for level in self:
            name = needed.get(level.who)
            if name and not level[name]:
                raise ValidationError(self.env._("Say whom a level tells: its role, group or people are missing."))
            if level.action == "draft_mail" and not level.template_id:
                raise ValidationError(self.env._("Choose the mail that is drafted."))

    @api.depends("who", "role", "group_id", "user_ids")
    def _compute_who_text(self):
        kinds, roles = self._get_labels("who"), self._get_labels("role")
        for level in self:
            named = {
                "role": roles.get(level.role),
                "group": level.group_id.display_name,
                "users": ", ".join(level.user_ids.mapped("name")),
            }
            level.who_text = ": ".join(filter(None, [kinds.get(level.who), named.get(level.who)]))

    # ------------------------------------------------------------------ whom
    def _get_people(self, exception, desk):
        """Who is meant and there, or stands in; the administrator where nobody is."""
        people = exception.user_id.browse()
        for person in self._get_meant(exception, desk):
            people |= desk.stand_in(person, exception.company_id)
        if people:
            return people
        team = desk.get_team(exception.category_id, exception.company_id, False)
        return exception._get_last_resort(desk, exception.category_id, team, exception.company_id)[0]

    def _get_meant(self, exception, desk):
        if self.who == "owner":
            return exception.user_id
        if self.who == "users":
            return self.user_ids
        if self.who == "group":
            members = self.group_id.all_user_ids.filtered(lambda user: user.active and not user.share)
            return members.filtered(lambda user: exception.company_id in user.company_ids)
        if self.who == "leader":
            team = exception.team_id
            found = desk.get_team(exception.category_id, exception.company_id, False)
            return team.leader_id or (found.leader if found else exception.user_id.browse())
        category = exception.category_id.new({"owner_role": self.role})
        team = desk.get_team(category, exception.company_id, False)
        return desk.pick(team, exception.company_id) if team else exception.user_id.browse()
