import json
import secrets

from odoo import api, fields, models

from ....lib.measure.person_search import ERASED
from ....lib.respond.log.hash_chain import commit
from .visibility_action_change import ERASED_VALUE

#: Texts in which somebody may be named, and where the payload has what is sealed of them.
PERSONAL = {
    "name": ("what",),
    "reason": ("why",),
    "detail": ("detail",),
    "record_name": ("on", 2),
    "automation_ref": ("automation", 1),
    "exception_ref": ("exception", 1),
    "user_ref": ("user", 1),
}
#: These begin with an id, which stays: ``12 Jane Doe``.
NUMBERED = ("automation_ref", "exception_ref", "user_ref")
VALUES = ("before", "after")


class VisibilityActionRun(models.Model):
    """How the log seals what may have to be erased one day, and stays whole when it is.

    The hash covers a digest of each such text, made with a salt of its own that stands beside the text. An erasure
    blanks the text and removes its salt; the digest stays in the payload, so every hash stays true. That the
    text is allowed to be blank is said by a later row of the same log, the erasure. What is blank without such a
    row, or says anything but ``[erased]``, is found as changed.
    """

    _inherit = "visibility.action.run"

    salts = fields.Json(readonly=True, help="What the texts are sealed with; gone with what was erased.")
    erased = fields.Json(
        readonly=True, help="Of an erasure: rows by their place in the log, and which of their texts it blanked."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["salts"] = self._draw_salts(name for name in PERSONAL if vals.get(name))
            for command in vals.get("change_ids") or ():
                if command[0] == fields.Command.CREATE:
                    row = command[2]
                    row["salts"] = self._draw_salts(name for name in VALUES if row.get(name))
        return super().create(vals_list)

    @api.model
    def _draw_salts(self, names):
        return {name: secrets.token_hex(16) for name in names}

    @api.model
    def _get_number(self, ref):
        return (ref or "").partition(" ")[0]

    def _get_sealed_text(self, name):
        text = self[name] or ""
        return text.partition(" ")[2] if name in NUMBERED else text

    def _seal_text(self, vouched, name):
        text, salt = self._get_sealed_text(name), (self.salts or {}).get(name)
        if name in vouched and text == ERASED and not salt:
            return vouched[name]
        return commit(text, salt or "")

    @api.model
    def _seal_value(self, vouched, change, name, key):
        salt = (change.salts or {}).get(name)
        if key in vouched and change[name] == ERASED_VALUE and not salt:
            return vouched[key]
        return commit(change[name] or "", salt or "")

    def _get_sealed(self, names):
        """What the payload says of texts that were erased since, by name."""
        if not names:
            return {}
        payload, found = json.loads(self.payload or "{}"), {}
        for name in names:
            path = PERSONAL.get(name)
            if path is None:
                place, _dot, value = name.partition(".")
                path = ("changes", int(place), 4 + VALUES.index(value))
            sealed = payload
            for step in path:
                sealed = sealed[step]
            found[name] = sealed
        return found


class VisibilityActionChain(models.Model):
    _inherit = "visibility.action.chain"

    def _get_vouched(self):
        """What the erasures of this log allow to be blank: place of a row to names of its texts."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("origin", "=", "erasure"),
            ("chain_sequence", ">", 0),
            ("chain_sequence", "<=", self.head_sequence),
        ]
        vouched = {}
        for erasure in self.env["visibility.action.run"].sudo().search(domain, order="chain_sequence"):
            for place, names in erasure.erased or ():
                # A row cannot vouch for what comes after it
                if place < erasure.chain_sequence:
                    vouched.setdefault(place, set()).update(names)
        return vouched
