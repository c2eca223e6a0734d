from odoo.tests import tagged

from ..common import VisibilityCase

OURS = "distribution_visibility"


@tagged("post_install", "-at_install")
class TestEmptyLists(VisibilityCase):
    """As long as nobody reports anything, nothing on the screens says that all is well."""

    def _get_helps(self, user):
        """What each of our lists of things that are reported says when it is empty, by action."""
        ours = [("model", "=", "ir.actions.act_window"), ("module", "=like", f"{OURS}%")]
        data = self.env["ir.model.data"].search(ours)
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id")).exists()
        reported = actions.filtered(
            lambda one: one.res_model in self.env and getattr(self.env[one.res_model], "_visibility_is_reported", False)
        )
        names = ["help", "res_model", "context"]
        return {one: one.with_user(user).sudo().read(names)[0]["help"] or "" for one in reported}

    def test_a_new_database_without_sources_says_that_nobody_reports_anything(self):
        self.env["visibility.source"].search([]).active = False
        helps = self._get_helps(self.owner)
        models = set(map(lambda one: one.res_model, helps))
        self.assertTrue({"visibility.exception", "visibility.shipment", "visibility.proposal"} <= models, models)
        for action, words in helps.items():
            with self.subTest(action=action.name):
                self.assertIn("Nobody reports anything yet", words)
                self.assertNotIn("Nothing is wrong", words)

    def test_with_a_source_an_empty_list_is_good_news(self):
        action = self.env.ref("distribution_visibility.visibility_exception_action")
        self.assertIn("Nothing is wrong", self._get_helps(self.owner)[action])

    def test_a_manager_gets_to_the_sources_from_there_and_others_do_not(self):
        self.env["visibility.source"].search([]).active = False
        manager = self._create_user("visibility-manager", "distribution_visibility.group_manager")
        for user, is_led in ((manager, True), (self.owner, False)):
            words = self.env["visibility.exception"].with_user(user).get_empty_list_help("")
            self.assertEqual("visibility_source_action" in words, is_led, user.login)
