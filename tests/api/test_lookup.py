"""The look-up of many NDCs at once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Product
from ratings.api.lookup import MOST
from tests.walk.world import World

OWN, OTHER = "099901-0101", "099902-0202"


def looked_up(machine: Any, ndcs: list[Any]) -> Any:
    return machine("purchaser").post("ratings/lookup/", {"ndcs": ndcs})


def test_every_ndc_has_its_row_in_the_order_given(machine: Any, world: World) -> None:
    given = ["x", f"{OTHER}-77", OWN, "0999010101", "000000-0000", "", OWN, " NDC 099901-0101 "]
    answer = looked_up(machine, given).json()
    assert [row["given"] for row in answer["results"]] == given
    assert [row["status"] for row in answer["results"]] == [
        "invalid",
        "found",
        "found",
        "found",
        "unknown",
        "invalid",
        "found",
        "found",
    ]
    assert [row["read_as"] for row in answer["results"]] == [
        None,
        f"{OTHER}-77",
        OWN,
        OWN,
        "000000-0000",
        None,
        OWN,
        OWN,
    ]
    assert {name: answer[name] for name in ("found", "unknown", "ambiguous", "invalid")} == {
        "found": 5,
        "unknown": 1,
        "ambiguous": 0,
        "invalid": 2,
    }
    assert answer["results"][2]["rating"]["ndc"] == OWN
    assert answer["results"][2]["rating"]["score"] == machine("purchaser").get(f"ratings/{OWN}/").json()["score"]
    assert "no NDC" in answer["results"][0]["reason"]


def test_an_ambiguous_one_names_its_candidates(machine: Any, world: World) -> None:
    for ndc in ("001234-5678", "012345-0678"):
        Product.objects.create(ndc=ndc, display_ndc=ndc, nonproprietary_name="n")
    [row] = looked_up(machine, ["1234567890"]).json()["results"]
    assert (row["status"], row["rating"]) == ("ambiguous", None)
    assert [candidate["ndc"] for candidate in row["candidates"]] == ["001234-5678", "012345-0678"]


def test_one_query_for_ten_thousand(machine: Any, world: World) -> None:
    buyer = machine("purchaser")
    buyer.get("methodology/")
    given = [f"{number:05d}-{number % 1000:03d}-01" for number in range(MOST - 1)] + [OWN]
    with CaptureQueriesContext(connection) as captured:
        response = buyer.post("ratings/lookup/", {"ndcs": given})
    assert len(captured) <= 7  # token, two counts, rows, and the audit's three settings of who acts
    assert response.status_code == 200
    answer = response.json()
    assert (len(answer["results"]), answer["found"], answer["unknown"]) == (MOST, 1, MOST - 1)


def test_one_more_is_refused(machine: Any) -> None:
    response = looked_up(machine, [OWN] * (MOST + 1))
    assert response.status_code == 400
    assert response.json()["detail"] == "At most 10,000 NDCs in one call; these are 10,001."


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/ndcs"),
        ([], "#/ndcs"),
        ({"ndcs": "x"}, "#/ndcs"),
        ({"ndcs": [OWN, 999010101]}, "#/ndcs/1"),
        ({"ndcs": [OWN, None]}, "#/ndcs/1"),
        ({"ndcs": ["1" * 101]}, "#/ndcs/0"),
    ],
)
def test_a_body_of_another_shape_is_named(machine: Any, body: Any, pointer: str) -> None:
    response = machine("purchaser").post("ratings/lookup/", body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_nothing_to_look_up_is_nothing_found(machine: Any) -> None:
    assert looked_up(machine, []).json()["results"] == []


def test_strange_texts_are_invalid_and_no_error(machine: Any) -> None:
    given = ["\x00", "٠٩٩٩٠١٠١٠١", "0999-٠١٠١-01", "-", "--", "🩺", "0" * 100]
    answer = looked_up(machine, given).json()
    assert answer["invalid"] == len(given)
