"""The API's pages in a real Chromium: the documentation renders under our Content-Security-Policy and asks for us."""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_documentation_renders_and_tries_a_request(tab: Any) -> None:
    tab.goto("/api/v1/docs/")
    tab.locator(".opblock-tag").first.wait_for()
    assert tab.locator(".opblock").count() == 16
    tab.locator("#operations-methodology-methodology_list button").first.click()
    tab.get_by_role("button", name="Try it out").click()
    tab.get_by_role("button", name="Execute").click()
    tab.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert tab.said == []


def test_a_token_is_made_on_the_page(tab: Any) -> None:
    tab.goto("/account/tokens/")
    tab.get_by_label("What will use it").fill("Night import")
    tab.get_by_role("button", name="Make a token").click()
    assert tab.get_by_label("Token", exact=True).input_value().startswith("dscr_")
    assert tab.get_by_role("row", name="Night import").count() == 1
    assert tab.said == []
