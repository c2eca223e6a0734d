from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..automation.test_automation import AutomationCase

#: Kinds of actions that can be taken back: one row each, ``_given_<name>`` says what is so before (see below).
REVERSIBLE = {
    "object_write": ("sale.order", {"update_path": "client_order_ref", "value": "URGENT"}),
    "next_activity": ("sale.order", {"activity_user_type": "specific", "activity_summary": "Call them"}),
    "multi": ("sale.order", {}),
    "visibility_raise": ("sale.order", {}),
    "visibility_clear": ("sale.order", {}),
    "visibility_assign": ("sale.order", {"visibility_role": "service"}),
    "visibility_priority": ("sale.order", {"visibility_assigns_picker": True}),
    "visibility_hold": ("sale.order", {}),
    "visibility_release": ("sale.order", {}),
    "visibility_decision": ("sale.order", {}),
    "visibility_brief": ("visibility.exception", {}),
}
IRREVERSIBLE = {
    *("code", "webhook", "mail_post", "sms", "followers", "remove_followers", "object_create", "object_copy"),
    *("visibility_notify", "visibility_emit"),
}
#: Reversible as a draft only, irreversible once it sends; its own tests tell both.
EITHER = {"visibility_message"}
#: The cause, times of reports, and that there was an exception, which stays on record.
IGNORED = ("note", "reason", "last_seen_at", "closed_at", "visibility_severity", "visibility_exception_ids")


@tagged("post_install", "-at_install")
class TestRollbackOfAll(AutomationCase):
    """Every kind of server action in an automation: act, roll back, everything is as before. And what somebody
    has changed since is left to them."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.team"].search([]).active = False
        groups = [cls.env.ref(name).id for name in ("sales_team.group_sale_manager", "stock.group_stock_manager")]
        cls.colleague.group_ids = [fields.Command.link(group) for group in groups]
        cls.anna = cls._create_user("visibility-anna", "distribution_visibility.group_coordinator")
        member = [fields.Command.create({"user_id": cls.anna.id})]
        cls.env["visibility.team"].create(
            [
                {"name": role, "role": role, "leader_id": cls.anna.id, "member_ids": member}
                for role in ("service", "warehouse")
            ]
        )

    # ------------------------------------------------------------------ the stage
    def _set_stage(self, state):
        """A document, an automation that acts on it when its note says GO, and a picture of what is so before."""
        model, values = REVERSIBLE[state]
        self.order = self._create_delivery(f"1Z{state}").sale_id
        self.order.user_id = self.owner
        self.record = self.order if model == "sale.order" else self._raise(self.order)
        getattr(self, f"_given_{state}", lambda: None)()
        self.trigger = "note" if model == "sale.order" else "reason"
        self.automation = self._automate(
            {}, model=model, trigger="on_write",
            trigger_field_ids=[fields.Command.set(self.env["ir.model.fields"]._get(model, self.trigger).ids)],
            filter_domain=f"[('{self.trigger}', 'ilike', 'GO')]",
            actions=[self._prepare_action(state, values)],
        )  # fmt: skip
        self.env.flush_all()
        self.before = self._take_picture()

    def _prepare_action(self, state, values):
        values = {"state": state, "visibility_reason": "Because", **values}
        if state == "object_write":
            values.update(evaluation_type="value")
        if state == "next_activity":
            call = self.env.ref("mail.mail_activity_data_call")
            values.update(activity_type_id=call.id, activity_user_id=self.anna.id)
        if state.startswith("visibility_"):
            values.update(visibility_category_id=self.category.id)
        if state == "multi":
            children = [self._prepare_action(one, REVERSIBLE[one][1]) for one in ("object_write", "next_activity")]
            model = self.env["ir.model"]._get_id("sale.order")
            rows = [{"name": one["state"], "model_id": model, **one} for one in children]
            values["child_ids"] = [fields.Command.create(row) for row in rows]
        return values

    def _given_visibility_clear(self):
        self._raise(self.order)

    def _given_visibility_release(self):
        action = self.env["ir.actions.server"].create(
            {"name": "Hold", "model_id": self.env["ir.model"]._get_id("sale.order"), "state": "visibility_hold",
             "visibility_category_id": self.category.id}
        )  # fmt: skip
        action._run_on_records(self.order)

    def _take_picture(self):
        """Everything that a person decides on the document, its transfers and its exceptions."""
        self.env.flush_all()
        self.env.invalidate_all()
        recorder = self.env["visibility.action.recorder"]
        exceptions = (self.order.visibility_exception_ids | self._get_exceptions()).filtered("is_open")
        picture = {}
        for records in (self.order, self.order.picking_ids, exceptions):
            picture.update(recorder._snapshot(records))
        for values in picture.values():
            for name in IGNORED:
                values.pop(name, None)
        # that it came back is kept, and whoever answers for it starts anew
        for (model, _id), values in picture.items():
            if model == "visibility.exception":
                for name in ("deadline", "reopen_count"):
                    values.pop(name, None)
        tasks = self.env["mail.activity"].sudo().search(
            [("res_model", "=", self.record._name), ("res_id", "=", self.record.id)]
        )
        briefs = self.env["visibility.brief"].sudo().search([("state", "!=", "set_aside")])
        return picture, set(tasks.mapped("summary")), len(tasks), len(briefs)

    def _get_exceptions(self):
        return self.env["visibility.exception"].sudo().search(
            [("res_model", "=", "sale.order"), ("res_id", "=", self.order.id)]
        )

    @contextmanager
    def _in_peace(self):
        """One kind alone: the automations of the others rest."""
        try:
            yield
        finally:
            self.env["base.automation"].search([("name", "=", "Test automation")]).active = False

    def _act(self, state):
        self._set_stage(state)
        self.record.sudo().write({self.trigger: "GO"})
        self.env.flush_all()
        run = self._runs_of(self.automation)
        self.assertEqual(run.mapped("result"), ["done"], run.mapped("detail"))
        self.assertTrue(run.is_reversible)
        self.assertNotEqual(self._take_picture(), self.before, f"{state} did something")
        return run

    # ------------------------------------------------------------------ somebody has changed it since
    def _since_object_write(self):
        self.order.with_user(self.colleague).client_order_ref = "By hand"

    def _since_next_activity(self):
        task = self.order.activity_ids.filtered(lambda one: one.summary == "Call them")
        task.with_user(self.colleague).date_deadline = "2030-01-01"

    def _since_multi(self):
        self._since_next_activity()

    def _since_visibility_raise(self):
        self._get_exceptions().with_user(self.colleague).action_take()

    def _since_visibility_clear(self):
        self._get_exceptions().with_user(self.colleague).action_reopen()

    def _since_visibility_assign(self):
        self.order.with_user(self.colleague).user_id = self.colleague

    def _since_visibility_priority(self):
        self.order.picking_ids.with_user(self.colleague).priority = "0"

    def _since_visibility_hold(self):
        self._get_exceptions().with_user(self.colleague).action_take()

    def _since_visibility_release(self):
        self._get_exceptions().with_user(self.colleague).action_reopen()

    def _since_visibility_decision(self):
        task = self.order.activity_ids.filtered(lambda one: "Because" in (one.summary or ""))
        task.with_user(self.colleague).user_id = self.colleague

    def _since_visibility_brief(self):
        self.record.sudo().user_id = self.colleague
        self.env["visibility.brief"].search([("exception_id", "=", self.record.id)]).with_user(
            self.colleague
        ).action_use()

    # ------------------------------------------------------------------ the story, kind by kind
    def test_each_kind_can_be_taken_back_or_says_why_not(self):
        own = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", "ir.actions.server"), ("field_id.name", "=", "state")]
        )
        names = own._get_external_ids()
        # kinds of an add-on that builds on this one are proven by its own tests
        kinds = {
            one.value for one in own if not any(name.startswith("distribution_visibility_") for name in names[one.id])
        }
        self.assertEqual(kinds - {"sms"}, (set(REVERSIBLE) | IRREVERSIBLE | EITHER) - {"sms"}, "each kind is proven")
        self.assertFalse(set(REVERSIBLE) & IRREVERSIBLE)

    def test_what_cannot_be_taken_back_says_why_before_and_after(self):
        for state in sorted(IRREVERSIBLE & set(dict(self.env["ir.actions.server"]._fields["state"].selection))):
            with self.subTest(state=state):
                reasons = self.env["ir.actions.server"].new({"state": state})._get_irreversible_reasons()
                self.assertEqual(len(reasons), 1)
                values = self.runs._prepare_run(
                    self.customer, name="x", origin="automation", result="done", is_reversible=not reasons,
                    irreversible_reason=reasons[0],
                )  # fmt: skip
                with self.assertRaisesRegex(UserError, reasons[0].rstrip(".")):
                    self.runs._record([values]).action_roll_back()

    def test_everything_is_as_before_when_it_is_rolled_back(self):
        for state in REVERSIBLE:
            with self.subTest(state=state), self._in_peace():
                run = self._act(state)
                run.action_roll_back()
                self.assertEqual(run.follow_ids.mapped("result"), ["done"], run.follow_ids.mapped("detail"))
                self.assertEqual(self._take_picture(), self.before)
                with self.assertRaises(UserError):
                    run.action_roll_back()

    def test_what_somebody_changed_since_is_left_to_them_and_the_refusal_names_them(self):
        for state in REVERSIBLE:
            with self.subTest(state=state), self._in_peace():
                run = self._act(state)
                getattr(self, f"_since_{state}")()
                self.env.flush_all()
                now = self._take_picture()
                run.action_roll_back()
                self.assertEqual(run.follow_ids.mapped("result"), ["failed"])
                self.assertIn(self.colleague.name, run.follow_ids.detail)
                self.assertEqual(self._take_picture(), now, "nothing of it was undone, not even a part")
                self.assertFalse(run.status == "rolled_back")
