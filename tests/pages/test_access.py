"""Who sees what: operators and auditors the ratings, everyone signed in the method, nobody else anything."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import Role
from dscr.access.rules import in_scope, may
from products.models import Product
from tests.pages import factory

PATHS = ("/products/", "/products/099901-0101/", "/products/99901-101/", "/products/099901-0101/freshness/")
OTHERS = [role for role in Role if role not in (Role.OPERATOR, Role.AUDITOR)]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", ["/", "/method/2026.1/", *PATHS])
def test_anonymous_readers_are_sent_to_sign_in(db: None, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/")  # type: ignore[attr-defined]


def test_an_anonymous_fragment_sends_the_whole_page_there(pair: tuple[Product, Product]) -> None:
    response = Client().get(PATHS[3], headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/sign-in/")


@pytest.mark.parametrize("role", [*OTHERS, None])
@pytest.mark.parametrize("path", PATHS)
def test_other_roles_find_no_product(pair: tuple[Product, Product], role: str | None, path: str) -> None:
    response = client_of(factory.user_with(role)).get(path)
    assert response.status_code == 404
    assert "Halden Sterile" not in response.content.decode()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
@pytest.mark.parametrize("path", [PATHS[0], PATHS[1]])
def test_operators_and_auditors_read(pair: tuple[Product, Product], role: str, path: str) -> None:
    assert client_of(factory.user_with(role)).get(path).status_code == 200


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_have_a_first_page_of_their_own(pair: tuple[Product, Product], role: str) -> None:
    html = client_of(factory.user_with(role)).get("/").content.decode()
    assert "These pages are being built for your role" in html
    assert "80.1" not in html
    assert "cisplatin" not in html.lower()
    assert 'name="q"' not in html


@pytest.mark.parametrize(("starts", "ends"), [(1, None), (-30, 0), (-30, -1)])
def test_a_membership_that_does_not_hold_today_opens_nothing(
    pair: tuple[Product, Product], starts: int, ends: int | None
) -> None:
    user = factory.user_with(Role.OPERATOR)
    today = timezone.localdate()
    Membership.objects.filter(user=user).update(
        starts_on=today + timedelta(days=starts), ends_on=None if ends is None else today + timedelta(days=ends)
    )
    assert client_of(user).get(PATHS[1]).status_code == 404


def test_the_rules_fail_closed(pair: tuple[Product, Product]) -> None:
    assert not may(AnonymousUser(), "read_ratings")
    assert not may(factory.operator(), "an action that nobody listed")
    off = factory.user_with(Role.OPERATOR, "off@demo.example")
    off.is_active = False
    assert not in_scope(Product.objects.all(), off, "read_ratings").exists()


def test_signing_in_and_out(db: None) -> None:
    user = factory.user_with(Role.OPERATOR)
    client = Client()
    html = client.get("/sign-in/").content.decode()
    assert "Demonstration accounts" in html
    assert user.email in html
    signed = {"username": user.email.upper(), "password": "dscr-demo-password", "next": "/products/"}
    assert client.post("/sign-in/", signed).url == "/products/"  # type: ignore[attr-defined]
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/sign-in/"  # type: ignore[attr-defined]


def test_a_deployment_offers_no_demonstration_account(db: None, settings) -> None:  # type: ignore[no-untyped-def]
    factory.user_with(Role.OPERATOR)
    settings.LOCAL = False
    html = Client().get("/sign-in/").content.decode()
    assert "Demonstration accounts" not in html
    assert "Synthetic demonstration data" not in html


def test_a_wrong_password_is_told_in_words(db: None) -> None:
    html = Client().post("/sign-in/", {"username": "a@b.example", "password": "x"}).content.decode()
    assert "do not match an account" in html
