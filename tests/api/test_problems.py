"""Everything that goes wrong under /api/ has one shape."""

from typing import Any

import pytest
from django.test import Client

from ratings.api import rating_list
from tests.walk.world import World


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:dscr:problem:{code}"
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize("path", ["/api/v1/nowhere/", "/api/", "/api/v2/ratings/", "/api/v1/ratings/x/y/z/"])
def test_unknown_addresses(db: None, path: str) -> None:
    assert_problem(Client().get(path), 404, "not-found")


def test_a_control_character_in_an_address(machine: Any) -> None:
    assert_problem(machine("purchaser").get("ratings/%00/"), 404, "not-found")


def test_other_addresses_keep_their_pages(db: None) -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_a_broken_server_says_so_without_its_reasons(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating_list, "read", lambda *args: 1 / 0)
    body = assert_problem(machine("purchaser").get("ratings/"), 500, "server-error")
    assert "ZeroDivision" not in str(body)


def test_only_json_goes_out(machine: Any) -> None:
    assert_problem(machine("purchaser").get("ratings/", Accept="text/html"), 406, "not-acceptable")
    assert machine("purchaser").get("ratings/", Accept="application/*").status_code == 200


def test_only_json_comes_in(machine: Any) -> None:
    buyer = machine("purchaser")
    response = buyer.client.post("/api/v1/ratings/lookup/", {"ndcs": "x"}, headers=buyer.headers)
    assert_problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"ndcs": [NaN]}', b"[" * 5000])
def test_what_is_no_json_is_said(machine: Any, body: bytes) -> None:
    assert_problem(machine("purchaser").post("ratings/lookup/", body), 400, "invalid-request")


def test_a_body_has_a_limit(machine: Any) -> None:
    body = b'{"ndcs": ["' + b"1" * 1_000_001 + b'"]}'
    assert_problem(machine("purchaser").post("ratings/lookup/", body), 413, "too-large")


def test_methods_that_are_not(machine: Any) -> None:
    buyer = machine("purchaser")
    response = buyer.client.options("/api/v1/ratings/", headers=buyer.headers)
    assert_problem(response, 405, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD"
    assert buyer.client.head("/api/v1/ratings/", headers=buyer.headers).status_code == 200
    assert_problem(machine().get("tokens/"), 405, "method-not-allowed")


def test_no_format_suffix_and_no_format_parameter(machine: Any, world: World) -> None:
    buyer = machine("purchaser")
    assert buyer.get("ratings.json").status_code == 404
    assert_problem(buyer.get("ratings/?format=json"), 400, "invalid-request")


@pytest.mark.parametrize("levels", [33, 300, 1000])
def test_a_body_in_which_code_would_recurse_is_refused(machine: Any, world: World, levels: int) -> None:
    """Also where nobody has signed in, and where the request is kept for its key."""
    deep = b"[" * (levels - 1) + b"]" * (levels - 1)
    said = "Lists and objects stand in each other at most 32 deep."
    for answer in (
        machine().post("tokens/", b'{"email": ' + deep + b"}"),
        machine("editor").patch(
            f"kpi-drafts/{world.own.ndc}/{world.drafted}/",
            b'{"answers": ' + deep + b"}",
            idempotency_key="a-key-of-ours",
        ),
    ):
        assert assert_problem(answer, 400, "invalid-request")["detail"] == said
