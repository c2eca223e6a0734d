"""The proxy takes slow and too large requests off Odoo, and tells Odoo the truth about the sender."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from distribution_visibility.lib.ingest import problem
from scripts import nginx

NGINX = Path(__file__).resolve().parents[3] / "docker" / "nginx"
ODOO = (NGINX / "odoo.conf").read_text(encoding="utf-8")
COMMON = (NGINX / "common.conf").read_text(encoding="utf-8")


def location(name):
    """The directives inside one location."""
    return re.search(rf"^location {re.escape(name)} {{\n(.*?)^}}", ODOO, re.MULTILINE | re.DOTALL)[1]


@pytest.mark.parametrize("directive", ["client_header_timeout 10s;", "client_body_timeout 10s;"])
def test_a_slow_sender_is_given_up(directive):
    assert directive in COMMON.splitlines()


def test_odoo_gets_whole_requests_only():
    assert "proxy_request_buffering on;" in ODOO
    assert "proxy_request_buffering off;" not in ODOO


def test_events_are_limited_as_at_odoos_own_door():
    webhook = (NGINX.parents[1] / "distribution_visibility/controllers/ingest/webhook.py").read_text("utf-8")
    assert "DOOR_LIMIT = 4 * 1024 * 1024" in webhook
    assert "client_max_body_size 4m;" in location("/visibility/v1/")


@pytest.mark.parametrize(
    ("place", "ours"), [("@visibility_too_large", problem.too_large(1)), ("@visibility_away", problem.overloaded(30))]
)
def test_refusals_of_the_proxy_look_like_odoos_own(place, ours):
    text = location(place)
    assert f"return {ours.status} " in text
    assert f'"type": "{ours.type}"' in text
    assert f'"title": "{ours.title}"' in text
    assert problem.MEDIA_TYPE in text


def test_senders_are_told_when_to_come_back():
    assert "add_header Retry-After" in location("@visibility_away")
    assert "error_page 502 504 =503 @visibility_away;" in location("/visibility/v1/")


@pytest.mark.parametrize("header", ["X-Forwarded-For $remote_addr;", "X-Forwarded-Host $http_host;"])
def test_a_sender_cannot_claim_another_address(header):
    for block in (ODOO.partition("location")[0], location("/websocket")):
        assert f"proxy_set_header {header}" in block
    assert "$proxy_add_x_forwarded_for" not in ODOO


def test_the_secret_in_an_address_is_in_no_log():
    pattern = re.search(r'"~(\S+)" \$logged_source/\[token\];', COMMON)[1].replace("(?<", "(?P<")
    found = re.match(pattern, "/visibility/v1/sources/open/events/tok_secret?a=1")
    assert found["logged_source"] == "/visibility/v1/sources/open/events"
    assert not re.match(pattern, "/visibility/v1/sources/open/events")
    assert "$logged_path" in COMMON
    assert "$request " not in COMMON.partition("log_format")[2]
    assert "werkzeug:WARNING" in (NGINX.parent / "odoo.conf").read_text(encoding="utf-8")


def test_nobody_reaches_the_database_manager():
    assert "return 404;" in location("/web/database")


def test_nginx_itself_reads_the_files(tmp_path):
    start = nginx.command() or [shutil.which("nginx")]
    if not start[0]:
        pytest.skip("neither `make test` could unpack an nginx nor is one installed")
    for name in ("http", "common", "odoo"):
        text = (NGINX / f"{name}.conf").read_text(encoding="utf-8")
        text = text.replace("/etc/nginx/visibility", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
        (tmp_path / f"{name}.conf").write_text(text, encoding="utf-8")
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/http.conf; }}", encoding="utf-8")
    command = [*start, "-t", "-c", main, "-e", tmp_path / "error.log", "-p", tmp_path]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    # "test failed" may follow: folders and certificates of the image are not here
    assert "syntax is ok" in result.stderr
