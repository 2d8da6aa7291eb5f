"""The header's pages: one row for every role on a wide screen, a menu on a phone, groups by keyboard and without
script."""

import os
from typing import Any

import pytest

from dscr.access.roles import Role
from tests.chromium import OpenAs, violations
from tests.pages import factory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_row_for_every_role_and_a_menu_on_a_phone(open_as: OpenAs) -> None:
    for role in Role:
        tab = open_as(factory.user_with(role))
        tab.goto("/account/memberships/")
        entries = tab.locator(".site-nav__list > li")
        tops = {round(box["y"]) for box in (entry.bounding_box() for entry in entries.all())}
        assert len(tops) == 1, role
        if os.environ.get("SHOTS"):
            tab.screenshot(path=f"{os.environ['SHOTS']}/nav-{role}-1280.png")
        tab.set_viewport_size({"width": 390, "height": 900})
        assert not entries.first.is_visible()
        tab.get_by_role("button", name="Menu").click()
        assert all(entry.is_visible() for entry in entries.all())
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), role
        if os.environ.get("SHOTS"):
            tab.screenshot(path=f"{os.environ['SHOTS']}/nav-{role}-390.png")


def linked(tab: Any) -> list[str]:
    return tab.locator(".site-nav__group[open] a").all_inner_texts()


def test_groups_by_keyboard(open_as: OpenAs) -> None:
    tab = open_as(factory.user_with(Role.OPERATOR))
    tab.goto("/calibration/")
    marked = tab.locator("nav[aria-label=Primary] [aria-current]").evaluate_all(
        "found => found.map((item) => [item.textContent.trim(), item.getAttribute('aria-current')])"
    )
    assert marked == [["Assessments", "true"], ["Calibration", "page"]]
    group = tab.locator(".site-nav__group summary", has_text="Assessments")
    group.focus()
    tab.keyboard.press("Enter")
    assert linked(tab) == ["Assessments", "Calibration", "Agreement", "Rubric"]
    for _ in range(3):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Escape")
    assert linked(tab) == []
    assert group.evaluate("item => item === document.activeElement")
    tab.locator(".site-nav__group summary", has_text="Program").click()
    assert linked(tab) == ["Method", "Settings", "People", "Audit", "API"]
    assert violations(tab, "header") == []
    tab.locator("#user-menu summary").click()
    assert violations(tab, "header") == []
    group.click()
    assert linked(tab)[0] == "Assessments"
    tab.mouse.click(1200, 600)
    assert linked(tab) == []
    assert violations(tab) == []
    group.click()
    tab.get_by_role("link", name="Rubric", exact=True).click()
    tab.wait_for_url("**/rubric/**")


def test_groups_without_script(open_as: OpenAs) -> None:
    scripted = open_as(factory.user_with(Role.OPERATOR))
    scripted.goto("/people/")
    plain = scripted.context.browser.new_context(
        java_script_enabled=False,
        storage_state=scripted.context.storage_state(),
        viewport={"width": 390, "height": 900},
    )
    tab = plain.new_page()
    tab.goto(scripted.url)
    tab.locator(".site-nav__group summary", has_text="Program").click()
    tab.get_by_role("link", name="Audit", exact=True).click()
    tab.wait_for_url("**/audit/**")
