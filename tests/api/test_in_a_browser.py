"""The API's pages in a real Chromium: the documentation renders under our Content-Security-Policy and asks for us."""

from typing import Any

import pytest

from tests.api.test_schema import operations
from tests.chromium import UNFOLD, WIDTHS, OpenAs
from tests.pages import factory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_interactive_page_tries_a_request(tab: Any) -> None:
    tab.goto("/api/v1/docs/interactive/")
    tab.locator(".opblock-tag").first.wait_for()
    assert tab.locator(".opblock").count() == len(operations())
    tab.locator("#operations-methodology-methodology_list button").first.click()
    tab.get_by_role("button", name="Try it out").click()
    tab.get_by_role("button", name="Execute").click()
    tab.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert tab.said == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_reference_fits_and_is_for_everyone(open_as: OpenAs, width: int) -> None:
    tab = open_as(factory.operator(), width)
    tab.goto("/api/v1/docs/")
    assert tab.locator(".reference-nav").evaluate("nav => nav.open") is (width > 390)
    tab.evaluate(UNFOLD)  # axe looks at it with every other page, in tests/browser
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.get_by_role("link", name="POST ratings/lookup/").click()
    tab.get_by_role("region", name="Command of rating_lookup").focus()
    assert "/api/v1/ratings/lookup/" in tab.locator(":focus").inner_text()
    assert tab.said == []


def test_a_token_is_made_on_the_page(tab: Any) -> None:
    tab.goto("/account/tokens/")
    tab.get_by_label("What will use it").fill("Night import")
    tab.get_by_role("button", name="Make a token").click()
    assert tab.get_by_label("Token", exact=True).input_value().startswith("dscr_")
    assert tab.get_by_role("row", name="Night import").count() == 1
    assert tab.said == []
