from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ...common import VisibilityCase


@tagged("post_install", "-at_install")
class TestExceptionOfOthers(VisibilityCase):
    """Whoever opens the exception of somebody else is shown what they may do with it, and nothing that is refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = ("sales_team.group_sale_salesman_all_leads", "stock.group_stock_user")
        cls.jane = cls._create_user("jane", "distribution_visibility.group_user", *groups)
        cls.john = cls._create_user("john", "distribution_visibility.group_user", *groups)
        cls.picking = cls._create_delivery("1ZOTHERS")

    def setUp(self):
        super().setUp()
        self._tell(self.easypost, self._tracker("1ZOTHERS", ("failure", "", self._ago(hours=1), "Damaged")))
        self.exception = self.env["visibility.exception"].search([("picking_ids", "in", self.picking.ids)], limit=1)
        self.exception.user_id = self.jane

    def _get_shown(self, record):
        """The buttons of the form that this user sees: (type, name)."""
        view = record.get_view(view_type="form")
        tree = etree.fromstring(view["arch"])
        names = {node.get("name") for node in tree.iter("field")} & set(record._fields)
        values = {name: self._get_plain(record, name) for name in names}
        values.update(uid=record.env.uid, id=record.id)
        return {
            (node.get("type"), node.get("name"))
            for node in tree.xpath("//button[not(ancestor::field)]")
            if not any(self._is_hidden(one, values) for one in (node, *node.iterancestors()))
        }

    @staticmethod
    def _get_plain(record, name):
        value = record[name]
        return value.id if record._fields[name].type == "many2one" else value

    @staticmethod
    def _is_hidden(node, values):
        rule = node.get("invisible")
        return bool(rule) and bool(safe_eval(rule, dict(values)))

    def _press_all(self, record):
        """The buttons that are shown and refused as none of one's business."""
        refused = []
        for kind, name in sorted(self._get_shown(record)):
            if kind == "object":
                with self.subTest(button=name), self.env.cr.savepoint() as savepoint:
                    try:
                        getattr(record, name)()
                        record.env.flush_all()
                    except AccessError:
                        refused.append(name)
                    savepoint.rollback()
                    self.env.invalidate_all()
        return refused

    def test_no_button_on_somebody_elses_exception_is_shown_and_then_refused(self):
        for state in ("new", "acknowledged", "in_progress", "waiting", "resolved"):
            with self.subTest(state=state):
                self.exception.state = state
                theirs = self.exception.with_user(self.john)
                self.assertEqual(self._press_all(theirs), [])
                shown = {name for kind, name in self._get_shown(theirs) if kind == "action"}
                self.assertFalse(shown, "dialogs that would be filled in for nothing")

    def test_taking_it_over_is_offered_and_brings_all_buttons(self):
        theirs = self.exception.with_user(self.john)
        self.assertIn(("object", "action_take"), self._get_shown(theirs))
        theirs.action_take()
        shown = {name for _kind, name in self._get_shown(theirs)}
        self.assertTrue({"action_start", "action_wait"} <= shown, shown)
        self.assertEqual(self._press_all(theirs), [])

    def test_the_owner_and_a_coordinator_see_what_they_may_do(self):
        for user in (self.jane, self.owner):
            with self.subTest(user=user.login):
                mine = self.exception.with_user(user)
                self.assertIn(("object", "action_acknowledge"), self._get_shown(mine))
                self.assertEqual(self._press_all(mine), [])

    def test_everybody_who_reads_an_exception_may_read_its_brief(self):
        theirs = self.exception.with_user(self.john)
        self.assertIn(("object", "action_brief"), self._get_shown(theirs))
        brief = self.env["visibility.brief"].browse(theirs.action_brief()["res_id"]).with_user(self.john)
        self.assertIn(self.exception.name, brief.display_name)
        self.assertTrue(brief.body)
        self.assertEqual(self._press_all(brief), [])
        with self.assertRaises(AccessError):
            brief.action_use()
