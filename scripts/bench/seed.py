"""Run by `odoo shell`: who sends in the benchmark, and what Odoo's own webhooks do."""

# ruff: noqa: F821  (`env` is the shell's)

import base64
import json

SECRET = "whsec_" + base64.b64encode(b"only for the benchmark, no secret").decode()
# The usual way: `/web/hook/<uuid>` finds a record and writes one field. Every call takes another of
# 200 records: calls about the same one would wait for each other, which is not what is measured. They
# are of a small model: writing on an order or a contact would cost Odoo more.
ONE_FIELD = "record.write({'full_name': payload.get('id')})"
SEARCH_AND_WRITE = """
found = env['res.partner.industry'].search([('name', '=', payload.get('number'))], limit=1)
found.write({'full_name': payload.get('id')})
"""


def make_source():
    values = {"name": "Bench", "code": "bench", "adapter": "canonical", "preset": "standard_webhooks"}
    source = env["visibility.source"].create({**values, "requests_per_minute": 10_000_000, "max_body_kib": 2048})
    env["visibility.source.key"].create({"source_id": source.id, "name": "Bench", "secret": SECRET})


def make_webhook(name, code):
    """An Automation Rule that is called from outside."""
    rule = env["base.automation"].create(
        {
            "name": name,
            "model_id": env.ref("base.model_res_partner_industry").id,
            "trigger": "on_webhook",
            "record_getter": f"model.browse({records[0].id} + payload.get('spread'))",
        }
    )
    action = {"name": name, "model_id": rule.model_id.id, "state": "code", "code": code}
    env["ir.actions.server"].create({**action, "base_automation_id": rule.id, "usage": "base_automation"})
    return f"/web/hook/{rule.webhook_uuid}"


def make_shipments(count):
    """Deliveries that are on their way, so that delays have orders to put at risk."""
    product = env["product.product"].create({"name": "Pallet", "type": "consu", "list_price": 100})
    line = [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]
    orders = env["sale.order"].create([{"partner_id": customer.id, "order_line": line}] * count)
    orders.action_confirm()
    for index, order in enumerate(orders):
        order.picking_ids.carrier_tracking_ref = f"BENCH{index:05}"


records = env["res.partner.industry"].create([{"name": f"R{index:05}"} for index in range(200)])
customer = env["res.partner"].create({"name": "Bench"})
make_source()
hooks = {"one_field": make_webhook("One field", ONE_FIELD), "search_and_write": make_webhook("Two", SEARCH_AND_WRITE)}
make_shipments(200)
env.cr.commit()
print(json.dumps({"secret": SECRET, **hooks}))
