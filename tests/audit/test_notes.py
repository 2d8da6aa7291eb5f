"""Notes of views and exports, signing in and out."""

import time

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr import audit
from dscr.access.models import User
from dscr.audit.models import AuditEntry
from products.models import Product
from tests.audit.conftest import Trail
from tests.pages.factory import user_with


def test_a_view_is_one_insert(
    product: Product, operator: User, trail: Trail, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert operator.membership
    with django_assert_num_queries(1):
        audit.note(operator, "viewed", product, detail="reported figures")
    entry = trail.entry()
    assert (entry.action, entry.kind, entry.subject_id, entry.label) == ("viewed", "product", product.pk, str(product))
    assert (entry.user_id, entry.membership_id, entry.detail) == (
        operator.pk,
        operator.membership.pk,
        "reported figures",
    )


def test_the_same_view_is_noted_once_an_hour(
    product: Product, operator: User, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    for _ in range(3):
        audit.note(operator, "viewed", product)
    assert len(trail.entries()) == 1
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    audit.note(operator, "viewed", product)
    assert len(trail.entries()) == 1


def test_another_reader_membership_or_record_is_another_view(product: Product, operator: User, trail: Trail) -> None:
    other = user_with("auditor")
    trail.forget()
    audit.note(operator, "viewed", product)
    audit.note(other, "viewed", product)
    audit.note(operator, "viewed", ("product", product.pk + 1, "another"))
    audit.note(operator, "viewed", "the list of products")
    audit.note(operator, "viewed", "the list of products")
    audit.note(operator, "viewed", "the list of cases")
    operator.memberships.update(ends_on="2020-01-02", starts_on="2020-01-01")
    audit.note(operator, "viewed", product)
    assert len(trail.entries(action="viewed")) == 6


def test_exports_are_always_noted(operator: User, trail: Trail) -> None:
    for _ in range(3):
        audit.note(operator, "exported", "the list of products", detail="band: High; 312 rows")
    entries = trail.entries()
    assert len(entries) == 3
    assert entries[0].label == "the list of products"


def test_a_request_brings_its_user_and_way_in(operator: User, trail: Trail) -> None:
    request = RequestFactory().get("/api/v1/ratings/")
    request.user = operator
    audit.note(request, "exported", "ratings")
    entry = trail.entry()
    assert (entry.user_id, entry.via) == (operator.pk, "API")


def test_only_known_actions_are_noted(operator: User) -> None:
    with pytest.raises(ValueError, match="'looked' is not noted"):
        audit.note(operator, "looked", "x")


def test_what_cannot_be_stored_is_left_out(operator: User, trail: Trail) -> None:
    audit.note(operator, "exported", "a\0b" + "x" * 500, detail="\0")
    entry = trail.entry()
    assert (entry.label[:3], len(entry.label), entry.detail) == ("abx", 300, "")


def test_signing_in_and_out_is_noted(db: None) -> None:
    user = user_with("auditor")
    client = Client()
    trail = Trail()
    assert client.login(request=_request(), email=user.email, password="dscr-demo-password")
    client.logout()
    assert [(entry.action, entry.user_id, entry.label) for entry in trail.entries()] == [
        ("signed in", user.pk, user.email),
        ("signed out", user.pk, user.email),
    ]


def test_a_failed_sign_in_names_the_account_but_not_what_else_was_typed(db: None) -> None:
    user = user_with("auditor")
    trail, client = Trail(), Client()
    assert not client.login(request=_request(), email=user.email, password="wrong")
    entry = trail.entry()
    assert (entry.action, entry.user_id, entry.label, entry.subject_id) == ("sign-in failed", None, user.email, user.pk)
    assert not client.login(request=_request(), email="my-secret-password", password="wrong")
    entry = trail.entry()
    assert (entry.subject_id, entry.label) == (None, "an address that is no account's")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry e WHERE e::text LIKE '%%my-secret-password%%'", [])
        assert cursor.fetchone()[0] == 0
    assert AuditEntry.objects.filter(label="an address that is no account's").exists()


def _request() -> object:
    return RequestFactory().post("/sign-in/")
