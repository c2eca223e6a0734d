import re
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.orm.table_objects import UniqueIndex
from odoo.tests import tagged

from ..message.message_case import MessageCase

#: Unique indexes that a merge of contacts can run into, each with what makes room.
PROVIDED_FOR = {
    "visibility.partner.risk": "rows are forgotten and worked out anew",
    "visibility.message": "of two drafts about one incident one gives way",
    "visibility.exception": "of two open ones of a kind one becomes part of the other",
    "visibility.expectation": "nothing is expected of a contact",
}
TOMORROW = fields.Datetime.now() + timedelta(days=1)
NAMES_A_RECORD = re.compile(r"\bres_id\b|\bincident_key\b")


@tagged("post_install", "-at_install")
class TestMergedContacts(MessageCase):
    """Two contacts are one: whoever merges them with Odoo's own form loses nothing that we know of either."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls.env["res.partner"].create(
            {"name": "General Hospital Ltd", "email": "buyer@hospital.example.com", "tz": "UTC"}
        )
        cls.twin_order = cls._create_delivery("1Z2", cls.twin).sale_id
        cls.owner.group_ids += cls.env.ref("base.group_partner_manager")
        cls.risks = cls.env["visibility.partner.risk"].sudo()

    def _merge(self, gone, kept):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | kept).ids, kept)
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_rows(self, partner):
        return self.risks.search([("partner_id", "=", partner.id)])

    # ------------------------------------------------------------------ what goes along
    def test_customers_who_both_have_trouble_can_be_merged_and_the_rest_shows_all_of_it(self):
        mine = self._open(self.order)
        theirs = self._open(self.twin_order, category="credit_hold")
        theirs.severity = "blocking"
        self._merge(self.twin, self.customer)
        self.assertEqual((mine | theirs).partner_id, self.customer)
        self.assertEqual((mine | theirs).commercial_partner_id, self.customer)
        row = self._get_rows(self.customer)
        self.assertEqual((len(row), row.exception_count, row.severity), (1, 2, "blocking"))
        self.assertEqual(self.customer.visibility_exception_count, 2)

    def test_trouble_of_the_one_that_goes_alone_is_shown_on_the_one_that_stays(self):
        self._open(self.twin_order)
        self._merge(self.twin, self.customer)
        self.assertEqual(self._get_rows(self.customer).exception_count, 1)

    def test_each_company_keeps_its_own_row(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        mine, theirs = self._open(self.order), self._open(self.twin_order)
        self.env.cr.execute("UPDATE visibility_exception SET company_id = %s WHERE id = %s", [other.id, theirs.id])
        self.env.invalidate_all()
        self.risks._refresh({(self.twin.id, other.id), (self.twin.id, mine.company_id.id)})
        self._merge(self.twin, self.customer)
        rows = self._get_rows(self.customer)
        self.assertEqual(
            dict(rows.mapped(lambda row: (row.company_id, row.exception_count))), {self.company: 1, other: 1}
        )

    def test_a_contact_merged_into_one_of_a_company_brings_its_trouble_to_that_company(self):
        ward = self.env["res.partner"].create({"name": "Ward", "parent_id": self.customer.id})
        exception = self._open(self.twin_order)
        self._merge(self.twin, ward)
        self.assertEqual((exception.partner_id, exception.commercial_partner_id), (ward, self.customer))
        self.assertEqual(self._get_rows(self.customer).exception_count, 1)
        self.assertFalse(self._get_rows(ward))

    def test_an_exception_about_the_contact_itself_is_about_the_one_that_stays(self):
        mine, theirs = self._raise(self.customer), self._raise(self.twin)
        old = self._raise(self.twin, category=self.env["visibility.exception"]._get_category("credit_hold")) - theirs
        old.action_resolve()
        self._merge(self.twin, self.customer)
        self.assertEqual(theirs.merged_into_id, mine)
        self.assertEqual({theirs.res_id, old.res_id, mine.res_id}, {self.customer.id})
        self.assertIn(self.customer.name, old.title)

    def test_of_two_companies_exceptions_about_one_contact_one_stays_open(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        mine, theirs = self._raise(self.customer), self._raise(self.twin)
        self.env.cr.execute("UPDATE visibility_exception SET company_id = %s WHERE id = %s", [other.id, theirs.id])
        self.env.invalidate_all()
        self._merge(self.twin, self.customer)
        self.assertEqual((mine.is_open, theirs.state, theirs.res_id), (True, "resolved", self.customer.id))
        self.assertFalse(theirs.merged_into_id)

    def test_shipments_transfers_and_promises_go_along(self):
        shipment = self.twin_order.picking_ids.visibility_shipment_ids
        picking = self.twin_order.picking_ids
        picking._refresh_queue()
        self.env.flush_all()
        promised = self.twin_order.visibility_first_promise_at
        self.customer.visibility_tier = "strategic"
        self._merge(self.twin, self.customer)
        self.assertEqual(shipment.partner_id, self.customer)
        self.assertEqual((picking.visibility_customer_id, picking.visibility_customer_rank), (self.customer, 0))
        self.assertEqual(self.twin_order.partner_id, self.customer)
        self.assertEqual(self.twin_order.visibility_first_promise_at, promised)

    # ------------------------------------------------------------------ messages
    def _draft(self, partner, incident="visibility.shipment,0", **values):
        return self.messages.create(
            {
                "company_id": self.company.id,
                "audience": "customer",
                "partner_id": partner.id,
                "incident_key": incident,
                "sale_order_id": self.order.id,
                "text_subject": "Late",
                "text_body": "<p>Late</p>",
                **values,
            }
        )

    def test_two_drafts_about_one_incident_become_one_and_the_edited_one_stays(self):
        mine, theirs = self._draft(self.customer), self._draft(self.twin, is_edited=True)
        self._merge(self.twin, self.customer)
        self.assertEqual((theirs.state, theirs.partner_id), ("draft", self.customer))
        self.assertEqual((mine.state, mine.partner_id), ("discarded", self.customer))
        self.assertTrue(mine.reason and mine.finished_at)

    def test_what_was_sent_and_what_is_about_something_else_goes_along_as_it_is(self):
        sent = self._draft(self.twin, state="sent", sent_at=fields.Datetime.now())
        other = self._draft(self.twin, "visibility.shipment,1")
        mine = self._draft(self.customer)
        self._merge(self.twin, self.customer)
        self.assertEqual((sent | other | mine).mapped("state"), ["sent", "draft", "draft"])
        self.assertEqual((sent | other | mine).partner_id, self.customer)

    def test_who_unsubscribed_stays_unsubscribed_whichever_contact_it_was(self):
        for gone, kept in ((True, False), (False, True)):
            one, two = self.env["res.partner"].create([{"name": "Here"}, {"name": "There"}])
            one.visibility_gets_messages, two.visibility_gets_messages = gone, kept
            self._merge(one, two)
            self.assertFalse(two.visibility_gets_messages, (gone, kept))

    def test_a_link_that_was_sent_to_the_contact_that_is_gone_works_for_the_one_that_stays(self):
        first, second = self.env["res.partner"].create([{"name": "First"}, {"name": "Second"}])
        tokens = [
            one._get_visibility_unsubscribe_url("").rpartition("/")[2]
            for one in (first, second, self.twin, self.customer)
        ]
        self._merge(first, second)
        self._merge(second | self.twin, self.customer)
        for token in tokens:
            self.assertEqual(self.env["res.partner"]._find_by_visibility_token(token), self.customer)

    # ------------------------------------------------------------------ overrides
    def test_what_a_person_holds_on_the_one_that_goes_holds_on_the_one_that_stays(self):
        coordinator = self.owner
        self._open(self.twin_order)
        self.twin.with_user(coordinator)._override(["at_risk"], "They know", TOMORROW, {"at_risk": "information"})
        self.assertEqual(self.twin.visibility_severity, "information")
        self._merge(self.twin, self.customer)
        self.assertEqual(self.customer.visibility_severity, "information")
        rows = self.env["visibility.override"].sudo().search([("res_model", "=", "res.partner")])
        self.assertEqual(rows.mapped("res_id"), [self.customer.id])
        self.assertEqual(rows.document_name, "General Hospital Ltd", "as it was called then")

    def test_what_is_held_on_both_is_held_once(self):
        for partner, order, held in (
            (self.customer, self.order, "warning"),
            (self.twin, self.twin_order, "information"),
        ):
            self._open(order)
            partner.with_user(self.owner)._override(["at_risk"], "They know", TOMORROW, {"at_risk": held})
        self._merge(self.twin, self.customer)
        standing = self.env["visibility.override"]._get_standing({("res.partner", self.customer.id)})
        self.assertEqual(len(standing["res.partner", self.customer.id]), 1)
        self.assertEqual(self.customer.visibility_severity, "warning")

    # ------------------------------------------------------------------ the kind
    def test_every_unique_index_that_names_a_contact_is_provided_for(self):
        found = set()
        for name, model in self.registry.items():
            if not name.startswith("visibility.") or model._abstract:
                continue
            partners = {field.name for field in model._fields.values() if field.comodel_name == "res.partner"}
            for index in model._table_objects.values():
                if isinstance(index, UniqueIndex):
                    definition = index.get_definition(self.registry)
                    words = set(re.findall(r"\w+", definition))
                    if words & partners or NAMES_A_RECORD.search(definition):
                        found.add(name)
        self.assertEqual(found, set(PROVIDED_FOR))

    def test_nothing_that_names_the_contact_is_lost_or_names_nobody(self):
        self._open(self.order)
        self._open(self.twin_order)
        self._raise(self.twin)
        self._draft(self.twin)
        self._draft(self.customer)
        self._create_source(
            "twin", "canonical", "whsec_dHdpbi10d2luLXR3aW4tdHdpbi10d2luLXR3aW4=", partner_id=self.twin.id
        )
        buyer = self._create_user("visibility-buyer", "purchase.group_purchase_user")
        policy = self.env["visibility.proposal.policy"].create(
            {"name": "Twins", "user_id": buyer.id, "partner_ids": [Command.set(self.twin.ids)]}
        )
        self.twin.with_user(self.owner)._override(["at_risk"], "They know", TOMORROW, {"at_risk": "information"})
        before = self._count_named(self.twin | self.customer)
        self._merge(self.twin, self.customer)
        self.assertEqual(self._count_named(self.customer), before)
        self.assertEqual(policy.partner_ids, self.customer)
        self.assertFalse(self._count_named(self.twin))

    def _count_named(self, partners):
        """How many rows of ours name these contacts, by column; rows of what follows from others are left out."""
        found = {}
        for name, model in self.registry.items():
            if not name.startswith("visibility.") or model._abstract or model._transient or not model._auto:
                continue
            records = self.env[name].sudo().with_context(active_test=False)
            for field in model._fields.values():
                if not field.store or name in ("visibility.partner.risk", "visibility.action.run"):
                    continue
                if field.comodel_name == "res.partner":
                    domain = [(field.name, "in", partners.ids)]
                elif field.type == "many2one_reference":
                    domain = [(field.name, "in", partners.ids), (field.model_field, "=", "res.partner")]
                else:
                    continue
                if count := records.search_count(domain):
                    found[name, field.name] = count
        return found
