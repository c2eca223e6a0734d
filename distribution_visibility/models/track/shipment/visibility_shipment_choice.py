from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.base.numbers import normalise_carrier, normalise_number


class VisibilityShipmentChoice(models.Model):
    """A number that several shipments have, as one sender or transfer names it: a person chooses one.

    Until then its events are kept and do nothing. The choice is remembered for what the same
    sender says of the same number later.
    """

    _name = "visibility.shipment.choice"
    _description = "Shipment to decide"
    _inherit = ["visibility.subject.mixin"]
    _order = "is_open desc, id desc"
    _rec_name = "number"

    number = fields.Char("Tracking number", required=True, readonly=True)
    number_key = fields.Char(required=True, readonly=True, index=True)
    carrier_code = fields.Char("Carrier as named", readonly=True)
    carrier_key = fields.Char(required=True, readonly=True, default="")
    is_test = fields.Boolean("Test", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    source_id = fields.Many2one("visibility.source", readonly=True, index="btree_not_null", ondelete="cascade")
    picking_id = fields.Many2one("stock.picking", "Transfer", readonly=True, index="btree_not_null", ondelete="cascade")
    candidate_ids = fields.Many2many(
        "visibility.shipment", "visibility_shipment_choice_rel", string="It may be", readonly=True
    )
    candidate_count = fields.Integer("May be", compute="_compute_candidate_count")
    event_ids = fields.One2many("visibility.event", "choice_id", "What was said", readonly=True)

    is_open = fields.Boolean("To decide", compute="_compute_is_open", store=True, index=True)
    shipment_id = fields.Many2one("visibility.shipment", "Chosen", readonly=True, index=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Chosen by", readonly=True)
    decided_at = fields.Datetime("Chosen on", readonly=True)

    _once = models.UniqueIndex(
        "(company_id, number_key, carrier_key, is_test, COALESCE(source_id, 0), COALESCE(picking_id, 0))",
        "This number is being asked about just now: please try again.",
    )

    @api.depends("shipment_id")
    def _compute_is_open(self):
        for choice in self:
            choice.is_open = not choice.shipment_id

    @api.depends("candidate_ids")
    def _compute_candidate_count(self):
        for choice in self:
            choice.candidate_count = len(choice.candidate_ids)

    # ------------------------------------------------------------------ asking and remembering
    @api.model
    def _get_remembered(self, wanted):
        """What people chose before for these keys; not for a parcel long after that has the number now."""
        numbers = list({normalise_number(key[2]) for key in wanted})
        known = self.search([("number_key", "in", numbers), ("is_open", "=", False), ("picking_id", "=", False)])
        chosen = {choice._get_key(): choice.shipment_id for choice in known}
        matches = {key: chosen[self._normalise(key)] for key in wanted if self._normalise(key) in chosen}
        return {key: shipment for key, shipment in matches.items() if not shipment._is_over(wanted[key])}

    @staticmethod
    def _normalise(key):
        company, carrier, number, is_test, source = key
        return company, normalise_carrier(carrier), normalise_number(number), is_test, source

    def _get_key(self):
        return self.company_id.id, self.carrier_key, self.number_key, self.is_test, self.source_id.id

    @api.model
    def _open_for(self, matches):
        """Ask a person about each key that means several shipments.

        :param dict matches: as of ``visibility.shipment._match``
        :return: dict of the keys that are asked about to choices
        """
        several = {key: shipments for key, shipments in matches.items() if len(shipments) > 1}
        return {key: self._ask(key, shipments) for key, shipments in several.items()}

    @api.model
    def _remember(self, events, shipment, user):
        """A person moved these events to a shipment: what their senders say later belongs there, too."""
        named = {}
        for event in events.filtered(lambda event: event.source_id and event.number_named):
            key = (event.company_id.id, event.carrier_named, event.number_named, shipment.is_test, event.source_id.id)
            named[self._normalise(key)] = event
        for key, event in named.items():
            choice = self._ask((key[0], event.carrier_named, event.number_named, *key[3:]), shipment)
            choice.write({"shipment_id": shipment.id, "user_id": user.id, "decided_at": fields.Datetime.now()})

    @api.model
    def _ask_about_picking(self, picking, key, shipments):
        """The number on a transfer may mean several shipments."""
        choice = self._ask(key, shipments, picking)
        self.env["visibility.exception"]._detect_undecided_picking(choice)

    @api.model
    def _ask(self, key, shipments, picking=None):
        company, carrier, number, is_test, source = self._normalise(key)
        names = {
            "company_id": company, "carrier_key": carrier, "number_key": number, "is_test": is_test,
            "source_id": source, "picking_id": picking.id if picking else False,
        }  # fmt: skip
        choice = self.search([(name, "=", value) for name, value in names.items()])
        values = {"candidate_ids": [fields.Command.link(shipment.id) for shipment in shipments]}
        if choice:
            choice.write({**values, "shipment_id": False, "user_id": False, "decided_at": False})
            return choice
        return self.create({**names, **values, "number": key[2], "carrier_code": key[1]})

    # ------------------------------------------------------------------ deciding
    def action_choose_new(self):
        """None of them: what was said is about a shipment of its own."""
        self.ensure_one()
        self._check_may_decide()
        key = (self.company_id.id, self.carrier_code, self.number, self.is_test, self.source_id.id)
        shipments = self.env["visibility.shipment"].sudo()
        is_taken = any(one.is_current and one.carrier_key == self.carrier_key for one in self.candidate_ids)
        values = {**shipments._prepare_unmatched_values(*key), "is_current": not is_taken}
        return self._choose(shipments.create(values))

    def _choose(self, shipment):
        """A person says which shipment it is: everything that was said takes effect as if it had come so."""
        self.ensure_one()
        self._check_may_decide()
        if shipment.company_id != self.company_id:
            raise UserError(self.env._("This shipment belongs to another company."))
        choice = self.sudo()
        choice.write({"shipment_id": shipment.id, "user_id": self.env.uid, "decided_at": fields.Datetime.now()})
        choice._give_events_to(shipment.sudo())
        if choice.picking_id:
            shipment.sudo()._link_picking(choice.picking_id)
        choice.env["visibility.exception"]._clear_undecided(choice, self.env.user)
        return {"type": "ir.actions.act_window_close"}

    def _give_events_to(self, shipment):
        events = self.event_ids.filtered("is_undecided")
        events.write({"shipment_id": shipment.id})
        events._link_receipts(events)
        for message in events.message_id:
            message.is_undecided = any(message.event_ids.mapped("is_undecided"))
        shipment._follow_links()
        events._take_effect()

    def _check_may_decide(self):
        if not self.env.user.has_group("distribution_visibility.group_coordinator"):
            raise UserError(self.env._("Only a coordinator may decide which shipment is meant."))
        if not self.is_open:
            raise UserError(
                self.env._(
                    "%(user)s has decided this already. If that was wrong, correct the shipment.",
                    user=self.user_id.name,
                )
            )

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        orders = self.event_ids._get_orders()
        return {
            "picking_ids": [fields.Command.set(self.picking_id.ids)],
            "sale_order_ids": [fields.Command.set(self.picking_id._get_sale_orders().ids)],
            "purchase_order_ids": [fields.Command.set((orders | self.picking_id._get_purchase_orders()).ids)],
            "partner_id": (self.picking_id.partner_id or orders[:1].partner_id).id,
        }

    def _get_exception_owners(self, role):
        return self.source_id.owner_id | self.picking_id.user_id | self.picking_id._get_sale_orders().user_id

    def _get_facts(self):
        return self.event_ids
