"""Tokens: who gets one, what it stands for, how it ends, and that only its digest is kept."""

import hashlib
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dscr.access import credentials
from dscr.access.models import Membership, Organisation
from dscr.access.roles import Role
from dscr.api.models import ApiToken
from dscr.audit.models import AuditEntry
from tests.api.conftest import PASSWORD, Machine
from tests.walk.world import World


def asked(world: World, reader: str = "purchaser", **more: Any) -> dict[str, Any]:
    return {"email": world.users[reader].email, "password": PASSWORD, **more}


def problem_of(response: Any) -> str:
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["type"].removeprefix("urn:dscr:problem:")


def test_a_token_opens_what_its_membership_opens(machine: Any, world: World) -> None:
    response = machine().post("tokens/", asked(world, name="Night import"))
    assert response.status_code == 201
    given = response.json()
    assert set(given) == {"token", "name", "created_at", "expires_at", "membership"}
    assert given["membership"] == {
        "id": world.users["purchaser"].membership.pk,
        "role": "purchaser",
        "organisation": "Buyers",
    }
    lasts = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=89) < lasts <= timedelta(days=90)
    buyer = machine()
    buyer.headers = {"Authorization": f"Token {given['token']}"}
    assert buyer.get("ratings/").status_code == 200
    assert buyer.get("establishments/").status_code == 404


def test_only_the_digest_is_kept(machine: Any, world: World) -> None:
    secret = machine().post("tokens/", asked(world)).json()["token"]
    assert len(secret) > 43  # 256 bits and the prefix
    token = ApiToken.objects.get()
    assert bytes(token.digest) == hashlib.sha256(secret.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM api_apitoken t")
        assert secret[len(token.hint) :] not in cursor.fetchone()[0]
    assert not AuditEntry.objects.filter(after__icontains=secret).exists()


def test_making_and_revoking_is_on_record(machine: Any, world: World) -> None:
    secret = machine().post("tokens/", asked(world)).json()["token"]
    buyer = machine()
    buyer.headers = {"Authorization": f"Token {secret}"}
    buyer.delete("tokens/current/")
    assert not AuditEntry.objects.filter(kind="api-token").exclude(user_email=world.users["purchaser"].email).exists()
    noted = AuditEntry.objects.filter(kind="api-token", action__startswith="token").order_by("id")
    noted = noted.values_list("action", "user_email")
    assert list(noted) == [
        ("token made", world.users["purchaser"].email),
        ("token revoked", world.users["purchaser"].email),
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": None}, "#/email"),
        ({"password": ""}, "#/password"),
        ({"expires_in_days": 0}, "#/expires_in_days"),
        ({"expires_in_days": 366}, "#/expires_in_days"),
        ({"membership": "x"}, "#/membership"),
        ({"membership": 9_999_999}, "#/membership"),
        ({"name": "a\0b"}, "#/name"),
    ],
)
def test_a_wrong_wish_is_named(machine: Any, world: World, change: dict[str, Any], pointer: str) -> None:
    response = machine().post("tokens/", asked(world) | change)
    assert (response.status_code, problem_of(response)) == (400, "invalid-request")
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not ApiToken.objects.exists()


def test_the_membership_of_someone_else_is_refused(machine: Any, world: World) -> None:
    other = world.users["operator"].membership.pk
    assert machine().post("tokens/", asked(world, membership=other)).status_code == 400


def test_a_wrong_password_gets_no_token(machine: Any, world: World) -> None:
    for body in (asked(world) | {"password": "wrong"}, asked(world) | {"email": "who@walk.example"}):
        response = machine().post("tokens/", body)
        assert (response.status_code, problem_of(response)) == (401, "wrong-credentials")
        assert response["WWW-Authenticate"] == 'Token realm="DSCR"'
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (credentials.SecondFactorNeededError("Send the code."), 401, "second-factor-needed"),
        (credentials.SecondFactorWrongError("Not that code."), 401, "second-factor-wrong"),
        (credentials.LockedOutError("Too many tries.", 840), 429, "locked-out"),
    ],
)
def test_each_refusal_has_a_type_of_its_own(
    machine: Any, world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def refuse(*args: Any) -> None:
        raise error

    monkeypatch.setattr(credentials, "check_credentials", refuse)
    response = machine().post("tokens/", asked(world))
    assert (response.status_code, problem_of(response)) == (status, code)
    assert response.json()["detail"] == str(error)
    assert response.get("Retry-After") == ("840" if status == 429 else None)


def test_the_second_factor_is_asked_and_taken(machine: Any, world: World) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

    secret = generate_totp_secret()
    TOTP.activate(world.users["purchaser"], secret)
    assert problem_of(machine().post("tokens/", asked(world))) == "second-factor-needed"
    assert problem_of(machine().post("tokens/", asked(world, otp="000000"))) == "second-factor-wrong"
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))  # good for another half minute
    assert machine().post("tokens/", asked(world, otp=code)).status_code == 201


def test_many_wrong_tries_lock_out(machine: Any, world: World) -> None:
    for _ in range(5):
        machine().post("tokens/", asked(world) | {"password": "wrong"})
    response = machine().post("tokens/", asked(world))
    assert (response.status_code, problem_of(response)) == (429, "locked-out")
    assert 0 < int(response["Retry-After"]) <= 900


def test_without_a_membership_there_is_nothing_to_stand_for(machine: Any, world: World) -> None:
    response = machine().post("tokens/", asked(world, "nobody"))
    assert (response.status_code, problem_of(response)) == (409, "no-membership")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired"),
        ({"revoked_at": timezone.now()}, "revoked"),
    ],
)
def test_an_ended_token_is_refused(machine: Any, change: dict[str, Any], words: str) -> None:
    buyer = machine("purchaser")
    long_ago = timezone.now() - timedelta(days=9)
    ApiToken.objects.filter(pk=buyer.token.pk).update(created_at=long_ago, **change)
    response = buyer.get("ratings/")
    assert (response.status_code, problem_of(response)) == (401, "token-refused")
    assert words in response.json()["detail"]


def test_the_token_ends_with_its_membership_though_another_holds(machine: Any, world: World) -> None:
    user, today = world.users["operator"], timezone.localdate()
    machine_of_operator = machine("operator")
    Membership.objects.create(
        user=user, organisation=Organisation.objects.get(name="Buyers"), role=Role.PURCHASER, starts_on=today
    )
    Membership.objects.filter(pk=machine_of_operator.token.membership_id).update(ends_on=today)
    response = machine_of_operator.get("ratings/")
    assert (response.status_code, problem_of(response)) == (401, "token-refused")


def test_a_token_sees_the_world_of_its_own_membership_only(machine: Any, world: World) -> None:
    user, today = world.users["operator"], timezone.localdate()
    second = Membership.objects.create(
        user=user, organisation=Organisation.objects.get(name="Buyers"), role=Role.PURCHASER, starts_on=today
    )
    given = machine().post("tokens/", asked(world, "operator", membership=second.pk)).json()
    as_buyer = machine()
    as_buyer.headers = {"Authorization": f"Token {given['token']}"}
    assert as_buyer.get("establishments/").status_code == 404
    assert machine("operator").get("establishments/").status_code == 200
    assert as_buyer.get(f"ratings/{world.own.ndc}/explanation/").json()["figures"] is None


def test_a_switched_off_account_has_no_tokens(machine: Any, world: World) -> None:
    buyer = machine("purchaser")
    world.users["purchaser"].is_active = False
    world.users["purchaser"].save()
    assert buyer.get("ratings/").status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token ", "Token x y", "Token \xff", "token dscr_nothing"])
def test_nonsense_is_no_token(machine: Any, header: str) -> None:
    nobody = machine()
    nobody.headers = {"Authorization": header}
    assert problem_of(nobody.get("ratings/")) == "token-refused"


def test_revoking_ends_it_at_once(machine: Any) -> None:
    buyer = machine("purchaser")
    assert buyer.delete("tokens/current/").status_code == 204
    assert buyer.get("ratings/").status_code == 401
    assert buyer.delete("tokens/current/").status_code == 401


def test_its_use_is_remembered_with_a_write_an_hour(machine: Any) -> None:
    buyer = machine("purchaser")
    buyer.get("methodology/")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with CaptureQueriesContext(connection) as captured:
        buyer.get("methodology/")
    assert not [query for query in captured if "UPDATE" in query["sql"] and "api_apitoken" in query["sql"]]
    ApiToken.objects.update(last_used_at=first - timedelta(hours=1, seconds=1))
    buyer.get("methodology/")
    assert ApiToken.objects.get().last_used_at > first - timedelta(hours=1)


def test_a_session_serves_pages_and_needs_csrf_to_write(world: World) -> None:
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.users["purchaser"])
    assert browser.get("/api/v1/ratings/").status_code == 200
    refused = browser.post("/api/v1/ratings/lookup/", {"ndcs": []}, content_type="application/json")
    assert (refused.status_code, problem_of(refused)) == (403, "forbidden")
    assert Machine(None).client.delete("/api/v1/tokens/current/").status_code == 401
