from odoo.addons.distribution_visibility.tests.common import VisibilityCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")


class DecisionCase(VisibilityCase):
    """The hospital's parcel is delayed; an agent asks for a courier, and a manager may say yes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls._create_user("decision-agent", "distribution_visibility.group_user")
        cls.manager = cls._create_user("decision-manager", "distribution_visibility.group_manager")
        cls.other_manager = cls._create_user("decision-other-manager", "distribution_visibility.group_manager")
        cls.definition = cls.env.ref("distribution_visibility_approvals.tier_definition_manager")
        delivery = cls._create_delivery("1Z1")
        cls._tell(cls.easypost, cls._tracker("1Z1", DELAYED))
        cls.exception = delivery.visibility_shipment_ids.exception_ids

    def _draft(self, user=None, **values):
        return (
            self.env["visibility.decision"]
            .with_user(user or self.agent)
            .create(
                {
                    "exception_id": self.exception.id,
                    "kind": "expedited_freight",
                    "amount": 450,
                    "justification": "The operation is tomorrow.",
                    **values,
                }
            )
        )

    def _request(self, user=None, **values):
        decision = self._draft(user, **values)
        decision.action_request()
        return decision

    def _approve(self, decision, user=None, comment="Go ahead"):
        """What an approver clicks, with the dialog for the comment in between."""
        return self._answer(decision.with_user(user or self.manager).action_approve(), comment, user)

    def _reject(self, decision, user=None, comment="Too dear"):
        return self._answer(decision.with_user(user or self.manager).action_reject(), comment, user)

    def _answer(self, action, comment, user=None):
        if action:
            wizard = self.env["comment.wizard"].with_user(user or self.manager).with_context(**action["context"])
            wizard.create({"comment": comment}).add_comment()
