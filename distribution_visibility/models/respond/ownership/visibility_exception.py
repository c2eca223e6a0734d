from collections import namedtuple

from odoo import SUPERUSER_ID, api, fields, models

from ....lib.respond.ownership.assignment import find_substitute, pick_least_loaded, rank_team

Team = namedtuple("Team", "record role categories company warehouses members shares leader")


class Desk:
    """What is needed to hand out any number of exceptions: read once, and counted on while they are handed out."""

    def __init__(self, env):
        self.env = env
        self.teams = [self._read_team(team) for team in env["visibility.team"].sudo().search([])]
        self.needs_warehouse = any(team.warehouses for team in self.teams)
        self.absences = env["visibility.absence"]._get_absences()
        self.sources = {}
        self.load = {}
        if people := {person for team in self.teams for person in team.members}:
            groups = (
                env["visibility.exception"]
                .sudo()
                ._read_group([("is_open", "=", True), ("user_id", "in", list(people))], ["user_id"], ["__count"])
            )
            self.load = {user.id: count for user, count in groups}

    @staticmethod
    def _read_team(team):
        members = team.member_ids.filtered(lambda member: member.user_id.active)
        return Team(
            team,
            team.role,
            set(team.category_ids.ids),
            team.company_id.id,
            set(team.warehouse_ids.ids),
            members.user_id.ids,
            {member.user_id.id: member.share for member in members},
            team.leader_id,
        )

    def get_team(self, category, company, warehouse):
        """The team that fits best, or None."""
        ranked = [
            (rank, -index, team)
            for index, team in enumerate(self.teams)
            if (rank := rank_team(team, category.id, category.owner_role, company.id, warehouse)) is not None
        ]
        return max(ranked, key=lambda row: row[:2])[2] if ranked else None

    def is_present(self, user, company):
        """Whether somebody is here, and may see what belongs to the company."""
        user = user.sudo()
        return user.active and user.id not in self.absences and user.id != SUPERUSER_ID and company in user.company_ids

    def stand_in(self, user, company):
        """The person themselves when present, else who stands in; an empty recordset when nobody does."""
        person = user.browse(find_substitute(user.id, self.absences))
        return person if person and self.is_present(person, company) else user.browse()

    def pick(self, team, company):
        """Who of a team has the least to do for a company; substitutes take part for who is away."""
        people, shares = [], {}
        users = self.env["res.users"]
        for member in team.members:
            person = self.stand_in(users.browse(member), company)
            if person and person.id not in people:
                people.append(person.id)
                shares[person.id] = team.shares.get(person.id, team.shares[member])
        return users.browse(pick_least_loaded(people, self.load, shares))

    def hand_out(self, user):
        self.load[user.id] = self.load.get(user.id, 0) + 1

    def get_source(self, category, subject):
        """How the one about this subject came to its owner, and the team: values of an exception."""
        source, team = self.sources.get((category.id, subject), (False, False))
        return {"owner_source": source, "team_id": team}


class VisibilityException(models.Model):
    """Whose an exception is: by role, team, presence and workload; nobody owns nothing."""

    _inherit = "visibility.exception"

    owner_source = fields.Selection(
        [
            ("category", "Default owner of the category"),
            ("document", "The person behind the document"),
            ("team", "Team: least to do"),
            ("substitute", "Stands in"),
            ("fallback", "Nobody there: fallback of the category"),
            ("leader", "Nobody there: leader of the team"),
            ("admin", "Nobody there: administrator"),
            ("person", "A person decided"),
        ],
        "How it came to its owner",
        readonly=True,
        index=True,
    )
    team_id = fields.Many2one("visibility.team", readonly=True, ondelete="set null", index="btree_not_null")

    # ------------------------------------------------------------------ handing out
    @api.model
    def _get_desk(self):
        """Whoever hands out many exceptions asks once: a desk reads teams, absences and workload when it is made."""
        return Desk(self.env)

    @api.model
    def _get_owner(self, category, subject, desk=None):
        """Seam: who gets a new exception.

        :param desk: what else is handed out is counted on it
        """
        return self._assign(desk or self._get_desk(), category, subject)[0]

    @api.model
    def _assign(self, desk, category, subject):
        """Who gets an exception, how that was found, and the team: counted on the desk."""
        company = self._get_subject_company(subject)
        warehouse = self._get_subject_warehouse(subject).id if desk.needs_warehouse else False
        team = desk.get_team(category, company, warehouse)
        owner, source = self._choose(desk, category, subject, team, company)
        desk.hand_out(owner)
        desk.sources[(category.id, subject)] = (source, team.record.id if team else False)
        return owner, source, team

    @api.model
    def _choose(self, desk, category, subject, team, company):
        if category.user_id and (owner := desk.stand_in(category.user_id, company)):
            return owner, "category" if owner == category.user_id else "substitute"
        people = self._get_subject_owners(subject, category.owner_role)
        people = people.filtered(lambda user: user.active and user.id != SUPERUSER_ID)
        if team:
            present = people.filtered(lambda user: user.id in team.members and desk.is_present(user, company))
            owner, source = (present[:1], "document") if present else (desk.pick(team, company), "team")
        else:
            owner = next((one for person in people if (one := desk.stand_in(person, company))), people.browse())
            source = "document" if owner in people else "substitute"
        return (owner, source) if owner else self._get_last_resort(desk, category, team, company)

    @api.model
    def _get_last_resort(self, desk, category, team, company):
        """Nobody is there: the category's fallback, then the team's leader, then the administrator."""
        if category.fallback_user_id and (owner := desk.stand_in(category.fallback_user_id, company)):
            return owner, "fallback"
        if team and team.leader and (owner := desk.stand_in(team.leader, company)):
            return owner, "leader"
        return self._get_admin(company), "admin"

    @api.model
    def _get_admin(self, company):
        """The administrator; where that one does not see the company, a manager who does."""
        # env.ref() would look the user up for each exception
        admin = self.env["res.users"].browse(self.env["ir.model.data"]._xmlid_to_res_id("base.user_admin"))
        if company in admin.sudo().company_ids:
            return admin
        managers = self.env.ref("distribution_visibility.group_manager").sudo().all_user_ids
        here = managers.filtered(lambda user: user.active and not user.share and company in user.company_ids)
        return here[:1].sudo(False) or admin

    @api.model
    def _get_subject_warehouse(self, subject):
        """The warehouse that a subject belongs to; empty where there is none."""
        if "warehouse_id" in subject._fields:
            return subject.warehouse_id
        if "picking_type_id" in subject._fields:
            return subject.picking_type_id.warehouse_id
        if "picking_ids" in subject._fields:
            return subject.picking_ids[:1].picking_type_id.warehouse_id
        return self.env["stock.warehouse"]

    def _complete_owner(self, vals):
        """A person decided, unless whoever writes says how it came to its owner."""
        if "user_id" in vals and "owner_source" not in vals:
            return {**vals, "owner_source": "person" if vals["user_id"] else False}
        return vals

    def _get_moved_owners(self, vals):
        """Who owned these until now, by id, where owner or deadline are about to change."""
        moves = vals.keys() & {"user_id", "deadline"}
        return {exception.id: exception.user_id.id for exception in self.sudo()} if moves else {}

    def _get_living_subjects(self):
        """What each is about. Where that was deleted, a part that was merged goes on: then what the part is about."""
        parts = self | self.sudo().merged_ids.with_env(self.env)
        living = parts._get_living_documents()
        subjects = {one: document for one in parts if (document := living.get((one.res_model, one.res_id)))}
        subjects.update({one: one.shipment_id for one in parts if one.res_model not in self.env and one.shipment_id})
        for exception in self.filtered(lambda one: one not in subjects):
            alive = exception.sudo().merged_ids.with_env(self.env).filtered(lambda one: one in subjects)
            if alive:
                subjects[exception] = subjects[alive[0]]
        return subjects

    def _reassign(self):
        """Hand these out anew, to whoever is there and has the least to do: one write a person.

        Whatever is about nothing any more stays where it is.
        """
        desk, groups = self._get_desk(), {}
        subjects = self._get_living_subjects()
        for exception in self - self._filter_overridden("owner"):
            subject = subjects.get(exception)
            if not subject:
                continue
            owner, source, team = self._assign(desk, exception.category_id, subject)
            groups.setdefault((owner.id, source, team.record.id if team else False), []).append(exception.id)
        for (owner, source, team), ids in groups.items():
            self.browse(ids).write({"user_id": owner, "owner_source": source, "team_id": team})
