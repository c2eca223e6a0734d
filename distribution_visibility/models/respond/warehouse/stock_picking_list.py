from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.tools import format_amount

from ....lib.base.grant import BY_HAND, OWN_DOING, ROLLS_BACK
from ....lib.respond.automation.scope import Scopes
from ...base.words.told import tell_moment
from .stock_picking import OPEN_STATES, ORDER

#: What a transfer keeps of the log: it follows by itself when a move is taken back.
REMEMBERED = frozenset(
    {"visibility_moved_by_id", "visibility_moved_at", "visibility_moved_text", "visibility_moved_reason"}
)


class StockPicking(models.Model):
    """The picking list: which transfers it shows, why one is where it is, what stops it, and who moved it.

    Who moved a transfer ahead or back, or gave it to somebody, when and why is kept each time, not only the last one.
    Whatever way it is written (a form, a list, an import, an action), it comes to :meth:`write`, and from there to
    the log (:meth:`_note_moves`). What Odoo itself works out is nobody's doing and is not there.
    """

    _inherit = "stock.picking"  # pylint: disable=consider-merging-classes-inherited
    _visibility_unrecorded = REMEMBERED

    visibility_why_here = fields.Char(
        "Why here",
        compute="_compute_visibility_why_here",
        help="What puts it before or after others, first things first.",
    )
    visibility_is_stopped = fields.Boolean(
        "Stopped",
        compute="_compute_visibility_is_stopped",
        search="_search_visibility_is_stopped",
        compute_sudo=True,
        help="A blocking exception on it, its order or its customer does not let it be validated.",
    )

    visibility_is_in_reach = fields.Boolean(
        "In my warehouse",
        compute="_compute_visibility_is_in_reach",
        search="_search_visibility_is_in_reach",
        help="Of a warehouse whose picker one is; of any, for who is named as picker nowhere.",
    )

    visibility_change_ids = fields.One2many("visibility.priority.change", "picking_id", "Moves by hand", readonly=True)
    visibility_change_count = fields.Integer("Number of moves", compute="_compute_visibility_change_count")

    # The last move that asks for a reason, as the log has it: for lists, rules and reasons of exceptions
    visibility_moved_by_id = fields.Many2one("res.users", "Moved by", readonly=True, copy=False)
    visibility_moved_at = fields.Datetime("Moved", readonly=True, copy=False)
    visibility_moved_text = fields.Char("What was moved", readonly=True, copy=False)
    visibility_moved_reason = fields.Char(
        "Reason for moving", copy=False, help="Why this transfer goes before or after others."
    )

    @api.model
    def _get_list_order(self):
        """How the picking list is sorted: by one index."""
        return ORDER

    # ------------------------------------------------------------------ why here
    @api.depends_context("lang", "tz", "uid")
    @api.depends(
        "visibility_place",
        "priority",
        "visibility_due_at",
        "visibility_due_hand_at",
        "visibility_customer_id",
        "visibility_severity",
        "visibility_value",
    )
    def _compute_visibility_why_here(self):
        for picking in self:
            words = ", ".join(filter(None, picking._get_queue_words()))
            picking.visibility_why_here = f"{words[:1].upper()}{words[1:]}." if words else False

    def _get_queue_words(self):
        """The keys of the order in words, in the order in which they count."""
        tier = self.visibility_customer_id.sudo().visibility_tier
        return [
            self._get_place_words(),
            self.priority == "1" and self.env._("starred"),
            self.visibility_due_at and self._get_due_words(),
            tier and self.env["visibility.exception"]._get_tier_words(tier),
            self.visibility_severity and self._get_severity_words(),
            self.visibility_value and format_amount(self.env, self.visibility_value, self.visibility_currency_id),
        ]

    def _get_place_words(self):
        if self.visibility_place > 0:
            return self.env._("moved ahead by hand")
        return self.visibility_place < 0 and self.env._("moved back by hand")

    def _get_due_words(self):
        due = tell_moment(self.env, self.visibility_due_at)
        if self.visibility_due_hand_at:
            return self.env._("due %s, set by hand", due)
        return self.env._("due %s", due)

    def _get_severity_words(self):
        return {
            "blocking": self.env._("blocking exception"),
            "warning": self.env._("exception: warning"),
            "information": self.env._("exception: information"),
        }[self.visibility_severity]

    # ------------------------------------------------------------------ what is stopped
    def _compute_visibility_is_stopped(self):
        stopped = self.filtered(lambda picking: picking.state in OPEN_STATES)._get_stopped()
        for picking in self:
            picking.visibility_is_stopped = picking in stopped

    def _get_stopped(self):
        """Those that cannot be validated now: nothing is asked where nothing blocking is open."""
        stopped = self.browse()
        suspects = self._get_suspects() if self else stopped
        exceptions = self.env["visibility.exception"].sudo()
        for code, pickings in suspects.grouped(lambda picking: picking._get_gate_code()).items():
            gate = self.env["visibility.gate"].sudo()._get(code)
            if gate:
                stopped |= self.browse(one.id for one in exceptions._get_stops(gate, pickings))
        return stopped

    def _search_visibility_is_stopped(self, operator, value):
        if operator != "in":
            return NotImplemented
        suspects = self.sudo().search(self._get_suspects_domain())
        domain = Domain("id", "in", suspects._get_stopped().ids)
        return Domain.OR([domain if one else ~domain for one in value])

    @api.model
    def _get_suspects_domain(self):
        """Open transfers on the list that may be stopped: few, whatever the length of the list."""
        risks = self.env["visibility.partner.risk"].sudo().search([("severity", "=", "blocking")])
        about = Domain("visibility_severity", "=", "blocking")
        about |= Domain("sale_id.visibility_severity", "=", "blocking")
        about |= Domain("move_ids.sale_line_id.order_id.visibility_severity", "=", "blocking")
        about |= Domain("visibility_customer_id", "in", risks.partner_id.ids)
        return Domain([("visibility_is_listed", "=", True), ("state", "in", OPEN_STATES)]) & about

    # ------------------------------------------------------------------ whose warehouse
    @api.depends("picking_type_id")
    @api.depends_context("uid")
    def _compute_visibility_is_in_reach(self):
        own = self.env["stock.warehouse"]._get_picked_by(self.env.user)
        for picking in self:
            picking.visibility_is_in_reach = not own or picking.sudo().picking_type_id.warehouse_id in own

    def _search_visibility_is_in_reach(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self.env["stock.warehouse"]._get_reach_domain(self.env.user)
        return Domain.OR([domain if one else ~domain for one in value])

    def _check_in_reach(self):
        others = self.filtered(lambda picking: not picking.visibility_is_in_reach)
        if others and not self.env.su:
            raise UserError(self.env._("%s is picked in another warehouse than yours.", others[0].name))

    # ------------------------------------------------------------------ taking one
    def action_visibility_take(self):
        """One tap on the handheld: it is mine, and here it is."""
        self.ensure_one()
        if self.user_id != self.env.user:
            self._take()
        return self.get_formview_action()

    def _take(self):
        """Two people who tap at once do not both get it."""
        self.check_access("write")
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(self.env._("Somebody is just changing %s: try again.", self.name)) from error
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("%s is not open any more.", self.name))
        self._check_in_reach()
        if self.user_id and self.printed:
            raise UserError(
                self.env._("%(person)s works on %(transfer)s already.", person=self.user_id.name, transfer=self.name)
            )
        self._move({"user_id": self.env.uid}, self.env._("Taken from the picking list."))

    # ------------------------------------------------------------------ moving
    def action_visibility_star(self):
        """Star it, or take the star away: with a reason."""
        kinds = set(self.mapped(lambda picking: picking.priority == "1"))
        return self._ask_to_move("unstar" if kinds == {True} else "star")

    def action_visibility_ahead(self):
        return self._ask_to_move("ahead")

    def action_visibility_back(self):
        return self._ask_to_move("back")

    def action_visibility_own_place(self):
        return self._ask_to_move("own")

    def action_visibility_give(self):
        return self._ask_to_move("give")

    def action_visibility_reschedule(self):
        return self._ask_to_move("date")

    def _ask_to_move(self, what):
        return {
            "type": "ir.actions.act_window",
            "name": self.env["visibility.priority.wizard"]._get_labels("what")[what],
            "res_model": "visibility.priority.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_picking_ids": self.ids, "default_what": what},
        }

    def _compute_visibility_change_count(self):
        groups = self.env["visibility.priority.change"]._read_group(
            [("picking_id", "in", self.ids)], ["picking_id"], ["__count"]
        )
        counts = {picking.id: count for picking, count in groups}
        for picking in self:
            picking.visibility_change_count = counts.get(picking.id, 0)

    # ------------------------------------------------------------------ every move is written down
    def _get_positions_before(self, vals):
        """By open transfer where it stands, of what somebody moves with these values."""
        names = self.env["visibility.priority.change"]._get_logged_fields() & vals.keys()
        return self._get_positions(names) if names and self._is_moved_by_somebody() else {}

    def _note_moves(self, before, reason):
        """Write down what was moved and why; a reason alone is one for moves that nobody explained."""
        moved = bool(before) and self._log_moves(before, reason)
        if reason and not moved and not self.env.su:
            self.visibility_change_ids.filtered("is_unexplained")._explain(reason)

    def _is_moved_by_somebody(self):
        """A person, or an automation that answers for it; not Odoo itself, which works as superuser."""
        context = self.env.context
        if OWN_DOING.says(context):
            return False
        # As superuser only for those who answer for it: automations, rollbacks, and people who override them
        return not self.env.su or bool(Scopes.of(context)) or ROLLS_BACK.says(context) or BY_HAND.says(context)

    def _get_positions(self, names):
        """By open transfer where it stands."""
        waiting = self.filtered(lambda picking: picking._origin.id and picking.state in OPEN_STATES)
        return {picking: {name: picking[name] for name in names} for picking in waiting}

    def _log_moves(self, before, reason):
        """Write down what differs from ``before``; gives whether anything does."""
        changes = self.env["visibility.priority.change"].sudo()
        reason = reason or self.env.context.get("visibility_move_reason") or False
        rows = [
            changes._prepare_change(picking, name, value, reason)
            for picking, values in before.items()
            if picking.state in OPEN_STATES
            for name, value in values.items()
            if picking[name] != value
        ]
        changes.create(rows)._remember_on_transfers()
        return bool(rows)

    def _get_position_until_now(self, name):
        """Where nobody set a due time it was the one that follows from the promise."""
        return self.visibility_due_at if name == "visibility_due_hand_at" else False

    def _remember_move(self, changes):
        last = changes[-1:]
        self.sudo().write(
            {
                "visibility_moved_by_id": last.user_id.id,
                "visibility_moved_at": last.occurred_at,
                "visibility_moved_text": ", ".join(change._get_words() for change in changes),
                "visibility_moved_reason": last.reason,
            }
        )

    def _remember_reason(self, changes):
        if self.visibility_moved_at:
            self.sudo().visibility_moved_reason = changes[-1:].reason

    # ------------------------------------------------------------------ moving
    def _move(self, values, reason):
        """Change where these stand and say why.

        :param dict values: of the fields that are logged
        """
        self._check_in_reach()
        self.with_context(visibility_move_reason=reason).write(values)

    @api.model
    def _get_outermost_place(self, direction):
        """The place of the one that was moved furthest ahead or back by hand, of the transfers on the list."""
        domain = [("visibility_is_listed", "=", True), ("company_id", "in", (self.company_id or self.env.company).ids)]
        order = "visibility_place desc" if direction == "ahead" else "visibility_place"
        place = self.sudo().search(domain, order=order, limit=1).visibility_place
        return max(place, 0) if direction == "ahead" else min(place, 0)

    def _move_to_end(self, direction, reason):
        """Ahead of all others, or behind them. Among themselves they stay in the order of the list."""
        if not self:
            return
        place, step = self._get_outermost_place(direction), 1 if direction == "ahead" else -1
        pickings = self.sudo().search([("id", "in", self.ids)], order=self._get_list_order()).with_env(self.env)
        for picking in reversed(pickings) if direction == "ahead" else pickings:
            place += step
            picking._move({"visibility_place": place}, reason)

    def _create_backorder(self, backorder_moves=None):
        # Odoo takes the picker off what is left
        pickings = self.with_context(**OWN_DOING.context)
        return super(StockPicking, pickings)._create_backorder(backorder_moves).with_env(self.env)

    # ------------------------------------------------------------------ buttons
    def action_open_visibility_changes(self):
        return self._open_action(
            "distribution_visibility.visibility_priority_change_action",
            domain=[("picking_id", "in", self.ids)],
            context={"create": False},
        )
