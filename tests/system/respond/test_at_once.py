"""Two workers at the same moment: limits are kept, questions are answered once, nothing is escalated twice."""

from concurrent.futures import ThreadPoolExecutor

import gates
import pytest
from office import Office
from reader import Reader, wait_for

from scripts import postgres

LIMIT = 3


@pytest.fixture(scope="module")
def own_server(run_server):
    """Two HTTP workers; the scheduled actions rest, so that only these tests act."""
    with run_server() as server:
        reader = Reader(postgres.server(), server.database)
        reader.execute("UPDATE ir_cron SET active = false")
        reader.close()
        yield server


@pytest.fixture
def server(own_server):
    return own_server


@pytest.fixture(scope="module")
def office(own_server):
    return Office(own_server)


@pytest.fixture(scope="module")
def product(office):
    return office.call("product.product", "create", {"name": "Gasket", "type": "consu"})


def _automate(office, name, **values):
    """A governed automation that moves a quotation's reference on, when its origin says so."""
    (model,) = office.call("ir.model", "search", [("model", "=", "sale.order")])
    watched = office.call("ir.model.fields", "search", [("model_id", "=", model), ("name", "=", "origin")])
    automation = office.call("base.automation", "create", {
        "name": name, "model_id": model, "trigger": "on_write", "is_governed": True, "accountable_id": 2,
        "filter_domain": f"[('origin', '=', '{name}')]", "trigger_field_ids": [(6, 0, watched)],
        "purpose": "To test it", **values,
    })  # fmt: skip
    office.call("ir.actions.server", "create", {
        "name": "Mark", "model_id": model, "base_automation_id": automation, "usage": "base_automation",
        "state": "object_write", "update_path": "client_order_ref", "evaluation_type": "value", "value": "MARKED",
    })  # fmt: skip
    return automation


def _both(*calls):
    """Run these at the same moment; gives what each gave, or the sentence with which it was refused."""

    def run(call):
        try:
            return call()
        except AssertionError as refusal:
            return str(refusal)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def _wait_until_waiting(reader, count):
    wait_for(lambda: reader.value(gates.WAITING) >= count, 30, f"{count} processes stand still")


def test_two_workers_together_keep_the_limit_of_an_hour(office, reader, product):
    automation = _automate(office, "LIMITED", hourly_limit=LIMIT)
    halves = [[office.sell(product) for _order in range(LIMIT)] for _half in range(2)]
    gates.install(reader, "run", "visibility_action_run", "INSERT", "NEW.result = 'done'")
    with gates.closed(reader, "run") as open_gate, ThreadPoolExecutor(1) as pool:
        writes = [lambda half=half: office.call("sale.order", "write", half, {"origin": "LIMITED"}) for half in halves]
        answers = pool.submit(_both, *writes)
        _wait_until_waiting(reader, 2)
        open_gate()
        assert answers.result() == [True, True], "nobody's work is stopped by a limit"
    results = reader.rows(
        "SELECT result, sum(record_count) AS records FROM visibility_action_run WHERE automation_id = %s GROUP BY 1",
        automation,
    )
    assert {row["result"]: row["records"] for row in results} == {"done": LIMIT, "limited": LIMIT}
    marked = reader.value("SELECT count(*) FROM sale_order WHERE client_order_ref = 'MARKED' AND origin = 'LIMITED'")
    assert marked == LIMIT


def test_a_question_that_two_answer_at_the_same_moment_is_answered_once(office, reader, product):
    automation = _automate(office, "ASKED", approval_mode="always")
    order = office.sell(product)
    office.call("sale.order", "write", [order], {"origin": "ASKED"})
    (run,) = office.call("visibility.action.run", "search", [("automation_id", "=", automation)])
    gates.install(reader, "answer", "visibility_action_run", "INSERT", f"NEW.run_id = {run}")
    with gates.closed(reader, "answer") as open_gate, ThreadPoolExecutor(1) as pool:
        calls = [lambda one=one: office.call("visibility.action.run", one, [run]) for one in
                 ("action_approve", "action_decline")]  # fmt: skip
        answers = pool.submit(_both, *calls)
        _wait_until_waiting(reader, 1)
        open_gate()
        print("answers:", answers.result())
    follows = reader.rows("SELECT result FROM visibility_action_run WHERE run_id = %s", run)
    assert len(follows) == 1, "one answer counts"
    marked = reader.value("SELECT client_order_ref FROM sale_order WHERE id = %s", order)
    assert (marked == "MARKED") == (follows[0]["result"] == "done")


def test_what_two_scheduled_actions_find_at_once_is_escalated_once(office, reader, product):
    order = office.sell(product)
    (category,) = office.call("visibility.exception.category", "search", [("code", "=", "stale_document")])
    (model,) = office.call("ir.model", "search", [("model", "=", "sale.order")])
    action = office.call("ir.actions.server", "create", {
        "name": "Raise", "model_id": model, "state": "visibility_raise", "visibility_category_id": category,
    })  # fmt: skip
    level = {"hours": 1, "action": "notify", "who": "users", "user_ids": [(6, 0, [2])]}
    policy = office.call("visibility.escalation.policy", "create", {
        "name": "At once", "starts_at": "opened", "sequence": 1,
        "level_ids": [(0, 0, level)] * 2,
    })  # fmt: skip
    office.call("visibility.exception.category", "write", [category], {"severity": "warning"})
    _run_on(office, action, order)
    reader.execute(
        "UPDATE visibility_exception SET escalation_policy_id = %s, escalation_level = 0,"
        " escalation_due_at = now() AT TIME ZONE 'UTC' - interval '1 minute'"
        " WHERE res_model = 'sale.order' AND res_id = %s",
        policy, order,
    )  # fmt: skip
    code = office.call("ir.actions.server", "create", {
        "name": "Escalate", "model_id": model, "state": "code",
        "code": "env['visibility.exception']._escalate_due()",
    })  # fmt: skip
    gates.install(reader, "step", "visibility_escalation_step", "INSERT")
    with gates.closed(reader, "step") as open_gate, ThreadPoolExecutor(1) as pool:
        answers = pool.submit(_both, *[lambda: _run_on(office, code, order)] * 2)
        _wait_until_waiting(reader, 1)
        open_gate()
        print("answers:", answers.result())
    steps = reader.rows(
        """SELECT s.level FROM visibility_escalation_step s JOIN visibility_exception e ON e.id = s.exception_id
            WHERE e.res_model = 'sale.order' AND e.res_id = %s""",
        order,
    )
    assert len(steps) == 1, "one level, once"


def _run_on(office, action, order):
    office._ask(
        "object", "execute_kw", office._database, office._user, "admin", "ir.actions.server", "run", [[action]],
        {"context": {"active_model": "sale.order", "active_ids": [order], "active_id": order}},
    )  # fmt: skip
