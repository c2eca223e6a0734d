"""Parts of the tests that run side by side lose no test and no failure."""

import contextlib
import os
import signal
import time

import pytest

from scripts import console, nginx, odoo_layer, pytest_layers, results, settings, side_by_side, testing


@pytest.fixture(autouse=True)
def dev_folder(tmp_path, monkeypatch):
    """A .dev folder of its own."""
    for name, folder in {"DEV": "", "LOGS": "log", "RUN": "run"}.items():
        monkeypatch.setattr(settings, name, tmp_path / folder)
    return tmp_path


def told(text, passed=1, problem=None):
    """A function that says something, and gives results."""

    def run():
        console.say(text)
        outcome = results.Results(passed=passed)
        if problem:
            outcome.fail(problem)
        return outcome

    return run


def test_parts_run_at_the_same_time_and_are_told_of_one_after_the_other(dev_folder, monkeypatch, capsys):
    flag = dev_folder / "second has begun"

    def first():
        while not flag.exists():
            time.sleep(0.01)
        console.say("first")
        return results.Results(passed=1)

    def second():
        flag.touch()
        return told("second", passed=2)()

    # it would wait for ever if one began only after the other had ended
    monkeypatch.setattr(settings, "ROOT", dev_folder)
    works = [testing.Work("plain", "plain tests", first), testing.Work("odoo-1", "odoo tests", second, gives_way=True)]
    total = testing._together(works)
    said = capsys.readouterr().out
    assert total.passed == 3
    assert said.index("== plain tests ==") < said.index("first") < said.index("== odoo tests ==") < said.index("second")


def part(function, **options):
    return side_by_side.Part("some", function, **options)


def test_what_a_part_says_is_kept_apart(capfd):
    running = part(told("hello"))
    assert running.results().passed == 1
    assert running.read() == "hello" and "hello" not in capfd.readouterr().out


def test_a_failure_of_a_part_is_one_of_the_whole():
    outcome = part(told("", problem="test_x")).results()
    assert (outcome.passed, outcome.failed, outcome.problems) == (1, 1, ["test_x"])


def _setup_error():
    raise console.SetupError("Free some space.")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_setup_error, "some tests: Free some space."),
        (lambda: os._exit(3), "ended without results"),
        (lambda: 1 / 0, "ended without results"),
        (lambda: None, "some tests: None"),
    ],
    ids=["cannot start", "dies", "breaks", "gives nothing"],
)
def test_a_part_that_gives_no_results_has_failed(function, words):
    outcome = part(function).results()
    assert outcome.failed == 1 and words in outcome.problems[0] and "test-some.log" in outcome.problems[0]


def test_a_part_gives_way_when_it_is_told_to():
    priority = os.nice(0)
    outcomes = [
        part(lambda: results.Results(passed=os.nice(0)), gives_way=gives_way).results().passed
        for gives_way in (False, True)
    ]
    assert outcomes == [priority, min(priority + side_by_side.NICE, 19)]


def test_a_part_that_is_stopped_takes_down_what_it_began(dev_folder):
    ended = dev_folder / "ended"

    def long():
        try:
            (dev_folder / "begun").touch()
            time.sleep(60)
        finally:
            ended.touch()

    previous = signal.signal(signal.SIGTERM, console._interrupt)
    try:
        running = part(long)
        while not (dev_folder / "begun").exists():
            time.sleep(0.01)
        running.stop()
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert ended.exists()


# ------------------------------------------------------------------ what is in which part


@pytest.fixture
def tags(monkeypatch):
    """A function that gives the tags with which a half is run."""
    monkeypatch.setattr(odoo_layer, "_database", lambda _template: contextlib.nullcontext("db"))
    found = []
    monkeypatch.setattr(odoo_layer, "_run", lambda _name, _database, script: found.append(script))

    def ask(number):
        odoo_layer.half(number)
        line = next(line for line in found[-1].splitlines() if "run_tests(env, " in line)
        return line.partition("run_tests(env, '")[2].partition("'")[0].split(",")

    return ask


def test_every_file_of_odoo_tests_is_in_exactly_one_half(tags):
    first, second = tags(0), tags(1)
    assert all(name.endswith(".py") for name in first)
    assert second == [f"/{module}" for module in settings.addons()] + [f"-{name}" for name in first]
    files = odoo_layer._files(settings.addons())
    assert len(files) == len(set(files)) > 100
    assert set(first) < set(files) and abs(len(files) - 2 * len(first)) <= 1


@pytest.mark.parametrize("variable", ["MODULE", "TEST"])
def test_who_asks_for_some_of_odoos_tests_gets_one_part(monkeypatch, variable):
    assert len(testing.LAYERS["odoo"]()) == 2
    monkeypatch.setenv(variable, "anything")
    assert [work.name for work in testing.LAYERS["odoo"]()] == ["odoo"]


def test_every_system_test_is_in_one_of_three_parts(monkeypatch):
    asked = []
    monkeypatch.setattr(pytest_layers, "_system", lambda _name, arguments: asked.append(arguments))
    for work in testing.LAYERS["system"]():
        work.function()
    marks = [arguments[arguments.index("-m") + 1] for arguments in asked]
    assert sorted(marks) == ["heavy", "not heavy and not paced", "paced"]
    assert all(arguments[0] == "tests/system" for arguments in asked)


def test_only_parts_that_keep_no_time_give_way_and_what_measures_time_runs_alone():
    works = {work.name: work for layer in testing.LAYERS.values() for work in layer()}
    assert {name for name, work in works.items() if not work.gives_way} == {"system", "paced"}
    assert [name for name, work in works.items() if work.alone] == ["paced"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_part_that_runs_alone_begins_when_all_others_are_through(monkeypatch, capsys, dev_folder, jobs):
    log = dev_folder / "order"

    def note(name):
        def run():
            time.sleep(0.2)
            with log.open("a") as stream:
                stream.write(f"{name} ")
            return results.Results(passed=1)

        return run

    works = [
        testing.Work("fast", "fast", note("fast"), alone=True),
        testing.Work("one", "one", note("one")),
        testing.Work("two", "two", note("two")),
    ]
    monkeypatch.setattr(settings, "ROOT", dev_folder)
    monkeypatch.setattr(testing.environment, "ensure", lambda quiet: None)
    monkeypatch.setattr(testing, "_ensure_programs", lambda _chosen: None)
    monkeypatch.setattr(testing, "LAYERS", {"some": lambda: works})
    for name in ("LAYER", "MODULE", "TEST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JOBS", jobs)
    assert testing.test() == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("tests: 3 passed, 0 failed")
    assert set(log.read_text().split()) == {"fast", "one", "two"}
    if jobs == "2":
        assert log.read_text().split()[-1] == "fast"


@pytest.mark.parametrize(("asked", "jobs"), [("1", 1), ("4", 4), ("", len(os.sched_getaffinity(0)))])
def test_jobs_is_what_is_asked_for_or_the_number_of_processors(monkeypatch, asked, jobs):
    monkeypatch.setenv("JOBS", asked)
    assert settings.jobs() == jobs


def test_nginx_is_only_there_with_a_loader_for_its_libraries(monkeypatch, tmp_path):
    monkeypatch.setattr(nginx, "FOLDER", tmp_path)
    assert nginx.command() is None
    for path in ("usr/sbin/nginx", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    start = nginx.command()
    assert start[0].endswith("ld-linux-x86-64.so.2") and start[2].endswith("x86_64-linux-gnu")
    assert start[-1].endswith("usr/sbin/nginx")
