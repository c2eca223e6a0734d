"""What a service agent sees and does in the real web client, from the delay to the order being fine again."""

import contextlib

import pytest
from playwright.sync_api import expect, sync_playwright
from senders import easypost_delay
from system_values import AGENT

from scripts import browser

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(not browser.path(), reason="no Chrome or Chromium was found")


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright, contextlib.closing(_launch(playwright)) as found:
        yield found


def _launch(playwright):
    return playwright.chromium.launch(executable_path=browser.path(), args=OPTIONS)


@pytest.fixture
def page(chromium, server):
    """The agent, signed in."""
    found = chromium.new_page(base_url=server.url, viewport={"width": 1440, "height": 900})
    found.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    found.goto("/web/login")
    found.fill("input[name=login]", AGENT)
    found.fill("input[name=password]", AGENT)
    found.click(".oe_login_form button[type=submit]")
    found.wait_for_url("**/odoo*")
    yield found
    found.close()


@pytest.fixture
def order(reader, number):
    return reader.one("SELECT sale_id AS id FROM stock_picking WHERE carrier_tracking_ref = %s", number)["id"]


def test_the_agent_sees_a_delay_works_on_it_and_the_order_is_at_risk_no_more(
    page, sender, reader, number, order, wait_until_done
):
    _order_shows_tags(page, order, 0)
    assert sender.easypost(easypost_delay(number, f"evt_browser_{number}")).status == 202
    wait_until_done(f"evt_browser_{number}")

    page.goto("/odoo/visibility-exceptions")
    card = page.locator(".o_kanban_record", has_text=number)
    expect(card).to_have_count(1)
    _order_shows_tags(page, order, 1)

    page.goto("/odoo/visibility-exceptions")
    card.click()
    expect(page.locator(".o_form_view h1")).to_contain_text(number)
    for button in ("Acknowledge", "Start", "Resolve"):
        page.locator(".o_statusbar_buttons").get_by_role("button", name=button, exact=True).click()
    _give_root_cause(page, "Weather")
    expect(page.locator(".o_statusbar_status .o_arrow_button_current")).to_contain_text("Resolved")

    _order_shows_tags(page, order, 0)
    query = "SELECT state FROM visibility_exception WHERE title LIKE %s AND NOT coalesce(is_consequence, FALSE)"
    assert reader.value(query, f"%{number}%") == "resolved"


def _give_root_cause(page, name):
    """In the dialog that asks why it had happened."""
    dialog = page.locator(".o_dialog")
    dialog.locator("[name=root_cause_id] input").fill(name)
    page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()
    dialog.get_by_role("button", name="Resolve", exact=True).click()


def _order_shows_tags(page, order, count):
    """The order's form shows its at-risk badges, or none."""
    page.goto(f"/odoo/action-sale.action_orders/{order}")
    expect(page.locator(".o_form_view .o_field_widget[name=partner_id]")).to_be_visible()
    badge = page.locator("[name=visibility_badges] .o_field_badge[name=visibility_severity]")
    expect(badge.filter(visible=True)).to_have_count(count)
