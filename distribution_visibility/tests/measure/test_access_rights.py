from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import VisibilityCase

GROUP = "distribution_visibility.group_"
# Letters are the operations that a role has: create, read, update, delete.
MATRIX = {
    #                             employee user  coordinator manager auditor integration
    "visibility.source": ("", "r", "r", "crud", "r", ""),
    "visibility.source.key": ("", "", "", "crud", "", ""),
    "visibility.inbox.message": ("", "", "r", "r", "r", ""),
    "visibility.code.map": ("", "r", "r", "crud", "r", ""),
    "visibility.mapping": ("", "", "", "crud", "r", ""),
    "visibility.milestone": ("", "r", "r", "crud", "r", ""),
    "visibility.shipment": ("r", "r", "cru", "crud", "r", ""),
    "visibility.shipment.alias": ("r", "r", "r", "r", "r", ""),
    "visibility.lane": ("", "r", "r", "r", "r", ""),
    "visibility.shipment.choice": ("", "r", "r", "r", "r", ""),
    "visibility.promise": ("r", "r", "r", "r", "r", ""),
    "visibility.event": ("r", "r", "r", "r", "r", ""),
    "visibility.tag": ("r", "r", "r", "crud", "r", ""),
    "visibility.exception.category": ("r", "r", "r", "crud", "r", ""),
    "visibility.exception": ("r", "ru", "cru", "crud", "r", ""),
    "visibility.rule": ("", "r", "r", "crud", "r", ""),
    "visibility.rule.run": ("", "r", "r", "r", "r", ""),
    "visibility.expectation.template": ("", "r", "r", "crud", "r", ""),
    "visibility.expectation": ("r", "r", "r", "r", "r", ""),
    "visibility.proposal": ("", "", "r", "r", "r", ""),
    "visibility.proposal.line": ("", "", "r", "r", "r", ""),
    "visibility.proposal.effect": ("", "", "r", "r", "r", ""),
    "visibility.proposal.change": ("", "", "r", "r", "r", ""),
    "visibility.proposal.policy": ("", "", "r", "crud", "r", ""),
    "visibility.allocation": ("", "", "r", "r", "r", ""),
    "visibility.receipt.comparison": ("", "r", "r", "r", "r", ""),
    "visibility.counter": ("", "", "", "r", "r", ""),
    "visibility.incident": ("", "", "r", "r", "r", ""),
    "visibility.outbox.type": ("", "", "r", "r", "r", ""),
    "visibility.subscription": ("", "", "r", "crud", "r", ""),
    "visibility.subscription.filter": ("", "", "r", "crud", "r", ""),
    "visibility.subscription.key": ("", "", "", "crud", "", ""),
    "visibility.outbox.message": ("", "", "r", "r", "r", ""),
    "visibility.outbox.attempt": ("", "", "r", "r", "r", ""),
    "visibility.internal.address": ("", "", "", "r", "r", ""),
    "visibility.erasure": ("", "", "", "r", "r", ""),
    "visibility.action.run": ("", "r", "r", "r", "r", ""),
    "visibility.action.change": ("", "r", "r", "r", "r", ""),
    "visibility.action.chain": ("", "", "", "r", "r", ""),
    "visibility.brief": ("", "ru", "ru", "ru", "r", ""),
    "visibility.team": ("r", "r", "r", "crud", "r", ""),
    "visibility.team.member": ("r", "r", "r", "crud", "r", ""),
    "visibility.absence": ("r", "crud", "crud", "crud", "r", ""),
    "visibility.escalation.policy": ("r", "r", "r", "crud", "r", ""),
    "visibility.escalation.level": ("r", "r", "r", "crud", "r", ""),
    "visibility.escalation.step": ("r", "r", "r", "r", "r", ""),
    "visibility.message": ("", "ru", "ru", "ru", "r", ""),
    "visibility.message.occasion": ("", "r", "r", "crud", "r", ""),
    "visibility.aspect": ("r", "r", "r", "r", "r", ""),
    "visibility.override": ("r", "r", "r", "r", "r", ""),
    "visibility.hand.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.return.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.priority.change": ("", "r", "r", "r", "r", ""),
    "visibility.head.wizard": ("", "", "", "crud", "crud", ""),
}
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestAccessRights(VisibilityCase):
    """Every model, operation and role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        roles = ("user", "coordinator", "manager", "auditor")
        cls.users = [cls._create_user("visibility-employee")]
        cls.users += [cls._create_user(f"visibility-{role}", GROUP + role) for role in roles]
        cls.users.append(cls.env.ref("distribution_visibility.user_integration"))

    def test_each_role_may_do_what_the_matrix_says_and_nothing_else(self):
        for model, row in MATRIX.items():
            for user, allowed in zip(self.users, row, strict=True):
                records = self.env[model].with_user(user)
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, user=user.login, operation=operation):
                        self.assertEqual(records.has_access(operation), letter in allowed)

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_nobody_sees_what_belongs_to_another_company(self):
        other = self.env["res.company"].create({"name": "Another company"})
        shipment = self.env["visibility.shipment"].create({"number": "1Z1", "company_id": other.id})
        with self.assertRaises(AccessError):
            shipment.with_user(self.owner).read(["number"])

    def test_the_integration_user_cannot_sign_in_and_sees_no_menu(self):
        user = self.env.ref("distribution_visibility.user_integration")
        self.assertFalse(user.active)
        self.assertFalse(user.has_group("base.group_user"))
