"""A passkey in a real Chromium, whose virtual authenticator stands for a fingerprint reader: added, then signed in by.
And no page of signing in or of the account breaks a rule of access."""

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from pytest_django.live_server_helper import LiveServer

from dscr.access.models import User
from dscr.access.roles import Role
from tests.access.conftest import PASSWORD, member, person
from tests.chromium import OpenAs, assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
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
def tab(open_as: OpenAs, live_server: LiveServer) -> Any:
    """A page of nobody yet, with a fingerprint reader. A passkey belongs to a name: localhost, not 127.0.0.1."""
    cache.clear()
    page = open_as(None, address=live_server.url.replace("127.0.0.1", "localhost"))
    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    debugger.send("WebAuthn.addVirtualAuthenticator", {"options": FINGERPRINT_READER})
    return page


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


def test_nothing_breaks_the_rules_of_access(transactional_db: None, tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 900})
    operator = person("olivia@office.example", Role.OPERATOR, "Program office")
    member(operator, Role.AUDITOR, "Program office", -10)
    assert_sound_pages(tab, ENTRANCE)
    sign_in(tab, operator.email)
    add_passkey(tab)
    assert_sound_pages(tab, ACCOUNT)
    assert User.objects.count() == 1


def assert_sound_pages(tab: Any, paths: tuple[str, ...]) -> None:
    for path in paths:
        tab.goto(path)
        tab.said.clear()  # what is not found is told on the console
        assert_sound(tab)
