from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: How urgent a ticket is, by the severity of its exception.
PRIORITY = {"information": "1", "warning": "2", "blocking": "3"}
HELPDESK = "helpdesk_mgmt.group_helpdesk_user_own"


class VisibilityException(models.Model):
    """What a customer has to be told about an exception is one ticket of the helpdesk."""

    _inherit = "visibility.exception"

    helpdesk_ticket_ids = fields.One2many(
        "helpdesk.ticket",
        "visibility_exception_id",
        "Tickets",
        groups=HELPDESK,
        readonly=True,
        context={"active_test": False},
    )
    # Stored: the lists filter by it, and whoever opens a ticket at the same moment runs into this write
    helpdesk_ticket_id = fields.Many2one(
        "helpdesk.ticket", "Ticket", compute="_compute_helpdesk_ticket_id", store=True, groups=HELPDESK
    )
    helpdesk_ticket_number = fields.Char(related="helpdesk_ticket_id.number", groups=HELPDESK)

    @api.depends("helpdesk_ticket_ids.visibility_merged_into_id")
    def _compute_helpdesk_ticket_id(self):
        for exception in self:
            exception.helpdesk_ticket_id = exception.helpdesk_ticket_ids[:1]._get_last()

    def write(self, vals):
        if "state" not in vals:
            return super().write(vals)
        were_open = self.filtered("is_open")
        result = super().write(vals)
        self.filtered(lambda exception: exception.is_open != (exception in were_open)).sudo()._tell_tickets()
        return result

    def _find_who_worked(self):
        """Who opened its ticket has worked on it, unless Odoo did that by itself."""
        ticket = self.sudo().helpdesk_ticket_id
        return super()._find_who_worked() or ticket.create_uid.filtered(lambda user: user.id != SUPERUSER_ID)

    # ------------------------------------------------------------------ opening
    def _open_tickets(self):
        """Each of these exceptions has its one ticket; missing ones of open exceptions are created, in one batch.

        For buttons and automations alike: it checks no rights (whoever calls it does), changes no state,
        and may be called as often as one likes.

        :return: the tickets of these exceptions, old and new, as superuser
        """
        exceptions = self.sudo()
        exceptions._wait_for_other_openers()
        missing = exceptions.filtered(lambda exception: exception.is_open and not exception.helpdesk_ticket_id)
        tickets = self.env["helpdesk.ticket"].sudo().create([exception._prepare_ticket() for exception in missing])
        tickets._log_reasons()
        missing._log_ticket_opened()
        return exceptions.helpdesk_ticket_id

    def _wait_for_other_openers(self):
        """One after the other: who comes second is run again by Odoo, and then sees the first one's ticket."""
        self.flush_recordset()
        if self:
            self.env.execute_query(
                SQL("SELECT id FROM visibility_exception WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", self._ids)
            )
            self.invalidate_recordset(["helpdesk_ticket_ids", "helpdesk_ticket_id"], flush=False)

    def _prepare_ticket(self):
        self.ensure_one()
        team = self._get_ticket_team()
        customer = self._get_ticket_customer()
        told = self.with_context(lang=customer.lang or self.env.lang)
        return {
            "name": told._get_ticket_name(),
            "description": told._render_ticket_description(),
            "visibility_exception_id": self.id,
            "company_id": self.company_id.id,
            "team_id": team.id,
            "user_id": self._get_ticket_user(team).id,
            "priority": PRIORITY[self.severity],
            "partner_id": customer.id,
            "partner_name": customer.name,
            "partner_email": customer.email,
        }

    def _get_ticket_name(self):
        """What customers read first: their order or parcel, and what is the matter with it."""
        about = ", ".join(self._get_ticket_orders().mapped("name")) or self._get_ticket_shipment().number
        text = self.category_id._get_customer_text()
        return f"{about}: {text}" if about else text

    def _get_ticket_team(self):
        """The category's team in the exception's company, else the one in that company's settings."""
        company = self.company_id
        candidates = self.category_id.with_company(company).helpdesk_team_id | company.visibility_helpdesk_team_id
        usable = candidates.filtered(lambda team: team.active and (team.company_id or company) == company)
        return usable[:1]

    def _get_ticket_user(self, team):
        """The exception's owner if the helpdesk knows them; else the team finds somebody."""
        owner = self.user_id
        if team:
            return owner & team.user_ids
        return owner if owner.has_group(HELPDESK) else owner.browse()

    def _get_ticket_customer(self):
        """Nobody where only a supplier is concerned: they are told in other ways."""
        bought_from = self.partner_id.browse() if self.purchase_order_ids else self.partner_id
        return self.sale_order_ids[:1].partner_id or bought_from

    def _get_ticket_orders(self):
        """The orders of the ticket's customer: a shipment may carry other customers' orders too."""
        customer = self._get_ticket_customer().commercial_partner_id
        return self.sale_order_ids.filtered(lambda order: order.partner_id.commercial_partner_id == customer)

    def _get_ticket_shipment(self):
        """The parcel that comes to the customer; none that comes to us."""
        return self.shipment_id.filtered(lambda shipment: shipment.direction != "inbound")

    def _render_ticket_description(self):
        """The ticket's text. Customers may read it in the portal: no reasons, values, suppliers, others' orders."""
        zone = self.user_id.tz or self.company_id.resource_calendar_id.tz or "UTC"
        return self.env["ir.qweb"]._render(
            "distribution_visibility_helpdesk.helpdesk_ticket_description",
            {
                "exception": self,
                "text": self.category_id._get_customer_text(),
                "orders": self._get_ticket_orders(),
                "shipment": self._get_ticket_shipment(),
                "zone": zone,
            },
        )

    # ------------------------------------------------------------------ notes
    def _log_ticket_opened(self):
        bodies = {}
        for exception in self:
            link = exception.helpdesk_ticket_id._get_html_link(title=exception.helpdesk_ticket_id.number)
            bodies[exception.id] = self.env._("Ticket %(ticket)s was opened.", ticket=link)
        self._message_log_batch(bodies)

    def _tell_tickets(self):
        """Note on the tickets that their exceptions were closed or reopened; the stage stays as it is."""
        bodies = {
            exception.helpdesk_ticket_id.id: exception._get_ticket_note()
            for exception in self
            if exception.helpdesk_ticket_id
        }
        self.helpdesk_ticket_id._message_log_batch(bodies)

    def _get_ticket_note(self):
        link = self._get_html_link(title=self.name)
        if self.is_open:
            return self.env._("Exception %(exception)s was reopened.", exception=link)
        state = self._label("state")
        return self.env._(
            "Exception %(exception)s is closed (%(state)s). %(resolution)s",
            exception=link,
            state=state,
            resolution=self.resolution or "",
        )

    # ------------------------------------------------------------------ buttons
    def action_open_ticket(self):
        """Open the ticket of each exception, where there is none yet, and show them."""
        self.env["helpdesk.ticket"].check_access("create")
        self.check_access("write")
        self._check_tickets_can_be_opened()
        tickets = self._open_tickets()
        return self._get_ticket_action(tickets)

    def action_ticket_with_brief(self):
        """The same with the brief on the ticket: what happened, why it matters, what can be done."""
        self.env["helpdesk.ticket"].check_access("create")
        self.check_access("write")
        self._check_may_work()
        self._check_tickets_can_be_opened()
        action = self.env.ref("distribution_visibility_helpdesk.action_ticket_with_brief").sudo()
        action.with_context(active_model=self._name, active_ids=self.ids, active_id=self[:1].id).run()
        self.sudo().brief_id._mark("used")
        return self._get_ticket_action(self.sudo().helpdesk_ticket_id)

    def _check_tickets_can_be_opened(self):
        for exception in self.sudo():
            if not exception.is_open and not exception.helpdesk_ticket_id:
                raise UserError(self.env._("%s is closed: reopen it before you open a ticket.", exception.name))

    def action_show_ticket(self):
        self.check_access("read")
        return self._get_ticket_action(self.sudo().helpdesk_ticket_id)

    def _get_ticket_action(self, tickets):
        visible = tickets.sudo(False)._filtered_access("read")
        if tickets and not visible:
            raise AccessError(
                self.env._(
                    "Ticket %(numbers)s is with team %(teams)s, whose tickets you may not read.",
                    numbers=", ".join(tickets.mapped("number")),
                    teams=", ".join(tickets.team_id.mapped("name")) or "–",
                )
            )
        return self._open_action("helpdesk_mgmt.helpdesk_ticket_action", visible)
