import json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ....lib.base.grant import ROLLS_BACK
from ....lib.respond.automation.scope import Scopes
from ....lib.respond.log.hash_chain import canonical_json

WHAT = [
    ("priority", "Priority"),
    ("scheduled_date", "Scheduled date"),
    ("visibility_place", "Place on the list"),
    ("visibility_due_hand_at", "Due time"),
    ("user_id", "Picker"),
]
#: Who goes before whom; who picks is said by itself.
NEEDS_REASON = frozenset({"priority", "scheduled_date", "visibility_place", "visibility_due_hand_at"})
EARLIER_IS_AHEAD = frozenset({"scheduled_date", "visibility_due_hand_at"})
#: How events name what was moved; others by the name of the field.
NAMES = {
    "visibility_place": "place",
    "visibility_due_hand_at": "due",
    "user_id": "picker",
}


class VisibilityPriorityChange(models.Model):
    """One change of where a transfer stands in the warehouse: who, when, from what to what, and why. Never changed.

    A reason that is given afterwards is a further row, which points to the one that it explains.
    """

    _name = "visibility.priority.change"
    _description = "Move of a transfer"
    _inherit = ["visibility.evidence.mixin", "visibility.written.once.mixin", "visibility.action.mixin"]
    _order = "id desc"
    _rec_name = "picking_ref"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    picking_id = fields.Many2one(
        "stock.picking", "Transfer", readonly=True, index="btree_not_null", ondelete="set null"
    )
    picking_ref = fields.Char("Transfer (as it was named)", required=True, readonly=True)
    picking_type_id = fields.Many2one("stock.picking.type", "Operation type", readonly=True, ondelete="set null")
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True, ondelete="set null")
    occurred_at = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now, index=True)

    what = fields.Selection(WHAT, required=True, readonly=True)
    direction = fields.Selection(
        [("ahead", "Ahead"), ("back", "Back"), ("other", "Neither")], required=True, readonly=True, default="other"
    )
    before = fields.Char("Before (JSON)", readonly=True)
    after = fields.Char("After (JSON)", readonly=True)
    before_ref = fields.Char(readonly=True, help="A person or batch, as it was named.")
    after_ref = fields.Char(readonly=True, help="A person or batch, as it was named.")
    before_label = fields.Char("Before", compute="_compute_labels")
    after_label = fields.Char("After", compute="_compute_labels")

    origin = fields.Selection(
        [
            ("person", "Person"),
            ("automation", "Automation"),
            ("server_action", "Server action"),
            ("rollback", "Rollback"),
        ],
        required=True,
        readonly=True,
        default="person",
    )
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null", index="btree_not_null")
    user_ref = fields.Char("By (as they were named)", readonly=True)
    automation_id = fields.Many2one("base.automation", readonly=True, ondelete="set null")
    automation_ref = fields.Char("Automation (as it was named)", readonly=True)
    run_id = fields.Many2one("visibility.action.run", compute="_compute_run_id", compute_sudo=True)

    reason = fields.Char("Said at once", readonly=True)
    needs_reason = fields.Boolean(readonly=True, help="It puts transfers before others.")
    explains_id = fields.Many2one(
        "visibility.priority.change", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    explanation_ids = fields.One2many("visibility.priority.change", "explains_id", "Reasons given later", readonly=True)
    why = fields.Char(compute="_compute_why", help="What was said at once, or afterwards.")
    is_unexplained = fields.Boolean(
        "Without reason", compute="_compute_why", search="_search_is_unexplained", help="Nobody said why, until now."
    )

    _asks_for_reason = models.Index("(company_id, occurred_at) WHERE needs_reason AND reason IS NULL")

    # ------------------------------------------------------------------ writing
    @api.model
    def _get_logged_fields(self):
        """Names of the fields of a transfer whose changes are kept."""
        return {name for name, _label in self._fields["what"].selection}

    @api.model
    def _get_fields_with_reason(self):
        return NEEDS_REASON

    @api.model
    def _prepare_change(self, picking, name, before, reason):
        """Values of a row about a transfer that has just been changed; ``before`` is the field's value until then."""
        field, after = picking._fields[name], picking[name]
        to_json = self.env["visibility.action.recorder"]._to_json
        origin, automation = self._get_origin()
        return {
            **self._prepare_place(picking),
            "what": name,
            "direction": self._get_direction(name, before or picking._get_position_until_now(name), after),
            "before": canonical_json(to_json(field, before)),
            "after": canonical_json(to_json(field, after)),
            "before_ref": before.sudo().display_name if field.relational and before else False,
            "after_ref": after.sudo().display_name if field.relational and after else False,
            "origin": origin,
            "automation_id": automation.id,
            "automation_ref": automation.sudo().name,
            "reason": reason,
            "needs_reason": name in self._get_fields_with_reason(),
        }

    @api.model
    def _prepare_place(self, picking):
        """Where and by whom."""
        picking = picking.sudo()
        return {
            "company_id": picking.company_id.id,
            "picking_id": picking.id,
            "picking_ref": picking.name,
            "picking_type_id": picking.picking_type_id.id,
            "warehouse_id": picking.picking_type_id.warehouse_id.id,
            "user_id": self.env.uid,
            "user_ref": self.env.user.name,
        }

    @api.model
    def _get_direction(self, name, before, after):
        """Whether it goes before or after others now; neither where nothing says so."""
        is_date = name in EARLIER_IS_AHEAD
        if name not in self._get_fields_with_reason() or (is_date and not (before and after)):
            return "other"
        is_ahead = after < before if is_date else after > before
        return "ahead" if is_ahead else "back"

    @api.model
    def _get_origin(self):
        """Who acts: a kind, and the automation where there is one."""
        context, automations = self.env.context, self.env["base.automation"]
        if ROLLS_BACK.says(context):
            return "rollback", automations
        if scopes := Scopes.of(context):
            automation = automations.browse(scopes[-1][0] or ())
            return ("automation" if automation else "server_action"), automation
        is_by_itself = context.get("__action_done") or self.env.uid == SUPERUSER_ID
        return ("automation" if is_by_itself else "person"), automations

    # ------------------------------------------------------------------ reasons
    def _explain(self, reason):
        """Say afterwards why, in a row of its own for each of these."""
        rows = [
            {
                **self._prepare_place(change.picking_id),
                "what": change.what,
                "direction": change.direction,
                "before": change.before,
                "after": change.after,
                "reason": reason,
                "explains_id": change.id,
            }
            for change in self
            if change.picking_id and not change.explains_id
        ]
        explanations = self.sudo().create(rows)
        explanations._remember_on_transfers()
        return explanations

    def _remember_on_transfers(self):
        """What the transfer itself shows: the last move that asks for a reason. One note a transfer."""
        notes = {}
        for picking, changes in self.filtered("picking_id").grouped("picking_id").items():
            moves = changes.filtered("needs_reason")
            if moves:
                picking._remember_move(moves)
            elif changes.explains_id:
                picking._remember_reason(changes)
            if noted := changes.filtered(lambda change: change._is_noted()):
                notes[picking.id] = noted._get_note()
        if notes:
            pickings = self.env["stock.picking"].browse(notes)
            pickings._message_log_batch(bodies=notes, author_id=self.env.user.partner_id.id)

    def _is_noted(self):
        """Odoo keeps track of the picker in the transfer's messages by itself."""
        return self.what != "user_id"

    def _get_note(self):
        words = list(dict.fromkeys(change._get_words() for change in self))
        return ". ".join(filter(None, [*words, self[:1].reason]))

    def _get_words(self):
        return self.env._(
            "%(field)s: %(before)s → %(after)s",
            field=self._label("what"),
            before=self.before_label or "-",
            after=self.after_label or "-",
        )

    @api.depends("reason", "needs_reason", "explanation_ids.reason")
    def _compute_why(self):
        for change in self:
            change.why = change.reason or change.explanation_ids[:1].reason
            change.is_unexplained = change.needs_reason and not change.why

    def _search_is_unexplained(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain(
            [("needs_reason", "=", True), ("reason", "=", False), ("explanation_ids", "=", False)]
        )
        return Domain.OR([domain if one else ~domain for one in value])

    # ------------------------------------------------------------------ in words
    @api.depends_context("lang", "tz")
    @api.depends("what", "before", "after", "before_ref", "after_ref")
    def _compute_labels(self):
        for change in self:
            change.before_label = change.before_ref or change._get_value_label(change.before)
            change.after_label = change.after_ref or change._get_value_label(change.after)

    def _get_value_label(self, text):
        if self.what == "visibility_place":
            return self._get_place_label(json.loads(text or "0"))
        return self.env["visibility.action.change"]._get_label(self.env["stock.picking"]._fields[self.what], text)

    def _get_place_label(self, place):
        if place > 0:
            return self.env._("ahead of the others (%s)", place)
        return self.env._("behind the others (%s)", place) if place < 0 else self.env._("where it belongs")

    # ------------------------------------------------------------------ the run that did it
    @api.depends("origin", "picking_id", "what")
    def _compute_run_id(self):
        """Rows of the same transaction, about the same field of the same transfer."""
        runs = self._find_runs()
        for change in self:
            change.run_id = runs.get(change.id)

    def _find_runs(self):
        ids = [change.id for change in self if change.origin != "person" and change.id]
        if not ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT change.id, MIN(done.run_id)
                     FROM visibility_priority_change change
                     JOIN visibility_action_change done
                       ON done.res_model = 'stock.picking' AND done.res_id = change.picking_id
                      AND done.field_name = change.what AND done.create_date = change.create_date
                      AND done.after = change.after
                    WHERE change.id IN %s GROUP BY change.id""",
                tuple(ids),
            )
        )
        return dict(rows)

    # ------------------------------------------------------------------ buttons
    def action_open_picking(self):
        self.ensure_one()
        if not self.picking_id:
            raise UserError(self.env._("%s does not exist any more.", self.picking_ref))
        return self.picking_id.get_formview_action()

    # ------------------------------------------------------------------ telling subscribers, once for each row
    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        outbox = self.env["visibility.outbox.message"]
        if outbox._is_wanted("transfer.moved"):
            outbox._emit(
                "transfer.moved",
                changes.filtered("picking_id"),
                lambda one: one._prepare_event(),
                lambda one: one.picking_id,
            )
        return changes

    def _prepare_event(self):
        return {
            "number": self.id,
            "document": self.env["visibility.outbox.message"]._prepare_document(self.picking_id),
            "what": self._get_event_name(self.what),
            "direction": self.direction,
            "before": self._get_event_value(self.before, self.before_ref),
            "after": self._get_event_value(self.after, self.after_ref),
            "origin": self.origin,
            "by_id": self.user_id.id or None,
            "automation": self.automation_ref or "",
            "has_reason": bool(self.reason),
            "reason": self.reason or "",
            "explains": self.explains_id.id or None,
        }

    @api.model
    def _get_event_name(self, what):
        """Seam: how events name a field."""
        return NAMES.get(what, what)

    def _get_event_value(self, text, reference):
        """No name of a person: its id. Times as the bodies write them."""
        value = json.loads(text or "false")
        field = self.env["stock.picking"]._fields[self.what]
        if value is False or value is None:
            return None
        if field.type == "datetime":
            return f"{value.replace(' ', 'T')}Z"
        if field.relational and field.comodel_name != "res.users":
            return reference
        return str(value)
