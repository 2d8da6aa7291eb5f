"""Requests to disclose by API: asked by a purchaser, granted or declined by the firm, seen by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from dscr.audit.models import AuditEntry
from products.models import DisclosureGrant, DisclosureRequest, Enrolment
from products.services import disclosure_requests
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.grants.test_api import body, machine
from tests.walk.world import World

ASK = {
    "ndcs": ["99901-0101"],
    "kpis": ["on_time_delivery", "fill_rate"],
    "shows_supply": True,
    "why": "We are choosing a second source.",
}
OWN, RECEIVED = "disclosure-requests/", "disclosure-requests/received/"


@pytest.fixture
def buyer(world: World) -> Machine:
    with connection.cursor() as cursor:  # the database keeps requests; without triggers it lets the world's go
        cursor.execute("SET session_replication_role = replica")
        DisclosureRequest.objects.all().delete()
        cursor.execute("SET session_replication_role = origin")
    return machine(world, "purchaser")


def asked(buyer: Machine, **changes: Any) -> dict[str, Any]:
    made = buyer.post(OWN, ASK | changes)
    assert made.status_code == 201, made.content
    (row,) = made.json()["results"]
    return row


def test_asked_and_declined(
    world: World,
    buyer: Machine,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = buyer.post(OWN, ASK, **{"Idempotency-Key": "r1"})
        assert buyer.post(OWN, ASK, **{"Idempotency-Key": "r1"}).json() == made.json()
    assert [sent.to for sent in mail.outbox] == [["attestor@walk.example"]]
    (row,) = made.json()["results"]
    assert (row["firm"], row["asking"], row["ndc"], row["state"]) == ("Ownfirm", "Buyers", world.own.ndc, "open")
    assert (row["kpis"], row["shows_supply"]) == (["fill_rate", "on_time_delivery"], True)
    assert (row["asked_by"], row["disclosed"]) == ("Reader purchaser", None)
    told = assert_problem(buyer.post(OWN, ASK), 409, "request-refused")
    assert "You may ask again from" in told["detail"]
    attestor = machine(world, "attestor")
    attestor.get(RECEIVED)
    with django_assert_num_queries(3):  # the token, the count of requests, the rows
        (received,) = attestor.get(RECEIVED).json()["results"]
    assert (received["id"], received["why"], received["answered_by"]) == (row["id"], ASK["why"], None)
    assert "asked_by" not in received
    decline = f"{RECEIVED}{row['id']}/decline/"
    for wrong in ({"answer": "x" * 501}, {"answer": "a\0"}, {"reason": "x"}, []):
        assert_problem(attestor.post(decline, wrong), 400, "invalid-request")
    with django_capture_on_commit_callbacks(execute=True):
        declined = attestor.post(decline, {"answer": "Only under a supply agreement."})
    assert (declined.status_code, declined.json()["state"]) == (200, "declined")
    assert declined.json()["answered_by"] == "Reader attestor"
    assert mail.outbox[-1].to == ["purchaser@walk.example"]
    assert_problem(attestor.post(decline, {}), 409, "answered-already")
    with django_assert_num_queries(4):  # and the note of the answer
        (answered,) = buyer.get(OWN).json()["results"]
    assert (answered["state"], answered["answer"]) == ("declined", "Only under a supply agreement.")
    assert "answered_by" not in answered
    assert AuditEntry.objects.filter(kind="disclosure-request", action="viewed", organisation="Buyers").count() == 1
    for query, found in (("state=open", 0), ("state=declined", 1), (f"ndc={world.other.ndc}", 0)):
        assert len(attestor.get(f"{RECEIVED}?{query}").json()["results"]) == found, query
    assert_problem(attestor.get(f"{RECEIVED}?state=lost"), 400, "invalid-request")


def test_granted_by_a_grant_that_names_it(world: World, buyer: Machine) -> None:
    DisclosureGrant.objects.all().delete()
    row = asked(buyer)
    attestor = machine(world, "attestor")
    elsewhere = attestor.post("grants/", body(world, request=row["id"])).json()
    assert elsewhere["answered_request"] is None, "granted to somebody else"
    given = attestor.post("grants/", body(world, recipient="Buyers", request=row["id"])).json()
    assert given["answered_request"] == row["id"]
    (answered,) = buyer.get(OWN).json()["results"]
    grant = given["results"][0]
    assert answered["state"] == "granted"
    assert answered["disclosed"] == {name: grant[name] for name in answered["disclosed"]}
    assert attestor.get(RECEIVED).json()["results"][0]["grant"] == grant["id"]
    (received,) = buyer.get("grants/received/").json()["results"]
    assert received == {name: value for name, value in grant.items() if name != "reason"}
    assert machine(world, "coordinator").get("grants/received/").json()["results"] == []
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=timezone.localdate())
    assert buyer.get("grants/received/").json()["results"] == []
    for pk in (9_999_999, 2**63, "x", True):
        told = assert_problem(attestor.post("grants/", body(world, request=pk)), 400, "invalid-request")
        assert "#/request" in [error["pointer"] for error in told["errors"]], pk
    told = assert_problem(attestor.post("grants/", body(world, requests=1)), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == ["#/requests"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"ndcs": []}, "#/ndcs"),
        ({"ndcs": ["12"]}, "#/ndcs"),
        ({"ndcs": ["99999-9999"]}, "#/ndcs"),
        ({"ndcs": ["99901-0101"] * 21}, "#/ndcs"),
        ({"ndcs": "99901-0101"}, "#/ndcs"),
        ({"kpis": [], "shows_supply": False}, "#/kpis"),
        ({"kpis": ["secret"]}, "#/kpis/0"),
        ({"why": "  "}, "#/why"),
        ({"why": "x" * 501}, "#/why"),
        ({"why": "a\0"}, "#/why"),
        ({"also": "99901-0102"}, "#/also"),
    ],
)
def test_a_wrong_request(world: World, buyer: Machine, changes: dict[str, Any], place: str) -> None:
    told = assert_problem(buyer.post(OWN, ASK | changes), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == [place]
    assert not DisclosureRequest.objects.exists()


def test_what_cannot_be_asked(world: World, buyer: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    both = buyer.post(OWN, ASK | {"ndcs": [world.own.ndc, world.other.ndc]})
    told = assert_problem(both, 409, "request-refused")
    assert told["detail"].startswith(f"NDC {world.other.display_ndc}: Another firm has it enrolled.")
    assert not DisclosureRequest.objects.exists()
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=timezone.localdate())
    assert "there is no firm to ask" in assert_problem(buyer.post(OWN, ASK), 409, "request-refused")["detail"]
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=None)
    asked(buyer)
    DisclosureRequest.objects.update(asked_at=timezone.now() - timedelta(days=31))
    asked(buyer)
    monkeypatch.setattr(disclosure_requests, "MOST_A_DAY", 1)
    other = assert_problem(buyer.post(OWN, ASK | {"ndcs": [world.other.ndc]}), 409, "request-refused")
    assert "has asked 1 times within a day" in other["detail"]


def test_who_asks_reads_and_answers(world: World, buyer: Machine) -> None:
    row = asked(buyer)
    decline = f"{RECEIVED}{row['id']}/decline/"
    # reader: own list, asking, received list, how many are told there, declining
    expected = {
        "editor": (404, 404, 200, 1, 403),
        "attestor outside": (404, 404, 200, 0, 404),
        "operator": (404, 404, 200, 1, 403),
        "auditor": (404, 404, 200, 1, 403),
        "purchaser": (200, 409, 404, 0, 404),
        "granted": (200, 201, 404, 0, 404),
        "coordinator": (404, 404, 404, 0, 404),
        "contact": (404, 404, 404, 0, 404),
        "assessor": (404, 404, 404, 0, 404),
    }
    for reader, statuses in expected.items():
        other = machine(world, reader)
        received = other.get(RECEIVED)
        told = len(received.json().get("results", ()))
        found = (other.get(OWN).status_code, 0, received.status_code, told, other.post(decline, {}).status_code)
        assert found == (statuses[0], 0, *statuses[2:]), reader
        assert other.post(OWN, ASK).status_code == statuses[1], reader
        DisclosureRequest.objects.filter(asking__name="Farbuyers").update(state="declined", answered_at=timezone.now())
    assert "second source" in buyer.get(OWN).content.decode()
    assert [one["asking"] for one in machine(world, "granted").get(OWN).json()["results"]] == ["Farbuyers"]
    for reader, status in (("granted colleague", 200), ("attestor", 404), ("operator", 404), ("assessor", 404)):
        assert machine(world, reader).get("grants/received/").status_code == status, reader
    refused = assert_problem(machine(world, "editor").post(decline, {}), 403, "forbidden")
    assert refused["detail"] == "An attestor of your organization grants or declines."
    assert machine(world, "attestor").post(f"{RECEIVED}{2**63}/decline/", {}).status_code == 404
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=timezone.localdate())
    assert machine(world, "attestor").post(decline, {}).status_code == 404, "the firm no longer has the product"
