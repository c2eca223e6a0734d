"""A dump of the database, the way an administrator makes one, opens no source."""

import base64
import subprocess

import pytest
from system_values import SECRETS

from scripts import postgres


@pytest.fixture(scope="module")
def dump(calm_server):
    """What pg_dump writes of the whole database."""
    command = [postgres.program("pg_dump"), "--format=plain", calm_server.database]
    environment = postgres.server().environment()
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def _forms(secret):
    """The secret as text, as its bytes, and as each might be written."""
    plain = [secret.encode()]
    if secret.startswith("whsec_"):
        plain += [secret.removeprefix("whsec_").encode(), base64.b64decode(secret.removeprefix("whsec_"))]
    for form in plain:
        yield from (form, form.hex().encode(), base64.b64encode(form), base64.urlsafe_b64encode(form).rstrip(b"="))


@pytest.mark.parametrize("source", SECRETS)
def test_a_dump_of_the_database_holds_no_secret_in_any_form(dump, source):
    assert f"{source}".encode() in dump, "the dump is of a database with this source"
    assert [form for form in _forms(SECRETS[source]) if form in dump] == []


def test_a_dump_holds_neither_the_master_key(dump):
    from scripts import settings

    key = (settings.DATA / "visibility_master.key").read_bytes().strip()
    assert key and key not in dump


@pytest.mark.parametrize("source", SECRETS)
def test_no_log_holds_a_secret(server, source):
    log = server.log.read_bytes()
    assert log and [form for form in _forms(SECRETS[source]) if form in log] == []
