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

        Only at the outer door: Odoo copies the reference along pick, pack and ship.
        """
        pickings = self.filtered(lambda picking: picking._get_shipment_direction())
        wanted = {key for picking in pickings for key in picking._get_shipment_keys()}
        if not wanted:
            return
        with guarded(self.env, catches=UniqueViolation) as attempt, mute_logger("odoo.sql_db"):
            pickings._link_now(wanted)
        if attempt.error:
            pickings._link_after_commit()

    def _link_now(self, wanted):
        shipments = self.env["visibility.shipment"].sudo()._match({key: fields.Datetime.now() for key in wanted})
        for picking in self:
            for key in picking._get_shipment_keys():
                picking._link_one_of(key, shipments[key])
        self.env.flush_all()

    def _link_one_of(self, key, shipments):
        """The shipment of this transfer; of several the one that no transfer has yet, else a person decides."""
        if len(shipments) > 1:
            free = shipments.filtered("is_unmatched")
            shipments = free if len(free) == 1 else shipments
        if len(shipments) == 1:
            shipments._link_picking(self)
        else:
            self.env["visibility.shipment.choice"].sudo()._ask_about_picking(self, key, shipments)

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

    def _get_shipment_direction(self):
        if self.return_id:
            return "return"
        if self._is_dropship():
            return "dropship"
        return {"outgoing": "outbound", "incoming": "inbound"}.get(self.picking_type_code)

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
        return not self.return_id and any(move._goes_to_customer() for move in moves)

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

    def _get_promise(self):
        """When it was promised: what the customer was told last, or the supplier said last; no date that
        Odoo moves by itself, unless nobody promised anything."""
        if self.return_id:
            return False
        return self._get_promised("visibility_promise_at") or self.date_deadline or self.scheduled_date

    def _get_promised(self, name):
        """The first or latest promise of what it carries: that of its lines, else of its order.

        :param name: field of lines and orders
        """
        # one by one: what is filtered forgets its siblings, which are read along
        moves = [move for move in self.move_ids if move.state != "cancel"] or self.move_ids
        lines = [move._get_promised_line() for move in moves]
        order = self.sale_id or self.purchase_id
        return self._choose_date(line[name] for line in lines) or order[name]

    def _get_visibility_zone(self):
        """The name of the time zone whose days count: where it is delivered; what comes back comes to us."""
        picking = self.sudo()
        comes_to_us = picking.picking_type_code == "incoming"
        order = picking.purchase_id if comes_to_us else picking.sale_id or picking.purchase_id
        if order:
            return order._get_visibility_zone()
        place = picking.picking_type_id.warehouse_id or picking.company_id or self.env.company
        return (picking.partner_id.tz if not comes_to_us else False) or place._get_visibility_zone()

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return {
            "picking_ids": [fields.Command.set(self.ids)],
            "sale_order_ids": [fields.Command.set(self.sale_id.ids)],
            "purchase_order_ids": [fields.Command.set(self.purchase_id.ids)],
            "partner_id": (self.sale_id.partner_id or self.purchase_id.partner_id or self.partner_id).id,
        }

    def _get_facts(self):
        return self.visibility_shipment_ids.event_ids

    def _get_exception_owners(self, role):
        people = {"buyer": self.purchase_id.user_id, "service": self.sale_id.user_id, "billing": self.sale_id.user_id}
        return people.get(role, self.user_id) | self.user_id | self.sale_id.user_id | self.purchase_id.user_id

    # ------------------------------------------------------------------ buttons
    def action_open_visibility_shipments(self):
        self.ensure_one()
        return self._open_action(
            "distribution_visibility.visibility_shipment_action",
            self.visibility_shipment_ids,
            domain=[("picking_ids", "in", self.ids)],
            context={"default_picking_ids": self.ids},
        )
