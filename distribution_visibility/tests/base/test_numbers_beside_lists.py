from ast import literal_eval

from lxml import etree
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .every_record_case import EveryRecordCase

OURS = "distribution_visibility"


@tagged("post_install", "-at_install")
class TestNumbersBesideLists(EveryRecordCase):
    """A number on a button is the number of rows of the list behind it: every such button that there is."""

    # ------------------------------------------------------------------ the buttons
    def _find_buttons(self):
        """(model, button, number) of every button of ours that shows a number."""
        data = self.env["ir.model.data"].search([("model", "=", "ir.ui.view"), ("module", "=like", f"{OURS}%")])
        for view in self.env["ir.ui.view"].browse(data.mapped("res_id")).exists():
            for button in etree.fromstring(view.arch_db).iter("button"):
                if "oe_stat_button" in button.get("class", "") and button.get("type") == "object":
                    yield from self._find_numbers(view.model, button)

    def _find_numbers(self, model, button):
        for node in button.iter("field"):
            field = self.env[model]._fields[node.get("name")]
            if field.type == "integer":
                yield model, button.get("name"), field.name

    def _count_opened(self, action):
        """How many records a person sees who pressed the button."""
        if action.get("res_id"):
            return 1
        records, domain = self.env[action["res_model"]], action.get("domain") or []
        domain = Domain(literal_eval(domain) if isinstance(domain, str) else domain)
        return records.search_count(domain & self._get_default_filters(records, action))

    def _get_default_filters(self, records, action):
        view = records.get_view((action.get("search_view_id") or [False])[0], "search")
        wanted = {name.removeprefix("search_default_") for name, on in (action.get("context") or {}).items() if on}
        groups, group = [], []
        for node in etree.fromstring(view["arch"]):
            if node.tag == "filter" and node.get("name") in wanted:
                group.append(Domain(safe_eval(node.get("domain"), {"uid": self.env.uid})))
            elif node.tag == "separator":
                groups, group = [*groups, group], []
        return Domain.AND([Domain.OR(some) for some in [*groups, group] if some] or [Domain.TRUE])

    def test_every_number_on_a_button_is_the_number_of_rows_behind_it(self):
        buttons = sorted(set(self._find_buttons()))
        self.assertGreater(len(buttons), 25)
        for model, name, number in buttons:
            with self.subTest(model=model, button=name, number=number):
                record = self.samples[model]
                shown = record[number]
                self.assertGreater(shown, 0, "nothing is counted here: give it something to count")
                if (model, number) == ("purchase.order", "visibility_proposal_count"):
                    continue  # shown where none is to be decided, see below
                self.assertEqual(self._count_opened(getattr(record, name)()), shown)

    def test_a_purchase_order_shows_what_is_to_be_decided_and_else_all_proposals(self):
        opened = self.purchase.action_open_visibility_proposals()
        self.assertEqual(self._count_opened(opened), self.purchase.visibility_open_proposal_count)
        self.env.cr.execute("UPDATE visibility_proposal SET is_open = false")
        self.env.invalidate_all()
        self.assertEqual(self.purchase.visibility_open_proposal_count, 0)
        opened = self.purchase.action_open_visibility_proposals()
        self.assertEqual(self._count_opened(opened), self.purchase.visibility_proposal_count)
