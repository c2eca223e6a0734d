from odoo import models
from odoo.addons.distribution_visibility.lib.base.grant import OWN_DOING
from odoo.exceptions import UserError

from .stock_picking_batch import OPEN_BATCHES


class StockPicking(models.Model):
    """Transfers find the batch in which they are picked together with others."""

    _inherit = "stock.picking"

    # ------------------------------------------------------------------ which batch
    def _put_into_batches(self, reason):
        """Put these into open batches of the same picker and operation type that have room, else into new ones.

        In the order of the picking list. What is in a batch, stopped, or not open any more is left alone.

        :return: dict of batch to the transfers that came into it
        """
        batches, loads, planned = self._find_open_batches(), {}, {}
        for picking in self._get_batchable():
            candidates = batches.setdefault(picking._get_batch_key(picking.user_id), [])
            batch = next((one for one in candidates if picking._fits(loads.get(one) or one._get_load())), None)
            if batch is None:
                batch = self.env["stock.picking.batch"].create(picking._prepare_batch())
                candidates.append(batch)
            count, lines = loads.get(batch) or batch._get_load()
            loads[batch] = (count + 1, lines + len(picking.move_ids))
            planned[batch] = planned.get(batch, self.browse()) | picking
        for batch, pickings in planned.items():
            pickings._move({"batch_id": batch.id}, reason)
            batch._start_picking()
        return planned

    def _get_batchable(self):
        free = self.filtered(lambda one: one._origin.id and not one.batch_id and one._may_be_batched())
        free -= free._get_stopped().with_env(self.env)
        return self.search([("id", "in", free.ids)], order=self._get_list_order())

    def _may_be_batched(self):
        return self.state in ("waiting", "confirmed", "assigned")

    def _find_open_batches(self):
        """By key the batches that are not done and no waves, the oldest first: one query."""
        batches = self.env["stock.picking.batch"].search(
            [
                ("state", "in", OPEN_BATCHES),
                ("is_wave", "=", False),
                ("picking_ids", "!=", False),
                ("picking_type_id", "in", self.picking_type_id.ids),
            ],
            order="id",
        )
        found = {}
        for batch in batches:
            found.setdefault(batch._get_batch_key(), []).append(batch)
        return found

    def _get_batch_key(self, user):
        """What transfers of one batch have in common: the picker, and what the operation type groups them by."""
        kind = self.picking_type_id
        return (
            self.company_id,
            kind,
            user,
            kind.batch_group_by_partner and self.partner_id,
            kind.batch_group_by_destination and self.partner_id.country_id,
            kind.batch_group_by_src_loc and self.location_id,
            kind.batch_group_by_dest_loc and self.location_dest_id,
        )

    def _fits(self, load):
        """Whether a batch with this load has room for it, by the limits of the operation type; 0 is no limit."""
        count, lines = load
        kind = self.picking_type_id
        is_too_many = kind.batch_max_pickings and count + 1 > kind.batch_max_pickings
        return not is_too_many and not (kind.batch_max_lines and lines + len(self.move_ids) > kind.batch_max_lines)

    def _prepare_batch(self):
        return {
            "company_id": self.company_id.id,
            "picking_type_id": self.picking_type_id.id,
            "user_id": self.user_id.id,
        }

    # ------------------------------------------------------------------ what Odoo does along with it
    def assign_batch_user(self, user_id):
        """Who picks the batch picks its transfers: that is why they change hands."""
        names = ", ".join(self.batch_id.mapped("name"))
        pickings = self.with_context(visibility_move_reason=self.env._("Picked together with batch %s", names))
        return super(StockPicking, pickings).assign_batch_user(user_id)

    def _create_backorder(self, backorder_moves=None):
        # Odoo takes what is left out of the batch
        pickings = self.with_context(**OWN_DOING.context)
        return super(StockPicking, pickings)._create_backorder(backorder_moves).with_env(self.env)

    # ------------------------------------------------------------------ buttons of the picking list
    def action_visibility_batch(self):
        """Put those that are selected into batches; says what became of them."""
        planned = self._put_into_batches(self.env._("Picked together from the picking list."))
        if not planned:
            raise UserError(
                self.env._("None of these can be put into a batch: they are in one, stopped, or not open any more.")
            )
        count = sum(len(pickings) for pickings in planned.values())
        names = ", ".join(batch.name for batch in planned)
        sentence = self.env._("%(count)s transfers are in %(batches)s.", count=count, batches=names)
        return self._say(sentence, after="reload")

    def action_visibility_unbatch(self):
        """Take those that are selected out of their batches, and cancel what is empty then."""
        batches = self.batch_id
        self.filtered("batch_id")._move({"batch_id": False}, self.env._("Taken out on the picking list."))
        batches._cancel_if_empty()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
