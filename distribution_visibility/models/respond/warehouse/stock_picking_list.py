from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_datetime

from .stock_picking import OPEN, ORDER


class StockPicking(models.Model):
    """The picking list: which transfers it shows, why one is where it is, and what stops it."""

    _inherit = "stock.picking"

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

    @api.model
    def _get_list_order(self):
        """How the picking list is sorted: by one index."""
        return ORDER

    # ------------------------------------------------------------------ why here
    @api.depends_context("lang", "uid")
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
        due = format_datetime(self.env, self.visibility_due_at, dt_format="short")
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
        stopped = self.filtered(lambda picking: picking.state in OPEN)._get_stopped()
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
        about |= Domain("visibility_customer_id", "in", risks.partner_id.ids)
        return Domain([("visibility_is_listed", "=", True), ("state", "in", OPEN)]) & about

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
        if self.state not in OPEN:
            raise UserError(self.env._("%s is not open any more.", self.name))
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
            "name": dict(self.env["visibility.priority.wizard"]._fields["what"]._description_selection(self.env))[what],
            "res_model": "visibility.priority.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_picking_ids": self.ids, "default_what": what},
        }
