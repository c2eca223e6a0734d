from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ....lib.base.numbers import normalise_carrier, normalise_number, split_numbers

#: Whose promises its own is: those of the lines that its transfers carry, else of their orders.
PROMISED = (
    "picking_ids.move_ids.sale_line_id",
    "picking_ids.move_ids.purchase_line_id",
    "picking_ids.sale_id",
    "picking_ids.purchase_id",
)

#: How a shipment's transfers lead to the orders that they serve.
SALES = ("picking_ids.move_ids.sale_line_id.order_id", "picking_ids.sale_id")
PURCHASES = ("picking_ids.move_ids.purchase_line_id.order_id",)


class VisibilityShipment(models.Model):
    """What one carrier moves under one number, within the time in which that number is the same thing.

    A shipment and its transfers: several parcels of one delivery, several deliveries in one shipment.
    """

    _name = "visibility.shipment"
    _description = "Shipment"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "visibility.subject.mixin",
        "visibility.action.mixin",
        "visibility.average.mixin",
    ]
    _visibility_is_reported = True
    _order = "id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "number_key"]

    number = fields.Char("Tracking number", required=True)
    number_key = fields.Char(compute="_compute_keys", store=True, index=True, precompute=True)
    carrier_id = fields.Many2one("delivery.carrier", "Delivery method", index="btree_not_null")
    carrier_code = fields.Char("Carrier", help="The carrier as it names itself, for example UPS.")
    carrier_key = fields.Char(compute="_compute_keys", store=True, precompute=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    direction = fields.Selection(
        [("outbound", "Outbound"), ("inbound", "Inbound"), ("return", "Return"), ("dropship", "Drop-ship")],
        default="outbound",
        required=True,
        help="Drop-ship: from the supplier straight to the customer.",
    )
    is_test = fields.Boolean("Test", help="Known from test messages only: touches no order.")

    picking_ids = fields.Many2many("stock.picking", "visibility_shipment_picking_rel", string="Deliveries and receipts")
    sale_order_ids = fields.Many2many(
        "sale.order", compute="_compute_documents", search="_search_sale_order_ids", context={"active_test": False}
    )
    purchase_order_ids = fields.Many2many(
        "purchase.order",
        compute="_compute_documents",
        search="_search_purchase_order_ids",
        context={"active_test": False},
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer or supplier", compute="_compute_partner", store=True, index=True
    )
    is_unmatched = fields.Boolean("Unmatched", compute="_compute_is_unmatched", store=True, index=True)
    is_let_go = fields.Boolean(
        "Let go", readonly=True, help="Its number was taken off our transfers: it is no concern of ours any more."
    )

    milestone_id = fields.Many2one("visibility.milestone", "Furthest milestone", readonly=True, index=True)
    milestone_code = fields.Char(related="milestone_id.code")
    milestone_rank = fields.Integer(readonly=True)
    milestone_at = fields.Datetime("Since", readonly=True)
    eta = fields.Datetime("ETA", readonly=True, help="When it is now expected to arrive.")
    eta_reported_at = fields.Datetime(readonly=True)
    eta_source = fields.Selection(
        [("carrier", "The carrier"), ("lane", "The lane's history"), ("person", "A person")],
        "ETA by",
        readonly=True,
        help="Who says so. The lane's history is used only while neither the carrier nor a person has said anything.",
    )
    corrected_at = fields.Datetime(
        readonly=True, help="When a person said last where this shipment is: what happened before no longer moves it."
    )
    promised_at = fields.Datetime(
        "Latest promise",
        compute="_compute_promised_at",
        store=True,
        readonly=False,
        help="What was promised last, to the customer or by the supplier: what people work towards.",
    )
    first_promised_at = fields.Datetime(
        "First promise",
        compute="_compute_first_promised_at",
        store=True,
        help="What was promised when the order was confirmed: what performance is measured against.",
    )
    delay_hours = fields.Float(
        "Late by (hours)",
        compute="_compute_delay_hours",
        store=True,
        help="Against the latest promise, from the end of its day.",
    )
    first_delay_hours = fields.Float(
        "Late against the first promise by (hours)",
        compute="_compute_delay_hours",
        store=True,
        help="The same against what was promised when the order was confirmed.",
    )
    delivered_at = fields.Datetime("Delivered", readonly=True)
    signed_by = fields.Char("Taken by", readonly=True)
    proof_url = fields.Char("Proof of delivery", readonly=True)
    first_event_at = fields.Datetime("First scan", readonly=True)
    last_event_at = fields.Datetime("Last scan", readonly=True)
    last_event_text = fields.Char("Last news", readonly=True)

    alias_ids = fields.One2many("visibility.shipment.alias", "shipment_id", "Also known as", readonly=True)
    event_ids = fields.One2many("visibility.event", "shipment_id", "Timeline", readonly=True)
    # Of a timeline that may have thousands of facts: what is asked of it each time another one comes
    landmark_ids = fields.Many2many("visibility.event", compute="_compute_landmark_ids", string="Landmarks")
    last_told_id = fields.Many2one("visibility.event", "Told last", compute="_compute_last_told_id")
    exception_ids = fields.One2many("visibility.exception", "shipment_id", "Exceptions", readonly=True)
    open_exception_count = fields.Integer(compute="_compute_open_exceptions")
    worst_severity = fields.Selection("_selection_severity", compute="_compute_open_exceptions")

    choice_ids = fields.Many2many("visibility.shipment.choice", "visibility_shipment_choice_rel", readonly=True)
    undecided_count = fields.Integer("To decide", compute="_compute_undecided_count")

    is_current = fields.Boolean(
        default=True, help="Off: the carrier has used this number again since, for another shipment."
    )

    _by_number = models.Index("(company_id, number_key, is_test)")
    _one_current = models.UniqueIndex(
        "(company_id, number_key, carrier_key, is_test) WHERE is_current",
        "This carrier's number has been registered just now: please try again.",
    )

    # ------------------------------------------------------------------ computes
    @api.model
    def _selection_severity(self):
        return self.env["visibility.exception.category"]._fields["severity"].selection

    @api.depends("number", "carrier_code", "carrier_id.visibility_carrier_code")
    def _compute_keys(self):
        for shipment in self:
            shipment.number_key = normalise_number(shipment.number)
            carrier = shipment.carrier_code or shipment.carrier_id.visibility_carrier_code
            shipment.carrier_key = normalise_carrier(carrier)

    @api.depends(*SALES, *PURCHASES)
    def _compute_documents(self):
        for shipment in self:
            shipment.sale_order_ids = shipment.picking_ids._get_sale_orders()
            shipment.purchase_order_ids = shipment.picking_ids._get_purchase_orders()

    def _search_sale_order_ids(self, operator, value):
        return self._search_orders(SALES, operator, value)

    def _search_purchase_order_ids(self, operator, value):
        return self._search_orders(PURCHASES, operator, value)

    @api.model
    def _search_orders(self, paths, operator, value):
        """Of several orders of a transfer any; what is not so Odoo finds by what is."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain.OR([Domain(path, operator, value) for path in paths])

    @api.depends("picking_ids.partner_id")
    def _compute_partner(self):
        for shipment in self:
            shipment.partner_id = shipment.picking_ids[:1].partner_id

    @api.depends("picking_ids")
    def _compute_is_unmatched(self):
        for shipment in self:
            shipment.is_unmatched = not shipment.picking_ids

    @api.depends(*(f"{path}.visibility_promise_at" for path in PROMISED))
    def _compute_promised_at(self):
        for shipment in self:
            promises = filter(None, (picking._get_promise() for picking in shipment.picking_ids))
            shipment.promised_at = min(promises, default=shipment.promised_at)

    @api.depends(*(f"{path}.visibility_first_promise_at" for path in PROMISED))
    def _compute_first_promised_at(self):
        for shipment in self:
            promises = (picking._get_promised("visibility_first_promise_at") for picking in shipment.picking_ids)
            shipment.first_promised_at = min(filter(None, promises), default=False)

    def _get_visibility_zone(self):
        """The name of the time zone whose days count for its promise: where it is delivered."""
        return (self.picking_ids[:1] or self.company_id)._get_visibility_zone()

    @api.depends("event_ids.counts", "event_ids.milestone_id", "event_ids.occurred_at")
    def _compute_landmark_ids(self):
        found = self.env["visibility.event"]._find_landmarks("shipment_id", self)
        for shipment in self:
            shipment.landmark_ids = found.get(shipment._origin.id, False)

    @api.depends("event_ids.counts", "event_ids.occurred_at", "last_event_at")
    def _compute_last_told_id(self):
        found = self.env["visibility.event"]._find_last_told(self)
        for shipment in self:
            shipment.last_told_id = found.get(shipment._origin.id, False)

    def _compute_open_exceptions(self):
        groups = self.env["visibility.exception"]._read_group(
            [("shipment_id", "in", self.ids), ("is_open", "=", True)],
            ["shipment_id"],
            ["__count", "severity:array_agg"],
        )
        found = {shipment: (count, severities) for shipment, count, severities in groups}
        order = [name for name, _label in self._selection_severity()]
        for shipment in self:
            count, severities = found.get(shipment, (0, ()))
            shipment.open_exception_count = count
            shipment.worst_severity = max(severities, key=order.index, default=False)

    @api.depends("choice_ids.is_open")
    def _compute_undecided_count(self):
        for shipment in self:
            shipment.undecided_count = len(shipment.choice_ids.filtered("is_open"))

    def _get_number_keys(self):
        """All numbers that this one is known by, as keys."""
        return {self.number_key, *self.alias_ids.mapped("number_key")}

    # ------------------------------------------------------------------ its transfers
    def _link_picking(self, picking):
        """Tie a delivery or receipt to this shipment, and tell it what is known already."""
        self.ensure_one()
        if picking in self.picking_ids:
            return
        self.write(self._prepare_link_values(picking))
        self._follow_links()
        if self.picked_up_at:
            self._refresh_outlook()

    def _unlink_picking(self, picking):
        """The number on the transfer was wrong: what happens to this shipment is not its concern."""
        self.ensure_one()
        self.write({"picking_ids": [fields.Command.unlink(picking.id)]})
        if not self.picking_ids:
            self.write({"is_let_go": True, "promised_at": False})
        if picking._is_return():
            self.direction = self._get_direction_by_facts(self.direction)
        self._follow_links()
        self._refresh_outlook()

    def _follow_links(self):
        """Exceptions and messages know which documents the shipment belongs to now."""
        self.exception_ids.filtered("is_open")._link_shipment_documents()
        for message in self.event_ids.message_id:
            is_unmatched = any(event._is_unmatched() for event in message.event_ids)
            if message.is_unmatched != is_unmatched:
                message.is_unmatched = is_unmatched

    def _prepare_link_values(self, picking):
        return {
            "picking_ids": [fields.Command.link(picking.id)],
            "is_let_go": False,
            "direction": picking._get_shipment_direction() or self.direction,
            "carrier_id": (self.carrier_id or picking.carrier_id).id,
            "carrier_code": self.carrier_code or picking.carrier_id._get_code_for(picking.partner_id),
        }

    def _forget_moved(self, events):
        """It was no return after all when what said so was about another shipment."""
        if any(events.mapped("is_return")) and not any(self.event_ids.mapped("is_return")):
            self.direction = self.picking_ids[:1]._get_shipment_direction() or "outbound"

    # ------------------------------------------------------------------ by hand
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_new(vals_list)
        shipments = super().create(vals_list)
        for shipment, vals in zip(shipments, vals_list, strict=True):
            if vals.get("picking_ids"):
                shipment._complete_from_pickings(vals)
        return shipments

    def write(self, vals):
        """What a person holds is left as it is; what is expected of these follows what was written."""
        for shipments, values in self._split_by_held(vals):
            if shipments or not self:
                super(VisibilityShipment, shipments).write(values)
        self._follow_written(vals)
        return True

    @api.model
    def _check_new(self, vals_list):
        """A number that is under way already is said so, in words."""
        for vals in vals_list:
            new = self.new(vals)
            if not normalise_number(new.number):
                raise UserError(self.env._("A tracking number needs a letter or a digit."))
            known = self.search(
                [
                    ("company_id", "=", (new.company_id or self.env.company).id),
                    ("number_key", "=", normalise_number(new.number)),
                    ("carrier_key", "=", normalise_carrier(new.carrier_code or new.carrier_id.visibility_carrier_code)),
                    ("is_test", "=", new.is_test),
                    ("is_current", "=", True),
                ],
                limit=1,
            )
            if known:
                raise UserError(
                    self.env._("There is a shipment with the number %s of this carrier already.", known.number)
                )

    def _complete_from_pickings(self, vals):
        """What a person who typed a shipment left to its transfers; and they get its number."""
        known = {
            name: self._prepare_link_values(self.picking_ids[:1])[name] for name in self._get_fields_from_picking()
        }
        self.write({name: value for name, value in known.items() if value and not vals.get(name)})
        # Whoever may make a shipment may say which number its transfer has.
        for picking in self.sudo().picking_ids.filtered(lambda picking: not picking.carrier_tracking_ref):
            picking.carrier_tracking_ref = self.number

    @api.model
    def _get_fields_from_picking(self):
        return ["direction", "carrier_id", "carrier_code"]

    @api.onchange("picking_ids")
    def _onchange_picking_ids(self):
        """Good guesses while typing: carrier, direction, and the number if the transfer has one."""
        picking = self.picking_ids[:1]._origin
        if not picking:
            return
        self.direction = picking._get_shipment_direction() or self.direction
        self.carrier_id = self.carrier_id or picking.carrier_id
        self.carrier_code = self.carrier_code or picking.carrier_id._get_code_for(picking.partner_id)
        self.number = self.number or next(iter(split_numbers(picking.carrier_tracking_ref)), False)

    @api.onchange("carrier_id")
    def _onchange_carrier_id(self):
        self.carrier_code = self.carrier_id.visibility_carrier_code or self.carrier_code

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return {
            "shipment_id": self.id,
            "picking_ids": [fields.Command.set(self.picking_ids.ids)],
            "sale_order_ids": [fields.Command.set(self.sale_order_ids.ids)],
            "purchase_order_ids": [fields.Command.set(self.purchase_order_ids.ids)],
            "partner_id": (self.sale_order_ids[:1].partner_id or self.partner_id).id,
        }

    def _get_exception_owners(self, role):
        documents = {
            "warehouse": self.picking_ids.user_id,
            "buyer": self.purchase_order_ids.user_id,
            "service": self.sale_order_ids.user_id,
        }
        owners = documents.get(role, self.env["res.users"])
        return owners | self.sale_order_ids.user_id | self._get_source_owners()

    def _get_source_owners(self):
        sources = self.env["visibility.event"]._find_sources("shipment_id", self)
        return sources.get(self.id, self.env["visibility.source"]).sudo(self.env.su).owner_id

    def _get_facts(self):
        return self.event_ids

    def _is_past(self, category, moment):
        if category.is_over_once_delivered and self.delivered_at:
            return True
        end = category.clearing_milestone_id
        return bool(end and self.milestone_rank >= end.rank and self.milestone_at >= moment)

    # ------------------------------------------------------------------ buttons
    def action_open_exceptions(self):
        self.ensure_one()
        return self._open_exceptions([("shipment_id", "=", self.id)])

    def action_choose(self):
        """The button on each card: this is the one."""
        self.ensure_one()
        choice = self.env["visibility.shipment.choice"].browse(self.env.context.get("visibility_choice_id"))
        return choice._choose(self)

    def action_open_choices(self):
        self.ensure_one()
        choices = self.choice_ids.filtered("is_open")
        return self._open_action("distribution_visibility.visibility_shipment_choice_action", choices)
