"""Run by `odoo shell`: sources with keys, orders on their way, and a service agent.

Everything that several tests share is made once, in a template that each server's database is a
copy of. ``SECRETS``, ``NUMBERS`` and ``AGENT`` come in front of this file (see conftest.py).
"""

# ruff: noqa: F821  (`env` is the shell's; the capitals are written in front of this file)

from odoo import fields

REQUESTS_PER_MINUTE = {"limited": 120}


def make_source(code, secret):
    """A source that proves itself with the secret; `flood` works in a lane of its own."""
    source = env["visibility.source"].create(
        {
            "name": code.title(),
            "code": code,
            "adapter": "easypost" if code == "easypost" else "canonical",
            "preset": "easypost" if code == "easypost" else "standard_webhooks",
            "lane": "bulk" if code == "flood" else "transactional",
            "requests_per_minute": REQUESTS_PER_MINUTE.get(code, 60_000),
        }
    )
    env["visibility.source.key"].create({"source_id": source.id, "name": "Test", "secret": secret})


def make_agent(name):
    """A person of customer service who works with exceptions."""
    groups = ["distribution_visibility.group_manager", "sales_team.group_sale_manager", "stock.group_stock_user"]
    values = {"name": "Ada Agent", "login": name, "password": name, "email": "ada@example.com"}
    return env["res.users"].create({**values, "group_ids": [(4, env.ref(group).id) for group in groups]})


def make_orders(agent):
    """One order, promised for tomorrow and on its way to the customer, for each tracking number."""
    product = env["product.product"].create({"name": "Pallet jack", "type": "consu", "list_price": 250})
    fee = env["product.product"].create({"name": "Freight", "type": "service"})
    method = {"name": "UPS Ground", "product_id": fee.id, "visibility_carrier_code": "UPS"}
    carrier = env["delivery.carrier"].create(method)
    customer = env["res.partner"].create({"name": "Northwind Traders"})
    line = [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]
    promised = fields.Datetime.add(fields.Datetime.now(), days=1)
    values = {"partner_id": customer.id, "user_id": agent.id, "order_line": line, "commitment_date": promised}
    orders = env["sale.order"].create([{**values, "carrier_id": carrier.id}] * len(NUMBERS))
    orders.action_confirm()
    for order, number in zip(orders, NUMBERS, strict=True):
        order.picking_ids.write({"carrier_id": carrier.id, "carrier_tracking_ref": number})
    orders.picking_ids.move_ids.picked = True
    orders.picking_ids.button_validate()


def rest_other_crons():
    """Odoo's own scheduled actions are all due in a new database: they have run, as in one that is in use."""
    others = env["ir.cron"].search([]).filtered(lambda cron: not cron.cron_name.startswith("Visibility"))
    others.nextcall = fields.Datetime.add(fields.Datetime.now(), days=1)


# the shortest that is allowed: tests wait for it whenever they kill a worker
env["ir.config_parameter"].set_param("distribution_visibility.rescue_after_seconds", "3")
for code, secret in SECRETS.items():
    make_source(code, secret)
make_orders(make_agent(AGENT))
rest_other_crons()
env.cr.commit()
