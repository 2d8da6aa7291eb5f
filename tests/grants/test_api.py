"""Grants by the API: listed, given by an attestor, withdrawn with the ETag that was read."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from products.models import DisclosureGrant
from products.services import grants
from tests.api.conftest import Machine
from tests.walk.world import World, build_world

Give = Callable[..., DisclosureGrant]


def body(world: World, **changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "ndcs": ["99901-0101"],
        "recipient": "Farbuyers",
        "kpis": ["on_time_delivery", "fill_rate"],
        "shows_supply": True,
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=30)).isoformat(),
    } | changes


def machine(world: World, reader: str) -> Machine:
    return Machine(world.users[reader])


def test_an_attestor_gives_and_withdraws(world: World) -> None:
    attestor, reader = machine(world, "attestor"), machine(world, "granted")
    response = attestor.post("grants/", body(world))
    assert response.status_code == 201
    (given,) = response.json()["results"]
    assert given["ndc"] == world.own.ndc
    assert given["kpis"] == ["fill_rate", "on_time_delivery"]
    assert (given["firm"], given["recipient"], given["withdrawn_at"]) == ("Ownfirm", "Farbuyers", None)
    explained = reader.get(f"ratings/{world.own.ndc}/explanation/").json()["disclosed"]
    assert [item["reported"] for item in explained["kpis"]] == [
        "98.9% (987,654,321 of 998,877,665)",
        "89% (890 of 1,000)",
    ]

    address = f"grants/{given['id']}/"
    etag = attestor.get(address).headers["ETag"]
    assert attestor.get(address, **{"If-None-Match": etag}).status_code == 304
    assert delete(attestor, address).status_code == 428
    assert delete(attestor, address, 'W/"another"').status_code == 412
    assert reader.get(f"ratings/{world.own.ndc}/explanation/").json()["disclosed"]
    assert delete(attestor, address, etag).status_code == 204
    assert reader.get(f"ratings/{world.own.ndc}/explanation/").json()["disclosed"] is None
    assert delete(attestor, address, etag).status_code == 412
    now = attestor.get(address)
    assert now.json()["withdrawn_at"]
    assert delete(attestor, address, now.headers["ETag"]).status_code == 409


def delete(asked: Machine, address: str, etag: str = "") -> Any:
    headers = asked.headers | ({"If-Match": etag} if etag else {})
    return asked.client.delete(f"/api/v1/{address}", headers=headers)


def test_the_same_twice_is_a_conflict(world: World) -> None:
    attestor = machine(world, "attestor")
    assert attestor.post("grants/", body(world)).status_code == 201
    response = attestor.post("grants/", body(world))
    assert (response.status_code, response.json()["type"]) == (409, "urn:dscr:problem:grant-conflict")


@pytest.mark.django_db(transaction=True)
def test_the_same_twice_at_once_is_one_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two grants would outlive the withdrawal of one. Without the lock both meet after they have looked."""
    world = build_world()
    DisclosureGrant.objects.all().delete()
    both, look = threading.Barrier(2), grants._refuse_repetition

    def together(given: Any) -> None:
        look(given)
        try:
            both.wait(1)
        except threading.BrokenBarrierError:
            return

    monkeypatch.setattr(grants, "_refuse_repetition", together)
    statuses = []

    def give(asked: Machine) -> None:
        try:
            statuses.append(asked.post("grants/", body(world)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=(machine(world, "attestor"),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(statuses) == [201, 409]
    assert DisclosureGrant.objects.count() == 1


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    wrong = body(
        world, ndcs=["99901-0101", "99902-0202"], to_all_purchasers=True, kpis=[], shows_supply=False,
        valid_from="2020-01-01", valid_to="2020-01-01",
    )  # fmt: skip
    response = machine(world, "attestor").post("grants/", wrong)
    assert response.status_code == 400
    assert {item["pointer"]: item["detail"] for item in response.json()["errors"]} == {
        "#/valid_from": "The first day lies in the past; give today or a later day.",
        "#/valid_to": "The end must come after the first day.",
        "#/kpis": "Choose at least one thing to disclose.",
        "#/recipient": "Give either one organization or to_all_purchasers.",
        "#/ndcs": "“99902-0202” is no product that you have enrolled today.",
    }
    assert not DisclosureGrant.objects.exists()
    for changes in ({"kpis": ["price"]}, {"recipient": "Otherfirm"}, {"ndcs": []}, {"ndcs": ["x"]}, {"ndcs": ["\0"]}):
        assert machine(world, "attestor").post("grants/", body(world, **changes)).status_code == 400, changes


@pytest.mark.parametrize(("reader", "status"), [("editor", 403), ("operator", 403), ("purchaser", 404)])
def test_nobody_else_gives_or_withdraws(world: World, give: Give, reader: str, status: int) -> None:
    grant = give(kpis=["fill_rate"])
    asked = machine(world, reader)
    assert asked.post("grants/", body(world)).status_code == status
    assert delete(asked, f"grants/{grant.pk}/", "*").status_code == status
    assert machine(world, "attestor outside").get(f"grants/{grant.pk}/").status_code == 404
    assert delete(machine(world, "attestor outside"), f"grants/{grant.pk}/", "*").status_code == 404


def test_the_list_is_the_firms_own(world: World, give: Give) -> None:
    today = timezone.localdate()
    now = give(kpis=["fill_rate"])
    coming = give(kpis=["fill_rate"], valid_from=today + timedelta(days=2))
    ended = give(product=None, kpis=["fill_rate"], withdrawn_at=timezone.now())

    def ids(reader: str, query: str = "") -> list[int]:
        return [row["id"] for row in machine(world, reader).get(f"grants/{query}").json()["results"]]

    assert ids("editor") == ids("auditor") == [now.pk, coming.pk, ended.pk]
    assert ids("editor outside") == []
    for state, grant in (("in_force", now), ("coming", coming), ("ended", ended)):
        assert ids("attestor", f"?state={state}") == [grant.pk]
    assert ids("editor", f"?ndc={world.other.ndc}") == [ended.pk]
    assert machine(world, "editor").get("grants/?stat=x").status_code == 400
    assert machine(world, "purchaser").get("grants/").status_code == 404
