"""What the documentation says about commands, variables, providers and menus is so."""

import csv
import re
import shlex
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from distribution_visibility.lib.base.backoff import INBOX
from distribution_visibility.lib.ingest import problem
from distribution_visibility.lib.ingest.adapters import ADAPTERS
from distribution_visibility.lib.ingest.canonical import EVENT_TYPES
from distribution_visibility.lib.ingest.verification import PRESETS, SCHEMES
from scripts import commands, settings, testing

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
CORE = ROOT / "distribution_visibility"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def cells(text, heading):
    """The rows of the first table after a heading, each a list of its cells' texts."""
    lines = iter(text[text.index(heading) :].splitlines())
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def everything():
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


# ---------------------------------------------------------------------- rooms


def test_every_room_is_described_once_and_no_other():
    named = [room for row in cells(read("docs/architecture.md"), "## Rooms") for room in row[0].split(", ")]
    rooms = {path.parent for path in (CORE / "models").rglob("*.py") if path.name != "__init__.py"}
    assert sorted(named) == sorted(room.relative_to(CORE / "models").as_posix() for room in rooms)


# ---------------------------------------------------------------------- make


def test_every_make_target_is_documented():
    documented = {row[0].strip("`").removeprefix("make ") for row in cells(read("docs/development.md"), "## Targets")}
    assert documented == commands.COMMANDS.keys()


def test_every_make_target_that_is_mentioned_exists():
    mentioned = set(re.findall(r"(?:^|`|= )make ([a-z0-9]+)", everything(), re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)[1].split()
    assert mentioned <= set(phony)
    assert set(phony) == commands.COMMANDS.keys()


def test_every_variable_is_documented_and_every_documented_one_exists():
    documented = {row[0].strip("`") for row in cells(read("docs/development.md"), "## Variables")}
    of_scripts = set(re.findall(r"^``([A-Z_]+)``", settings.__doc__ + testing.__doc__, re.MULTILINE))
    assert of_scripts
    assert of_scripts <= documented
    read_by_code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "scripts").glob("*.py"))
    for name in documented - {"PYTHON"}:
        assert re.search(rf'(environ\.get|\basked)\("{name}"', read_by_code), name
    assert "PYTHON ?= " in read("Makefile")


def test_the_layers_of_tests_are_documented():
    rows = cells(read("docs/development.md"), "## Tests")
    assert {row[0].strip("`") for row in rows} == testing.LAYERS.keys()


def test_the_readme_installs_what_the_add_on_imports():
    manifest = read("distribution_visibility/__manifest__.py")
    needed = re.search(r'"python": \[(.*?)\]', manifest)[1].replace('"', "").split(", ")
    required = {line.partition(">=")[0] for line in settings.words("options", "install_requires")}
    # Odoo needs it, and setup.cfg says from which version on; no code of ours does
    assert set(needed) == required - {"requests"}
    assert "--require-hashes -r /opt/distribution-visibility/requirements/runtime.txt" in read("README.md")


# ---------------------------------------------------------------------- ingest


@pytest.mark.parametrize("name", PRESETS)
def test_every_provider_is_in_the_table_of_providers(name):
    preset = PRESETS[name]
    secret = " ".join(filter(None, (preset.find_secret, preset.note)))
    row = f"| {preset.label} | `{name}` | {SCHEMES[preset.scheme].label} | {secret} |"
    assert row in read("docs/ingest/sources.md").splitlines(), f"the table lacks or differs from: {row}"


def test_the_table_of_providers_has_no_other():
    rows = cells(read("docs/ingest/sources.md"), "## Providers")
    assert [row[1].strip("`") for row in rows] == list(PRESETS)


def test_adapters_without_a_provider_use_the_two_presets_that_the_page_names():
    shared = {adapter.preset for adapter in ADAPTERS.values() if adapter.preset not in ADAPTERS}
    assert {"standard_webhooks", "bearer"} <= shared


def test_every_way_to_verify_is_in_the_table_of_schemes():
    documented = {row[0].partition(" (`")[0]: row[2].startswith("yes") for row in table_of_schemes()}
    assert documented == {scheme.label: scheme.signs_body for scheme in SCHEMES.values()}


def table_of_schemes():
    return cells(read("docs/ingest/verification.md"), "## The schemes")


def test_every_refusal_is_in_the_table_of_answers():
    documented = {int(code) for row in answers() for code in row[0].split(", ")}
    refusals = {
        problem.bad_request("").status, problem.not_verified().status, problem.method_not_allowed().status,
        problem.length_required().status, problem.too_large(1).status, problem.unsupported_media_type(()).status,
        problem.invalid_event().status, problem.headers_too_large().status, problem.too_many_requests(1).status,
        problem.overloaded(1).status,
    }  # fmt: skip
    assert documented == refusals | {200, 202, 204}


def answers():
    return cells(read("docs/ingest/limits-and-answers.md"), "# Answers and limits")


def test_the_times_between_attempts_are_those_of_the_schedule():
    assert INBOX.delays == (5, 30, 120, 600, 1800, 7200, 18000, 36000)
    assert "after 5 s, 30 s, 2 min, 10 min, 30 min, 2 h, 5 h and 10 h" in read("docs/ingest/queue.md")
    assert INBOX.max_attempts == 9


def test_every_state_of_a_message_is_explained():
    queue = (CORE / "models/base/visibility_queue_mixin.py").read_text(encoding="utf-8")
    states = re.search(r"    state = fields.Selection\(\s*\[(.*?)\]", queue, re.DOTALL)[1]
    labels = {label for _name, label in re.findall(r'\("(\w+)", "([^"]+)"\)', states)}
    assert labels
    assert {row[0] for row in cells(read("docs/ingest/queue.md"), "## States")} == labels


def test_every_kind_of_event_is_in_the_contract():
    contract = read("docs/ingest/canonical-events.md")
    assert all(kind in contract for kind in EVENT_TYPES)


# ---------------------------------------------------------------------- measure


def test_the_settings_are_those_that_the_documentation_gives():
    source = (CORE / "models/base/parameters.py").read_text(encoding="utf-8")
    defaults = {name: int(value.replace("_", "")) for name, value in re.findall(r'"(\w+)": \(([\d_]+), ', source)}
    privacy = read("docs/measure/privacy.md")
    assert f"| {defaults['payload_retention_days']} days |" in privacy
    assert f"| {defaults['key_retention_days']} further days" in privacy
    assert f"over {defaults['max_backlog']:,} messages wait" in read("docs/ingest/limits-and-answers.md")
    assert f"*In work* for over {defaults['rescue_after_seconds']} seconds" in read("docs/ingest/queue.md")


def test_every_health_address_is_a_route():
    routes = "".join(path.read_text(encoding="utf-8") for path in CORE.glob("controllers/**/*.py"))
    for row in cells(read("docs/measure/metrics.md"), "## Health"):
        assert f'"{row[0].strip("`")}"' in routes


# ---------------------------------------------------------------------- track and detect


def shipped(path):
    with open(CORE / "data" / path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_table_of_categories_shows_what_is_shipped():
    milestones = {row["id"]: row["name"] for row in shipped("track/event/visibility.milestone.csv")}
    rows = cells(read("docs/detect/categories.md"), "## The 25")
    documented = [(row[0], row[1].strip("`"), row[3].lower(), float(row[5]), row[6]) for row in rows]
    categories = shipped("detect/exception/visibility.exception.category.csv")
    assert documented == [
        (
            row["name"], row["code"], row["severity"], float(row["response_hours"]),
            milestones.get(row["clearing_milestone_id/id"], ""),
        )
        for row in categories
    ]  # fmt: skip
    assert len(categories) == 25


def test_the_table_of_what_we_notice_ourselves_shows_what_is_shipped():
    rows = cells(read("docs/detect/categories.md"), "## What we notice ourselves")
    documented = [(row[0], row[1].strip("`"), row[3].lower(), float(row[5])) for row in rows]
    shipped_rows = shipped("detect/exception/visibility.exception.category-inhouse.csv")
    assert documented == [
        (row["name"], row["code"], row["severity"], float(row["response_hours"])) for row in shipped_rows
    ]


def test_the_number_of_milestones_is_right():
    assert f"{len(shipped('track/event/visibility.milestone.csv'))} steps" in read("docs/track/milestones.md")


def menus():
    """The names of all menu items from the root on, as the documentation writes them."""
    items = {}
    for path in sorted(ROOT.glob("distribution_visibility*/views/**/*.xml")):
        for item in ElementTree.parse(path).getroot().iter("menuitem"):
            name = item.get("id").rpartition(".")[2]
            items[name] = (item.get("name"), (item.get("parent") or "").rpartition(".")[2])

    def full(name):
        label, parent = items[name]
        return f"{full(parent)} / {label}" if parent in items else label

    return {full(name) for name in items}


def test_every_menu_that_is_mentioned_exists():
    text = re.sub(r"\s+", " ", everything())
    mentioned = {
        path.strip()
        for path in re.findall(r"\*(Visibility / [^*]+)\*|\| (Visibility / [^|]+) \|", text)
        for path in path
        if path
    }
    assert mentioned
    assert mentioned <= menus()


# ---------------------------------------------------------------------- architecture and licences


def test_every_seam_exists():
    code = "".join(path.read_text(encoding="utf-8") for path in CORE.glob("models/**/*.py"))
    rows = cells(read("docs/architecture.md"), "## Seams")
    names = re.findall(r"`([^`]+)`", " ".join(row[0] for row in rows))
    assert len(names) > 8
    for name in names:
        model, _, method = name.rpartition(".")
        assert f"def {method}(" in code or f'_name = "{name}"' in code or f"def {name}(" in code, name
        assert not model or model.count(".") < 1 or f'"{model}"' in code or f'_name = "{name}"' in code, name


def test_every_file_that_architecture_names_exists():
    text = read("docs/architecture.md")
    for name in re.findall(r"`((?:controllers|lib|tests)/[\w/.-]+\.py)`", text):
        assert (CORE / name).exists() or (ROOT / name).exists(), name
    for name in re.findall(r"`(visibility_\w+\.py)`", text):
        assert list(CORE.glob(f"models/**/{name}")), name


def test_each_add_on_has_the_text_of_its_licence():
    titles = {"LGPL-3": "GNU LESSER GENERAL PUBLIC LICENSE", "AGPL-3": "GNU AFFERO GENERAL PUBLIC LICENSE"}
    for manifest in ROOT.glob("*/__manifest__.py"):
        licence = re.search(r'"license": "([^"]+)"', manifest.read_text(encoding="utf-8"))[1]
        own = manifest.with_name("LICENSE")
        text = (own if own.exists() else ROOT / "LICENSE").read_text(encoding="utf-8")
        assert text.split("Version 3")[0].strip() == titles[licence], manifest.parent.name


def test_commands_of_docker_name_services_that_exist():
    services = set(re.findall(r"^  ([a-z0-9]+):$", read("docker-compose.yml"), re.MULTILINE))
    for line in re.findall(r"^docker compose (.*)$", read("docs/docker.md"), re.MULTILINE):
        words = shlex.split(line, comments=True)
        command = next(word for word in words if word in {"up", "logs", "stop", "down", "run", "restart", "exec"})
        rest = [word for word in words[words.index(command) + 1 :] if not word.startswith("-")]
        if rest:
            assert rest[0] in services, line
