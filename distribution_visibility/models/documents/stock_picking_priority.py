from odoo import fields, models
from odoo.tools import format_datetime

MOVED_BY_HAND = ("priority", "scheduled_date")
WAITING = ("waiting", "confirmed", "assigned")


class StockPicking(models.Model):
    """Who moved a delivery ahead or back by hand, when, and why: or that nobody said why."""

    _inherit = "stock.picking"

    visibility_moved_by_id = fields.Many2one("res.users", "Moved by", readonly=True, copy=False)
    visibility_moved_at = fields.Datetime("Moved", readonly=True, copy=False)
    visibility_moved_text = fields.Char("What was moved", readonly=True, copy=False)
    visibility_moved_reason = fields.Char(
        "Reason for moving", copy=False, help="Why this transfer goes before or after others."
    )

    def write(self, vals):
        names = [name for name in MOVED_BY_HAND if name in vals]
        before = self._get_positions(names) if names and not self.env.su else {}
        result = super().write(vals)
        for picking, positions in before.items():
            picking._note_moved(positions, vals.get("visibility_moved_reason"))
        return result

    def _get_positions(self, names):
        """By waiting transfer where it stands, in words."""
        waiting = self.filtered(lambda picking: picking.state in WAITING)
        return {picking: {name: picking._get_position(name) for name in names} for picking in waiting}

    def _get_position(self, name):
        field = self._fields[name]
        if field.type == "datetime":
            return self[name] and format_datetime(self.env, self[name], dt_format="short") or "-"
        return dict(field._description_selection(self.env)).get(self[name], "-")

    def _note_moved(self, before, reason):
        """Write down who, when and what; the reason is asked for again with each move."""
        changes = [
            self.env._(
                "%(field)s: %(before)s → %(after)s",
                field=self._fields[name]._description_string(self.env),
                before=text,
                after=self._get_position(name),
            )
            for name, text in before.items()
            if text != self._get_position(name)
        ]
        if not changes or self.state not in WAITING:
            return
        reason = reason or self.env.context.get("visibility_moved_reason") or False
        values = {
            "visibility_moved_by_id": self.env.uid,
            "visibility_moved_at": fields.Datetime.now(),
            "visibility_moved_text": ", ".join(changes),
            "visibility_moved_reason": reason,
        }
        self.sudo().write(values)
        self._message_log(body=". ".join([*changes, reason] if reason else changes))
