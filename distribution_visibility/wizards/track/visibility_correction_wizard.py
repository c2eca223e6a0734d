from odoo import api, fields, models
from odoo.exceptions import UserError


class VisibilityCorrectionWizard(models.TransientModel):
    """A person who knows better says what is so with a shipment, and why."""

    _name = "visibility.correction.wizard"
    _description = "Correct a shipment"

    shipment_id = fields.Many2one("visibility.shipment", required=True, readonly=True)
    company_id = fields.Many2one(related="shipment_id.company_id")
    task = fields.Selection(
        [
            ("delivered", "It was delivered"),
            ("lost", "It is lost"),
            ("milestone", "It is at another milestone"),
            ("eta", "It will arrive at another time"),
            ("move", "What was said is about another shipment"),
            ("take_back", "A correction was wrong"),
        ],
        "What is so",
        required=True,
        default="delivered",
    )
    reason = fields.Char("Why", required=True, help="Stays on the timeline, with your name.")
    occurred_at = fields.Datetime("When", default=fields.Datetime.now, help="When it happened.")
    signed_by = fields.Char("Taken by")
    milestone_id = fields.Many2one("visibility.milestone", domain=[("branch", "!=", "information")])
    eta = fields.Datetime("Arrives")
    target_id = fields.Many2one(
        "visibility.shipment", "Other shipment", domain="[('company_id', '=', company_id), ('id', '!=', shipment_id)]"
    )
    event_ids = fields.Many2many(
        "visibility.event", string="Events", domain="[('shipment_id', '=', shipment_id), ('kind', '!=', 'correction')]"
    )
    is_remembered = fields.Boolean(
        "Later ones, too", default=True, help="What the same senders say of this number later goes there, too."
    )
    event_id = fields.Many2one("visibility.event", "Correction", readonly=True)

    @api.onchange("task")
    def _onchange_task(self):
        if self.task == "move" and not self.event_ids:
            self.event_ids = self.shipment_id.event_ids.filtered(lambda event: event.kind != "correction")

    def action_confirm(self):
        """Record the correction; it takes effect at once."""
        self.ensure_one()
        getattr(self, f"_confirm_{self.task}")()
        return {"type": "ir.actions.act_window_close"}

    def _correct(self, **values):
        return self.env["visibility.event"]._correct(self.shipment_id, self.reason, **values)

    def _confirm_delivered(self):
        milestones = self.env["visibility.milestone"]._get_ids_by_code()
        self._correct(
            milestone_id=milestones["delivered"], occurred_at=self._get_past_time(), signed_by=self.signed_by or False
        )

    def _confirm_lost(self):
        category = self.env["visibility.exception"]._get_category("lost_or_stolen")
        self._correct(category_id=category.id, occurred_at=self._get_past_time(), responsible_party="carrier")

    def _confirm_milestone(self):
        if not self.milestone_id:
            raise UserError(self.env._("Choose the milestone where the shipment is."))
        self._correct(milestone_id=self.milestone_id.id, occurred_at=self._get_past_time())

    def _confirm_eta(self):
        if not self.eta or self.eta <= fields.Datetime.now():
            raise UserError(self.env._("Say when it will arrive: a time that has not passed yet."))
        self._correct(eta=self.eta)

    def _confirm_move(self):
        self.event_ids._move_to(self.target_id, self.reason, self.is_remembered)

    def _confirm_take_back(self):
        self.event_id._take_back(self.reason)

    def _get_past_time(self):
        if self.occurred_at and self.occurred_at > fields.Datetime.now():
            raise UserError(self.env._("A correction says what has happened: its time cannot be in the future."))
        return self.occurred_at or fields.Datetime.now()
