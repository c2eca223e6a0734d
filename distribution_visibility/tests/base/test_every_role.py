import logging
from ast import literal_eval

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .every_record_case import EveryRecordCase

_logger = logging.getLogger(__name__)

SALES, STOCK = "sales_team.group_sale_salesman_all_leads", "stock.group_stock_user"
BUYS = "purchase.group_purchase_user"
#: The people of a distributor, by the groups that they have.
ROLES = {
    "agent": ("group_user", SALES, STOCK),
    "warehouse": ("group_user", "stock.group_stock_manager"),
    "buyer": ("group_user", BUYS, STOCK, "base.group_partner_manager"),
    "coordinator": ("group_coordinator", SALES, BUYS, STOCK),
    "manager": ("group_manager", "sales_team.group_sale_manager", "purchase.group_purchase_manager",
                "stock.group_stock_manager"),
    "auditor": ("group_auditor",),
    "newcomer": ("group_user",),
    "picker": (STOCK,),
}  # fmt: skip
OURS = "distribution_visibility"


@tagged("post_install", "-at_install")
class TestEveryRole(EveryRecordCase):
    """Whoever sees a menu may open it, its first record, and what the buttons of that lead to."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            role: cls._create_user(
                f"role-{role}", *(name if "." in name else f"{OURS}.{name}" for name in groups)
            )
            for role, groups in ROLES.items()
        }

    # ------------------------------------------------------------------ as the web client asks
    def _get_actions(self, user):
        """The window actions of our menus that this person sees."""
        menus = self.env["ir.ui.menu"].with_user(user)
        data = self.env["ir.model.data"].search([("model", "=", "ir.ui.menu"), ("module", "=like", f"{OURS}%")])
        seen = menus._visible_menu_ids()
        visible = menus.browse(seen) & menus.browse(data.mapped("res_id"))
        reachable = visible.sudo().filtered(lambda menu: set(map(int, menu.parent_path.split("/")[:-1])) <= seen)
        actions = [menu.action for menu in reachable if menu.action]
        return [action for action in actions if action._name == "ir.actions.act_window"]

    def _get_spec(self, records, node):
        """What a view asks of a record: its fields, and those of lists within it."""
        spec = {}
        for child in self._iterate_fields(node):
            name, lists = child.get("name"), child.xpath("./list | ./kanban | ./form")
            field = records._fields[name]
            if field.type in ("one2many", "many2many"):
                inner = self.env[field.comodel_name].with_user(records.env.user)
                spec[name] = {"fields": self._get_spec(inner, lists[0]) if lists else {"display_name": {}}}
            elif field.type in ("many2one", "reference"):
                spec[name] = {"fields": {"display_name": {}}}
            else:
                spec[name] = {}
        return spec

    def _iterate_fields(self, node):
        for child in node:
            if child.tag == "field":
                yield child
            elif child.tag not in ("searchpanel", "groupby"):
                yield from self._iterate_fields(child)

    def _read_view(self, records, kind, view_id, domain=()):
        """Read the first record for a view; gives it."""
        view = records.get_view(view_id or None, kind)
        spec = self._get_spec(records, etree.fromstring(view["arch"]))
        found = records.web_search_read(list(domain), spec, limit=1)["records"]
        return records.browse([one["id"] for one in found])

    def _open(self, action, user):
        """What the client does with a window action: read its views, and give the first record with the form's arch."""
        records = self.env[action["res_model"]].with_user(user).with_context(**self._get_context(action, user))
        domain = action.get("domain") or []
        domain = safe_eval(domain, {"uid": user.id, "context": {}}) if isinstance(domain, str) else domain
        first = records.browse(action["res_id"]) if action.get("res_id") else records.browse()
        views = [(view_id, kind) for view_id, kind in action["views"] if kind in ("list", "kanban", "form")]
        for view_id, kind in views:
            if kind != "form" and not action.get("res_id"):
                first = first or self._read_view(records, kind, view_id, domain)
        form = next((view_id for view_id, kind in views if kind == "form"), None)
        if first:
            self._read_view(records, "form", form, Domain("id", "in", first.ids))
        return first, form

    def _get_context(self, action, user):
        context = action.get("context") or {}
        context = literal_eval(context) if isinstance(context, str) and "uid" not in context else context
        return {name: value for name, value in dict(context).items() if not name.startswith("search_default_")}

    def _press(self, record, form, user):
        """Press the buttons that lead somewhere, as far as they are shown."""
        tree = etree.fromstring(record.get_view(form or None, "form")["arch"])
        names = {node.get("name") for node in tree.iter("field")} & set(record._fields)
        row = record.read(list(names))[0]
        values = {name: value[0] if isinstance(value, tuple) else value for name, value in row.items()}
        values.update(uid=user.id, id=record.id, context={})
        for button in tree.xpath("//button[not(ancestor::field)]"):
            if "oe_stat_button" in (button.get("class") or "") and button.get("type") == "object":
                hidden = any(self._is_hidden(node, values) for node in (button, *button.iterancestors()))
                if not hidden and hasattr(record, button.get("name")):
                    yield button.get("name")

    @staticmethod
    def _is_hidden(node, values):
        return bool(node.get("invisible")) and bool(safe_eval(node.get("invisible"), dict(values)))

    # ------------------------------------------------------------------ the walk
    def _walk(self, user):
        """What this person was shown and then refused."""
        refused = []
        for action in self._get_actions(user):
            found = action.with_user(user).sudo().read()[0]
            try:
                record, form = self._open({**found, "views": action.views}, user)
            except AccessError as error:
                refused.append((action.name, str(error).partition("\n")[0]))
                continue
            if record:
                refused += self._walk_buttons(action, record, form, user)
        return refused

    def _walk_buttons(self, action, record, form, user):
        refused = []
        for name in self._press(record, form, user):
            with self.env.cr.savepoint() as savepoint:
                try:
                    answer = getattr(record, name)() or {}
                    if answer.get("type") == "ir.actions.act_window" and answer.get("target") != "new":
                        views = answer.get("views") or [(False, "list"), (False, "form")]
                        self._open({**answer, "views": views}, user)
                except AccessError as error:
                    refused.append((action.name, name, str(error).partition("\n")[0]))
                except UserError as error:
                    # says in words why there is nothing to open, as Odoo's own buttons do
                    _logger.debug("%s.%s: %s", record, name, error)
                savepoint.rollback()
                self.env.invalidate_all()
        return refused

    def test_nobody_is_refused_what_a_menu_or_button_offers(self):
        for role, user in self.people.items():
            with self.subTest(role=role):
                self.assertEqual(self._walk(user), [])

    def test_every_role_that_works_with_visibility_has_menus(self):
        counts = {role: len(self._get_actions(user)) for role, user in self.people.items()}
        self.assertGreater(counts["manager"], counts["coordinator"])
        self.assertGreater(counts["coordinator"], counts["agent"])
        self.assertGreater(counts["picker"], 0)
