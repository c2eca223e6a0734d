"""The entry script of the containers, run outside of one with stand-ins for Odoo, pip and psql."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ENTRY = ROOT / "docker" / "entry.sh"

# Each stand-in writes down how it was called; psql answers from the file `installed`.
STAND_INS = {
    "odoo": 'echo "odoo $*" >>"$CALLS"; echo "$PYTHONPATH" >"$CALLS.pythonpath"; cat >/dev/null\n'
    'case "$*" in *"$ODOO_FAILS_AT"*) exit 1 ;; *"-i distribution"*) touch "$CALLS.installed" ;; esac',
    "pip3": 'echo "pip3 $*" >>"$CALLS"\nwhile [ "$1" != --target ]; do shift; done; mkdir -p "$2"; [ -z "$PIP_FAILS" ]',
    "psql": 'if [ -e "$CALLS.installed" ]; then echo 1; fi',
}


@pytest.fixture
def container(tmp_path):
    """A function that runs the entry script and gives (exit code, calls, standard error)."""
    for name, script in STAND_INS.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    opt = tmp_path / "opt"
    opt.mkdir()
    shutil.copy(ENTRY, opt)
    shutil.copytree(ROOT / "requirements", opt / "requirements")
    addon = tmp_path / "addons" / "distribution_visibility"
    addon.mkdir(parents=True)
    (addon / "__manifest__.py").write_text("{}", encoding="utf-8")

    def run(*arguments, **variables):
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        result = subprocess.run(
            ["bash", opt / "entry.sh", *arguments],
            env={
                "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "CALLS": str(calls),
                "VISIBILITY_STATE": str(tmp_path / "state"),
                "VISIBILITY_ADDONS": str(tmp_path / "addons"),
                "PGDATABASE": "visibility",
                "ADMIN_PASSWORD": "given",
                "VISIBILITY_MASTER_KEY": "key",
                "ODOO_FAILS_AT": "never",
                "PIP_FAILS": "",
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        seen = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
        return result.returncode, seen, result.stderr

    return run


def odoo_calls(calls):
    return [call for call in calls if call.startswith("odoo")]


def test_the_first_start_installs_what_is_pinned_and_makes_the_database(container, tmp_path):
    code, calls, error = container("prepare")
    assert not code, error
    pip, oca = (call for call in calls if call.startswith("pip3"))
    assert "--break-system-packages" not in pip
    assert "--no-deps" in oca
    assert "--no-deps" not in pip
    assert all("--require-hashes" in call for call in (pip, oca))
    current = tmp_path / "state" / "current"
    pins = (current / "runtime.txt").read_text() + (current / "oca.txt").read_text()
    for name in ("pydantic==", "cryptography==", "odoo-addon-helpdesk-mgmt=="):
        assert name in pins
    assert [call.split(" --stop")[0] for call in odoo_calls(calls)] == [
        "odoo -i base",
        "odoo shell --no-http --max-cron-threads=0",
        "odoo -i distribution_visibility",
    ]


def test_starting_again_changes_nothing(container):
    container("prepare")
    code, calls, _error = container("prepare")
    assert (code, calls) == (0, [])


def test_a_changed_add_on_is_upgraded_once(container, tmp_path):
    container("prepare")
    (tmp_path / "addons" / "distribution_visibility" / "data.xml").write_text("<odoo/>", encoding="utf-8")
    _code, calls, _error = container("prepare")
    assert [call.split(" --stop")[0] for call in calls] == [
        "odoo -i distribution_visibility -u distribution_visibility"
    ]
    assert container("prepare")[1] == []


def test_a_changed_test_needs_no_upgrade(container, tmp_path):
    container("prepare")
    tests = tmp_path / "addons" / "distribution_visibility" / "tests"
    tests.mkdir()
    (tests / "test_new.py").touch()
    assert container("prepare")[1] == []


def test_changed_pins_are_installed_beside_the_old_ones(container, tmp_path):
    container("prepare")
    runtime = tmp_path / "opt" / "requirements" / "runtime.txt"
    runtime.write_text(re.sub(r"(?m)^pydantic==\S+", "pydantic==2.99.0", runtime.read_text()))
    _code, calls, _error = container("prepare")
    assert len([call for call in calls if call.startswith("pip3")]) == 2
    assert "pydantic==2.99.0" in (tmp_path / "state" / "current" / "runtime.txt").read_text()


def test_an_installation_that_failed_is_no_installation(container, tmp_path):
    code, calls, error = container("prepare", PIP_FAILS="1")
    assert code
    assert "check the network" in error
    assert odoo_calls(calls) == []
    assert not (tmp_path / "state" / "current").exists()
    code, _calls, error = container("prepare")
    assert not code, error


@pytest.mark.parametrize("step", ["-i base", "shell", "-i distribution"])
def test_a_set_up_that_was_interrupted_is_taken_up_again(container, step):
    code, _calls, _error = container("prepare", ODOO_FAILS_AT=step)
    assert code
    code, calls, error = container("prepare")
    assert not code, error
    # the password that everybody knows is looked at before the add-ons are there
    assert calls[1].startswith("odoo shell")
    assert calls[2].startswith("odoo -i distribution_visibility")


def test_nothing_starts_without_a_password_of_ones_own(container):
    code, calls, error = container("prepare", ADMIN_PASSWORD="")
    assert code
    assert "ADMIN_PASSWORD" in error
    assert calls == []


def test_odoo_is_served_with_the_installed_packages(container, tmp_path):
    container("prepare")
    code, calls, error = container("serve")
    assert not code, error
    assert calls == ["odoo "]
    assert (tmp_path / "calls.pythonpath").read_text().strip() == f"{tmp_path}/state/current/python"


def test_other_commands_see_the_same_packages(container, tmp_path):
    container("prepare")
    _code, calls, _error = container("odoo", "shell", "-d", "visibility")
    assert calls == ["odoo shell -d visibility"]


def test_shellcheck_finds_nothing(tmp_path):
    shellcheck = Path(sys.executable).with_name("shellcheck")
    result = subprocess.run([shellcheck, ENTRY], capture_output=True, text=True, check=False)
    assert not result.returncode, result.stdout


def test_the_add_ons_that_are_installed_are_on_odoos_path():
    conf = (ROOT / "docker" / "odoo.conf").read_text(encoding="utf-8")
    assert "addons_path = /mnt/extra-addons,/var/lib/odoo/visibility/current/oca/odoo/addons" in conf
    assert "STATE:-/var/lib/odoo/visibility}" in ENTRY.read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["proxy_mode = True", "list_db = False", "max_cron_threads = 3"])
def test_odoo_is_set_up_for_production(option):
    assert option in (ROOT / "docker" / "odoo.conf").read_text(encoding="utf-8").splitlines()
