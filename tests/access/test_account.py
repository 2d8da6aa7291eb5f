"""Sessions elsewhere, and one active membership at a time with the switch between them."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from dscr.access.browsers import browser_name
from dscr.access.models import Membership, User
from dscr.access.roles import Role
from tests.access.conftest import member, person, sign_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"


def test_sessions_are_listed_and_one_is_ended(purchaser: User) -> None:
    here, there = sign_in(purchaser.email), Client(headers={"User-Agent": FIREFOX})
    there.post("/sign-in/", {"login": purchaser.email, "password": "a long enough secret"})
    html = here.get("/account/sessions/").content.decode()
    assert "You are signed in 2 times." in html
    assert "Firefox on Windows" in html
    assert html.count("This session") == 1
    other = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/account/sessions/{other.pk}/end/").url == "/account/sessions/"
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assert "You are signed in here only." in here.get("/account/sessions/").content.decode()


def test_everything_else_is_ended_at_once(purchaser: User) -> None:
    clients = [sign_in(purchaser.email) for _ in range(3)]
    clients[0].post("/account/sessions/")
    assert [client.get("/").status_code for client in clients] == [200, 302, 302]


def test_nobody_ends_another_s_session(purchaser: User, operator: User) -> None:
    sign_in(operator.email)
    theirs = UserSession.objects.get(user=operator)
    assert sign_in(purchaser.email).post(f"/account/sessions/{theirs.pk}/end/").status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36 Edg/131.0", "Edge on Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_have_names(header: str, words: str) -> None:
    assert browser_name(header) == words


@pytest.fixture
def both(db: None) -> tuple[User, Membership, Membership]:
    user = person("dora@two.example")
    return user, member(user, Role.PURCHASER, "Fernwick", -60), member(user, Role.AUDITOR, "Program office", -30)


def test_the_switch_goes_over_to_the_other_membership(both: tuple[User, Membership, Membership]) -> None:
    user, first, second = both
    client = sign_in(user.email)
    assert client.session["membership"] == first.pk
    session = client.session
    session["basket of the first"] = "secret"
    session.save()
    key = session.session_key
    html = client.get("/account/memberships/").content.decode()
    assert "Auditor at Program office" in html
    assert client.post("/membership/", {"membership": second.pk}).url == "/"
    assert client.session.session_key == key
    assert client.session["membership"] == second.pk
    assert "basket of the first" not in client.session
    assert "You now work for Program office as Auditor." in client.get("/").content.decode()
    assert client.session.get_expiry_age() == 12 * 60 * 60


def test_the_menu_offers_the_other_memberships(both: tuple[User, Membership, Membership]) -> None:
    user, first, second = both
    html = sign_in(user.email).get("/account/memberships/").content.decode()
    assert f'<input type="hidden" name="membership" value="{second.pk}">' in html
    assert f'<input type="hidden" name="membership" value="{first.pk}">' not in html


def test_only_one_s_own_that_hold_today_are_there(both: tuple[User, Membership, Membership], operator: User) -> None:
    user, first, _ = both
    client = sign_in(user.email)
    others = [
        operator.memberships.get().pk,
        member(user, Role.ASSESSOR, "Larkendale", -90, -1).pk,
        member(user, Role.COORDINATOR, "HHS", 1).pk,
        999_999,
        "",
        "x",
    ]
    for other in others:
        assert client.post("/membership/", {"membership": other}).status_code == 404
    assert client.get("/membership/").status_code == 405
    assert client.session["membership"] == first.pk


def test_a_membership_that_ends_is_told_before_anything_else_opens(both: tuple[User, Membership, Membership]) -> None:
    user, first, second = both
    client = sign_in(user.email)
    today = timezone.localdate()
    Membership.objects.filter(pk=first.pk).update(ends_on=today)
    assert client.get("/").url == "/account/memberships/"
    fragment = client.get("/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (409, "/account/memberships/")
    html = " ".join(client.get("/account/memberships/").content.decode().split())
    assert f"Your membership as Purchaser at Fernwick ended on {today:%B} {today.day}, {today.year}." in html
    assert "Choose another one to go on." in html
    client.post("/membership/", {"membership": second.pk})
    assert client.get("/").status_code == 200


def test_without_a_membership_the_page_says_whom_to_ask(db: None) -> None:
    user = person("nora@nowhere.example")
    member(user, Role.PURCHASER, "Fernwick", starts=5)
    html = sign_in(user.email).get("/account/memberships/").content.decode()
    assert "No organization has given you a role that holds today." in html
    starts = timezone.localdate() + timedelta(days=5)
    assert f"{starts:%b} {starts.day}, {starts.year}" in html


def test_a_form_opened_under_another_membership_is_told_and_not_stored(
    both: tuple[User, Membership, Membership],
) -> None:
    """In one tab the form, in another the switch: nothing of the form is stored for the other firm."""
    user, first, second = both
    client = sign_in(user.email)
    form = client.get("/account/sessions/").content.decode()
    assert f'<input type="hidden" name="working_as" value="{first.pk}">' in form
    client.post("/membership/", {"membership": second.pk, "working_as": first.pk})
    sent = {"working_as": first.pk}
    answer = client.post("/account/sessions/", sent)
    assert answer.status_code == 409
    said = " ".join(answer.content.decode().split())
    assert "Nothing was stored: this form was opened as" in said
    assert f"you now work as {second.get_role_display()} at {second.organisation}." in said
    assert f"Switch to {first.get_role_display()} at {first.organisation}" in said
    part = client.post("/account/sessions/", sent, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (409, "/account/memberships/")
    assert "Nothing was stored" in client.get("/account/memberships/").content.decode()
    client.post("/membership/", {"membership": first.pk, "working_as": second.pk})
    assert client.post("/account/sessions/", sent).status_code == 302
