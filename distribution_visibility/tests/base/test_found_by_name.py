from odoo.tests import TransactionCase, tagged

#: What is found by name: (model, field whose values there are, model that has a method for each, what its name begins
#: with). A value without its method would be found out only when somebody needs it.
FOUND = (
    ("visibility.incident", "kind", "visibility.incident", "_say_"),
    ("visibility.escalation.level", "action", "visibility.exception", "_escalate_"),
    ("visibility.priority.wizard", "what", "visibility.priority.wizard", "_do_"),
    ("visibility.correction.wizard", "task", "visibility.correction.wizard", "_confirm_"),
)
#: What is noted in a transaction, and left for a moment later.
NOTED = ("expectations", "rules", "messages", "allocations")


@tagged("post_install", "-at_install")
class TestFoundByName(TransactionCase):
    """Methods that nobody calls by a name that stands in the code."""

    def test_every_value_has_its_method(self):
        missing = [
            f"{owner}.{prefix}{value}"
            for model, field, owner, prefix in FOUND
            for value in self.env[model]._fields[field].get_values(self.env)
            if not hasattr(self.env[owner], prefix + value)
        ]
        self.assertEqual(missing, [])

    def test_every_kind_of_action_that_responds_is_run(self):
        actions = self.env["ir.actions.server"]
        missing = [
            state for state in actions._get_visibility_states() if not hasattr(actions, f"_run_action_{state}_multi")
        ]
        self.assertEqual(missing, [])

    def test_everything_that_is_noted_is_looked_at(self):
        for kind in NOTED:
            self.assertTrue(hasattr(self.env["visibility.follow.up"], f"_follow_{kind}"), kind)
