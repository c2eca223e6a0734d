"""Run by `odoo shell`, with our add-ons or without: confirms orders and validates deliveries, one by one.

Each as a request would do it: an empty cache, the button's method, and the commit. It is told through a
pipe when its turn is, and answers through another one.
"""

# ruff: noqa: F821  (`env` is the shell's)

import cProfile
import gc
import json
import os
import pstats
import threading
import time

ORDERS, LINES = 12, 3
orders = []
threading.current_thread().query_count = 0
questions, answers = (int(number) for number in os.environ["BENCH_PIPES"].split(","))

customer = env["res.partner"].create({"name": "Bench"})
carrier = env["delivery.carrier"].search([], limit=1)
products = env["product.product"].create(
    [{"name": f"Pallet {index}", "type": "consu", "is_storable": True, "list_price": 100} for index in range(LINES)]
)
location = env["stock.warehouse"].search([], limit=1).lot_stock_id
for product in products:
    env["stock.quant"]._update_available_quantity(product, location, 1_000_000)
env.cr.commit()


def switch_all_on():
    """What is shipped switched off: governed automations, and occasions to tell customers and suppliers."""
    every = env["base.automation"].with_context(active_test=False).search([("is_governed", "=", True)])
    every.write({"accountable_id": env.ref("base.user_admin").id, "active": True})
    env["visibility.message.occasion"].with_context(active_test=False).search([]).active = True
    env.cr.commit()


if "visibility.follow.up" in env:
    switch_all_on()
    # a shell is no request, in which what does not have to happen at once happens a moment later
    type(env["visibility.follow.up"])._is_somebody_waiting = lambda self: True


def prepare():
    """New quotations; not measured."""
    global orders
    lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 2}) for product in products]
    values = {"partner_id": customer.id, "carrier_id": carrier.id, "order_line": lines}
    orders = env["sale.order"].create([values] * ORDERS).ids
    env.cr.commit()
    gc.collect()
    return ORDERS


def timed(model, record_id, method):
    """Seconds and queries of one button, as a request does it."""
    env.invalidate_all()
    records = env[model].browse(record_id)
    begin, queries = time.perf_counter(), threading.current_thread().query_count
    result = getattr(records, method)()
    env.flush_all()
    env.cr.commit()
    spent = time.perf_counter() - begin
    assert not isinstance(result, dict), result
    return spent, threading.current_thread().query_count - queries


def confirm(index):
    return timed("sale.order", orders[index], "action_confirm")


def validate(index):
    picking = env["sale.order"].browse(orders[index]).picking_ids
    spent = timed("stock.picking", picking.id, "button_validate")
    assert picking.state == "done"
    return spent


def profiled():
    """All of a round with a profiler: calls and own seconds by function, each an average of one document."""
    profiler = cProfile.Profile()
    prepare()
    for step in (confirm, validate):
        for index in range(ORDERS):
            profiler.runcall(step, index)
    found = {}
    for (path, _line, name), (_primitive, calls, own, _below, _callers) in pstats.Stats(profiler).stats.items():
        place = f"{path.partition('dist-packages/')[2] or path}:{name}"
        known = found.get(place, (0, 0))
        found[place] = (known[0] + calls / ORDERS, known[1] + own / ORDERS)
    return found


def answer(question):
    """Do what is asked: ``prepare``, ``profile``, ``confirm 3``, ``validate 3``."""
    what, _, index = question.partition(" ")
    if what in ("confirm", "validate"):
        return globals()[what](int(index))
    return {"prepare": prepare, "profile": profiled}[what]()


with open(questions, encoding="utf-8") as asked, open(answers, "w", encoding="utf-8") as told:
    for line in asked:
        told.write(json.dumps(answer(line.strip())) + "\n")
        told.flush()
