import json
from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.base.grant import OVERRIDES
from ....lib.respond.log.hash_chain import canonical_json
from ...base.words.told import tell_moment
from ...detect.gate.visibility_override import GATE

USER = "distribution_visibility.group_user"
MANAGER = "distribution_visibility.group_manager"
ALL = "all"


class VisibilityOverridableMixin(models.AbstractModel):
    """A record some of whose states are set by automation, and can be taken out of its hands by a person.

    ``_visibility_aspects`` says which fields each state is kept in, the one that a person sets first. What
    sets these fields by itself leaves the records out that ``_filter_overridden`` gives.
    """

    _name = "visibility.overridable.mixin"
    _description = "Record that a person can take out of automation's hands"

    #: Code of a ``visibility.aspect`` to the fields that it is kept in.
    _visibility_aspects = {}

    visibility_override_ids = fields.One2many(
        "visibility.override",
        "res_id",
        "Overrides in force",
        domain=[("is_open", "=", True)],
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    visibility_override_text = fields.Html(
        "In force",
        compute="_compute_visibility_override_text",
        compute_sudo=True,
        sanitize=False,
        groups="base.group_user",
    )

    @api.depends("visibility_override_ids")
    @api.depends_context("lang", "tz", "uid")
    def _compute_visibility_override_text(self):
        for record in self:
            lines = [override._get_banner_line() for override in record._get_overrides()]
            text = Markup("").join(Markup("<div>%s</div>") % line for line in lines)
            record.visibility_override_text = text or False

    # ------------------------------------------------------------------ what holds
    def _get_overrides(self):
        """What people took out of automation's hands on these records: one query for all of a batch."""
        return self.sudo().visibility_override_ids.filtered(lambda override: override.aspect != GATE)

    def _get_override(self, aspect):
        """The override that holds a state of this record, if any: its own, or that of everything."""
        mine = self._get_overrides().filtered(lambda override: override.aspect in (aspect, ALL))
        return mine.sorted(lambda override: override.aspect == ALL)[:1]

    def _filter_overridden(self, aspect):
        """Those of these records whose state a person holds."""
        return self.filtered(lambda record: record._get_override(aspect))

    def _get_held_fields(self, override):
        """The fields of this record that automations must not change; None: all."""
        return None if override.aspect == ALL else self._visibility_aspects.get(override.aspect, ())

    # ------------------------------------------------------------------ a person decides
    def _override(self, aspects, reason, until=False, values=None):
        """Take states of these records out of automation's hands, until a moment (naive UTC).

        :param aspects: codes of ``visibility.aspect``
        :param dict values: code to what is set now; states without one stay as they are
        :return: the rows of the log
        """
        self._check_aspects(aspects)
        values = {aspect: (values or {}).get(aspect) for aspect in aspects}
        recorder, overrides = self.env["visibility.action.recorder"], self.env["visibility.override"]
        mine = self.sudo()
        before = recorder._snapshot(mine)
        # sudo: nobody has the right to add rows but through here; the rows look at the person's right themselves
        rows = overrides.sudo().create(
            [
                {"reason": reason, "until": until, **record._prepare_override(aspect, values[aspect])}
                for aspect in aspects
                for record in mine
            ]
        )
        for aspect in aspects:
            mine._apply_override(aspect, values[aspect])
        rows._record_runs(before)
        if until:
            overrides._get_end_cron()._trigger(at=until)
        return rows

    def _check_aspects(self, aspects):
        known = {aspect.code for aspect in self.env["visibility.aspect"]._get_of(self._name)}
        if not self or not aspects or set(aspects) - known:
            raise UserError(self.env._("Choose what is overridden."))

    def _prepare_override(self, aspect, value):
        standing = self._get_overrides().filtered(lambda override: override.aspect == aspect)
        before = standing.before if standing else canonical_json(self._read_state(aspect))
        # What is left as it is, is set to what it is: so that the end knows whether a person has changed it since
        value = self._read_state(aspect) if value is None else value
        return {
            "aspect": aspect,
            "res_model": self._name,
            "res_id": self.id,
            "value": canonical_json(value),
            "before": before,
            "value_label": self._get_state_label(aspect, value),
            "before_label": standing.before_label if standing else self._get_state_label(aspect, json.loads(before)),
        }

    def _read_state(self, aspect):
        """A state as a JSON value, as the recorder keeps it."""
        name = next(iter(self._visibility_aspects.get(aspect, ())), None)
        return self.env["visibility.action.recorder"]._to_json(self._fields[name], self[name]) if name else None

    def _get_state_label(self, aspect, value):
        """A value in the reader's words and time; False where there is none to set."""
        name = next(iter(self._visibility_aspects.get(aspect, ())), None)
        if not name:
            return False
        if value and self._fields[name].type == "datetime":
            return tell_moment(self.env, fields.Datetime.to_datetime(value))
        return self.env["visibility.action.change"]._get_label(self._fields[name], canonical_json(value)) or False

    # ------------------------------------------------------------------ who may
    def _get_override_refusal(self, aspect, value):
        """Why the user may not take this state out of automation's hands; empty if they may.

        :param value: what it would be set to, as a JSON value
        """
        if refusal := self._get_person_refusal(value) if aspect == "owner" else "":
            return refusal
        if self.env.user.has_group(MANAGER):
            return ""
        if not self.env.user.has_group(USER):
            return self.env._("Only users of Distribution Visibility may override what goes by itself.")
        if not self.has_access("write"):
            return self.env._("You may not change %s, so you may not override it either.", self.sudo().display_name)
        return ""

    def _get_person_refusal(self, user_id):
        """Why a person cannot have it: they must be there, and work in its company."""
        person, company = self.env["res.users"].sudo().browse(user_id or ()).exists(), self._get_override_company()
        if user_id and not person.active:
            return self.env._("This person is not there any more.")
        if person and company not in person.company_ids:
            return self.env._("%(name)s does not work in %(company)s.", name=person.name, company=company.name)
        return ""

    def _get_override_company(self):
        return self.env["visibility.exception"]._get_subject_company(self)

    def _get_worst_exception(self):
        """The worst open exception that this is about, for the statistics of rules."""
        exceptions = self.env["visibility.exception"]
        if "visibility_exception_ids" not in self._fields:
            return exceptions
        found = self.visibility_exception_ids.filtered("is_open")
        return found.sorted(lambda one: (-one.severity_rank, -one.id))[:1]

    def _get_overridden_automation(self, aspect):
        """The governed automation that set this state last, and was not rolled back."""
        name = next(iter(self._visibility_aspects.get(aspect, ())), None)
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id), ("kind", "=", "changed")]
        if name:
            domain += [("field_name", "=", name)]
        about = [
            ("run_id.automation_id", "!=", False),
            ("run_id.result", "=", "done"),
            ("run_id.origin", "!=", "rollback"),
        ]
        change = self.env["visibility.action.change"].sudo().search([*domain, *about], order="id desc", limit=1)
        automation = change.run_id.automation_id
        return automation if change.run_id.status != "rolled_back" else automation.browse()

    # ------------------------------------------------------------------ seams
    def _apply_override(self, aspect, value):
        """Set the value; called on superuser's records, after the log knows of it."""
        name = next(iter(self._visibility_aspects.get(aspect, ())), None)
        if name and value is not None:
            self._write_by_hand({name: value})

    def _release_override(self, aspect, overrides):
        """Automation decides again: put back what it had set, unless somebody has changed it by hand since.

        :param dict overrides: ids of records to the overrides that ended
        """
        name = next(iter(self._visibility_aspects.get(aspect, ())), None)
        groups = defaultdict(self.browse)
        for record in self if name else ():
            override = overrides[record.id]
            if canonical_json(record._read_state(aspect)) == override.value:
                groups[override.before] |= record
        for before, records in groups.items():
            if records._is_still_there(name, json.loads(before)):
                records._write_by_hand({name: json.loads(before)})

    @api.model
    def _is_still_there(self, name, value):
        """Whether what is put back exists and is active: a person may have left meanwhile."""
        field = self._fields[name]
        if field.type != "many2one" or not value:
            return True
        target = self.env[field.comodel_name].sudo().browse(value).exists()
        return bool(target) and ("active" not in target._fields or target.active)

    def _write_by_hand(self, values):
        """Write what a person decided, or what comes after it: the one way past an override."""
        self.sudo().with_context(**OVERRIDES.context).write(values)

    def unlink(self):
        self.env["visibility.override"]._forget(self)
        return super().unlink()

    # ------------------------------------------------------------------ buttons
    def action_visibility_override(self):
        """The dialog: what, set to what, why, until when."""
        context = {"active_model": self._name, "active_ids": self.ids, "active_id": self[:1].id}
        return self._open_action("distribution_visibility.visibility_override_set_wizard_action", context=context)

    def action_visibility_give_back(self):
        """The dialog that gives back what is in force on these."""
        return self._get_overrides().action_give_back()
