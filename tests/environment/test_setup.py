"""The set-up says what to do when it cannot go on, and respects the machine it runs on."""

import collections
import os
import re
import socket
import subprocess

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from scripts import __main__ as entry
from scripts import (
    browser,
    console,
    databases,
    debian,
    demo_server,
    odoo_server,
    postgres,
    python_env,
    results,
    settings,
    stamp,
    testing,
    translations,
)

PythonVersion = collections.namedtuple("PythonVersion", "major minor micro")


@pytest.fixture
def dev_folder(tmp_path, monkeypatch):
    """A .dev folder of its own."""
    for name, folder in {"DEV": "", "LOGS": "log", "RUN": "run"}.items():
        monkeypatch.setattr(settings, name, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize("version", [(3, 8, 1), (3, 9, 1), (3, 14, 0)])
def test_an_unsupported_python_is_told_which_ones_are(monkeypatch, capsys, version):
    monkeypatch.setattr(entry.sys, "version_info", PythonVersion(*version))
    assert entry.main() == 2
    assert "3.10, 3.11, 3.12 or 3.13" in capsys.readouterr().err


def test_setup_cfg_and_the_commands_agree_on_the_oldest_python():
    assert settings.oldest_python() == ".".join(map(str, entry.OLDEST))


def test_a_busy_port_names_the_variable_that_moves_us():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(console.SetupError, match=f"DEMO_PORT={port + 1} make demo"):
            odoo_server.require_port(port, "DEMO_PORT")


def test_a_full_disk_is_one_sentence(dev_folder):
    with pytest.raises(console.SetupError, match="The disk is full"):
        console.run(["sh", "-c", "echo 'cannot write: No space left on device'; false"], "unused")


def test_too_little_space_is_noticed_before_anything_is_written(dev_folder):
    with pytest.raises(console.SetupError, match="free at least 1000000 GB"):
        console.check_disk(1_000_000)


def test_a_command_that_failed_names_its_log(dev_folder):
    with pytest.raises(console.SetupError, match=r"It broke \(details: .*setup.log\)"):
        console.run(["sh", "-c", "echo why; false"], "It broke")
    assert "why" in (dev_folder / "log" / "setup.log").read_text()


def test_a_foreseen_error_is_an_exit_code_and_a_sentence(capsys):
    def fail():
        raise console.SetupError("Do this.")

    assert console.guarded(fail) == 1
    assert capsys.readouterr().err.strip() == "Do this."


def test_a_stamp_is_only_there_after_the_step_finished(dev_folder):
    assert stamp.read("step") is None
    stamp.write("step", "inputs")
    assert stamp.read("step") == "inputs"
    stamp.remove("step")
    assert stamp.read("step") is None


def test_what_pip_is_told_reaches_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/one /two")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    told = python_env.uv_environment()
    assert told["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert told["UV_FIND_LINKS"] == "/one,/two"


def test_uv_s_own_settings_win(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert "UV_DEFAULT_INDEX" not in python_env.uv_environment()


def test_an_environment_that_was_moved_is_made_anew(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "VENV", tmp_path)
    assert not python_env._same_place()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "activate").write_text("VIRTUAL_ENV=/elsewhere/.dev/venv")
    assert not python_env._same_place()
    (tmp_path / "bin" / "activate").write_text(f"VIRTUAL_ENV={tmp_path}")
    assert python_env._same_place()


def test_a_changed_pin_is_not_hindered_by_the_old_lock(monkeypatch):
    monkeypatch.setattr(python_env, "ensure", lambda: pytest.fail("the old lock was installed"))
    monkeypatch.setattr(python_env, "run", lambda *_args, **_options: pytest.fail("stop here"))
    with pytest.raises(pytest.fail.Exception, match="stop here"):
        python_env.lock()


class FakeApt(debian.Apt):
    """apt that knows two versions of a package and does not use the network."""

    def __init__(self):
        pass

    def __call__(self, *_arguments, **_options):
        return " odoo-19 | 19.0.2-1 | mirror sid/main\n odoo-19 | 19.0.1-1 | mirror sid/main\n"


def test_the_pinned_debian_version_is_taken_while_it_is_there():
    assert FakeApt().available("odoo-19=19.0.1-1") == "odoo-19=19.0.1-1"


def test_the_newest_debian_version_replaces_a_pin_that_is_gone(capsys):
    assert FakeApt().available("odoo-19=19.0.0-1") == "odoo-19=19.0.2-1"
    assert "19.0.0-1 is no longer in Debian" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("known", "expected"),
    [("http://deb.example/debian-security\nhttp://deb.example/debian\n", "http://deb.example/debian"), ("", None)],
    ids=["apt knows one", "apt knows none"],
)
def test_the_mirror_is_the_one_of_this_machine_s_apt(monkeypatch, known, expected):
    monkeypatch.setattr(settings, "DEBIAN_MIRROR", None)
    answer = subprocess.CompletedProcess([], 0, stdout=known)
    monkeypatch.setattr(debian.subprocess, "run", lambda *_args, **_options: answer)
    if expected:
        assert debian.mirror() == expected
    else:
        with pytest.raises(console.SetupError, match="set DEBIAN_MIRROR"):
            debian.mirror()


def test_a_checkout_of_another_odoo_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "ODOO_SOURCE", str(tmp_path))
    with pytest.raises(console.SetupError, match="no checkout of Odoo 19.0"):
        debian.check_checkout()


@pytest.mark.parametrize("name", settings.LISTS)
def test_every_requirement_is_pinned_and_locked(name):
    """setup.cfg says from which version on, requirements/ which one."""
    locked = collections.defaultdict(list)
    for pin in re.findall(r"^\S+==\S+", settings.lock(name).read_text(encoding="utf-8"), re.MULTILINE):
        locked[pin.partition("==")[0]].append(Version(pin.partition("==")[2]))
    for requirement in map(Requirement, settings.requirements(name)):
        assert ">=" in str(requirement.specifier), requirement
        assert locked[requirement.name], f"{requirement} is not in requirements/{name}.txt: run `make lock`"
        assert all(map(requirement.specifier.contains, locked[requirement.name])), requirement


@pytest.mark.parametrize("name", settings.LISTS)
def test_a_list_pins_versions_and_files_and_names_no_registry(name):
    text = settings.lock(name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.partition("\n#    make lock\n")[2].strip())
    assert entries
    assert [entry for entry in entries if not re.match(r"[a-z0-9-]+==\S+ [^\n]*\\\n    --hash=sha256:", entry)] == []
    assert not re.search(r"https?:|file:|--(index|extra|find)", text)


def test_our_containers_get_the_versions_that_are_tested_here():
    lists = [settings.lock(name).read_text(encoding="utf-8").splitlines() for name in ("runtime", "development")]
    runtime, development = ({line for line in lines if "==" in line} for lines in lists)
    assert runtime and runtime <= development


@pytest.mark.parametrize(
    ("told", "options"),
    [
        ("", []),
        ("cryptography requests", ["--upgrade-package=cryptography", "--upgrade-package=requests"]),
        ("all", ["--upgrade"]),
    ],
)
def test_a_version_stays_unless_it_is_named(monkeypatch, told, options):
    monkeypatch.setenv("UPGRADE", told)
    assert python_env._raised() == options


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({"chromium"}, "^$"),
        ({"apt-get"}, "needs root or sudo"),
        (set(), "no apt-get to install one"),
    ],
    ids=["there", "neither root nor sudo", "no Debian"],
)
def test_a_browser_is_found_or_the_reason_why_not_is_told(monkeypatch, programs, reason):
    monkeypatch.setattr(browser.shutil, "which", lambda name: name if name in programs else None)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    assert re.search(reason, browser.ensure.__wrapped__())


def test_the_summary_says_why_browser_tests_were_skipped_and_ends_with_the_counts(monkeypatch, capsys):
    monkeypatch.setattr(browser, "path", lambda: None)
    monkeypatch.setattr(browser.shutil, "which", lambda _name: None)
    browser.ensure.cache_clear()
    browser.ensure()
    testing._report(results.Results(passed=1))
    browser.ensure.cache_clear()
    said = capsys.readouterr().out.splitlines()
    assert said[-2].startswith("Browser tests were skipped: no Chrome or Chromium was found")
    assert said[-1] == "tests: 1 passed, 0 failed, 0 skipped"


def test_a_socket_path_is_never_too_long_for_a_socket(tmp_path):
    deep = tmp_path.joinpath(*["a-long-folder-name"] * 8) / "postgres"
    assert len(postgres.Cluster(deep).host) < 90
    assert postgres.Cluster("/short/postgres").host == "/short/postgres.socket"


def test_the_embedded_server_survives_a_crash(dev_folder):
    cluster = postgres.Cluster(dev_folder / "postgres")
    cluster.start()
    try:
        cluster.sql("CREATE DATABASE crash")
        cluster.sql("CREATE TABLE kept AS SELECT 42 AS answer", "crash")
        cluster.restart(mode="immediate")
        assert cluster.sql("SELECT 1 FROM pg_database WHERE datname = 'crash'") == ["1"]
    finally:
        cluster.stop("immediate")
    assert not cluster.is_running()


def test_a_user_s_own_server_is_read_from_its_url(monkeypatch):
    monkeypatch.setattr(settings, "DATABASE_URL", "postgresql://me:p%40ss@db.example:5433/x")
    server = postgres.server.__wrapped__()
    assert server.odoo_options() == {
        "db_host": "db.example",
        "db_port": 5433,
        "db_user": "me",
        "db_password": "p@ss",
    }


def test_only_we_may_read_a_configuration_that_holds_a_password(tmp_path):
    path = tmp_path / "odoo.conf"
    path.write_text("db_password = old")
    odoo_server._write(path, "db_password = old")
    assert path.stat().st_mode & 0o777 == 0o600
    odoo_server._write(path, "db_password = new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("db_password = new", 0o600)


def test_test_databases_of_killed_runs_are_dropped_and_others_stay(monkeypatch):
    ours, dropped = f"dv_test_{os.getpid()}", []
    names = {databases.TEST: [ours, "dv_test_99999999", "dv_test_mine"], "dv_system_": ["dv_system_99999999_1"]}
    monkeypatch.setattr(databases, "PREFIX", "dv_")
    monkeypatch.setattr(databases, "named", lambda prefix: names[prefix])
    monkeypatch.setattr(databases, "drop", dropped.append)
    databases.sweep()
    assert dropped == ["dv_test_99999999", "dv_system_99999999_1"]


def test_a_template_of_texts_has_no_dates():
    about, dates = '"Language-Team: \\n"\n', '"POT-Creation-Date: 2026-01-02\\n"\n"PO-Revision-Date: 2026-01-02\\n"\n'
    assert translations.without_dates(f'{about}{dates}msgid "x"\n') == f'{about}msgid "x"\n'


def test_the_user_postgres_is_refused_before_odoo_refuses_it():
    with pytest.raises(console.SetupError, match="name another user"):
        postgres.Server("localhost", user="postgres").start()


def test_a_server_that_outlived_its_run_is_ended_with_its_database(dev_folder):
    (dev_folder / "run").mkdir()
    config = dev_folder / "run" / "server-dv_system_1_gw0_0-8069.conf"
    config.touch()
    other = dev_folder / "run" / "server-dv_system_12_gw0_0-8069.conf"
    other.touch()
    servers = [subprocess.Popen(["sh", "-c", "sleep 60; true", str(path)]) for path in (config, other)]
    try:
        odoo_server.kill_left_over("dv_system_1_gw0_0")
        assert servers[0].wait(10) == -9 and not config.exists()
        assert servers[1].poll() is None and other.exists()
    finally:
        servers[1].kill()
        servers[1].wait()


@pytest.fixture
def installed_without_demo(monkeypatch):
    """What the database says was installed without demo data."""
    names = ["base_setup"]
    cluster = postgres.Cluster("/nowhere/postgres")
    monkeypatch.setattr(cluster, "sql", lambda statement, database: names)
    monkeypatch.setattr(postgres, "server", lambda: cluster)
    return names


def test_a_demo_whose_data_did_not_load_is_not_opened(installed_without_demo):
    installed_without_demo.append("distribution_visibility")
    with pytest.raises(console.SetupError, match="demo data of distribution_visibility did not load"):
        demo_server._check_demo("dv_demo_part", ["distribution_visibility", "distribution_visibility_batch"])


def test_modules_of_others_may_have_no_demo_data(installed_without_demo):
    assert "base_setup" in installed_without_demo
    demo_server._check_demo("dv_demo_part", ["distribution_visibility"])
