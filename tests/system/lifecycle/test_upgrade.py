"""A database of the last commit of 19.0.1.0.0, with demo data, is upgraded to the add-ons as they are now.

It has lost nothing, and is built like one that they are installed in today. What has another name since, or is gone
for good, stands in the tables of the migrations and is taken from there.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import past_names
import pytest
import shape
from reader import Reader

from scripts import databases, odoo_server, postgres, settings

# where others need the processors as well, installing and upgrading take minutes
pytestmark = pytest.mark.timeout(1200)

COMMIT = "07473c3"
LOG = "upgrade-from-past.log"
#: Columns of shipped records that say something else now, and may be empty.
ANOTHER_MEANING = {
    # an order that came in part: its condition counts working days since the rest was due
    "visibility_rule.age_field_id",
    "visibility_rule.age_field_name",
}
CHECKS = Path(__file__).with_name("check_upgraded.py")
ASK = """
import json
print("PROBLEMS", json.dumps(find_problems(env, {addons})))
"""
ALARMING = re.compile(r" (?:WARNING|ERROR|CRITICAL) |^Traceback")
#: Lines of the upgrade's log that say nothing about our add-ons.
EXPECTED = re.compile("^$")


@pytest.fixture(scope="module")
def past():
    """The template with the add-ons of before; made once."""
    known = subprocess.run(["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"], cwd=settings.ROOT, capture_output=True)
    if known.returncode:
        pytest.skip(f"this clone has no history: the commit {COMMIT}, which is upgraded from, is not in it")
    return databases.past_template(COMMIT)


@pytest.fixture(scope="module")
def upgraded(past):
    """The name of a copy of that database, upgraded to the add-ons as they are now."""
    name = f"{databases.TEST}{os.getpid()}_upgraded"
    databases.copy(past, name)
    try:
        known = databases.past_addons(COMMIT)
        new = sorted(set(settings.addons()) - known)
        # what installs itself beside others does so where somebody looks at the list of apps
        databases.install(name, sorted(known), *(["-i", ",".join(new)] if new else []), action="-u", log=LOG)
        yield name
    finally:
        databases.drop(name)


@pytest.fixture(scope="module")
def fresh(past):
    """The name of a database in which the add-ons are installed as they are now."""
    name = f"{databases.TEST}{os.getpid()}_fresh"
    yield databases.copy(databases.our_template(), name)
    databases.drop(name)


@pytest.fixture(scope="module")
def before(past):
    # nobody may be connected to a template that is copied
    name = f"{databases.TEST}{os.getpid()}_before"
    reader = Reader(postgres.server(), databases.copy(past, name))
    yield reader
    reader.close()
    databases.drop(name)


@pytest.fixture(scope="module")
def after(upgraded):
    reader = Reader(postgres.server(), upgraded)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def today(fresh):
    reader = Reader(postgres.server(), fresh)
    yield reader
    reader.close()


def test_the_upgrade_says_nothing_alarming(upgraded):
    lines = (settings.LOGS / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    assert [line for line in lines if ALARMING.search(line) and not EXPECTED.search(line)] == []


def test_no_record_is_lost(before, after):
    now, lost = shape.ids(after, shape.tables(after)), {}
    for table, records in shape.ids(before, shape.tables(before)).items():
        name = past_names.table(table)
        if name and records - now.get(name, set()):
            lost[table] = records - now.get(name, set())
    assert not lost


def test_no_model_and_no_column_is_lost(before, after):
    """Also where there is nothing in it yet: a name that is gone without a word is a mistake."""
    models, columns, lost = shape.models(after), shape.columns(after), []
    lost += [model for model in shape.models(before) if past_names.model(model) not in {None, *models}]
    passing = shape.passing_tables(before)
    for table, names in shape.columns(before).items():
        now = past_names.table(table)
        if now and table not in passing:
            known = {None, *columns.get(now, ())}
            lost += [f"{table}.{name}" for name in names if past_names.column(now, name) not in known]
    assert sorted(lost) == []


def test_no_value_is_lost(before, after):
    """Every column still has at least as many values as it had."""
    now, lost = shape.columns(after), []
    passing = shape.passing_tables(before)
    for table, columns in shape.columns(before).items():
        name = past_names.table(table)
        if not name or table in passing:
            continue
        names = {column: past_names.column(name, column) for column in columns}
        kept = {column for column in names.values() if column in now.get(name, ())}
        filled, filled_now = shape.filled(before, table, columns), shape.filled(after, name, kept)
        lost += [
            f"{table}.{column}: {count} values before, {filled_now.get(names[column], 0)} now"
            for column, count in filled.items()
            if names[column] and count > filled_now.get(names[column], 0) and f"{name}.{column}" not in ANOTHER_MEANING
        ]
    assert not lost


def test_every_external_id_names_the_record_that_it_named(before, after):
    """Data and demo data; what Odoo makes of code and views is compared with a fresh installation instead."""
    now, wrong = shape.external_ids(after), {}
    for xmlid, (model, record) in shape.external_ids(before).items():
        name, wanted = past_names.external_id(xmlid), (past_names.model(model), record)
        if name and model not in shape.STRUCTURE and now.get(name) != wanted:
            wrong[xmlid] = (wanted, now.get(name))
    assert not wrong


def test_everything_that_an_installation_brings_is_there(after, today):
    assert sorted(shape.external_ids(today).keys() - shape.external_ids(after).keys()) == []


@pytest.mark.parametrize("kind", shape.STRUCTURE)
def test_the_upgraded_database_is_built_like_a_fresh_one(after, today, kind):
    """Models, fields, rights, rules, views, menus: nothing is missing, left over or as it was before."""
    upgraded, fresh = shape.structure(after, kind), shape.structure(today, kind)
    assert fresh
    assert {"left over": sorted(upgraded.keys() - fresh.keys()), "missing": sorted(fresh.keys() - upgraded.keys())} == {
        "left over": [],
        "missing": [],
    }
    assert {name: row for name, row in upgraded.items() if row != fresh[name]} == {}


def test_tables_columns_and_indexes_are_those_of_a_fresh_database(after, today):
    assert shape.tables(after) == shape.tables(today)
    assert shape.columns(after) == shape.columns(today)
    assert shape.parts(after) == shape.parts(today)


def test_every_view_opens_and_every_field_can_be_read(upgraded):
    """In Odoo itself: all views are valid, all menus open for an administrator, all stored fields are readable."""
    command = odoo_server.command(upgraded, "--no-http", "--log-level=warn")
    command.insert(2, "shell")
    script = CHECKS.read_text(encoding="utf-8") + ASK.format(addons=settings.addons())
    done = subprocess.run(
        command, input=script, env=odoo_server.environment(), capture_output=True, text=True, check=False
    )
    told = re.search("^PROBLEMS (.*)$", done.stdout, re.MULTILINE)
    assert told, (done.stdout + done.stderr)[-4000:]
    assert json.loads(told[1]) == []
