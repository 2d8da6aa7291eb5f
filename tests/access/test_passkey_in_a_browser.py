"""A passkey in a real Chromium, whose virtual authenticator stands for a fingerprint reader: added, then signed in by.
And no page of signing in or of the account breaks a rule of access."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from pytest_django.live_server_helper import LiveServer

from dscr.access.models import User
from dscr.access.roles import Role
from tests.access.conftest import PASSWORD, member, person
from tests.pages.test_in_a_browser import RULES, chromium_path  # noqa: F401  a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
FINGERPRINT_READER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ACCOUNT = (
    "/account/memberships/",
    "/account/password/",
    "/account/second-factor/",
    "/account/second-factor/app/",
    "/account/recovery-codes/",
    "/account/recovery-codes/new/",
    "/account/passkeys/",
    "/account/passkeys/add/",
    "/account/sessions/",
    "/people/",
    "/people/invite/",
    "/sign-out/",
)
ENTRANCE = ("/sign-in/", "/account/password/reset/", "/account/password/reset/sent/", "/invitations/made-up/")


@pytest.fixture
def tab(
    chromium_path: str,  # noqa: F811
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """A page of nobody yet, with a fingerprint reader."""
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps an event loop in this thread
    cache.clear()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--headless=shell", "--disable-gpu"]
        )
        # A passkey belongs to a name: localhost, not 127.0.0.1.
        address = live_server.url.replace("127.0.0.1", "localhost")
        page = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address).new_page()
        debugger = page.context.new_cdp_session(page)
        debugger.send("WebAuthn.enable")
        debugger.send("WebAuthn.addVirtualAuthenticator", {"options": FINGERPRINT_READER})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.said = said  # type: ignore[attr-defined]
        yield page
        browser.close()


def sign_in(tab: Any, email: str) -> None:
    tab.goto("/sign-in/")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url("**/")


def add_passkey(tab: Any) -> None:
    tab.goto("/account/passkeys/add/")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Confirm").click()
    tab.get_by_label("Name of the passkey").fill("Office laptop")
    tab.get_by_text("Sign in with this passkey alone").click()
    tab.get_by_role("button", name="Add the passkey").click()
    tab.wait_for_url("**/account/recovery-codes/")


def sign_out(tab: Any) -> None:
    tab.goto("/sign-out/")
    tab.locator("main").get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/sign-in/")


def test_a_passkey_signs_in_by_itself_and_as_second_factor(transactional_db: None, tab: Any) -> None:
    user = person("petra@fernwick.example", Role.PURCHASER)
    sign_in(tab, user.email)
    add_passkey(tab)
    assert tab.locator(".codes li").count() == 10
    assert mail.outbox[-1].subject == "A passkey was added to your DSCR account"
    tab.goto("/account/passkeys/")
    assert "signing in without a password" in tab.locator("main").inner_text()
    sign_out(tab)

    tab.get_by_role("button", name="Sign in with a passkey").click()
    tab.locator("#user-menu").wait_for()
    assert user.email in tab.locator("#user-menu").text_content()
    sign_out(tab)

    tab.get_by_label("E-mail address").fill(user.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.get_by_role("button", name="Use a passkey").click()
    tab.locator("#user-menu").wait_for()
    assert tab.said == []


def test_a_refused_passkey_is_said_in_words(transactional_db: None, tab: Any, live_server: LiveServer) -> None:
    tab.goto(live_server.url.replace("localhost", "127.0.0.1") + "/sign-in/")
    tab.get_by_role("button", name="Sign in with a passkey").click()
    tab.get_by_text("A passkey belongs to a name, not to a number").wait_for(timeout=5000)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_breaks_the_rules_of_access(transactional_db: None, tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    debugger = tab.context.new_cdp_session(tab)
    operator = person("olivia@office.example", Role.OPERATOR, "Program office")
    member(operator, Role.AUDITOR, "Program office", -10)
    found = [_violations(tab, debugger, path, width) for path in ENTRANCE]
    sign_in(tab, operator.email)
    add_passkey(tab)
    found += [_violations(tab, debugger, path, width) for path in ACCOUNT]
    assert [one for page in found for one in page] == []
    assert User.objects.count() == 1


def _violations(tab: Any, debugger: Any, path: str, width: int) -> list[tuple[str, str, str]]:
    """axe's findings, and a page that is wider than the screen. The page's own policy would refuse axe as a script."""
    tab.goto(path)
    tab.evaluate("document.querySelectorAll('details').forEach((item) => item.setAttribute('open', ''))")
    wide = [] if tab.evaluate("document.documentElement.scrollWidth") == width else [(path, "too wide", "")]
    debugger.send("Runtime.evaluate", {"expression": AXE.read_text()})
    found = tab.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")["violations"]
    return wide + [(path, item["id"], item["nodes"][0]["html"]) for item in found]
