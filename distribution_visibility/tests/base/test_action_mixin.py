from odoo.tests import TransactionCase, tagged

ACTION = "distribution_visibility.visibility_shipment_action"


@tagged("post_install", "-at_install")
class TestActionMixin(TransactionCase):
    """What buttons answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buttons = cls.env["visibility.action.mixin"]
        cls.partners = cls.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])

    def test_many_records_are_a_list_of_exactly_these_and_one_is_its_form(self):
        many = self.buttons._open_action(ACTION, self.partners)
        self.assertEqual((many["domain"], many["context"]), ([("id", "in", self.partners.ids)], {}))
        one = self.buttons._open_action(ACTION, self.partners[0])
        self.assertEqual((one["res_id"], one["views"]), (self.partners[0].id, [(False, "form")]))
        none = self.buttons._open_action(ACTION, self.partners.browse())
        self.assertEqual(none["domain"], [("id", "in", [])])

    def test_a_domain_and_a_context_take_the_place_of_the_actions_own(self):
        action = self.buttons._open_action(ACTION, domain=[("id", "=", 1)], context={"search_default_open": 1})
        self.assertEqual((action["domain"], action["context"]), ([("id", "=", 1)], {"search_default_open": 1}))
        self.assertEqual((action["type"], action["res_model"]), ("ir.actions.act_window", "visibility.shipment"))

    def test_a_list_may_be_of_more_than_the_records_and_one_of_them_is_still_its_form(self):
        domain = [("name", "!=", False)]
        self.assertEqual(self.buttons._open_action(ACTION, self.partners, domain)["domain"], domain)
        self.assertEqual(self.buttons._open_action(ACTION, self.partners[1], domain)["res_id"], self.partners[1].id)

    def test_a_record_that_is_known_by_model_and_id_opens_in_its_form(self):
        partner = self.env.user.partner_id
        action = self.buttons._open_record("res.partner", partner.id)
        self.assertEqual(
            (action["res_model"], action["res_id"], action["views"]), ("res.partner", partner.id, [(False, "form")])
        )

    def test_a_sentence_says_what_came_of_it_and_what_happens_then(self):
        plain = self.buttons._say("Done.")
        self.assertEqual(
            (plain["tag"], plain["params"]), ("display_notification", {"type": "success", "message": "Done."})
        )
        closing = self.buttons._say("Done.", after="close")["params"]["next"]
        self.assertEqual(closing, {"type": "ir.actions.act_window_close"})
        params = self.buttons._say("Broken.", "danger", "reload", sticky=True)["params"]
        self.assertEqual((params["type"], params["next"]["tag"], params["sticky"]), ("danger", "soft_reload", True))
