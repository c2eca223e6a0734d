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
    "visibility.refusal": ("", "", "r", "r", "r", ""),
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
    "visibility.override.set.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.override.end.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.priority.change": ("", "r", "r", "r", "r", ""),
    "visibility.log.head.wizard": ("", "", "", "crud", "crud", ""),
    "visibility.allocation.line": ("", "", "r", "r", "r", ""),
    "visibility.follow.up": ("", "", "", "r", "", ""),
    "visibility.gate": ("r", "r", "r", "ru", "r", ""),
    "visibility.mapping.field": ("", "", "", "crud", "r", ""),
    "visibility.partner.risk": ("r", "r", "r", "r", "r", ""),
    "visibility.priority.weight": ("", "r", "r", "crud", "r", ""),
    "visibility.root.cause": ("r", "r", "r", "crud", "r", ""),
    # Dialogs; those that nobody of these may open belong to other groups, such as the administrators'
    "visibility.assign.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.close.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.correction.wizard": ("", "", "crud", "crud", "", ""),
    "visibility.erasure.wizard": ("", "", "", "crud", "", ""),
    "visibility.expectation.preview": ("", "", "", "crud", "crud", ""),
    "visibility.expectation.preview.line": ("", "", "", "crud", "crud", ""),
    "visibility.key.wizard": ("", "", "", "crud", "", ""),
    "visibility.link.wizard": ("", "", "crud", "crud", "", ""),
    "visibility.merge.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.outbox.wizard": ("", "", "crud", "crud", "", ""),
    "visibility.override.wizard": ("crud", "crud", "crud", "crud", "crud", ""),
    "visibility.priority.wizard": ("", "", "", "", "", ""),
    "visibility.priority.reason.wizard": ("", "", "", "", "", ""),
    "visibility.promise.wizard": ("", "", "", "", "", ""),
    "visibility.proposal.refuse.wizard": ("", "", "", "", "", ""),
    "visibility.replay.wizard": ("", "", "crud", "crud", "", ""),
    "visibility.snooze.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.split.wizard": ("", "crud", "crud", "crud", "", ""),
    "visibility.subscription.key.wizard": ("", "", "", "crud", "", ""),
    "visibility.token.wizard": ("", "", "", "", "", ""),
    # Odoo's own, that we extend: what acts by itself is set up by administrators only
    "base.automation": ("", "", "r", "r", "r", ""),
    "ir.actions.server": ("", "", "r", "r", "r", ""),
}
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}


# Where the company of a record is: of these it is the company of what they belong to.
PARENTS = {"visibility.action.change": "run_id", "visibility.rule.run": "rule_id"}


class AccessCase(VisibilityCase):
    """Every model of an add-on, every operation and role, and every company."""

    addon = "distribution_visibility"
    matrix = MATRIX

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        roles = ("user", "coordinator", "manager", "auditor")
        cls.users = [cls._create_user("visibility-employee")]
        cls.users += [cls._create_user(f"visibility-{role}", GROUP + role) for role in roles]
        cls.users.append(cls.env.ref("distribution_visibility.user_integration"))

    def _get_models(self):
        models = self.env.registry.items()
        return {name for name, model in models if not model._abstract and model._original_module == self.addon}

    def _check_that_each_model_has_a_row(self):
        self.assertFalse(self._get_models() - set(self.matrix), "these models have no row")

    def _check_matrix(self):
        for model, row in self.matrix.items():
            for user, allowed in zip(self.users, row, strict=True):
                records = self.env[model].with_user(user)
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, user=user.login, operation=operation):
                        self.assertEqual(records.has_access(operation), letter in allowed)

    def _check_companies(self):
        """What the record rules make of a record of this and of another company, model by model."""
        other = self.env["res.company"].create({"name": "Another company"})
        for name in sorted(self._get_models()):
            model = self.env[name]
            if model._transient or "company_id" not in model._fields:
                continue
            rules = self.env["ir.rule"].with_user(self.users[3])._compute_domain(name, "read")
            with self.subTest(model=name):
                self.assertTrue(self._get_record_of(name, self.company).filtered_domain(rules), "ours is seen")
                self.assertFalse(self._get_record_of(name, other).filtered_domain(rules), "another's is not")

    def _get_record_of(self, name, company):
        parent = PARENTS.get(name)
        if not parent:
            return self.env[name].new({"company_id": company.id})
        comodel = self.env[name]._fields[parent].comodel_name
        return self.env[name].new({parent: self.env[comodel].new({"company_id": company.id})})


@tagged("post_install", "-at_install")
class TestAccessRights(AccessCase):
    """Every model, operation and role."""

    def test_each_model_has_a_row(self):
        self._check_that_each_model_has_a_row()

    def test_each_role_may_do_what_the_matrix_says_and_nothing_else(self):
        self._check_matrix()

    def test_no_model_shows_records_of_another_company(self):
        self._check_companies()

    def test_nobody_but_an_administrator_makes_an_automation_act_by_itself(self):
        automation = self.env["base.automation"].create(
            {"name": "x", "model_id": self.env["ir.model"]._get_id("sale.order"), "trigger": "on_create"}
        )
        for user in self.users[1:5]:
            for values in ({"is_governed": False}, {"accountable_id": user.id}, {"hourly_limit": 0}):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    automation.with_user(user).write(values)

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
