"""One of each mechanism: what is written once in ``models/base`` and ``lib/base`` is not written again by hand.

Each exception is named with its reason, and one that is not needed any more has to go from here.
"""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CORE = "distribution_visibility"
BASE = f"{CORE}/models/base"


def read_modules():
    """Our own code by path: tests and what ``make demo`` shows are apart."""
    for addon in sorted(ROOT.glob(f"{CORE}*")):
        for path in sorted(addon.rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/tests/" not in name and "/migrations/" not in name:
                yield name, list(ast.walk(ast.parse(path.read_text())))


#: Path to all nodes of its code.
MODULES = dict(read_modules())


def find(kind, matches):
    """How often each module has a node of a kind that matches."""
    counts = {name: sum(matches(node) for node in nodes if isinstance(node, kind)) for name, nodes in MODULES.items()}
    return +Counter(counts)


def is_call_of(node, *names):
    return isinstance(node.func, ast.Attribute) and node.func.attr in names


def ends_with(node, *names):
    """Whether an expression ends with these attributes: ``self.env.cr.precommit`` does with ``precommit``."""
    return isinstance(node, ast.Attribute) and node.attr in names


def check(found, home, exceptions):
    """Nothing outside of its home but the exceptions, each as often as it says."""
    found = {name: count for name, count in found.items() if name not in home}
    allowed = {name: count for name, (count, _reason) in exceptions.items()}
    assert found == allowed


# ---------------------------------------------------------------------- the guard
SAVEPOINTS = {
    f"{CORE}/models/respond/automation/base_automation_running.py": (
        1,
        "a rehearsal is undone whether it works or not, and what waits for the commit with it",
    ),
}


def test_what_may_fail_is_tried_with_the_one_guard():
    found = find(ast.Call, lambda node: is_call_of(node, "savepoint"))
    check(found, {f"{BASE}/guard.py"}, SAVEPOINTS)


def test_the_one_guard_says_what_a_conflict_is():
    names = {
        *("TransactionRollbackError", "OperationalError", "PG_CONCURRENCY_EXCEPTIONS_TO_RETRY"),
        *("PG_CONCURRENCY_ERRORS_TO_RETRY", "SerializationFailure", "DeadlockDetected", "LockNotAvailable"),
    }
    imported = find(ast.ImportFrom, lambda node: any(one.name in names for one in node.names))
    named = find(ast.Attribute, lambda node: node.attr in names)
    check(imported + named, {f"{BASE}/guard.py"}, {})


# ---------------------------------------------------------------------- before and after the commit
HOOKS = {
    f"{CORE}/models/respond/automation/base_automation_running.py": (
        3,
        "a rehearsal puts back what waited for the commit, and says to the mails that it is one",
    ),
    f"{CORE}/demo/visibility_demo.py": (
        1,
        "has what was tracked written down in the name of one person, before the next one comes",
    ),
    f"{CORE}/models/respond/automation/mail_thread.py": (1, "sends no mail in a rehearsal"),
    f"{CORE}/models/documents/stock_picking.py": (
        1,
        "ties a shipment that another transaction has just made, in a transaction of its own",
    ),
}


def test_work_for_the_commit_is_noted_and_scheduled_actions_are_woken_in_the_one_way():
    found = find(ast.Attribute, lambda node: ends_with(node, "precommit", "postcommit"))
    check(found, {f"{BASE}/notes.py", f"{BASE}/wake.py"}, HOOKS)


# ---------------------------------------------------------------------- what only code may say
#: Plain values that anybody may say, because they grant nothing.
SAID_BY_ANYBODY = {
    **dict.fromkeys(("active_model", "active_id", "active_ids"), "Odoo's own: what a button was pressed on"),
    "tz": "how times are shown",
    "__action_done": "Odoo's own note of which automations ran",
    "__action_feedback": "Odoo's own: the same, in the automation's own context",
    "domain_post": "Odoo's own, handed on to actions",
    "is_scrap": "Odoo's own: a move that throws goods away",
    "visibility_as_kept": "a text with its marks, as it is in the database",
    "visibility_promise_reason": "words of whoever changes a promise",
    "visibility_move_reason": "words of whoever moves a transfer",
    "visibility_choice_id": "which question a button answers; rights are asked when it is answered",
    "generate_secret": "the dialog proposes a secret of its own",
}


def get_key(node):
    """The key that a node reads from a context, None where it reads none."""
    if isinstance(node, ast.Call) and is_call_of(node, "get") and node.args:
        where, key = node.func.value, node.args[0]
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        where, key = node.value, node.slice
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        where, key = node.comparators[0], node.left
    else:
        return None
    is_context = ends_with(where, "context", "_context") or isinstance(where, ast.Name) and where.id == "context"
    return ast.unparse(key) if is_context else None


def test_no_plain_value_in_a_context_grants_anything():
    read = {}
    for name, nodes in MODULES.items():
        if name != f"{CORE}/lib/base/grant.py":
            for node in nodes:
                if key := get_key(node):
                    read.setdefault(key.strip("'\""), name)
    assert {key: name for key, name in read.items() if key not in SAID_BY_ANYBODY} == {}
    assert not SAID_BY_ANYBODY.keys() - read.keys(), "not read any more"


# ---------------------------------------------------------------------- what buttons answer
ACTIONS = {}


def test_notifications_are_made_by_the_one_mixin():
    found = find(ast.Constant, lambda node: node.value == "display_notification")
    check(found, {f"{BASE}/visibility_action_mixin.py"}, {})


def test_stored_actions_are_opened_by_the_one_mixin():
    found = find(ast.Call, lambda node: is_call_of(node, "_for_xml_id"))
    check(found, {f"{BASE}/visibility_action_mixin.py"}, ACTIONS)


LABELS = {
    f"{CORE}/models/detect/rule/visibility_rule_criteria.py": (1, "of a field of whatever document a rule looks at"),
    f"{CORE}/models/respond/log/visibility_action_change.py": (1, "of a field of whatever record was changed"),
}


def test_what_a_person_reads_of_a_selection_comes_from_the_one_mixin():
    """The list of all labels may be asked for; one of them is ``_label``."""
    found = find(
        ast.Call,
        lambda node: isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and any(isinstance(one, ast.Call) and is_call_of(one, "_description_selection") for one in node.args),
    )
    check(found, {f"{BASE}/visibility_action_mixin.py"}, LABELS)


def test_records_by_the_thousand_are_made_in_the_one_quiet_context():
    found = find(ast.Constant, lambda node: node.value == "mail_create_nosubscribe")
    found += find(ast.keyword, lambda node: node.arg == "mail_create_nosubscribe")
    check(found, {f"{BASE}/quiet.py"}, {})


@pytest.mark.parametrize("exceptions", [SAVEPOINTS, HOOKS, ACTIONS, LABELS])
def test_every_exception_has_a_reason(exceptions):
    assert all(reason for _count, reason in exceptions.values())


# ---------------------------------------------------------------------- days and working time
def has_date_call(node):
    return any(isinstance(one, ast.Call) and is_call_of(one, "date") and not one.args for one in ast.walk(node))


DAYS = {
    f"{CORE}/lib/base/due_time.py": (1, "the place of a local day among working days"),
    f"{CORE}/lib/detect/rule/nights.py": (1, "the night before a day of a wall clock"),
}


def test_days_are_compared_by_the_one_function():
    """A moment's ``date()`` is a day in UTC: two of them are neither compared nor subtracted."""
    found = find(ast.BinOp, lambda node: isinstance(node.op, ast.Sub) and has_date_call(node))
    found += find(ast.Compare, has_date_call)
    check(found, {f"{CORE}/lib/base/days.py"}, DAYS)


def test_working_time_is_counted_in_the_one_way():
    names = "plan_hours", "plan_days", "_work_intervals_batch", "_attendance_intervals_batch", "_leave_intervals_batch"
    found = find(ast.Call, lambda node: is_call_of(node, *names))
    check(found, {f"{CORE}/models/documents/resource_calendar.py"}, {})


# ---------------------------------------------------------------------- days and moments in texts
def test_days_and_moments_are_told_in_the_one_way():
    """With the weekday, without seconds, by the language and the clock of whoever reads."""
    names = ("format_date", "format_datetime", "format_time")
    found = find(ast.Call, lambda node: is_call_of(node, *names) or getattr(node.func, "id", "") in names)
    check(found, {f"{BASE}/words/told.py"}, {})
