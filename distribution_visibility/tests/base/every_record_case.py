from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import VisibilityCase

LONG_AGO = timedelta(days=90)


@tagged("post_install", "-at_install")
class EveryRecordCase(VisibilityCase):
    """Something of everything that our forms show, so that every list has a row and every button a number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.samples = {}
        cls.picking = cls._keep(cls._create_delivery("1ZCOUNT1"))
        cls.order, cls.purchase = cls._keep(cls.picking.sale_id), cls._keep(cls._create_purchase())
        cls.invoice = cls._keep(cls.env["account.move"].create({"move_type": "out_invoice"}))
        cls.shipment = cls._keep(cls.picking.visibility_shipment_ids[:1])
        cls.rule = cls._keep(cls.env["visibility.rule"].search([("active", "=", False)], limit=1))
        automations = cls.env["base.automation"].with_context(active_test=False)
        cls.automation = cls._keep(automations.search([("is_governed", "=", True)], limit=1))
        cls._keep(cls.customer)
        cls._keep(cls.easypost)
        cls.now = fields.Datetime.now()
        cls._open_exceptions()
        cls._fill_around_documents()
        cls._fill_machinery()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _keep(cls, record):
        """This one is what buttons of its model are pressed on."""
        cls.samples[record._name] = record
        return record

    # ------------------------------------------------------------------ what is counted
    @classmethod
    def _insert(cls, model, **values):
        """A row as it stands in the database, whatever had to happen for it."""
        records = cls.env[model].sudo()
        for name, field in records._fields.items():
            if field.store and field.required and field.column_type and name not in values:
                values[name] = cls._guess(records, field)
        values.setdefault("create_date", fields.Datetime.now())
        columns = SQL(", ").join(map(SQL.identifier, values))
        row = SQL(", ").join(SQL("%s", value) for value in values.values())
        query = SQL("INSERT INTO %s (%s) VALUES (%s) RETURNING id", SQL.identifier(records._table), columns, row)
        return records.browse(cls.env.execute_query(query)[0][0])

    @classmethod
    def _guess(cls, records, field):
        if field.default:
            default = field.default(records)
            return getattr(default, "id", default)
        if field.type == "many2one":
            return cls.samples.get(field.comodel_name, cls.env[field.comodel_name].search([], limit=1)).id
        if field.type == "selection":
            return field.get_values(cls.env)[0]
        empty = {"datetime": fields.Datetime.now(), "integer": 0, "float": 0, "boolean": False}
        return empty.get(field.type, field.name)

    @classmethod
    def _open_exceptions(cls):
        """Of everything: one that is open, one that is snoozed, and one that is closed."""
        categories = cls.env["visibility.exception.category"].search([], limit=4)
        exceptions = cls.env["visibility.exception"].create(
            [
                {
                    "category_id": category.id,
                    "company_id": cls.company.id,
                    "res_model": "stock.picking",
                    "res_id": cls.picking.id,
                    "shipment_id": cls.shipment.id,
                    "picking_ids": cls.picking.ids,
                    "sale_order_ids": cls.order.ids,
                    "purchase_order_ids": cls.purchase.ids,
                    "invoice_ids": cls.invoice.ids,
                    "partner_id": cls.customer.id,
                    "user_id": cls.owner.id,
                    "rule_ids": cls.rule.ids if held else False,
                    "rule_id": False if held else cls.rule.id,
                }
                for category, held in zip(categories, (True, True, True, False), strict=True)
            ]
        )
        exceptions[1]._snooze(fields.Datetime.now() + timedelta(days=1))
        exceptions[2]._close("resolved", "Done", cls.env["visibility.root.cause"])
        exceptions._refresh_documents()
        exceptions._refresh_partners()
        cls.exception = cls._keep(exceptions[0])
        if "visibility.decision" in cls.env:  # of an add-on of ours
            cls._insert("visibility.decision", exception_id=cls.exception.id)

    @classmethod
    def _fill_around_documents(cls):
        choice = cls._insert("visibility.shipment.choice", number="1ZCOUNT1", is_open=True)
        cls.shipment.sudo().choice_ids = [fields.Command.link(choice.id)]
        for number in range(2):
            cls._insert("visibility.priority.change", picking_id=cls.picking.id, picking_ref=f"Move {number}")
        for number in range(3):
            event = cls._insert("visibility.event", purchase_order_id=cls.purchase.id, fingerprint=f"count {number}")
            state = {"state": "accepted" if number else "open", "is_open": not number}
            about = {"purchase_order_id": cls.purchase.id, "event_id": event.id}
            proposal = cls._insert("visibility.proposal", **about, **state)
            line = cls._insert("visibility.proposal.line", proposal_id=proposal.id, status="proposed")
            if not number:
                cls._insert_change(proposal, line)

    @classmethod
    def _insert_change(cls, proposal, line):
        policy = cls._keep(cls._insert("visibility.proposal.policy", name="All", company_id=cls.company.id))
        values = {"proposal_id": proposal.id, "line_id": line.id, "policy_id": policy.id}
        names = cls.env["visibility.proposal.change"]._fields
        cls._insert("visibility.proposal.change", **{name: value for name, value in values.items() if name in names})

    @classmethod
    def _fill_machinery(cls):
        cls._fill_messages()
        cls._fill_queues()
        cls._fill_runs()
        template = cls._keep(cls.env.ref("distribution_visibility.expectation_order_shipped"))
        due = {"template_id": template.id, "company_id": cls.company.id, "res_model": "sale.order"}
        moments = {"base_at": cls.now, "due_at": cls.now, "tell_at": cls.now}
        for number, state in enumerate(("open", "open", "overdue", "met", "cancelled")):
            cls._insert("visibility.expectation", **due, **moments, res_id=10**6 + number, state=state)
        team = cls._keep(cls.env["visibility.team"].create({"name": "Service", "role": "service"}))
        cls.env["visibility.team.member"].create({"team_id": team.id, "user_id": cls.owner.id})

    @classmethod
    def _fill_messages(cls):
        occasions = cls.env["visibility.message.occasion"].with_context(active_test=False)
        occasion = cls._keep(occasions.search([], limit=1))
        about = {"occasion_id": occasion.id, "company_id": cls.company.id, "partner_id": cls.customer.id}
        for number, state in enumerate(("draft", "draft", "sent", "discarded")):
            document = {"purchase_order_id": cls.purchase.id} if number % 2 else {"sale_order_id": cls.order.id}
            values = {**about, **document, "state": state, "exception_id": cls.exception.id}
            message = cls._insert("visibility.message", **values, incident_key=f"count,{number}")
            message.exception_ids = cls.exception


    @classmethod
    def _fill_queues(cls):
        cls._keep(cls._tell(cls.easypost, cls._tracker("1ZCOUNT1", ("in_transit", "", cls._ago(hours=1), "On"))))
        cls._insert("visibility.inbox.message", source_id=cls.easypost.id, state="dead", external_id="dead")
        values = {"name": "Everything", "url": "https://example.com/hook"}
        names = cls.env["visibility.subscription"]._fields
        values = {name: value for name, value in values.items() if name in names}
        subscription = cls._keep(cls._insert("visibility.subscription", **values, company_id=cls.company.id))
        for number, state in enumerate(("pending", "retry", "dead", "done")):
            row = {"subscription_id": subscription.id, "company_id": cls.company.id}
            cls._insert("visibility.outbox.message", **row, state=state, event_id=f"count-{number}")

    @classmethod
    def _fill_runs(cls):
        """Runs and overrides of today and of long ago, and what is no run of its own."""
        about = {"company_id": cls.company.id, "automation_id": cls.automation.id, "res_model": "sale.order"}
        override = {"company_id": cls.company.id, "res_model": "sale.order", "res_id": cls.order.id, "kind": "grant"}
        held = [
            cls._insert(
                "visibility.override", **override, automation_id=cls.automation.id, aspect="runs", create_date=moment
            )
            for moment in (cls.now, cls.now - LONG_AGO)
        ]
        for moment in (cls.now, cls.now - LONG_AGO):
            cls._insert("visibility.override", **override, rule_id=cls.rule.id, aspect="severity", create_date=moment)
            for result in ("done", "failed", "limited"):
                cls._insert("visibility.action.run", **about, result=result, origin="automation", occurred_at=moment)
        cls._insert("visibility.action.run", **about, result="done", origin="rollback", occurred_at=cls.now)
        cls._insert(
            "visibility.action.run", **about, result="asked", origin="automation", occurred_at=cls.now
        )
        cls._insert(
            "visibility.action.run", **about, result="overridden", origin="automation", occurred_at=cls.now,
            override_id=held[0].id,
        )  # fmt: skip
