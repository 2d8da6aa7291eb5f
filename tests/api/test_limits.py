"""How many requests a minute, told in headers, refused with 429."""

from typing import Any

import pytest

from tests.walk.world import World


def told(response: Any) -> tuple[int, int]:
    assert 0 < int(response["RateLimit-Reset"]) <= 60
    return int(response["RateLimit-Limit"]), int(response["RateLimit-Remaining"])


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that does not end while a test counts."""
    from dscr.api import throttling

    sql = throttling.COUNT.prepare.partition(" AS ")[2]
    fixed = sql.replace("extract(epoch FROM clock_timestamp())::bigint", "1000000010::bigint")
    text = fixed.replace("$1", "%s").replace("$2", "%s").replace(" % ", " %% ")
    monkeypatch.setattr(throttling, "COUNT", throttling.Prepared(text))
    monkeypatch.setattr(throttling, "SWEEP_CHANCE", 0)  # the fixed hour is long past: the sweep would take its counts


def test_every_answer_says_how_many_are_left(machine: Any, settings: Any) -> None:
    settings.API_RATE = 3
    buyer, other = machine("purchaser"), machine("operator")
    assert [told(buyer.get("methodology/")) for _ in range(3)] == [(3, 2), (3, 1), (3, 0)]
    refused = buyer.get("methodology/")
    assert refused.status_code == 429
    assert told(refused) == (3, 0)
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert refused.json()["type"] == "urn:dscr:problem:too-many-requests"
    assert told(other.get("methodology/")) == (3, 2)  # each token has its own


def test_refused_requests_count_too(machine: Any, settings: Any) -> None:
    settings.API_RATE = 2
    contact = machine("assessor")
    assert [contact.get("ratings/").status_code for _ in range(3)] == [404, 404, 429]


def test_a_look_up_counts_once_for_every_hundred_ndcs_begun(machine: Any, settings: Any) -> None:
    settings.API_RATE = 10
    buyer = machine("purchaser")

    def look_up(count: int) -> Any:
        return buyer.post("ratings/lookup/", {"ndcs": ["099901-0101"] * count})

    assert [told(look_up(count)) for count in (0, 1, 100, 101, 250)] == [(10, 9), (10, 8), (10, 7), (10, 5), (10, 2)]
    refused = look_up(201)
    assert refused.status_code == 429
    assert told(refused) == (10, 0)
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert buyer.get("methodology/").status_code == 429


def test_a_look_up_that_is_no_list_counts_once(machine: Any, settings: Any) -> None:
    settings.API_RATE = 10
    refused = machine("purchaser").post("ratings/lookup/", {"ndcs": [1] * 1000})
    assert refused.status_code == 400
    assert told(refused) == (10, 9)


def test_strangers_are_counted_by_address(machine: Any, settings: Any) -> None:
    settings.API_RATE_ANONYMOUS = 2
    nobody = machine()
    guesser = machine()
    guesser.headers = {"Authorization": "Token dscr_guess"}
    assert [nobody.get("ratings/").status_code, guesser.get("ratings/").status_code] == [401, 401]
    assert guesser.get("ratings/").status_code == 429
    assert machine("purchaser").get("ratings/").status_code == 200


def test_a_session_is_counted_by_its_user(world: World, settings: Any) -> None:
    from django.test import Client

    settings.API_RATE = 1
    browser = Client()
    browser.force_login(world.users["purchaser"])
    assert [browser.get("/api/v1/ratings/").status_code for _ in range(2)] == [200, 429]


def test_a_new_minute_begins_anew(machine: Any, settings: Any) -> None:
    from django.db import connection

    settings.API_RATE = 1
    buyer = machine("purchaser")
    assert [buyer.get("methodology/").status_code for _ in range(2)] == [200, 429]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_throttle SET started = started - 60")
    assert told(buyer.get("methodology/")) == (1, 0)
