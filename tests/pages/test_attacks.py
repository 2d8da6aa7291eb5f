"""What an attacker found once, each mended."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership
from dscr.access.roles import Role
from dscr.api.models import ApiToken
from dscr.api.tokens import token_create
from dscr.audit.models import AuditEntry
from products.models import Product
from ratings.models import ProductRating, StaleMark
from ratings.queries.freshness import told_at
from tests.pages import factory

FORGED = {"X-Forwarded-For": "8.8.8.8", "X-Real-Ip": "8.8.4.4"}


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(factory.operator())
    return client


def test_the_audit_believes_no_address_that_a_client_writes(operator: Client) -> None:
    assert b"".join(operator.get("/audit/export/", headers=FORGED).streaming_content)  # type: ignore[attr-defined]
    assert AuditEntry.objects.get(action="exported").address == "127.0.0.1"


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/api/v1/ratings/"])
def test_a_cookie_that_cannot_be_a_key_is_no_session(db: None, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = '"\\000aaaaaaaaaaaa"'
    assert client.get(path).status_code in (200, 302, 401)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/products/?page=00000000100000000000000000000000", 200),
        ("/molecules/?page=00000000100000000000000000000000", 200),
        ("/api/v1/ratings/?updated_since=2026-01-01T00:00:00-23:59", 200),
        ("/audit/?before=2026-01-01T00:00:00-23:59_1", 200),
        ("/audit/?before=0001-01-01T00:00:00%2B23:59_1", 200),
        ("/admin/access/user/?email=%00", 400),
        ("/admin/access/membership/?starts_on__year=99999999999999999999", 400),
    ],
)
def test_odd_parameters_are_no_fault_of_ours(operator: Client, path: str, status: int) -> None:
    assert operator.get(path).status_code == status


def test_an_ended_membership_is_told_on_every_page(db: None) -> None:
    user, client = factory.user_with(Role.PURCHASER), Client()
    client.force_login(user)
    session = client.session
    session["membership"] = user.membership.pk
    session.save()
    Membership.objects.update(ends_on=timezone.localdate())
    assert client.get("/products/").url == "/account/memberships/"  # type: ignore[attr-defined]


def test_a_new_password_ends_every_token(db: None) -> None:
    user, client = factory.user_with(Role.PURCHASER), Client()
    _, secret = token_create(user.membership)
    client.force_login(user)
    asked = {"headers": {"Authorization": f"Token {secret}"}}
    assert Client().get("/api/v1/methodology/", **asked).status_code == 200
    changed = {"oldpassword": "dscr-demo-password"} | dict.fromkeys(("password1", "password2"), "another-long-one-7")
    assert client.post("/account/password/", changed).status_code == 302
    assert ApiToken.objects.get().revoked_at
    assert Client().get("/api/v1/methodology/", **asked).status_code == 401


def test_what_one_reader_sees_is_kept_for_no_other(operator: Client) -> None:
    for path in ("/establishments/", "/products/", "/api/v1/ratings/"):
        assert "private" in operator.get(path)["Cache-Control"], path


def test_a_check_and_a_publication_are_told_to_the_hour() -> None:
    checked = datetime(2026, 11, 22, 20, 15, 9, 500, tzinfo=UTC)
    hour = checked.replace(minute=0, second=0, microsecond=0)
    assert told_at(None, checked) is None
    assert told_at(checked, None) == hour
    assert told_at(checked, hour - timedelta(days=3)) == hour
    assert told_at(checked, checked - timedelta(minutes=5)) == hour
    assert told_at(checked, checked + timedelta(hours=1)) == hour + timedelta(hours=1)


def test_marks_that_come_together_tell_purchasers_nothing(pair: tuple[Product, Product]) -> None:
    purchaser, operator = Client(), Client()
    purchaser.force_login(factory.user_with(Role.PURCHASER))
    operator.force_login(factory.operator())
    long_ago = timezone.now() - timedelta(days=2)
    with connection.cursor() as cursor:  # snapshots refuse a change, so their guard stands aside
        cursor.execute("ALTER TABLE ratings_ratingsnapshot DISABLE TRIGGER USER")
        cursor.execute("UPDATE ratings_ratingsnapshot SET computed_at = %s", [long_ago])
    ProductRating.objects.update(verified_at=timezone.now())
    StaleMark.objects.create(kind="product", key=pair[0].pk, source="test")
    address = f"/products/{pair[0].ndc}/"
    assert "Updating: an input changed." in operator.get(address).content.decode()
    assert "Updating: an input changed." not in purchaser.get(address).content.decode()
    assert "Computed within the last hour" in purchaser.get(address).content.decode()
    StaleMark.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert "Updating: an input changed." in purchaser.get(address).content.decode()
