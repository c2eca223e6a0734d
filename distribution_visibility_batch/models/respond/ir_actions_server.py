from odoo import fields, models


class IrActionsServer(models.Model):
    """The warehouse's action puts transfers into batches, too."""

    _inherit = "ir.actions.server"

    visibility_puts_into_batch = fields.Boolean(
        "Put into a batch",
        help="Into an open batch of the same picker and operation type that has room, else into a new one.",
    )

    def _is_routing(self):
        return super()._is_routing() or self.visibility_puts_into_batch

    def _route(self, pickings, owners):
        free = super()._route(pickings, owners)
        if self.visibility_puts_into_batch:
            self._put_into_batches(free, owners)
        return free

    def _put_into_batches(self, pickings, owners):
        known = self.env["stock.picking.batch"].sudo().search([], order="id desc", limit=1).id or 0
        planned = self._leave_held(pickings, "owner")._put_into_batches(self.visibility_reason or self.name)
        for batch, some in planned.items():
            for picking in some:
                sentence = self.env._("%(transfer)s: batch %(batch)s", transfer=picking.name, batch=batch.name)
                self._note([owners[picking]], sentence)
            if batch.id > known:
                self._made(owners[some[0]], batch)
