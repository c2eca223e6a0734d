from datetime import timedelta

from odoo import api, fields, models

from ...lib.track.numbers import normalise_carrier, normalise_number

# Carriers use numbers again: a fact this much later than the last one is about another parcel.
REUSE_AFTER = timedelta(days=120)


class VisibilityShipment(models.Model):
    """What one carrier moves under one number, within the time in which that number is the same thing."""

    _name = "visibility.shipment"
    _description = "Shipment"
    _inherit = ["mail.thread", "mail.activity.mixin", "visibility.subject.mixin"]
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
        [("outbound", "Outbound"), ("inbound", "Inbound"), ("return", "Return")], default="outbound", required=True
    )
    is_test = fields.Boolean("Test", help="Known from test messages only: touches no order.")

    picking_ids = fields.Many2many("stock.picking", "visibility_shipment_picking_rel", string="Deliveries and receipts")
    sale_order_ids = fields.Many2many("sale.order", compute="_compute_documents", search="_search_sale_order_ids")
    partner_id = fields.Many2one(
        "res.partner", "Customer or supplier", compute="_compute_partner", store=True, index=True
    )
    is_unmatched = fields.Boolean("Unmatched", compute="_compute_is_unmatched", store=True, index=True)

    milestone_id = fields.Many2one("visibility.milestone", "Furthest milestone", readonly=True, index=True)
    milestone_code = fields.Char(related="milestone_id.code")
    milestone_rank = fields.Integer(readonly=True)
    milestone_at = fields.Datetime("Since", readonly=True)
    eta = fields.Datetime("ETA", readonly=True, help="When the carrier now expects to deliver.")
    eta_reported_at = fields.Datetime(readonly=True)
    promised_at = fields.Datetime(
        "Promise",
        compute="_compute_promised_at",
        store=True,
        readonly=False,
        help="What was promised last: to the customer, or by the supplier.",
    )
    delay_hours = fields.Float("Late by (hours)", compute="_compute_delay_hours", store=True)
    delivered_at = fields.Datetime("Delivered", readonly=True)
    signed_by = fields.Char("Taken by", readonly=True)
    proof_url = fields.Char("Proof of delivery", readonly=True)
    last_event_at = fields.Datetime("Last scan", readonly=True)
    last_event_text = fields.Char("Last news", readonly=True)

    alias_ids = fields.One2many("visibility.shipment.alias", "shipment_id", "Also known as", readonly=True)
    event_ids = fields.One2many("visibility.event", "shipment_id", "Timeline", readonly=True)
    exception_ids = fields.One2many("visibility.exception", "shipment_id", "Exceptions", readonly=True)
    open_exception_count = fields.Integer(compute="_compute_open_exceptions")
    worst_severity = fields.Selection("_selection_severity", compute="_compute_open_exceptions")

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

    @api.depends("picking_ids.sale_id")
    def _compute_documents(self):
        for shipment in self:
            shipment.sale_order_ids = shipment.picking_ids.sale_id

    def _search_sale_order_ids(self, operator, value):
        return [("picking_ids.sale_id", operator, value)]

    @api.depends("picking_ids.partner_id")
    def _compute_partner(self):
        for shipment in self:
            shipment.partner_id = shipment.picking_ids[:1].partner_id

    @api.depends("picking_ids")
    def _compute_is_unmatched(self):
        for shipment in self:
            shipment.is_unmatched = not shipment.picking_ids

    @api.depends("picking_ids.sale_id.visibility_promise_at", "picking_ids.purchase_id.visibility_promise_at")
    def _compute_promised_at(self):
        for shipment in self:
            promises = filter(None, (picking._get_promise() for picking in shipment.picking_ids))
            shipment.promised_at = min(promises, default=shipment.promised_at)

    @api.depends("eta", "promised_at", "delivered_at")
    def _compute_delay_hours(self):
        for shipment in self:
            arrival = shipment.delivered_at or shipment.eta
            late = arrival and shipment.promised_at and arrival - shipment.promised_at
            shipment.delay_hours = max(late.total_seconds() / 3600, 0) if late else 0

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

    # ------------------------------------------------------------------ matching
    @api.model
    def _match(self, wanted, other_numbers=None):
        """The shipment of each key, made where there is none yet.

        :param dict wanted: (company id, carrier as named, number, is test) to
            the time (naive UTC) of its earliest fact
        :param dict other_numbers: the same keys to further numbers that a shipment may be known by
        :return: dict of the same keys to shipments
        """
        aliases = {key: [key, *self._get_aliases(key, other_numbers or {})] for key in wanted}
        found = self._find_candidates({alias for names in aliases.values() for alias in names})
        matches, missing = {}, []
        for key, moment in wanted.items():
            candidates = (found.get(self._get_group(alias), self.browse()) for alias in aliases[key])
            match = next(filter(None, (self._choose(some, key[1], moment) for some in candidates)), None)
            if match:
                matches[key] = match
            else:
                missing.append(key)
        matches.update(self._create_unmatched(missing, found))
        self.env["visibility.shipment.alias"]._remember(matches, other_numbers or {})
        return matches

    def _create_unmatched(self, keys, found):
        """One shipment for each number, however often and in whatever spelling it was named."""
        names = {key: (*self._get_group(key), normalise_carrier(key[1])) for key in keys}
        first = {name: key for key, name in reversed(names.items())}
        over = self.browse().union(*(found.get(name[:3], self.browse()) for name in first))
        over.filtered(lambda one: (one.company_id.id, one.number_key, one.is_test, one.carrier_key) in first).write(
            {"is_current": False}
        )
        self.flush_model(["is_current"])
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
        created = quiet.create([self._prepare_unmatched_values(*key) for key in first.values()])
        by_name = dict(zip(first, self.browse(created.ids), strict=True))
        return {key: by_name[name] for key, name in names.items()}

    @staticmethod
    def _get_aliases(key, other_numbers):
        company, carrier, _number, is_test = key
        return [(company, carrier, number, is_test) for number in other_numbers.get(key, ())]

    @staticmethod
    def _get_group(key):
        company, _carrier, number, is_test = key
        return company, normalise_number(number), is_test

    def _find_candidates(self, wanted):
        """Shipments by (company, number, is test), also under further numbers they are known by."""
        groups = {self._get_group(key) for key in wanted}
        numbers = list({group[1] for group in groups})
        companies = list({group[0] for group in groups})
        named = self.search([("company_id", "in", companies), ("number_key", "in", numbers)])
        found = named.grouped(lambda shipment: (shipment.company_id.id, shipment.number_key, shipment.is_test))
        aliases = self.env["visibility.shipment.alias"].search([("number_key", "in", numbers)])
        for alias in aliases.filtered(lambda alias: alias.shipment_id.company_id.id in companies):
            group = (alias.shipment_id.company_id.id, alias.number_key, alias.shipment_id.is_test)
            found[group] = found.get(group, self.browse()) | alias.shipment_id
        return found

    def _choose(self, candidates, carrier, moment):
        """Of shipments with the same number: the same carrier (or an unnamed one), the newest in its window."""
        key = normalise_carrier(carrier)
        fitting = candidates.filtered(
            lambda shipment: (
                (not key or not shipment.carrier_key or self._is_same_carrier(shipment.carrier_key, key))
                and not shipment._is_over(moment)
            )
        )
        return fitting.sorted(lambda shipment: (shipment.carrier_key == key, shipment.id))[-1:]

    @api.model
    def _is_same_carrier(self, one, other):
        """Carrier keys as people and aggregators vary them: ``ups`` is ``upsground``."""
        return one == other or one.startswith(other) or other.startswith(one)

    def _is_over(self, moment):
        """True when a fact at ``moment`` must be about another parcel with a recycled number."""
        last = self.last_event_at
        return bool(last and moment and moment - last > REUSE_AFTER)

    @api.model
    def _prepare_unmatched_values(self, company_id, carrier, number, is_test):
        return {"company_id": company_id, "carrier_code": carrier, "number": number, "is_test": is_test}

    def _link_picking(self, picking):
        """Tie a delivery or receipt to this shipment, and tell it what is known already."""
        self.ensure_one()
        if picking in self.picking_ids:
            return
        self.write(self._prepare_link_values(picking))
        self._follow_links()

    def _unlink_picking(self, picking):
        """The number on the transfer was wrong: what happens to this shipment is not its concern."""
        self.ensure_one()
        self.write({"picking_ids": [fields.Command.unlink(picking.id)]})
        self._follow_links()

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
            "direction": picking._get_shipment_direction() or self.direction,
            "carrier_id": (self.carrier_id or picking.carrier_id).id,
            "carrier_code": self.carrier_code or picking.carrier_id.visibility_carrier_code,
        }

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return {
            "shipment_id": self.id,
            "picking_ids": [fields.Command.set(self.picking_ids.ids)],
            "sale_order_ids": [fields.Command.set(self.sale_order_ids.ids)],
            "purchase_order_ids": [fields.Command.set(self.picking_ids.purchase_id.ids)],
            "partner_id": (self.sale_order_ids[:1].partner_id or self.partner_id).id,
        }

    def _get_exception_owners(self, role):
        documents = {
            "warehouse": self.picking_ids.user_id,
            "buyer": self.picking_ids.purchase_id.user_id,
            "service": self.sale_order_ids.user_id,
        }
        owners = documents.get(role, self.env["res.users"])
        return owners | self.sale_order_ids.user_id | self.event_ids.source_id.owner_id

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
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_exception_action")
        return {**action, "domain": [("shipment_id", "=", self.id)], "context": {}}
