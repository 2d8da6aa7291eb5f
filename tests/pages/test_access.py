"""Who opens which page: everyone but assessors the products, everyone signed in the method."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import Role
from dscr.access.scoping import may
from products.models import Product
from tests.pages import factory

PATHS = ("/products/", "/products/099901-0101/", "/products/99901-101/", "/products/099901-0101/freshness/")
ASSESSORS = (Role.ASSESSOR, Role.LEAD_ASSESSOR)


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


@pytest.mark.parametrize("role", [*ASSESSORS, None])
@pytest.mark.parametrize("path", PATHS)
def test_assessors_find_no_product(pair: tuple[Product, Product], role: str | None, path: str) -> None:
    response = client_of(factory.user_with(role)).get(path)
    assert response.status_code == 404
    html = response.content.decode()
    assert "Halden Sterile" not in html
    assert "what is there is not open to the role in which you work" in html
    assert '<a class="usa-link" href="/">Home</a>' in html
    assert "search for its NDC" not in html


@pytest.mark.parametrize("role", [role for role in Role if role not in ASSESSORS])
def test_the_others_read_every_product(pair: tuple[Product, Product], role: str) -> None:
    client = client_of(factory.user_with(role))
    assert client.get(PATHS[1]).status_code == 200
    assert client.get(PATHS[2]).url == PATHS[1]  # type: ignore[attr-defined]
    assert client.get(PATHS[3]).status_code == 204


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
    assert not may(AnonymousUser(), "read_published")
    assert not may(factory.operator(), "an action that nobody listed")
    off = factory.user_with(Role.OPERATOR, "off@demo.example")
    off.is_active = False
    assert not Product.objects.for_user(off, "read_published").exists()


def test_signing_in_and_out(db: None) -> None:
    user = factory.user_with(Role.OPERATOR)
    client = Client()
    html = client.get("/sign-in/").content.decode()
    assert "Demonstration accounts" in html
    assert user.email in html
    signed = {"login": user.email.upper(), "password": "dscr-demo-password", "next": "/products/"}
    assert client.post("/sign-in/", signed).url == "/products/"  # type: ignore[attr-defined]
    asked = client.get("/sign-out/")
    assert (asked.status_code, client.get("/").status_code) == (200, 200)
    assert '<button class="usa-button" type="submit">Sign out</button>' in asked.content.decode()
    assert client.post("/sign-out/").url == "/sign-in/"  # type: ignore[attr-defined]
    assert client.get("/sign-out/").url == "/sign-in/"  # type: ignore[attr-defined]


def test_a_deployment_offers_no_demonstration_account(db: None, settings) -> None:  # type: ignore[no-untyped-def]
    factory.user_with(Role.OPERATOR)
    settings.LOCAL = False
    html = Client().get("/sign-in/").content.decode()
    assert "Demonstration accounts" not in html
    assert "Synthetic demonstration data" not in html


def test_a_wrong_password_is_told_in_words(db: None) -> None:
    html = Client().post("/sign-in/", {"login": "a@b.example", "password": "x"}).content.decode()
    assert "The e-mail address or the password is not right." in html


@pytest.mark.parametrize("field", ["login", "password", "next"])
def test_a_control_character_does_not_break_signing_in(db: None, field: str) -> None:
    sent = {"login": "a@b.example", "password": "x", "next": "/"} | {field: "a\0b"}
    assert Client().post("/sign-in/", sent).status_code == 200


@pytest.mark.parametrize(
    ("role", "target", "reached"),
    [
        (Role.PURCHASER, "/products/099901-0101/", "/products/099901-0101/"),
        (Role.ASSESSOR, "/products/099901-0101/", "/"),
        (Role.PURCHASER, "/products/?q=cisplatin", "/products/?q=cisplatin"),
        (Role.ASSESSOR, "/products/?q=cisplatin", "/"),
        (Role.PURCHASER, "/method/2026.1/", "/method/2026.1/"),
        (Role.PURCHASER, "/admin/", "/"),
        (Role.OPERATOR, "/products/?q=cisplatin", "/products/?q=cisplatin"),
        (Role.OPERATOR, "/nowhere/", "/"),
        (Role.OPERATOR, "/sign-out/", "/"),
        (Role.OPERATOR, "https://elsewhere.example/", "/"),
    ],
)
def test_signing_in_leads_only_where_the_role_goes(db: None, role: str, target: str, reached: str) -> None:
    user = factory.user_with(role)
    signed = {"login": user.email, "password": "dscr-demo-password", "next": target}
    assert Client().post("/sign-in/", signed).url == reached  # type: ignore[attr-defined]


def test_signing_in_twice_is_no_loop(db: None) -> None:
    response = client_of(factory.user_with(Role.OPERATOR)).get("/sign-in/?next=/sign-in/")
    assert response.url == "/"  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/admin/", "/admin/products/product/"])
def test_the_admin_has_no_sign_in_of_its_own(db: None, path: str) -> None:
    response = Client().get(path, follow=True)
    assert response.redirect_chain[-1][0] == f"/sign-in/?next={path}"
    assert "How reliably each drug keeps being supplied" in response.content.decode()


@pytest.mark.parametrize("role", [Role.PURCHASER, Role.AUDITOR])
def test_the_admin_is_not_there_for_others(db: None, role: str) -> None:
    response = client_of(factory.user_with(role)).get("/admin/", follow=True)
    assert response.status_code == 404
    html = response.content.decode()
    assert "Page not found" in html
    assert "To find a product, search for its NDC in any written form." in html


def test_staff_at_the_admin_sign_in_are_in(db: None) -> None:
    assert client_of(factory.operator()).get("/admin/login/").url == "/admin/"  # type: ignore[attr-defined]


def test_the_method_without_a_version_is_the_newest(db: None) -> None:
    client = client_of(factory.user_with(Role.PURCHASER))
    assert client.get("/method/").url == "/method/2026.1/"  # type: ignore[attr-defined]
