from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import mute_logger
from odoo.tools.sql import column_exists, create_column
from psycopg2.errors import UniqueViolation

from ...lib.base.numbers import normalise_number, split_numbers
from ..base.guard import guarded

#: Of moves: what tells where they lead, and when they are planned.
WAY = ("state", "location_id", "location_dest_id", "location_final_id", "move_dest_ids.state")
PLAN = (
    "state",
    "date",
    "rule_id",
    "move_orig_ids.date",
    "sale_line_id.visibility_promise_at",
    "purchase_line_id.visibility_promise_at",
)


class StockPicking(models.Model):
    """Transfers: what is wrong with them, their shipments, and what follows when they change."""

    _name = "stock.picking"
    _inherit = [
        "stock.picking",
        "visibility.document.mixin",
        "visibility.subject.mixin",
        "visibility.gated.mixin",
        "visibility.expectation.mixin",
        "visibility.average.mixin",
    ]
    _visibility_exception_field = "picking_ids"

    visibility_exception_ids = fields.Many2many(
        "visibility.exception",
        "visibility_exception_picking_rel",
        string="Visibility exceptions",
        readonly=True,
        copy=False,
    )
    visibility_shipment_ids = fields.Many2many(
        "visibility.shipment", "visibility_shipment_picking_rel", string="Shipments", readonly=True, copy=False
    )
    visibility_shipment_count = fields.Integer("Number of shipments", compute="_compute_visibility_shipment_count")

    visibility_is_delivery = fields.Boolean(
        "For a customer",
        compute="_compute_visibility_is_delivery",
        search="_search_visibility_is_delivery",
        help="A delivery; or, where goods leave in several steps, the step that stands for it until Odoo makes it.",
    )
    visibility_planned_at = fields.Datetime(
        "Planned",
        compute="_compute_visibility_planned_at",
        help="When it should be done: as somebody planned it, else by what is promised now. Odoo's scheduled date does "
        "not follow a promise, and of a step that Odoo makes when the one before is done it is that very moment.",
    )

    @api.depends("visibility_shipment_ids")
    def _compute_visibility_shipment_count(self):
        for picking in self:
            picking.visibility_shipment_count = len(picking.visibility_shipment_ids)

    def _auto_init(self):
        """Nothing is worked out for the transfers of the past: their columns stay empty, however many there are."""
        for name, kind in {**self._get_reservation_columns(), **self._get_queue_columns()}.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, kind)
        return super()._auto_init()

    # ------------------------------------------------------------------ changes
    @api.model_create_multi
    def create(self, vals_list):
        pickings = super().create(vals_list)
        pickings._take_over_position()
        pickings.filtered("carrier_tracking_ref")._link_shipments()
        return pickings

    def write(self, vals):
        before, places = {}, self._get_positions_before(vals)
        if "carrier_tracking_ref" in vals:
            before = {picking: picking._get_number_keys() for picking in self if picking.carrier_tracking_ref}
        result = super(StockPicking, self._past_review(vals)).write(vals)
        for picking, keys in before.items():
            picking._unlink_shipments(keys - picking._get_number_keys())
        if vals.keys() & {"carrier_tracking_ref", "carrier_id"}:
            self.filtered("carrier_tracking_ref")._link_shipments()
        self._note_expected_changes(vals)
        self._note_clock_changes(vals)
        self._note_moves(places, vals.get("visibility_moved_reason"))
        return result

    def _action_done(self):
        result = super()._action_done()
        self._compare_with_notices()
        self._advise_allocations()
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self._refresh_risk()
        return result

    # ------------------------------------------------------------------ shipments
    def _get_number_keys(self):
        return {normalise_number(number) for number in split_numbers(self.carrier_tracking_ref)}

    def _unlink_shipments(self, keys):
        """Let go of the shipments whose numbers were taken off this transfer."""
        shipments = self.sudo().visibility_shipment_ids
        left = self._get_number_keys()
        named = {shipment: shipment._get_number_keys() for shipment in shipments}
        for shipment in shipments.filtered(lambda one: named[one] & keys and not named[one] & left):
            shipment._unlink_picking(self)

    def _link_shipments(self):
        """Tie the shipments behind the tracking references to these deliveries, made where missing.

        Only at the outer door, and only where the parcel is: Odoo copies the reference along pick, pack and ship, and
        to whatever else its goods moved with.
        """
        pickings = self.filtered(lambda picking: picking._get_shipment_direction())
        wanted = {picking: keys for picking in pickings if (keys := picking._get_own_keys())}
        if not wanted:
            return
        with guarded(self.env, catches=UniqueViolation) as attempt, mute_logger("odoo.sql_db"):
            self._link_now(wanted)
        if attempt.error:
            self._link_after_commit()

    @api.model
    def _link_now(self, wanted):
        """Tie these transfers to the shipments of these keys.

        :param dict wanted: transfers to lists of keys
        """
        now = fields.Datetime.now()
        keys = {key: now for some in wanted.values() for key in some}
        shipments = self.env["visibility.shipment"].sudo()._match(keys)
        for picking, some in wanted.items():
            for key in some:
                picking._link_one_of(key, shipments[key])
        self.env.flush_all()

    def _link_one_of(self, key, shipments):
        """The shipment of this transfer; of several the one that no transfer has yet, else a person decides."""
        if len(shipments) > 1:
            free = shipments.filtered("is_unmatched")
            shipments = free if len(free) == 1 else shipments
        if len(shipments) == 1:
            journey = shipments._get_journey_of(self)
            journey._link_picking(self)
            journey._claim_from_shared()
        else:
            self.env["visibility.shipment.choice"].sudo()._ask_about_picking(self, key, shipments)

    # ------------------------------------------------------------------ whose number it is
    def _get_own_keys(self):
        """What names the shipments of this transfer that are not tied to it yet, without what was only copied to it."""
        keys = self._get_shipment_keys()
        copied = self._get_copied_numbers({normalise_number(key[2]) for key in keys}) if keys else ()
        return [key for key in keys if normalise_number(key[2]) not in copied]

    def _get_copied_numbers(self, numbers):
        """Which of these numbers Odoo copied here from another transfer of the same goods.

        A parcel is where its number was first; where it came to several at once it is the last of them on the goods'
        way, as Odoo copies upstream. A return whose number was the delivery's before was not copied: the carrier uses
        it for the way back as well.
        """
        moves = self.sudo().move_ids
        after = moves.browse(moves._rollup_move_dests()).picking_id - self
        before = moves.browse(moves._rollup_move_origs()).picking_id - self
        copied = set()
        for other in (after | before).filtered(lambda one: one.carrier_tracking_ref and one._get_shipment_direction()):
            theirs = numbers & other._get_number_keys()
            if other in after:
                copied |= theirs
            elif other._is_return() == self._is_return():
                copied |= theirs & set(other.visibility_shipment_ids.mapped("number_key"))
        return copied

    def _link_after_commit(self):
        """The carrier was faster: its event has just made the shipment, which this transaction cannot see.

        A label may be bought already, so the person's work must not fail for it.
        """
        pool, ids, uid = self.pool, self.ids, self.env.uid

        def link():
            with pool.cursor() as cr:
                api.Environment(cr, uid, {})["stock.picking"].sudo().browse(ids).exists()._link_shipments()

        self.env.cr.postcommit.add(link)

    @api.autovacuum
    def _link_forgotten(self):
        """Transfers with a number and without shipment, such as when a server stopped right after a commit."""
        since = fields.Datetime.now() - timedelta(days=3)
        pickings = self.search(
            [
                ("write_date", ">", since),
                ("carrier_tracking_ref", "!=", False),
                ("visibility_shipment_ids", "=", False),
                ("state", "not in", ("draft", "cancel")),
            ]
        )
        pickings._link_shipments()
        return len(pickings), 0

    def _get_shipment_keys(self):
        """What names the shipments of this transfer that are not tied to it yet."""
        linked = set().union(*(shipment._get_number_keys() for shipment in self.visibility_shipment_ids))
        numbers = [
            number for number in split_numbers(self.carrier_tracking_ref) if normalise_number(number) not in linked
        ]
        carrier = self.carrier_id._get_code_for(self.partner_id)
        return [(self.company_id.id, carrier, number, False, False) for number in numbers]

    # ------------------------------------------------------------------ whose goods, and which way they go
    def _get_sale_orders(self):
        """All customers' orders that these transfers serve, or bring goods back from; Odoo names the first only."""
        orders = self._get_serving_moves().sale_line_id.order_id.sudo(self.env.su)
        bare = self.filtered(lambda picking: picking.sale_id and not picking.sudo().move_ids.sale_line_id)
        # no union without need: it would forget the other orders, which are read together with these
        return orders | bare.sale_id if bare else orders

    def _get_purchase_orders(self):
        """All orders to suppliers that these transfers bring goods of, or send goods back to."""
        return self._get_serving_moves().purchase_line_id.order_id.sudo(self.env.su)

    def _get_serving_moves(self):
        """What moves in these transfers, with what it brings back; what was cancelled only where all of it was."""
        moves = self.sudo().move_ids
        # no filtered() without need: it would forget the moves of other transfers, which are read together with these
        if any(move.state == "cancel" for move in moves):
            moves = moves.filtered(lambda one: one.state != "cancel" or one.picking_id.state == "cancel")
        return moves._with_returned()

    def _is_return(self):
        """Whether goods come back from a customer, or go back to a supplier, whoever made the transfer and how.

        What is returned once more goes the first way again: a replacement from the supplier, a refused return.
        """
        picking = self.sudo()
        before = picking.return_id or (picking.move_ids.origin_returned_move_id.picking_id - picking)[:1]
        if before:
            return not before._is_return()
        return picking.location_id.usage == "customer" or picking.location_dest_id.usage == "supplier"

    def _get_shipment_direction(self):
        """Which way the goods of this transfer go, as shipments say it; nothing for what never leaves the house."""
        if self._is_return():
            return "return" if self._is_at_outer_door() else None
        if self._is_dropship():
            return "dropship"
        return {"outgoing": "outbound", "incoming": "inbound"}.get(self.picking_type_code)

    def _is_at_outer_door(self):
        usages = {self.location_id.usage, self.location_dest_id.usage}
        return self.picking_type_code != "internal" or bool(usages & {"customer", "supplier"})

    # ------------------------------------------------------------------ several steps
    @api.depends("picking_type_id.code", "location_id", "location_dest_id", *(f"move_ids.{name}" for name in WAY))
    def _compute_visibility_is_delivery(self):
        for picking in self:
            code = picking.picking_type_id.code
            is_step = code == "internal" and any(move._is_last_to_customer() for move in picking.move_ids)
            picking.visibility_is_delivery = code == "outgoing" or is_step or picking._is_dropship()

    @api.model
    def _search_visibility_is_delivery(self, operator, value):
        if operator != "in":
            return NotImplemented
        between = self.env.ref("stock.stock_location_inter_company", raise_if_not_found=False)
        outside = Domain("usage", "=", "customer")
        outside |= Domain("id", "child_of", between.ids) if between else Domain.FALSE
        goal = Domain("location_final_id", "any", outside)
        goal |= Domain("location_final_id", "=", False) & Domain("location_dest_id", "any", outside)
        last = goal & Domain("location_id", "not any", outside)
        last &= Domain("move_dest_ids", "not any", [("state", "!=", "cancel")])
        step = Domain("picking_type_id.code", "=", "internal") & Domain("move_ids", "any", last)
        straight = Domain("location_id.usage", "=", "supplier") & Domain("location_dest_id.usage", "=", "customer")
        domain = Domain("picking_type_id.code", "in", ("outgoing", "dropship")) | step | straight
        return Domain.OR([domain if one else ~domain for one in value])

    def _leads_to_customer(self):
        """Whether goods go to a customer with it, or with what Odoo makes when it is done; what comes back does not."""
        moves = [move for move in self.move_ids if move.state != "cancel"] or self.move_ids
        return not self._is_return() and any(move._goes_to_customer() for move in moves)

    @api.depends("scheduled_date", "state", "move_type", *(f"move_ids.{name}" for name in PLAN))
    def _compute_visibility_planned_at(self):
        for picking in self:
            moves = [move for move in picking.move_ids if move.state not in ("done", "cancel")]
            planned = picking._choose_date(move._get_planned_date() for move in moves)
            picking.visibility_planned_at = planned or picking.scheduled_date

    def _choose_date(self, dates):
        """Of the dates of its moves the one that counts: the earliest, or the latest where all go together."""
        choose = max if self.move_type == "one" else min
        return choose(filter(None, dates), default=False)

    def _is_dropship(self):
        """From a supplier straight to a customer, whichever module brought the operation type."""
        usages = (self.location_id.usage, self.location_dest_id.usage)
        return self.picking_type_code == "dropship" or usages == ("supplier", "customer")

    # ------------------------------------------------------------------ what was promised of it
    def _get_promise(self):
        """When it was promised: what the customer was told last, or the supplier said last; no date that
        Odoo moves by itself, unless nobody promised anything."""
        if self._is_return():
            return False
        planned = self._if_still_meant(self.date_deadline or self.scheduled_date)
        return self._get_promised("visibility_promise_at") or planned

    def _get_promised(self, name):
        """The first or latest promise of what it carries: that of its lines, else of its order.

        Of several orders the earliest; nobody promised what comes back.

        :param name: field of lines and orders
        """
        if self._is_return():
            return False
        # one by one: what is filtered forgets its siblings, which are read along
        moves, by_order = [move for move in self.move_ids if move.state != "cancel"] or self.move_ids, {}
        for line in (move._get_promised_line() for move in moves):
            by_order.setdefault(line.order_id, []).append(line[name])
        promises = [self._choose_date(dates) or order[name] for order, dates in by_order.items()]
        if not any(promises):
            promises = (self._get_sale_orders() or self._get_purchase_orders()).mapped(name)
        return self._if_still_meant(min(filter(None, promises), default=False))

    def _if_still_meant(self, moment):
        """A date (naive UTC) of its orders or of Odoo's, unless it was over before what it replaces came back."""
        moves = self.sudo().move_ids._origin if moment else ()
        again = [move._get_sent_again_at() for move in moves if move.state != "cancel"]
        is_over = again and all(again) and moment < max(again)
        return False if is_over else moment

    def _get_visibility_zone(self):
        """The name of the time zone whose days count: where it is delivered; what comes back comes to us."""
        picking = self.sudo()
        comes_to_us = picking.picking_type_code == "incoming"
        sales, purchases = picking._get_sale_orders(), picking._get_purchase_orders()
        orders = purchases if comes_to_us else sales or purchases
        if orders:
            return orders[0]._get_visibility_zone()
        place = picking.picking_type_id.warehouse_id or picking.company_id or self.env.company
        return (picking.partner_id.tz if not comes_to_us else False) or place._get_visibility_zone()

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        sales, purchases = self._get_sale_orders(), self._get_purchase_orders()
        return {
            "picking_ids": [fields.Command.set(self.ids)],
            "sale_order_ids": [fields.Command.set(sales.ids)],
            "purchase_order_ids": [fields.Command.set(purchases.ids)],
            "partner_id": (sales[:1].partner_id or purchases[:1].partner_id or self.partner_id).id,
        }

    def _get_facts(self):
        return self.visibility_shipment_ids.event_ids

    def _get_exception_owners(self, role):
        sellers, buyers = self._get_sale_orders().user_id, self._get_purchase_orders().user_id
        people = {"buyer": buyers, "service": sellers, "billing": sellers}
        return people.get(role, self.user_id) | self.user_id | sellers | buyers

    # ------------------------------------------------------------------ buttons
    def action_open_visibility_shipments(self):
        self.ensure_one()
        return self._open_action(
            "distribution_visibility.visibility_shipment_action",
            self.visibility_shipment_ids,
            domain=[("picking_ids", "in", self.ids)],
            context={"default_picking_ids": self.ids},
        )
