"""docker-compose.yml asks for what exists and hands nobody a password that could be guessed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
FILES = ("docker-compose.yml", "docker/https.yml")
SECRETS = {"POSTGRES_PASSWORD", "ADMIN_PASSWORD", "VISIBILITY_MASTER_KEY"}
# What compose knows of a service, of all that we use or may soon use.
SERVICE_KEYS = {
    "command", "depends_on", "entrypoint", "environment", "healthcheck", "image", "networks", "ports", "profiles",
    "restart", "security_opt", "shm_size", "stop_grace_period", "volumes",
}  # fmt: skip
VARIABLE = re.compile(r"\$\{(\w+)(:?[-?][^}]*)?\}")


def load(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def compose():
    return load("docker-compose.yml")


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def env_example():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def variables():
    """Every ${VAR...} in the files: pairs of name and what follows it."""
    return {match.groups() for name in FILES for match in VARIABLE.finditer((ROOT / name).read_text("utf-8"))}


def mounts(service):
    return [volume.rsplit(":", 2) for volume in service.get("volumes", ()) if volume.startswith("./")]


def test_the_file_has_the_shape_that_compose_knows(compose, services):
    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "networks", "volumes"}
    for name, service in services.items():
        assert service.keys() <= SERVICE_KEYS, name
        assert set(service["networks"]) <= compose["networks"].keys(), name
        assert service.get("depends_on", {}).keys() <= services.keys(), name
        named = {volume.split(":")[0] for volume in service["volumes"] if volume[0] not in "./$"}
        assert named <= compose["volumes"].keys(), name


def filled_in(text):
    """The file as compose sees it: every variable has a value, that of .env.example or its default."""
    told = env_example()
    return VARIABLE.sub(lambda match: told.get(match[1]) or (match[2] or "")[2:] or "x", text)


def test_docker_itself_reads_the_files(tmp_path):
    """Where there is no Docker, by the schema that Docker publishes and tests compose with."""
    for name in FILES:
        (tmp_path / Path(name).name).write_text(filled_in((ROOT / name).read_text(encoding="utf-8")), encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*check, *tmp_path.iterdir()], capture_output=True, text=True)
    assert not result.returncode, result.stdout
    docker = shutil.which("docker")
    if docker and not subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        _docker_reads(docker, tmp_path)


def _docker_reads(docker, folder):
    filled = "".join(f"{name}={value or 'x'}\n" for name, value in env_example().items())
    (folder / "env").write_text(filled, encoding="utf-8")
    command = [docker, "compose", "--env-file", folder / "env", "--profile", "n8n"]
    files = [option for name in FILES for option in ("-f", name)]
    result = subprocess.run([*command, *files, "config", "--quiet"], cwd=ROOT, capture_output=True, text=True)
    assert not result.returncode, result.stderr


def test_images_are_official_and_pinned(services):
    images = {name: service["image"] for name, service in services.items()}
    assert images == {
        "postgres": "postgres:17",
        "prepare": "odoo:19",
        "odoo": "odoo:19",
        "proxy": "nginx:1.28",
        "n8n": "n8nio/n8n:2.41.1",
    }


def test_everything_that_is_mounted_exists_and_is_read_only(services):
    for service in [*services.values(), *load("docker/https.yml")["services"].values()]:
        for source, target, mode in mounts(service):
            assert (ROOT / source).exists(), source
            assert mode == "ro", target


def test_every_add_on_of_ours_is_mounted(services):
    ours = {path.parent.name for path in ROOT.glob("*/__manifest__.py")}
    for name in ("prepare", "odoo"):
        targets = {Path(target) for _source, target, _mode in mounts(services[name])}
        mounted = {path.name for path in targets if path.parent == Path("/mnt/extra-addons")}
        assert ours <= mounted, "add the add-on to x-odoo in docker-compose.yml"


def test_every_command_is_one_of_the_entry_script(services):
    script = (ROOT / "docker" / "entry.sh").read_text(encoding="utf-8")
    for name in ("prepare", "odoo"):
        assert services[name]["entrypoint"][-1] in [target for _s, target, _m in mounts(services[name])]
        (command,) = services[name]["command"]
        assert f"\n    {command})\n" in script


def test_odoo_waits_for_a_database_that_is_ready(services):
    assert services["odoo"]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
    assert services["prepare"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert services["proxy"]["depends_on"]["odoo"] == {"condition": "service_healthy"}


def test_every_lasting_service_says_whether_it_is_well(services):
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"prepare"}
    assert services["postgres"]["healthcheck"]["test"][1] == "pg_isready"
    assert "/web/health" in services["odoo"]["healthcheck"]["test"][-1]


def test_what_people_made_outlives_the_containers(services):
    kept = {name: [v for v in service["volumes"] if "-data:" in v] for name, service in services.items()}
    assert kept["postgres"] == ["postgres-data:/var/lib/postgresql/data"]
    assert kept["odoo"] == kept["prepare"] == ["odoo-data:/var/lib/odoo"]
    assert kept["n8n"] == ["n8n-data:/home/node/.n8n"]


def test_n8n_starts_only_when_asked_for(services):
    assert {name for name, service in services.items() if service.get("profiles")} == {"n8n"}


def test_secrets_have_no_default(services):
    asked = {name: rest for name, rest in variables() if name in SECRETS}
    assert asked.keys() == SECRETS
    assert all(rest.startswith(":?") for rest in asked.values())
    assert {name for name in SECRETS if env_example()[name]} == set()


def test_only_what_makes_the_database_knows_the_password_of_the_administrator(services):
    knowing = {name for name, service in services.items() if "ADMIN_PASSWORD" in service.get("environment", {})}
    assert knowing == {"prepare"}


def test_the_example_of_settings_covers_every_variable_and_no_other():
    assert {name for name, _rest in variables()} == env_example().keys()


def test_the_example_shows_the_defaults_of_the_compose_file():
    defaults = {name: rest[2:] for name, rest in variables() if rest and rest.startswith(":-")}
    assert defaults
    assert {name: env_example()[name] for name in defaults} == defaults


def test_git_never_takes_the_filled_in_settings():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert ".env" in ignored


def test_nothing_but_odoo_reaches_the_database(compose, services):
    assert compose["networks"]["database"] == {"internal": True}
    assert {name for name, service in services.items() if "database" in service["networks"]} == {
        "postgres", "prepare", "odoo",
    }  # fmt: skip
    assert {name for name, service in services.items() if "ports" in service} == {"proxy", "n8n"}


def test_out_of_the_box_only_this_machine_is_served(services):
    addresses = [port.rsplit(":", 2)[0] for name in ("proxy", "n8n") for port in services[name]["ports"]]
    assert all("127.0.0.1" in address for address in addresses), addresses
