"""Run by `odoo shell`: the scan of expectations in one process, at three sizes that SQL generates.

One in a hundred is overdue and known already, the others are due in the coming weeks: nothing is new.
"""

# ruff: noqa: F821  (`env` is the shell's)

import json
import resource
import time

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS, REPEATS = 7, 200
SHIPMENTS = 500
Expectation = env["visibility.expectation"]
template = env.ref("distribution_visibility.expectation_next_scan")

GENERATE = """
INSERT INTO visibility_expectation
    (template_id, company_id, res_model, res_id, fact, base_at, due_at, tell_at, state, overdue_at, create_date,
     write_date)
SELECT %(template)s, %(company)s, 'visibility.shipment', 1000000000 + number, 'any_scan', now.at, due.at, due.at,
    CASE WHEN number %% 100 = 0 THEN 'overdue' ELSE 'open' END,
    CASE WHEN number %% 100 = 0 THEN now.at END, now.at, now.at
FROM generate_series(1, %(size)s) AS number, (SELECT now() AT TIME ZONE 'UTC' AS at) AS now,
    LATERAL (
        SELECT now.at
            + CASE WHEN number %% 100 = 0 THEN -1 ELSE 1 END * (1 + number %% 40000) * interval '1 minute' AS at
    ) AS due
"""
FIND = "SELECT id FROM visibility_expectation WHERE state = 'open' AND tell_at <= now() AT TIME ZONE 'UTC'"


def generate(size):
    """In one statement, so that no row passes through this process."""
    env.cr.execute("TRUNCATE visibility_expectation")
    env.cr.execute(GENERATE, {"template": template.id, "company": env.company.id, "size": size})
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE visibility_expectation")
    env.cr._cnx.autocommit = False


def find():
    env.cr.execute(FIND)
    assert not env.cr.fetchall()


def scan():
    Expectation._cron_scan()


def microseconds(work):
    begin = time.perf_counter()
    for _repeat in range(REPEATS):
        work()
    return (time.perf_counter() - begin) / REPEATS * 1e6


def measure():
    """The two take turns; the first round warms up."""
    rounds = [(microseconds(find), microseconds(scan)) for _round in range(ROUNDS + 1)][1:]
    return {"sql": [one for one, _other in rounds], "scan": [other for _one, other in rounds]}


def notice():
    """Overdue expectations a second that become exceptions, in the scan's own batches, commits included."""
    env.cr.execute("TRUNCATE visibility_expectation")
    late = "2026-01-05 09:00:00"
    shipments = env["visibility.shipment"].create(
        [{"number": f"LATE{notice.count:03}X{index:06}", "carrier_code": "UPS"} for index in range(SHIPMENTS)]
    )
    shipments.write({"milestone_rank": 60, "last_event_at": late})
    notice.count += 1
    values = {"template_id": template.id, "company_id": env.company.id, "fact": "any_scan", "base_at": late}
    values |= {"res_model": "visibility.shipment", **dict.fromkeys(("due_at", "tell_at"), "2026-01-08 09:00:00")}
    Expectation.create([{**values, "res_id": shipment.id} for shipment in shipments])
    env.cr.commit()
    begin = time.perf_counter()
    Expectation._cron_scan()
    seconds = time.perf_counter() - begin
    assert Expectation.search_count([("state", "=", "overdue")]) == SHIPMENTS
    return SHIPMENTS / seconds


notice.count = 0
sizes, before = {}, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for size in SIZES:
    generate(size)
    sizes[size] = measure()
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
noticed = [notice() for _round in range(4)][1:]
print(json.dumps({"sizes": sizes, "noticed": noticed, "grown_kib": grown}))
