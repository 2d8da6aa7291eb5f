"""An assessor types while the web server is killed with -9, and goes on where they were: no character is lost."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from dscr.access.demo_accounts import DEMO_PASSWORD
from qmm.models import ElementScore
from tests.browser.test_killed_server import Running, running  # noqa: F401  fixture
from tests.chromium import OpenAs
from tests.scores.conftest import Visit, make_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAIT = 20_000


@pytest.fixture
def desk(transactional_db: None) -> Visit:
    """What the servers of `running` wait for: Ada is the demonstration's lead assessor."""
    visit = make_visit()
    visit.ada.email = "lead-assessor@demo.example"
    visit.ada.password = make_password(DEMO_PASSWORD, hasher=PBKDF2PasswordHasher())
    visit.ada.save()
    return visit


def said(tab: Any, text: str) -> None:
    tab.locator("#saved", has_text=re.compile(rf"^\s*{re.escape(text)}")).wait_for(timeout=WAIT)


def stored() -> dict[str, tuple[int | None, str]]:
    return {row.element: (row.level, row.notes) for row in ElementScore.objects.order_by("pk")}


def test_a_killed_server_costs_an_assessor_nothing(
    desk: Visit,
    running: Running,  # noqa: F811
    open_as: OpenAs,
) -> None:
    tab = open_as(None, 1280, running.address)
    tab.goto("/sign-in/")
    tab.get_by_role("button", name="Lead assessor", exact=True).click()
    tab.locator("#user-menu").wait_for()
    tab.goto(desk.address)
    tab.keyboard.press("3")
    said(tab, "Saved ")
    text = "The hold was lifted only after the second signature."
    tab.keyboard.press("e")
    tab.keyboard.type(text[:20])
    running.kill_web()
    tab.keyboard.type(text[20:])
    tab.keyboard.press("Escape")
    for key in ("n", "5", "n", "2"):
        tab.keyboard.press(key)
    said(tab, "Not saved: no connection, kept in this browser")
    assert stored()["MC1"][0] == 3
    assert "MC2" not in stored()
    running.start()
    said(tab, "Saved ")
    assert stored() == {"MC1": (3, text), "MC2": (5, ""), "MC3": (2, "")}
    assert tab.evaluate("localStorage.length") == 0
