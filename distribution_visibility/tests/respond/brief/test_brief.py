from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RespondCase

FACTS = "odoo.addons.distribution_visibility.models.respond.brief.visibility_brief.VisibilityBrief"


class BriefCase(RespondCase):
    """The hospital's parcel of two pumps is delayed by two days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.other_warehouse = cls.env["stock.warehouse"].create({"name": "South", "code": "SOU"})

    def setUp(self):
        super().setUp()
        self.promise = (fields.Datetime.now() + timedelta(days=2)).replace(hour=17, minute=0, second=0)
        self.delivery = self._create_delivery("1Z1")
        self.order = self.delivery.sale_id
        self.order.commitment_date = self.promise
        self.exception = self._delay()

    def _delay(self, number="1Z1", days=4):
        eta = datetime.now() + timedelta(days=days)
        moment = self._ago(hours=1)
        details = ("in_transit", "delayed", moment, "Severe weather")
        self._tell(self.easypost, self._tracker(number, details, est_delivery_date=f"{eta:%Y-%m-%dT18:00:00Z}"))
        shipment = self.env["visibility.shipment"].search([("number", "=", number)])
        return shipment.exception_ids.filtered(lambda one: one.category_id.code != "late_risk")[:1]

    def _stock(self, warehouse, quantity):
        self.env["stock.quant"]._update_available_quantity(self.pump, warehouse.lot_stock_id, quantity)

    def _brief(self, exception=None):
        return self.env["visibility.brief"]._write_briefs(exception or self.exception)

    def _option(self, brief, code):
        return next((one for one in brief.content["options"] if one["code"] == code), None)


@tagged("post_install", "-at_install")
class TestBrief(BriefCase):
    """A brief says what happened, why it matters and what can be done, and invents nothing."""

    # ------------------------------------------------------------------ what it says
    def test_it_tells_what_the_carrier_said_with_the_zone_and_the_source(self):
        body = self._brief().with_context(tz="America/Chicago").body
        for told in ("Severe weather", "easypost-test", "Toledo", "General Hospital", self.order.name):
            self.assertIn(told, body)
        self.assertRegex(body, r"\((CST|CDT)\)")

    def test_it_tells_the_value_and_how_late_it_will_be(self):
        brief = self._brief()
        stakes = brief.content["stakes"]
        self.assertEqual((stakes["value"], stakes["tier"]), (200, "strategic"))
        self.assertGreater(stakes["late_hours"], 24)
        self.assertIn("late", brief.summary)
        self.assertIn("General Hospital", brief.summary)

    def test_what_is_not_known_is_called_not_known(self):
        self._stock(self.other_warehouse, 2)
        body = self._brief().body
        self.assertIn("not known", body)
        self.assertIn("what it costs", body)

    def test_stock_of_another_warehouse_is_offered_with_its_quantity_and_the_decision_that_it_needs(self):
        self.assertFalse(self._option(self._brief(), "stock_elsewhere"))
        self._stock(self.other_warehouse, 5)
        option = self._option(self._brief(), "stock_elsewhere")
        self.assertEqual(option["known"]["warehouse"][1], self.other_warehouse.id)
        self.assertEqual(option["known"]["goods"][0][1:], [2, 5])
        self.assertEqual(option["decision"], "rerouting")
        self.assertIsNone(option["in_time"], "nobody knows how long it takes from there")

    def test_what_is_reserved_for_somebody_else_is_not_offered(self):
        self._stock(self.other_warehouse, 5)
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.pump.id), ("location_id", "=", self.other_warehouse.lot_stock_id.id)]
        )
        quant.sudo().reserved_quantity = 4
        self.assertEqual(self._option(self._brief(), "stock_elsewhere")["known"]["share"], 50)

    def test_a_receipt_before_the_promise_is_offered_and_one_after_it_is_said_to_be_too_late(self):
        purchase = self._create_purchase()
        purchase.order_line.date_planned = self.promise - timedelta(days=1)
        purchase.picking_ids.move_ids.date = self.promise - timedelta(days=1)
        option = self._option(self._brief(), "incoming")
        self.assertEqual(option["known"]["orders"][0][1], purchase.id)
        self.assertIsNone(option["in_time"], "the way from us to the customer is not known")
        self.assertIn("promised_to_others", option["unknown"])
        purchase.order_line.date_planned = self.promise + timedelta(days=9)
        self.assertFalse(self._option(self._brief(), "incoming")["in_time"])

    def test_what_is_reserved_can_go_ahead_and_a_whole_order_needs_the_customers_consent(self):
        self._stock(self.warehouse, 1)
        self.delivery.action_assign()
        option = self._option(self._brief(), "partial")
        self.assertEqual(option["known"]["share"], 50)
        self.assertFalse(option["needs"])
        self.order.picking_policy = "one"
        self.assertEqual(self._option(self._brief(), "partial")["needs"], ["customer_agrees"])

    def test_another_supplier_is_named_from_the_price_list_with_its_delivery_time(self):
        other = self.env["res.partner"].create({"name": "Second Source"})
        self.pump.seller_ids = [fields.Command.create({"partner_id": other.id, "delay": 1, "min_qty": 5})]
        option = self._option(self._brief(), "other_supplier")
        self.assertEqual((option["known"]["supplier"][1], option["known"]["days"]), (other.id, 1))
        self.assertEqual(option["decision"], "supplier_substitution")

    def test_a_suppliers_delay_names_the_orders_that_wait_and_not_the_same_supplier_again(self):
        purchase = self._create_purchase()
        self.pump.seller_ids = [fields.Command.create({"partner_id": self.supplier.id, "delay": 1})]
        exception = self._raise(purchase, reason="Strike")
        content = self._brief(exception).content
        self.assertIn(["purchase.order", purchase.id, purchase.display_name], content["sources"])
        self.assertNotIn("other_supplier", [option["code"] for option in content["options"]])

    def test_a_quicker_carrier_is_found_in_the_history_of_the_lane(self):
        self.customer.country_id = self.env.ref("base.us")
        shipment = self.exception.shipment_id
        self.env.add_to_compute(shipment._fields["lane_country"], shipment)
        quick = self.carrier.copy({"name": "Quick"})
        self.env["visibility.lane"].create(
            {
                "key": "test-lane",
                "kind": "transit",
                "level": 5,
                "company_id": self.company.id,
                "carrier_key": "quick",
                "carrier_id": quick.id,
                "origin_key": shipment.lane_origin,
                "destination_key": "US",
                "observation_count": 12,
                "p90_hours": 20,
            }
        )
        option = self._option(self._brief(), "other_carrier")
        self.assertEqual((option["known"]["carrier"][1], option["known"]["parcels"]), (quick.id, 12))
        self.assertTrue(option["in_time"])

    def test_a_closed_exception_offers_nothing(self):
        self.exception.action_resolve()
        content = self._brief().content
        self.assertEqual((content["options"], content["next"]["code"]), ([], "over"))

    def test_the_next_step_is_to_tell_the_strategic_customer_when_nothing_keeps_the_promise(self):
        self.exception.user_id = self.owner
        self.assertEqual(self._brief().content["next"]["code"], "tell")

    def test_each_source_is_one_click_away(self):
        sources = self._brief().sources
        self.assertIn(f"/odoo/sale.order/{self.order.id}", sources)
        self.assertIn(f"/odoo/visibility.shipment/{self.exception.shipment_id.id}", sources)
        self.assertIn("/odoo/visibility.event/", sources)

    def test_who_may_not_read_a_source_sees_its_name_and_no_link(self):
        brief = self._brief().with_user(self.owner)
        self.assertNotIn("/odoo/sale.order/", brief.sources)
        self.assertIn(self.order.name, brief.sources)

    def test_every_reader_reads_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.exception.category_id.with_context(lang="fr_FR").name = "Retardé"
        brief = self._brief()
        self.assertIn("Retardé", brief.with_context(lang="fr_FR").body)
        self.assertNotIn("Retardé", brief.with_context(lang="en_US").body)
        french = self.env["visibility.brief"].with_context(lang="fr_FR")._write_briefs(self.exception)
        self.assertEqual(french, brief, "the language of who asks is no change of facts")

    # ------------------------------------------------------------------ freshness
    def test_asking_again_writes_nothing_where_nothing_changed(self):
        first = self._brief()
        self.assertEqual(self._brief(), first)
        self.assertFalse(first.is_outdated)
        self.assertEqual(self.exception.brief_id, first)

    def test_when_the_facts_change_the_brief_says_so_and_refreshing_makes_a_new_version(self):
        first = self._brief()
        self._stock(self.other_warehouse, 5)
        self.assertTrue(first.is_outdated)
        second = self._brief()
        self.assertEqual((second.version, second.is_current, first.is_current), (2, True, False))
        self.assertEqual(self.exception.brief_id, second)
        answer = second.with_user(self.owner).action_refresh()
        self.assertIn("Nothing has changed", answer["params"]["message"])

    def test_ten_times_as_many_briefs_take_no_more_queries(self):
        few, many = self._raise(*self._create_partners(3)), self._raise(*self._create_partners(30))
        counts = []
        for exceptions in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._brief(exceptions)), len(exceptions))
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] * 2, counts)

    # ------------------------------------------------------------------ what people do with it
    def test_one_click_on_an_exception_writes_and_shows_the_brief(self):
        self.exception.user_id = self.owner
        action = self.exception.with_user(self.owner).action_brief()
        self.assertEqual(action["res_id"], self.exception.brief_id.id)
        self.assertIn("Severe weather", self.exception.with_user(self.owner).brief_body)

    def test_who_used_edited_or_set_it_aside_and_when_stands_on_it(self):
        brief = self._brief().with_user(self.owner)
        brief.action_use()
        self.assertEqual((brief.state, brief.decided_by_id), ("used", self.owner))
        brief.action_edit()
        brief.text = "<p>Call Dr. Miller</p>"
        self.assertEqual(brief.state, "edited")
        self.assertIn("Dr. Miller", brief.body)
        self.assertIn("/odoo/sale.order/", brief.with_user(self.env.ref("base.user_admin")).sources)
        brief.action_set_aside()
        self.assertEqual(brief.state, "set_aside")

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_model")
    def test_what_it_says_of_the_facts_cannot_be_rewritten(self):
        brief = self._brief().with_user(self.owner)
        for values in ({"content": {}}, {"state": "used"}, {"draft": "x"}, {"provider": "facts"}):
            with self.assertRaises(AccessError):
                brief.write(values)
        employee = self._create_user("brief-employee")
        with self.assertRaises(AccessError):
            brief.with_user(employee).read(["body"])

    def test_who_the_exception_does_not_belong_to_does_not_mark_it(self):
        self.exception.user_id = self.owner
        other = self._create_user("brief-other", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            self._brief().with_user(other).action_use()

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_another_company_reads_no_brief(self):
        brief = self._brief()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("brief-stranger", "distribution_visibility.group_manager")
        stranger.write({"company_ids": [fields.Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.assertFalse(self.env["visibility.brief"].with_user(stranger).search([("id", "=", brief.id)]))

    def test_a_person_who_asks_to_be_erased_disappears_from_briefs(self):
        brief = self._brief()
        brief.text = "<p>General Hospital called</p>"
        manager = self._create_user("brief-manager", "distribution_visibility.group_manager")
        self.env["visibility.erasure"].with_user(manager)._erase(["General Hospital"], self.company, "asked")
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM visibility_brief t WHERE id = %s AND t::text ILIKE %s", [brief.id, "%Hospital%"]
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.assertTrue(brief.body)

    # ------------------------------------------------------------------ the seam for those who write in words
    def test_a_provider_that_writes_in_words_advises_and_its_words_stand_beside_the_sources(self):
        def drafts(model, provider, contents):
            return {exception: "<p>Perhaps send it again.</p>" for exception in contents} if provider == "facts" else {}

        with patch(f"{FACTS}._get_drafts", drafts):
            brief = self._brief()
        self.assertIn("Perhaps send it again", brief.body)
        self.assertIn(f"/odoo/sale.order/{self.order.id}", brief.sources)
        self.assertEqual((brief.state, self.exception.state), ("new", "new"))


@tagged("post_install", "-at_install")
class TestBriefAction(BriefCase):
    """A server action asks for briefs, and the run says so."""

    def _run(self, exceptions):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Brief",
                "model_id": self.env["ir.model"]._get_id("visibility.exception"),
                "state": "visibility_brief",
            }
        )
        known = self.runs.search([])
        action.with_context(active_model=exceptions._name, active_ids=exceptions.ids, active_id=exceptions[:1].id).run()
        return self.runs.search([("id", "not in", known.ids)])

    def test_it_writes_the_brief_and_rolling_back_sets_it_aside(self):
        run = self._run(self.exception)
        self.assertEqual(run.change_ids.filtered(lambda row: row.kind == "created").res_id, self.exception.brief_id.id)
        self.assertTrue(run.is_reversible)
        run.action_roll_back()
        self.assertEqual(self.exception.brief_id.state, "set_aside")

    def test_where_nothing_changed_the_run_says_so_and_made_nothing(self):
        self._brief()
        run = self._run(self.exception)
        self.assertIn("Nothing has changed", run.detail)
        self.assertFalse(run.change_ids)

    def test_on_anything_but_an_exception_the_form_says_what_is_wrong(self):
        action = self.env["ir.actions.server"].create(
            {"name": "Brief", "model_id": self.env["ir.model"]._get_id("sale.order"), "state": "visibility_brief"}
        )
        self.assertIn("about an exception", action.warning)
