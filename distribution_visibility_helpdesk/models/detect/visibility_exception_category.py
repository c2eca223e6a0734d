from odoo import api, fields, models


class VisibilityExceptionCategory(models.Model):
    """Who gets the tickets of a kind of exceptions, and what customers read in them.

    Our names and instructions are for ourselves.
    """

    _inherit = "visibility.exception.category"

    helpdesk_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        "Helpdesk team",
        company_dependent=True,
        check_company=True,
        help="Gets the tickets of these exceptions, in this company. Empty: the team in the Helpdesk settings.",
    )
    customer_text = fields.Char(
        "What customers read",
        translate=True,
        help="Says in a ticket what is the matter: no values, no suppliers. Empty: the words that are shown in grey.",
    )
    usual_customer_text = fields.Char(compute="_compute_usual_customer_text")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_usual_customer_text(self):
        usual = self._get_usual_customer_texts()
        for category in self:
            text = usual.get(category.code) or self.env._("We are looking into a matter that concerns you.")
            category.usual_customer_text = text

    def _get_customer_text(self):
        """One sentence for a customer, in the language of the context."""
        return self.customer_text or self.usual_customer_text

    @api.model
    def _get_usual_customer_texts(self):
        """By code of the category. Of all others, customers read that we are looking into it."""
        late = self.env._("What you ordered may not be available in time.")
        leaves_late = self.env._("Your goods leave our warehouse later than planned.")
        return {
            "late_risk": self.env._("Your goods may arrive later than promised."),
            "delayed_in_transit": self.env._("Your goods are delayed on their way to you."),
            "weather_or_disaster": self.env._("Weather delays your goods on their way to you."),
            "labour_or_civil": self.env._("A strike or unrest delays your goods on their way to you."),
            "vehicle_or_equipment": self.env._("A breakdown delays your goods on their way to you."),
            "stale_no_update": self.env._("We are asking the carrier where your goods are."),
            "pickup_missed": leaves_late,
            "warehouse_late": leaves_late,
            "misrouted": self.env._("Your goods took a wrong way and are being sent on to you."),
            "delivery_attempt_failed": self.env._("The carrier could not hand your goods over."),
            "address_problem": self.env._("The carrier needs your right delivery address."),
            "refused": self.env._("Your goods were not accepted at the delivery address."),
            "customs_hold": self.env._("Customs holds your goods."),
            "documents_missing": self.env._("A document is missing for the delivery of your goods."),
            "damaged": self.env._("Your goods may have been damaged on their way."),
            "lost_or_stolen": self.env._("The carrier cannot find your goods."),
            "shortage": self.env._("Fewer packages may arrive than we sent to you."),
            "held_by_carrier": self.env._("The carrier holds your goods."),
            "unclaimed_at_pickup_point": self.env._("Your goods wait for you at the pickup point."),
            "return_to_sender": self.env._("Your goods are on their way back to us."),
            "rejected_cancelled_disposed": self.env._("The carrier will not deliver your goods."),
            "supplier_change_proposed": self.env._("What you ordered may come otherwise than planned."),
            "supplier_reject_or_backorder": late,
            "receipt_overdue": late,
            "asn_overdue": late,
            "receipt_incomplete": late,
            "receipt_or_asn_discrepancy": late,
            "ack_overdue": late,
            "stock_short": late,
            "allocation_lost": late,
            "backorder": self.env._("A part of your order comes later."),
            "order_incomplete": self.env._("We need to know how or when your order is to be delivered."),
            "payment_overdue": self.env._("An invoice of ours to you seems to be open."),
            "proof_missing": self.env._("We are asking the carrier for the proof of your delivery."),
            "quality_hold": self.env._("We are checking your goods before they leave."),
            "response_overdue": self.env._("You have been waiting too long for our answer."),
        }
