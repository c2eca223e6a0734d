from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ....lib.track.supplier_answer import (
    CHANGING,
    Answer,
    OrderLine,
    differs,
    match_lines,
    needs_decision,
    normalise_code,
    proposed_date,
    read_answers,
    settle,
)

#: What the form saves: which line is meant, and who follows it.
CHANGED_BY_PEOPLE = frozenset({"line_ids", "message_follower_ids", "message_main_attachment_id"})


class VisibilityProposal(models.Model):
    """What a supplier wants to be otherwise than its purchase order says: one answer, until somebody decides.

    A newer answer takes the place of the one that is open. Unproven answers stand apart: they never
    take the place of a proven one.
    """

    _name = "visibility.proposal"
    _description = "Supplier proposal"
    _inherit = ["visibility.evidence.mixin", "mail.thread", "visibility.action.mixin"]
    _visibility_is_reported = True
    _order = "is_open desc, responded_at desc, id desc"
    _mail_post_access = "read"

    purchase_order_id = fields.Many2one("purchase.order", required=True, index=True, readonly=True, ondelete="cascade")
    event_id = fields.Many2one("visibility.event", "Answer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="purchase_order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="purchase_order_id.partner_id", store=True, index=True, string="Supplier")
    user_id = fields.Many2one(related="purchase_order_id.user_id", store=True, index=True, string="Buyer")
    currency_id = fields.Many2one(related="purchase_order_id.currency_id")
    responded_at = fields.Datetime("Answered", required=True, readonly=True)
    note = fields.Char("Supplier's words", readonly=True)
    is_unproven = fields.Boolean(
        "Unproven", readonly=True, help="Its source cannot prove what it says: it is never accepted by itself."
    )
    line_ids = fields.One2many("visibility.proposal.line", "proposal_id", "Lines")
    line_count = fields.Integer("Lines to decide", compute="_compute_state", store=True)
    state = fields.Selection(
        [
            ("open", "To decide"),
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("refused", "Refused"),
            ("superseded", "Superseded"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    is_open = fields.Boolean(compute="_compute_state", store=True, index=True)
    has_unmatched = fields.Boolean("Line not found", compute="_compute_has_unmatched", store=True)
    has_substitute = fields.Boolean(compute="_compute_has_substitute")

    _one_answer = models.UniqueIndex("(event_id)", "This answer has its proposal already.")
    _one_open = models.UniqueIndex(
        "(purchase_order_id, is_unproven) WHERE is_open", "This order has an open proposal already."
    )

    @api.depends("line_ids.status")
    def _compute_state(self):
        for proposal in self:
            statuses = proposal.line_ids.mapped("status")
            proposal.line_count = statuses.count("proposed")
            proposal.state = proposal._get_state(set(statuses))
            proposal.is_open = proposal.state == "open"

    @api.model
    def _get_state(self, statuses):
        if not statuses or "proposed" in statuses:
            return "open"
        decided = statuses - {"superseded"}
        if not decided:
            return "superseded"
        return "partly" if len(decided) > 1 else decided.pop()

    @api.depends("line_ids.purchase_line_id", "line_ids.status")
    def _compute_has_unmatched(self):
        for proposal in self:
            proposal.has_unmatched = any(
                line.status == "proposed" and not line.purchase_line_id for line in proposal.line_ids
            )

    @api.depends("line_ids.substitute")
    def _compute_has_substitute(self):
        for proposal in self:
            proposal.has_substitute = any(proposal.line_ids.mapped("substitute"))

    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = self.env._(
                "%(order)s: %(supplier)s proposes",
                order=proposal.sudo().purchase_order_id.name,
                supplier=proposal.sudo().partner_id.name,
            )

    def write(self, vals):
        if not self.env.su and vals.keys() - CHANGED_BY_PEOPLE:
            raise AccessError(self.env._("What the supplier proposed, and what was decided, cannot be rewritten."))
        return super().write(vals)

    # ------------------------------------------------------------------ from answers
    @api.model
    def _propose(self, events):
        """Make proposals of suppliers' answers; an answer that accepts the order as it is makes none.

        :param events: order responses that are not withdrawn, of orders that we know, any number
        :return: the proposals that are new
        """
        newest = self._get_newest(events)
        newest.filtered("is_trusted")._acknowledge_orders()
        self._supersede_older(newest)
        known = self.search([("event_id", "in", newest.ids)]).event_id
        rows = [(event, self._prepare_lines(event)) for event in newest - known]
        return self.create([self._prepare_proposal(event, lines) for event, lines in rows if lines])

    @api.model
    def _get_newest(self, events):
        """Of answers to the same order the latest by the supplier's own time; none that a later one has replaced."""
        events.flush_model(["kind", "is_withdrawn", "is_trusted", "purchase_order_id", "occurred_at"])
        query = SQL(
            """
            SELECT DISTINCT ON (purchase_order_id, is_trusted) id FROM visibility_event
             WHERE kind = 'order_response' AND is_withdrawn IS NOT TRUE AND purchase_order_id = ANY(%s)
             ORDER BY purchase_order_id, is_trusted, occurred_at DESC, id DESC
            """,
            events.purchase_order_id.ids,
        )
        answers = events.browse([event_id for (event_id,) in self.env.execute_query(query)])
        newest = answers.browse()
        for mine in answers.grouped("purchase_order_id").values():
            latest = mine.sorted(lambda event: (event.occurred_at, event.id), reverse=True)
            proven = latest.filtered("is_trusted")
            newest |= proven | (latest[:1] - proven)
        return newest & events

    @api.model
    def _supersede_older(self, events):
        """What an order's newer answer leaves undecided in older ones is not to be decided any more."""
        open_proposals = self.search(
            [("purchase_order_id", "in", events.purchase_order_id.ids), ("is_open", "=", True)]
        )
        for event in events:
            older = open_proposals.filtered(
                lambda proposal, e=event: (
                    proposal.purchase_order_id == e.purchase_order_id
                    and proposal.event_id != e
                    and (e.is_trusted or proposal.is_unproven)
                )
            )
            older._supersede()
        open_proposals.flush_recordset(["is_open"])

    def _supersede(self):
        self.line_ids.filtered(lambda line: line.status == "proposed").status = "superseded"

    def _follow_proof(self):
        """A person vouched for unproven answers: their proposals count like any other now."""
        for proposal in self:
            self._supersede_older(proposal.event_id)
        self.is_unproven = False

    def _follow_withdrawal(self):
        """The supplier took these answers back; what it had said before stands again."""
        self.filtered("is_open")._supersede()
        self.flush_recordset(["is_open"])
        self._reinstate_earlier()
        self._tell_withdrawal()

    def _reinstate_earlier(self):
        for order in self.purchase_order_id:
            answers = order.visibility_event_ids.filtered(
                lambda event: event.kind == "order_response" and event.counts
            ).sorted(lambda event: (event.occurred_at, event.id))
            before = self.search([("event_id", "=", answers[-1:].id)])
            before.line_ids.filtered(lambda line: line.status == "superseded").status = "proposed"

    @api.model
    def _prepare_proposal(self, event, lines):
        return {
            "purchase_order_id": event.purchase_order_id.id,
            "event_id": event.id,
            "responded_at": event.occurred_at,
            "note": event.reason,
            "is_unproven": not event.is_trusted,
            "line_ids": [fields.Command.create(line) for line in lines],
        }

    @api.model
    def _prepare_lines(self, event):
        """Values of the lines that somebody has to decide about."""
        order_lines = self._get_order_lines(event.purchase_order_id)
        answers = self._get_answers(event, order_lines)
        matched = zip(match_lines(self._describe_lines(order_lines), answers), answers, strict=True)
        by_id = {line.id: line for line in order_lines}
        settled = settle(matched, {line.id: line.product_qty for line in order_lines})
        rows = [(by_id.get(key, self.env["purchase.order.line"]), answer) for key, answer in settled]
        substitutes = self._find_products(event, {answer.substitute for _line, answer in rows if answer.substitute})
        return [
            {**self._prepare_line(line, answer), "substitute_product_id": substitutes.get(answer.substitute)}
            for line, answer in rows
            if self._is_to_decide(line, answer)
        ]

    @api.model
    def _get_answers(self, event, order_lines):
        """What is said line by line; what is said of the order as a whole is said of each line."""
        answers = read_answers(event.details)
        if answers or event.reason_code not in CHANGING:
            return answers
        return [Answer(line=str(line.position), status=event.reason_code) for line in self._describe_lines(order_lines)]

    @api.model
    def _get_order_lines(self, order):
        """The lines that suppliers count: without sections, notes and down payments."""
        return order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)

    @api.model
    def _describe_lines(self, order_lines):
        """Lines and their numbers: what was split off after an answer has the number of its whole."""
        parts = order_lines.filtered(lambda line: line.visibility_split_from_id in order_lines)
        positions = {line: position for position, line in enumerate(order_lines - parts, start=1)}
        return [
            OrderLine(
                line.id,
                positions[line.visibility_split_from_id if line in parts else line],
                frozenset(filter(None, map(normalise_code, self._get_codes(line)))),
                line.product_qty,
                line.visibility_split_from_id.id if line in parts else None,
            )
            for line in order_lines
        ]

    @api.model
    def _get_codes(self, line):
        """All codes under which the supplier may know the product of a line."""
        product, supplier = line.product_id, line.order_id.partner_id.commercial_partner_id
        infos = product.seller_ids.filtered(
            lambda info: (
                info.partner_id.commercial_partner_id == supplier
                and (not info.product_id or info.product_id == product)
            )
        )
        return [product.default_code, product.barcode, *infos.mapped("product_code")]

    @api.model
    def _find_products(self, event, codes):
        """Products by code as given; a code that several products have is left to a person."""
        domain = [*self.env["product.product"]._check_company_domain(event.company_id)]
        if not codes:
            return {}
        products = self.env["product.product"].search(
            [*domain, "|", ("default_code", "in", list(codes)), ("barcode", "in", list(codes))]
        )
        named = {code: products.filtered(lambda p, c=code: c in (p.default_code, p.barcode)) for code in codes}
        infos = self.env["product.supplierinfo"].search(
            [
                ("partner_id", "child_of", event.purchase_order_id.partner_id.commercial_partner_id.id),
                ("product_code", "in", [code for code, found in named.items() if not found]),
            ]
        )
        for info in infos:
            variants = info.product_id or info.product_tmpl_id.product_variant_ids
            named[info.product_code] |= variants
        return {code: found.id for code, found in named.items() if len(found) == 1}

    @api.model
    def _is_to_decide(self, line, answer):
        if not line:
            return answer.says_something or answer.status in CHANGING
        zone = line._get_visibility_zone()
        return needs_decision(answer, differs(answer, line.date_planned, line.product_qty, line.price_unit, zone))

    @api.model
    def _prepare_line(self, line, answer):
        return {
            "purchase_line_id": line.id,
            "answer_line": answer.line,
            "answer_product": answer.product,
            "answer_status": answer.status,
            "is_split": answer.is_split,
            "reason": answer.reason,
            "substitute": answer.substitute,
            "proposed_date": self._get_proposed_date(line, answer),
            "proposed_quantity": answer.quantity or 0,
            "has_quantity": answer.quantity is not None,
            "proposed_price": answer.price or 0,
            "has_price": answer.price is not None,
        }

    @api.model
    def _get_proposed_date(self, line, answer):
        return proposed_date(answer, line.date_planned, line._get_visibility_zone()) if line else answer.date
