import logging
import re

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...lib.base.errors import ConfigurationError
from ...lib.ingest.adapters import ADAPTERS, FACTORIES
from ...lib.ingest.adapters.heartbeat import Heartbeat
from ...lib.ingest.receiver import Receiver, SealedKey
from ...lib.ingest.request_checks import JSON_TYPES
from ...lib.ingest.verification import PRESETS, SCHEMES, get_preset_scheme, get_scheme, parse_networks

_logger = logging.getLogger(__name__)

CODE_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}\Z")
# What the options of all schemes are called here; a scheme takes those that it knows.
OPTION_FIELDS = (
    "header", "prefix", "hash", "encoding", "signed_text", "timestamp_header", "timestamp_field",
    "signature_field", "secret_form", "tolerance", "networks",
)  # fmt: skip


def _option():
    """How every option field works: filled in by the preset, free to change afterwards."""
    return {"compute": "_compute_options", "store": True, "readonly": False, "precompute": True}


class VisibilitySource(models.Model):
    """Who may send events: how they prove who they are, how they speak, and who looks after them."""

    _name = "visibility.source"
    _description = "Event source"
    _inherit = ["visibility.cached.mixin", "mail.thread", "mail.activity.mixin", "visibility.action.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="The part of the address that names this source: lower-case letters, digits, - and _.",
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, tracking=True
    )
    shared_company_ids = fields.Many2many(
        "res.company",
        "visibility_source_shared_company_rel",
        string="Also for",
        help="Other companies that send under the same carrier account: what is told of a number that a transfer of "
        "theirs has, and none of the source's own company, is theirs.",
    )
    adapter = fields.Selection("_selection_adapter", required=True, default="canonical", tracking=True)
    mapping_id = fields.Many2one(
        "visibility.mapping", index="btree_not_null", help="How this sender's own JSON is read."
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="Told when messages of this source cannot be worked on.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Acts as",
        required=True,
        default=lambda self: self.env.ref("distribution_visibility.user_integration", raise_if_not_found=False),
        help="The technical user in whose name the facts of this source are recorded.",
    )
    carrier_code = fields.Char(
        "Carrier",
        help="For a source that is one carrier's: taken where an event does not name its carrier.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Supplier", help="For a supplier's source: it may speak of this supplier's orders only."
    )
    takes_test_events = fields.Boolean(
        "Take test events as real",
        help="For sandboxes and demonstrations. Off: what a sender marks as a test touches no order.",
    )
    endpoint = fields.Char("Address to send to", compute="_compute_endpoint")

    # How it proves who it is
    preset = fields.Selection("_selection_preset", "Verification", required=True, default="standard_webhooks")
    scheme = fields.Selection(
        "_selection_scheme", compute="_compute_options", store=True, readonly=False, precompute=True, required=True
    )
    find_secret = fields.Char("Where the secret is found", compute="_compute_find_secret")
    is_trusted = fields.Boolean(
        "Proves what it says",
        compute="_compute_is_trusted",
        store=True,
        help="Off: neither the sender nor the body is proven, so what it says needs a person before "
        "anything of consequence follows.",
    )
    option_header = fields.Char("Signature header", **_option())
    option_prefix = fields.Char("Prefix in the header", trim=False, **_option())
    option_hash = fields.Selection([("sha256", "SHA-256"), ("sha512", "SHA-512")], "Hash", **_option())
    option_encoding = fields.Selection([("hex", "Hexadecimal"), ("base64", "Base64")], "Encoding", **_option())
    option_signed_text = fields.Char("Signed text", help="For example {timestamp}.{body}", **_option())
    option_timestamp_header = fields.Char("Timestamp header", **_option())
    option_timestamp_field = fields.Char("Timestamp field", help="In a header such as t=...,v1=...", **_option())
    option_signature_field = fields.Char("Signature field", help="In a header such as t=...,v1=...", **_option())
    option_secret_form = fields.Selection(
        [("text", "Text"), ("base64", "Base64"), ("nfkd", "Text, Unicode NFKD")], "Secret is", **_option()
    )
    option_tolerance = fields.Integer("Tolerance (seconds)", help="How far the clocks may differ.", **_option())
    option_networks = fields.Text(
        "Allowed addresses",
        help="In addition to the proof: one address or network a line, for example 192.0.2.0/24.",
        **_option(),
    )
    key_ids = fields.One2many("visibility.source.key", "source_id", "Keys", copy=False)

    has_valid_key = fields.Boolean(compute="_compute_has_valid_key")

    # How much of it is taken
    lane = fields.Selection(
        [("transactional", "Transactional"), ("bulk", "Bulk"), ("analytical", "Analytical")],
        default="transactional",
        required=True,
        help="Choose Bulk for a sender of very many scans, so that it delays nobody else.",
    )
    max_body_kib = fields.Integer("Largest body (KiB)", default=256, required=True)
    requests_per_minute = fields.Integer(
        "Requests a minute", default=3000, required=True, help="More are answered 429 with Retry-After."
    )
    accepted_status = fields.Selection(
        [("202", "202 Accepted"), ("200", "200 OK"), ("204", "204 No Content")],
        "Answer",
        default="202",
        required=True,
        help="What this sender takes for success.",
    )

    # What came of it
    message_count = fields.Integer("Received messages", compute="_compute_message_counts")
    trouble_count = fields.Integer("Dead letters", compute="_compute_message_counts")

    _code_unique = models.Constraint("UNIQUE (code)", "There is a source with this code already.")
    _limits = models.Constraint(
        "CHECK (max_body_kib BETWEEN 1 AND 4096 AND requests_per_minute > 0)",
        "The largest body is between 1 and 4096 KiB, and at least one request a minute is taken.",
    )

    # ------------------------------------------------------------------ selections
    @api.model
    def _selection_adapter(self):
        adapters = {**ADAPTERS, **FACTORIES}
        rows = sorted(((name, adapter.label) for name, adapter in adapters.items()), key=lambda row: row[1].lower())
        # the internal source is archived, so that the door knows no such address, and nobody chooses it
        return [*rows, (Heartbeat.name, Heartbeat.label)] if self.env.su else rows

    @api.model
    def _selection_preset(self):
        return [(name, preset.label) for name, preset in PRESETS.items()]

    @api.model
    def _selection_scheme(self):
        return [(name, scheme.label) for name, scheme in SCHEMES.items()]

    # ------------------------------------------------------------------ computes
    @api.depends("code")
    def _compute_endpoint(self):
        for source in self:
            source.endpoint = f"{source.get_base_url()}/visibility/v1/sources/{source.code or '...'}/events"

    @api.depends("preset")
    def _compute_options(self):
        for source in self:
            scheme = get_preset_scheme(source.preset or "standard_webhooks")
            options = scheme.options.model_dump()
            source.scheme = scheme.name
            for name in OPTION_FIELDS:
                value = options.get(name, False)
                source[f"option_{name}"] = "\n".join(value) if isinstance(value, tuple) else value

    @api.depends("preset")
    def _compute_find_secret(self):
        for source in self:
            preset = PRESETS.get(source.preset)
            source.find_secret = " ".join(filter(None, (preset.find_secret, preset.note))) if preset else False

    @api.depends("scheme")
    def _compute_is_trusted(self):
        for source in self:
            source.is_trusted = bool(source.scheme) and SCHEMES[source.scheme].proves_sender

    @api.depends("key_ids.valid_from", "key_ids.valid_until")
    def _compute_has_valid_key(self):
        for source in self:
            source.has_valid_key = any(key.is_valid and key.has_secret for key in source.sudo().key_ids)

    def _compute_message_counts(self):
        groups = self.env["visibility.inbox.message"]._read_group(
            [("source_id", "in", self.ids)], ["source_id", "state"], ["__count"]
        )
        counts = {(source.id, state): count for source, state, count in groups}
        for source in self:
            mine = {state: count for (source_id, state), count in counts.items() if source_id == source.id}
            source.message_count = sum(mine.values())
            source.trouble_count = mine.get("dead", 0)

    @api.onchange("adapter")
    def _onchange_adapter(self):
        if self.adapter:
            self.preset = {**ADAPTERS, **FACTORIES}[self.adapter].preset

    # ------------------------------------------------------------------ constraints
    @api.constrains("code")
    def _check_code(self):
        for source in self:
            if not CODE_PATTERN.match(source.code):
                raise ValidationError(
                    self.env._("A code has 2 to 40 lower-case letters, digits, - or _, and begins with no sign.")
                )

    @api.constrains("adapter", "mapping_id")
    def _check_mapping(self):
        for source in self:
            if source.adapter in FACTORIES and not source.mapping_id:
                raise ValidationError(self.env._("Choose the mapping that says how this sender's bodies are read."))

    @api.constrains("option_networks")
    def _check_networks(self):
        for source in self:
            try:
                parse_networks((source.option_networks or "").split())
            except (ConfigurationError, ValueError) as error:
                raise ValidationError(
                    self.env._("An allowed address is not an address or network: %s", error)
                ) from error

    @api.constrains("scheme", *(f"option_{name}" for name in OPTION_FIELDS))
    def _check_scheme_options(self):
        for source in self:
            try:
                get_scheme(source.scheme, source._prepare_scheme_options())
            except ConfigurationError as error:
                raise ValidationError(str(error)) from error

    # ------------------------------------------------------------------ for the door
    def _prepare_scheme_options(self):
        """The options that this source's scheme knows, as the plain-Python side takes them."""
        self.ensure_one()
        options = {}
        for name in SCHEMES[self.scheme].Options.model_fields if self.scheme in SCHEMES else ():
            if name in OPTION_FIELDS:
                value = self[f"option_{name}"]
                options[name] = (value or "").split() if name == "networks" else value or ""
        return options

    def _get_adapter(self):
        """The adapter that reads this source's bodies, with the source's own mapping if it needs one."""
        self.ensure_one()
        if self.adapter in FACTORIES:
            # A mapping that cannot work reads nothing: messages are taken, and buried with the reason.
            return FACTORIES[self.adapter](self.mapping_id._prepare_mapping())
        if self.adapter == Heartbeat.name:
            return Heartbeat()
        return ADAPTERS[self.adapter]

    @api.model
    def _get_receiver(self, code):
        """The :class:`Receiver` of an active source, or None. Call it as superuser."""
        return self._get_receivers().get(code)

    @api.model
    @tools.ormcache()
    def _get_receivers(self):
        """All receivers by code: kept whole, so that made-up codes push nothing out of the cache."""
        receivers = {}
        for source in self.search([("active", "=", True)]):
            try:
                receivers[source.code] = Receiver(**source._prepare_receiver_values())
            except ConfigurationError as error:
                # Closed, never open; and it closes no other source.
                _logger.error("source %s refuses everything: %s", source.code, error)
        return receivers

    def _prepare_receiver_values(self):
        return {
            "source_id": self.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "code": self.code,
            "adapter": self._get_adapter(),
            "scheme": get_scheme(self.scheme, self._prepare_scheme_options()),
            "sealed_keys": tuple(
                SealedKey(key.id, key.secret_encrypted, key.valid_from, key.valid_until or None)
                for key in self.key_ids
                if key.secret_encrypted
            ),
            "content_types": JSON_TYPES,
            "max_body_bytes": self.max_body_kib * 1024,
            "accepted_status": int(self.accepted_status),
            "lane": self.lane,
            "requests_per_minute": self.requests_per_minute,
            "networks": tuple((self.option_networks or "").split()),
        }

    def copy_data(self, default=None):
        rows = super().copy_data(default)
        return [
            {"code": f"{source.code[:35]}-copy", **row, "name": self.env._("%s (copy)", source.name)}
            for source, row in zip(self, rows, strict=True)
        ]

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        sources._admit_user()
        return sources

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"user_id", "company_id", "shared_company_ids"}:
            self._admit_user()
        return result

    def _admit_user(self):
        """Who records facts in a company belongs to it: else its people may not even read the name.

        Technical users only: a person's companies are not for a source to change.
        """
        for user, sources in self.grouped("user_id").items():
            if user.sudo().has_group("base.group_user"):
                continue
            missing = (sources.company_id | sources.shared_company_ids) - user.sudo().company_ids
            if missing:
                user.sudo().company_ids += missing

    # ------------------------------------------------------------------ buttons
    def action_open_messages(self):
        self.ensure_one()
        domain = [("source_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_inbox_message_action", domain=domain)

    def action_open_dead_letters(self):
        return {**self.action_open_messages(), "context": {"search_default_dead": 1}}
