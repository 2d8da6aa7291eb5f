"""From signing in to a product's rating without a mouse."""

from typing import Any

import pytest

from tests.chromium import OpenAs
from tests.walk.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUSED = "document.activeElement.name || document.activeElement.textContent.trim()"


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def tab_to(tab: Any, wanted: str, most: int = 40) -> None:
    """Presses Tab until the focus is there, and sees that the eye can find it."""
    for _ in range(most):
        tab.keyboard.press("Tab")
        if tab.evaluate(FOCUSED) == wanted:
            style = "getComputedStyle(document.activeElement)"
            assert tab.evaluate(f"{style}.outlineStyle !== 'none' || {style}.boxShadow !== 'none'"), wanted
            return
    raise AssertionError(f"No focus on {wanted!r} within {most} tabs")


def test_signing_in_searching_and_reading_a_rating(world: World, open_as: OpenAs) -> None:
    tab = open_as(None)
    tab.goto("/sign-in/")
    tab_to(tab, "login")
    tab.keyboard.type(world.users["purchaser"].email)
    tab_to(tab, "password")
    tab.keyboard.type("walk-password-1")
    tab.keyboard.press("Enter")
    tab.locator("#user-menu").wait_for()

    tab.keyboard.press("Tab")
    assert tab.evaluate(FOCUSED) == "Skip to main content"
    tab_to(tab, "q")
    tab.keyboard.type("walkamine")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/products/?q=walkamine*")
    tab.locator(f"a[href='/products/{world.own.ndc}/']").first.wait_for()
    tab.evaluate(f"document.querySelector(\"a[href='/products/{world.own.ndc}/']\").id = 'wanted'")
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "wanted":
            break
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/products/{world.own.ndc}/")

    tab_to(tab, "Print")
    tab_to(tab, "How the score is made")
    tab_to(tab, "Show as a table")
    tab.keyboard.press("Enter")
    assert tab.locator("details.as-table[open]").count() == 1
    assert tab.said == []
