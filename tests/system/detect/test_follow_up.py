"""What people saved is followed up a moment later: `kill -9` in between loses nothing, and it happens once."""

import threading

import chaos
import gates
import pytest
from office import Office
from reader import Reader, wait_for
from senders import LOST_CONNECTION

from scripts import postgres

CRON = "Visibility: follow up on what people saved"
# what the worker does with a row that a request left, in its order
STEPS = {
    "writing down what is expected": ("visibility_expectation", "INSERT", "true"),
    "opening the exception of a rule": ("visibility_exception", "INSERT", "true"),
    "committing": ("ir_cron_progress", "UPDATE", "NEW.done > OLD.done"),
}


@pytest.fixture(scope="module")
def own_server(run_server):
    """Processes die here: no other module uses this server. One worker follows up, and does nothing else."""
    with run_server(cron_threads=1) as server:
        reader = Reader(postgres.server(), server.database)
        reader.execute("UPDATE ir_cron SET active = false WHERE cron_name != %s", CRON)
        reader.close()
        yield server


@pytest.fixture
def server(own_server):
    return own_server


@pytest.fixture(scope="module")
def office(own_server):
    return Office(own_server)


@pytest.fixture(scope="module")
def scarce(office):
    """A product of which nothing is there: an order for it is short of stock, which a rule finds at once."""
    values = {"name": "Diaphragm", "type": "consu", "is_storable": True}
    return office.call("product.product", "create", values)


def _rows(reader):
    return reader.value("SELECT count(*) FROM visibility_follow_up")


def _found(reader, order):
    """What an order and its delivery have of what is followed up: what for, and how often."""
    expectations = reader.rows(
        """SELECT t.name->>'en_US' AS name, x.res_model, count(*) FROM visibility_expectation x
             JOIN visibility_expectation_template t ON t.id = x.template_id
            WHERE x.res_model = 'sale.order' AND x.res_id = %s
               OR x.res_model = 'stock.picking' AND x.res_id IN (SELECT id FROM stock_picking WHERE sale_id = %s)
         GROUP BY 1, 2 ORDER BY 1, 2""",
        order, order,
    )  # fmt: skip
    exceptions = reader.rows(
        """SELECT c.code, e.seen_count FROM visibility_exception e
             JOIN visibility_exception_category c ON c.id = e.category_id
            WHERE e.res_model = 'sale.order' AND e.res_id = %s ORDER BY e.id""",
        order,
    )
    return [dict(row) for row in (*expectations, *exceptions)]


def _wait_until_followed(reader, seconds=chaos.RECOVERY_SECONDS):
    def is_quiet():
        reader.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE cron_name = %s", CRON)
        reader.wake_crons()
        return not _rows(reader)

    return wait_for(is_quiet, seconds, "all is followed up", pause=0.3)[1]


@pytest.fixture
def undisturbed(office, reader, scarce):
    """What confirming an order leads to when nothing goes wrong."""
    order = office.sell(scarce)
    office.click("sale.order", "action_confirm", order)
    _wait_until_followed(reader)
    found = _found(reader, order)
    assert {"code": "stock_short", "seen_count": 1} in found and len(found) > 2, found
    return found


def _confirm_in_background(office, order):
    errors = []

    def confirm():
        try:
            office.click("sale.order", "action_confirm", order)
        except LOST_CONNECTION as error:
            errors.append(error)

    thread = threading.Thread(target=confirm)
    thread.start()
    return thread, errors


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_is_killed_while_it_follows_up_leaves_the_work_to_the_next(
    server, office, reader, scarce, undisturbed, step
):
    gates.install(reader, "follow", *STEPS[step])
    order = office.sell(scarce)
    with gates.closed(reader, "follow"):
        office.click("sale.order", "action_confirm", order)
        gates.wait_until_somebody_waits(reader)
        assert _rows(reader), "until it has committed, the row is there for everybody else"
        chaos.kill_cron_workers(server)
    print(f"followed up {_wait_until_followed(reader):.1f} s after the kill")
    assert _found(reader, order) == undisturbed
    reader.execute(f"DROP TRIGGER visibility_test_follow ON {STEPS[step][0]}")


def test_a_request_that_is_killed_before_its_commit_leaves_nothing_to_follow(
    server, office, reader, scarce, undisturbed
):
    gates.install(reader, "leave", "visibility_follow_up", "INSERT")
    order = office.sell(scarce)
    with gates.closed(reader, "leave"):
        thread, errors = _confirm_in_background(office, order)
        gates.wait_until_somebody_waits(reader)
        chaos.kill_http_worker_in_work(server)
        thread.join()
    assert errors, "the person got no answer"
    assert reader.value("SELECT state FROM sale_order WHERE id = %s", order) == "draft"
    assert not _rows(reader) and not _found(reader, order)
    office.click("sale.order", "action_confirm", order)
    _wait_until_followed(reader)
    assert _found(reader, order) == undisturbed


def test_a_request_that_is_killed_before_it_wakes_the_worker_is_followed_up_all_the_same(
    server, office, reader, scarce, undisturbed
):
    gates.install(reader, "wake", "ir_cron_trigger", "INSERT")
    order = office.sell(scarce)
    with gates.closed(reader, "wake"):
        thread, errors = _confirm_in_background(office, order)
        gates.wait_until_somebody_waits(reader)
        chaos.kill_http_worker_in_work(server)
        thread.join()
    assert errors, "the person got no answer, but it is saved"
    assert reader.value("SELECT state FROM sale_order WHERE id = %s", order) == "sale"
    _wait_until_followed(reader)
    assert _found(reader, order) == undisturbed


def test_many_people_who_save_while_workers_die_have_everything_followed_up_once(
    server, office, reader, scarce, undisturbed
):
    orders = [office.sell(scarce) for _order in range(12)]
    with chaos.Repeatedly(lambda: chaos.kill_any(server, "WorkerCron"), every=0.7) as kills:
        for order in orders:
            office.click("sale.order", "action_confirm", order)
    print(f"{kills.count} kills; followed up {_wait_until_followed(reader):.1f} s after the last order")
    assert kills.count > 1
    assert [_found(reader, order) for order in orders] == [undisturbed] * len(orders)
