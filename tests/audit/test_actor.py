"""Whose name stands in an entry: a request's user, a command, or whoever was at the database; never the one before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

import dscr.url_rules
import dscr.urls
from dscr import audit
from dscr.access.models import User
from dscr.access.roles import Role
from dscr.access.rules import url_rules
from dscr.audit import actor
from dscr.audit.models import AuditEntry
from products.models import DrugList
from tests.audit.conftest import Trail, actor_setting, sql
from tests.pages import factory


def adds(request: HttpRequest) -> HttpResponse:
    DrugList.objects.create(name=request.POST.get("name", "by GET"))
    return HttpResponse(actor_setting())


def fails(request: HttpRequest) -> HttpResponse:
    DrugList.objects.create(name="before the error")
    raise RuntimeError


def fails_in_the_database(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        sql("SELECT 1 / 0")
    return HttpResponse()


def swallows(request: HttpRequest) -> HttpResponse:
    DrugList.objects.create(name="before the error")
    try:
        with transaction.atomic():
            DrugList.objects.create(name="taken back")
            raise RuntimeError
    except RuntimeError:
        DrugList.objects.create(name="after the error")
    return HttpResponse()


OWN = [
    path("adds/", adds, name="adds"),
    path("api/adds/", adds, name="api-adds"),
    path("fails/", fails, name="fails"),
    path("fails-in-the-database/", fails_in_the_database, name="fails-in-the-database"),
    path("swallows/", swallows, name="swallows"),
]
urlpatterns = [*OWN, *dscr.urls.urlpatterns]
RULES = dscr.url_rules.RULES | {pattern.name: "public" for pattern in OWN}


@pytest.fixture
def client(operator: User) -> Iterator[Client]:
    client = Client(raise_request_exception=False)
    client.force_login(operator)
    url_rules.cache_clear()
    with override_settings(ROOT_URLCONF=__name__, URL_RULES=f"{__name__}.RULES"):
        yield client
    url_rules.cache_clear()


def test_a_request_is_its_user_with_membership_and_address(client: Client, operator: User, trail: Trail) -> None:
    client.post("/adds/", {"name": "Essential"}, REMOTE_ADDR="203.0.113.9")
    entry = trail.entry()
    assert (entry.user_id, entry.user_name, entry.user_email) == (operator.pk, "Olivia Operator", operator.email)
    assert entry.membership_id == operator.memberships.get().pk
    assert (entry.role, entry.organisation, entry.via) == ("Operator", "DSCR program office", "page")
    assert entry.address == "203.0.113.9"
    assert len(entry.request_id) == 36
    assert entry.database_role


def test_the_way_in_is_told(client: Client, trail: Trail) -> None:
    client.post("/api/adds/", {"name": "Essential"})
    assert trail.entry().via == "API"


def test_reading_sets_nothing(client: Client, trail: Trail) -> None:
    assert client.get("/adds/").content == b""
    assert trail.entry().via == "database"


def test_nobody_is_recorded_as_nobody(client: Client, trail: Trail) -> None:
    client.logout()
    trail.forget()
    client.post("/adds/", {"name": "Essential"})
    entry = trail.entry()
    assert (entry.user_id, entry.user_email, entry.via) == (None, "", "page")


@pytest.mark.parametrize("failing", ["fails", "fails-in-the-database", "swallows", "adds"])
def test_the_actor_does_not_stay_on_the_connection(client: Client, trail: Trail, failing: str) -> None:
    status = client.post(f"/{failing}/", {"name": "Essential"}).status_code
    assert status == (200 if failing in ("swallows", "adds") else 500)
    assert actor_setting() == ""
    trail.forget()
    client.logout()
    trail.forget()
    assert client.get("/adds/").content == b""
    entry = trail.entry()
    assert (entry.user_id, entry.user_email, entry.via) == (None, "", "database")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failing", ["fails", "fails-in-the-database", "swallows"])
def test_nor_without_a_transaction_around_the_test(operator: User, client: Client, failing: str) -> None:
    client.post(f"/{failing}/")
    assert actor_setting() == ""
    DrugList.objects.create(name="by nobody")
    assert AuditEntry.objects.order_by("pk").last().user_id is None


def test_an_error_inside_leaves_the_name_for_what_follows(client: Client, operator: User, trail: Trail) -> None:
    client.post("/swallows/")
    assert [(entry.label, entry.user_id) for entry in trail.entries()] == [
        ("before the error", operator.pk),
        ("after the error", operator.pk),
    ]


def test_acting_as_nests(operator: User, trail: Trail) -> None:
    with audit.acting_as(operator, "page"):
        with audit.acting_as(None, "command import_ndc"):
            DrugList.objects.create(name="inner")
        DrugList.objects.create(name="outer")
    DrugList.objects.create(name="after")
    seen = [(entry.label, entry.via, entry.user_email) for entry in trail.entries()]
    assert seen == [
        ("inner", "command import_ndc", ""),
        ("outer", "page", operator.email),
        ("after", "database", ""),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_failed_transaction_around_it_takes_the_actor_back() -> None:
    user = factory.user_with(Role.OPERATOR)
    with pytest.raises(Exception, match="division by zero"), transaction.atomic(), audit.acting_as(user, "page"):
        sql("SELECT 1 / 0")
    assert actor_setting() == ""


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_in_the_middle_is_told() -> None:
    user = factory.user_with(Role.OPERATOR)
    with audit.acting_as(user, "page"):
        connection.close()
        DrugList.objects.create(name="Essential")
    assert AuditEntry.objects.get(label="Essential").user_id == user.pk
    assert actor_setting() == ""


def test_who_a_token_names_is_the_actor_from_then_on(operator: User, trail: Trail) -> None:
    with audit.acting_as(None, "API"):
        audit.actor_is(operator)
        DrugList.objects.create(name="Essential")
    entry = trail.entry()
    assert (entry.user_id, entry.via) == (operator.pk, "API")
    audit.actor_is(operator)  # nothing is written here, so nobody acts
    assert actor_setting() == ""


def test_a_command_is_named(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actor, "_process", {})
    actor.process_is("command import_establishments")
    with connection.cursor() as cursor:
        cursor.execute(actor.SET, [json.dumps(actor.current())])
    DrugList.objects.create(name="Essential")
    assert trail.entry().via == "command import_establishments"
    sql("SELECT set_config('dscr.actor', '', false)")


@pytest.mark.django_db(transaction=True)
def test_a_command_of_ours_is_named_from_its_own_process() -> None:
    statement = "from products.models import DrugList; DrugList.objects.create(name='Essential')"
    done = run_manage("shell", "-c", statement)
    assert done.returncode == 0, done.stderr
    entry = AuditEntry.objects.get(label="Essential")
    assert (entry.via, entry.user_id) == ("command shell", None)


@pytest.mark.django_db(transaction=True)
def test_psql_is_the_database_with_its_role() -> None:
    with psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None}) as psql:
        psql.cursor().execute("INSERT INTO products_druglist (name, description, is_synthetic) VALUES ('X', '', false)")
    psql.close()
    entry = AuditEntry.objects.get(label="X")
    assert (entry.via, entry.user_id, entry.address) == ("database", None, "")
    assert entry.database_role == connection.settings_dict["USER"]


def run_manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    database: dict[str, Any] = connection.settings_dict
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )


def test_naming_the_actor_leaves_nothing_remembered(operator: User) -> None:
    """The request may be the one in which a membership is given."""
    user = User.objects.get(pk=operator.pk)
    with audit.acting_as(user, "page"):
        user.memberships.all().delete()
        assert user.membership is None
