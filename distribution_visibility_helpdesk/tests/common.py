from odoo.addons.distribution_visibility.tests.common import VisibilityCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")


class TicketCase(VisibilityCase):
    """The hospital's parcel is delayed, and there is a service desk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls._create_user(
            "service-agent", "distribution_visibility.group_user", "helpdesk_mgmt.group_helpdesk_user"
        )
        cls.colleague = cls._create_user("no-helpdesk", "distribution_visibility.group_user")
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "Service desk", "user_ids": [(4, cls.agent.id)]})
        cls.company.visibility_helpdesk_team_id = False
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.delivery = cls._create_delivery("1Z1")
        cls.exception = cls._delay("1Z1", cls.delivery)

    @classmethod
    def _delay(cls, number, delivery):
        """The carrier says that the parcel under this number is delayed."""
        cls._tell(cls.easypost, cls._tracker(number, DELAYED, est_delivery_date="2026-03-06T18:00:00Z"))
        return delivery.visibility_shipment_ids.exception_ids

    def _click_open(self, exception=None, user=None):
        """What the button does for a person; gives the ticket that they are shown."""
        exceptions = (exception or self.exception).with_user(user or self.agent)
        action = exceptions.action_open_ticket()
        return self.env["helpdesk.ticket"].browse(action.get("res_id") or action["domain"][0][2])
