"""The rating page in a real Chromium: it follows an input by itself, reads aloud what changed, and breaks no rule."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from products.models import KpiSubmission, Product
from ratings.recompute import recompute_pending
from tests.chromium import WIDTHS, assert_sound, settled
from tests.pages import factory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def computed(transactional_db: None) -> Product:
    products = factory.appendix_b()
    recompute_pending()
    return products[0]


def test_the_page_follows_a_changed_figure_by_itself(computed: Product, tab: Any) -> None:
    tab.goto(f"/products/{computed.ndc}/")
    assert tab.locator(".score__number").inner_text() == "80.1"
    assert tab.locator("details.as-table[open]").count() == 0
    tab.locator("#points-table summary").click()
    tab.locator("#history-table summary").focus()
    tab.evaluate("window.scrollTo(0, 300)")

    KpiSubmission.objects.filter(product=computed).update(days_inventory_on_hand=20, fill_rate_numerator=85_000)
    tab.get_by_text("Updating: an input changed.").wait_for(timeout=5000)
    assert tab.locator(".score__number").inner_text() == "80.1"
    recompute_pending()
    tab.locator(".score__number").filter(has_not_text="80.1").wait_for(timeout=5000)

    now = tab.locator(".score__number").inner_text()
    assert tab.locator("#announcement").inner_text().startswith(f"Score changed from 80.1 to {now}")
    assert tab.locator("#points-table").get_attribute("open") is not None
    assert tab.locator("#history-table").get_attribute("open") is None
    assert tab.evaluate("document.activeElement.parentElement.id") == "history-table"
    assert tab.evaluate("window.scrollY") == 300
    assert tab.locator(".chart--waterfall svg").count() == 1
    assert "Fill rate 98.2" in tab.locator("#history-table").text_content()
    assert tab.said == []


def test_a_lost_connection_is_said_until_it_is_back(computed: Product, tab: Any) -> None:
    tab.goto(f"/products/{computed.ndc}/")
    tab.route("**/freshness/**", lambda route: route.abort())
    lost = tab.get_by_role("status").filter(has_text="Connection lost. What you see may be out of date.")
    lost.wait_for(timeout=10_000)
    tab.unroute("**/freshness/**")
    lost.wait_for(state="detached", timeout=10_000)


def test_it_stays_a_plain_page_without_script(computed: Product, tab: Any, live_server: LiveServer) -> None:
    context = tab.context.browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(tab.context.cookies())
    page = context.new_page()
    page.goto(f"/products/{computed.ndc}/")
    assert page.locator(".score__number").inner_text() == "80.1"
    assert page.locator(".chart:visible").count() == 0
    assert "QMM of establishments" in page.locator("#points-table").inner_text()
    context.close()


def test_nothing_breaks_the_rules_of_access(computed: Product, tab: Any) -> None:
    tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
    for path in ("/", "/products/", f"/products/{computed.ndc}/"):
        tab.goto(path)
        assert_sound(tab, axe_at=WIDTHS)


def test_every_button_is_reached_by_keyboard(computed: Product, tab: Any) -> None:
    tab.goto(f"/products/{computed.ndc}/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to main content"
    reached = set()
    for _ in range(60):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.textContent.trim()"))
    assert {"Search", "Print", "Change nodes", "Change KPIs", "How the score is made", "Show as a table"} <= reached


def test_the_pictures_follow_a_turned_phone(computed: Product, tab: Any) -> None:
    device = tab.context.new_cdp_session(tab)

    def turn(width: int, height: int) -> None:
        given = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
        device.send("Emulation.setDeviceMetricsOverride", given)

    turn(1280, 800)
    tab.goto(f"/products/{computed.ndc}/")
    settled(tab)
    turn(390, 844)
    narrow = "[...document.querySelectorAll('.chart svg')].every((drawn) => drawn.clientWidth < 390)"
    fits = f"{narrow} && document.documentElement.scrollWidth === 390"
    looks = f"let left = 60; const look = () => ({fits}) || !left-- ? done({fits}) : setTimeout(look, 50); look();"
    assert tab.evaluate(f"new Promise((done) => {{ {looks} }})")
