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


def prepare():
    """New quotations; not measured."""
    lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 2}) for product in products]
    values = {"partner_id": customer.id, "carrier_id": carrier.id, "order_line": lines}
    ids = env["sale.order"].create([values] * ORDERS).ids
    env.cr.commit()
    return ids


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


def one_round():
    """Every figure of one round; whoever asked takes medians."""
    ids = prepare()
    gc.collect()
    confirm = [timed("sale.order", order_id, "action_confirm") for order_id in ids]
    pickings = env["sale.order"].browse(ids).picking_ids.ids
    validate = [timed("stock.picking", picking_id, "button_validate") for picking_id in pickings]
    assert set(env["stock.picking"].browse(pickings).mapped("state")) == {"done"}
    return {"confirm": confirm, "validate": validate}


def profiled():
    """The same with a profiler: calls and own seconds by function, each an average of one document."""
    profiler = cProfile.Profile()
    profiler.runcall(one_round)
    found = {}
    for (path, _line, name), (_primitive, calls, own, _below, _callers) in pstats.Stats(profiler).stats.items():
        place = f"{path.partition('dist-packages/')[2] or path}:{name}"
        known = found.get(place, (0, 0))
        found[place] = (known[0] + calls / ORDERS, known[1] + own / ORDERS)
    return found


with open(questions, encoding="utf-8") as asked, open(answers, "w", encoding="utf-8") as told:
    for question in asked:
        answer = profiled() if question.strip() == "profile" else one_round()
        told.write(json.dumps(answer) + "\n")
        told.flush()
