"""Pictures of the real client for the documentation: ``make screenshots`` writes docs/images/.

Run in our Python environment. Each shot is a page of the running demo, seen by one of its people.
With SCREENSHOTS_URL an Odoo that runs already is taken, else one is started on the demo database.
"""

import contextlib
import os
import sys
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from scripts import browser, databases, demo_server, settings
from scripts.console import SetupError, guarded, say, step
from scripts.odoo_server import OdooServer

IMAGES = settings.ROOT / "docs" / "images"
SIZE = {"width": 1440, "height": 900}
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LARGEST = 250_000
#: What would be in the way of every picture.
HIDDEN = ".o-mail-ChatHub, .o_notification_manager { display: none !important }"


class Shot(NamedTuple):
    """One picture: who looks at which page. ``record`` is (model, domain) of the record to open."""

    name: str
    path: str
    login: str = "agent"
    record: tuple = ()


SHOTS = [
    Shot("workbench", "/odoo/visibility-exceptions"),
    Shot(
        "exception",
        "/odoo/visibility-exceptions/{id}",
        record=("visibility.exception", [["category_id.code", "=", "weather_or_disaster"]]),
    ),
    Shot(
        "shipment",
        "/odoo/visibility-shipments/{id}",
        record=("visibility.shipment", [["number", "=", "1ZA47R280344712035"]]),
    ),
    Shot("delivery", "/odoo/action-stock.action_picking_tree_all/{id}",
         record=("stock.picking", [["carrier_tracking_ref", "=", "771022845130"]])),
    Shot("sale-orders", "/odoo/action-sale.action_orders"),
    Shot("messages", "/odoo/visibility-messages", "coordinator"),
]  # fmt: skip


def take(names):
    """Make all pictures, or those named."""
    shots = [shot for shot in SHOTS if not names or shot.name in names]
    if len(shots) < len(names):
        raise SetupError(f"There are pictures named {', '.join(shot.name for shot in SHOTS)}.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with _server() as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.path(), args=OPTIONS)
        for login in dict.fromkeys(shot.login for shot in shots):
            context = chromium.new_context(
                base_url=url, viewport=SIZE, timezone_id="America/New_York", locale="en-US", color_scheme="light"
            )
            _take_as(context.new_page(), login, [shot for shot in shots if shot.login == login])
            context.close()


@contextlib.contextmanager
def _server():
    running = os.environ.get("SCREENSHOTS_URL")
    if running:
        yield running
        return
    demo_server.prepare()
    with step("starting Odoo"):
        server = OdooServer(databases.DEMO).start()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        yield server.url


def _take_as(page, login, shots):
    page.goto("/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client .o_navbar")
    for shot in shots:
        _take_one(page, shot)


def _take_one(page, shot):
    page.goto(shot.path.format(id=_find(page, *shot.record) if shot.record else ""))
    page.wait_for_selector(".o_action_manager .o_view_controller, .o_action_manager .o_form_view")
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    page.add_style_tag(content=HIDDEN)
    page.wait_for_timeout(1500)
    path = IMAGES / f"{shot.name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        raise SetupError(f"{path.name} is larger than {LARGEST // 1000} kB.")
    say(f"- {path.relative_to(settings.ROOT)} ({path.stat().st_size // 1000} kB)")


def _find(page, model, domain):
    """The id of the record that a shot is about."""
    params = {"model": model, "method": "search", "args": [domain], "kwargs": {"limit": 1}}
    answer = page.request.post(f"/web/dataset/call_kw/{model}/search", data={"params": params}).json()
    if not answer.get("result"):
        raise SetupError(f"The demo has no {model} with {domain}.")
    return answer["result"][0]


if __name__ == "__main__":
    sys.exit(guarded(take, sys.argv[1:]))
