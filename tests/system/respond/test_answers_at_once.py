"""Two people answer what an automation asked at the same moment: it acts once, and only one of them has answered."""

import json
import threading
import urllib.request

import pytest

pytestmark = pytest.mark.timeout(900)
ROUNDS = 3
PEOPLE = ("race-anna", "race-bert")


class Person:
    """Somebody who works over RPC, as any client does."""

    def __init__(self, server, login):
        self._url, self._database, self._login = f"http://127.0.0.1:{server.port}/jsonrpc", server.database, login
        self.id = self._ask("common", "login", self._database, login, login)

    def _ask(self, service, method, *arguments):
        params = {"service": service, "method": method, "args": list(arguments)}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            found = json.load(answer)
        if "error" in found:
            raise RuntimeError(found["error"]["data"]["message"])
        return found.get("result")

    def call(self, model, method, *arguments, **named):
        every = [self._database, self.id, self._login, model, method, list(arguments), named]
        return self._ask("object", "execute_kw", *every)


@pytest.fixture(scope="module")
def admin(calm_server):
    return Person(calm_server, "admin")


@pytest.fixture(scope="module")
def people(calm_server, admin):
    """Two managers who may both decide, and approve with one click."""
    ours = [("name", "=", "Manager"), ("privilege_id.name", "=", "Distribution Visibility")]
    groups = admin.call("res.groups", "search", ours)
    for login in PEOPLE:
        values = {"name": login, "login": login, "password": login, "email": f"{login}@example.com"}
        admin.call("res.users", "create", {**values, "group_ids": [(4, group) for group in groups]})
    tiers = admin.call("tier.definition", "search", [("model", "=", "visibility.decision")])
    admin.call("tier.definition", "write", tiers, {"has_comment": False})
    yield [Person(calm_server, login) for login in PEOPLE]
    admin.call("tier.definition", "write", tiers, {"has_comment": True})


@pytest.fixture
def automate(admin):
    """A function that makes an automation which asks first, and acts on exceptions for the reason that is given."""
    made = []

    def make(reason, **values):
        (model,) = admin.call("ir.model", "search", [("model", "=", "visibility.exception")])
        automation = admin.call("base.automation", "create", {
            "name": reason,
            "model_id": model,
            "trigger": "on_create",
            "filter_domain": str([("reason", "=", reason)]),
            "is_governed": True,
            "accountable_id": admin.id,
            "approval_mode": "always",
            **values,
        })  # fmt: skip
        made.append(automation)
        admin.call("ir.actions.server", "create", {
            "name": "Act",
            "model_id": model,
            "base_automation_id": automation,
            "usage": "base_automation",
            "state": "visibility_notify",
            "visibility_role": "service",
        })  # fmt: skip
        return automation

    yield make
    admin.call("base.automation", "write", made, {"active": False})


@pytest.fixture(scope="module")
def raise_one(admin):
    """A function that opens an exception for a reason, about an order of its own; gives its id."""
    orders = iter(admin.call("sale.order", "search", [], limit=3 * ROUNDS))
    (category,) = admin.call("visibility.exception.category", "search", [("code", "=", "late_risk")])
    company = admin.call("res.users", "read", [admin.id], ["company_id"])[0]["company_id"][0]

    def make(reason):
        about = {"res_model": "sale.order", "res_id": next(orders)}
        values = {"category_id": category, "company_id": company, "reason": reason, **about}
        return admin.call("visibility.exception", "create", values)

    return make


def at_once(*steps):
    """Run all at the same moment; gives the messages of those that were refused."""
    barrier, refused = threading.Barrier(len(steps)), []

    def run(step):
        barrier.wait()
        try:
            step()
        except RuntimeError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def answers(reader, run):
    return [row["origin"] for row in reader.rows("SELECT origin FROM visibility_action_run WHERE run_id = %s", run)]


def asked_about(reader, exception):
    statement = "SELECT id FROM visibility_action_run WHERE result = 'asked' AND exception_id = %s"
    return reader.value(statement, exception)


def test_two_who_press_do_it_now_at_the_same_moment_act_once(people, automate, raise_one, reader):
    automate("Race of tasks")
    anna, bert = people
    for _round in range(ROUNDS):
        run = asked_about(reader, raise_one("Race of tasks"))
        refused = at_once(
            lambda r=run: anna.call("visibility.action.run", "action_approve", [r]),
            lambda r=run: bert.call("visibility.action.run", "action_approve", [r]),
        )
        assert (answers(reader, run), len(refused)) == (["approval"], 1), refused
        assert "answered already" in refused[0]


def test_two_who_decide_at_the_same_moment_decide_once_and_it_acts_once(people, automate, raise_one, reader):
    automate("Race of decisions", asks_by="decision", decision_kind="rerouting")
    anna, bert = people
    for number in range(ROUNDS):
        exception = raise_one("Race of decisions")
        run = asked_about(reader, exception)
        decision = reader.value("SELECT id FROM visibility_decision WHERE action_run_id = %s", run)
        second = "action_reject" if number % 2 else "action_approve"
        refused = at_once(
            lambda d=decision: anna.call("visibility.decision", "action_approve", [d]),
            lambda d=decision, step=second: bert.call("visibility.decision", step, [d]),
        )
        state = reader.value("SELECT state FROM visibility_decision WHERE id = %s", decision)
        assert len(refused) == 1, refused
        assert answers(reader, run) == (["approval"] if state == "approved" else ["button"])


@pytest.fixture
def a_step_each(admin, people):
    """Each of the two has a step of their own, and neither waits for the other one's."""
    tiers = admin.call("tier.definition", "search", [("model", "=", "visibility.decision")])
    admin.call("tier.definition", "write", tiers, {"active": False})
    (model,) = admin.call("ir.model", "search", [("model", "=", "visibility.decision")])
    mine = [
        admin.call("tier.definition", "create", {
            "name": f"Step of {person.id}",
            "model_id": model,
            "review_type": "individual",
            "reviewer_id": person.id,
            "approve_sequence": False,
            "has_comment": False,
        })
        for person in people
    ]  # fmt: skip
    yield
    admin.call("tier.definition", "write", mine, {"active": False})
    admin.call("tier.definition", "write", tiers, {"active": True})


def test_two_steps_that_are_approved_at_the_same_moment_approve_the_decision(
    admin, people, a_step_each, raise_one, reader
):
    anna, bert = people
    for _round in range(ROUNDS):
        about = {"exception_id": raise_one("Race of steps"), "kind": "rerouting", "justification": "Because"}
        decision = admin.call("visibility.decision", "create", about)
        admin.call("visibility.decision", "action_request", [decision])
        refused = at_once(
            lambda d=decision: anna.call("visibility.decision", "action_approve", [d]),
            lambda d=decision: bert.call("visibility.decision", "action_approve", [d]),
        )
        state = reader.value("SELECT state FROM visibility_decision WHERE id = %s", decision)
        assert (state, refused) == ("approved", [])
