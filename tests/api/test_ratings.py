"""What ratings, products, molecules, methodology and shortages answer, with any form of an NDC."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import KpiSubmission, Product
from ratings.models import ProductRating, Status
from tests.pages.factory import settle
from tests.walk.world import World

OWN = "099901-0101"


def test_a_row_says_what_was_published(machine: Any, world: World) -> None:
    rows = {row["ndc"]: row for row in machine("purchaser").get("ratings/").json()["results"]}
    head = ProductRating.objects.get(product=world.own)
    row = rows[OWN]
    assert list(rows) == [OWN, "099902-0202"]
    assert (row["status"], row["score"], row["band"]) == ("rated", head.score, head.band)
    assert row["gates"] == ["active_shortage", "official_action"]
    assert row["band_label"] == "Moderate"
    assert [(row["in_shortage"], row["is_on_watch"]) for row in rows.values()] == [(True, False), (False, False)]
    assert row["methodology"] == "2026.1"


@pytest.mark.parametrize(
    "form", [OWN, "99901-0101", "99901-0101-01", "099901-0101-01", "0999010101", "999010101", "099901010101"]
)
def test_any_form_of_an_ndc_names_its_product(machine: Any, form: str) -> None:
    buyer = machine("purchaser")
    assert buyer.get(f"ratings/{form}/").json()["ndc"] == OWN
    assert buyer.get(f"products/{form}/").json()["ndc"] == OWN


def test_bare_digits_that_fit_two_products_are_refused_with_both(machine: Any, world: World) -> None:
    # 10 digits 1234567890: 4-4-2 is 1234-5678, 5-3-2 is 12345-678.
    for ndc, name in (("001234-5678", "one"), ("012345-0678", "two")):
        Product.objects.create(ndc=ndc, display_ndc=ndc, nonproprietary_name=name)
    for path in ("ratings/1234567890/", "products/1234567890/", "ratings/1234567890/history/"):
        response = machine("purchaser").get(path)
        assert response.status_code == 409
        body = response.json()
        assert body["type"] == "urn:dscr:problem:ambiguous-ndc"
        assert body["candidates"] == [
            {"ndc": "001234-5678", "display_ndc": "001234-5678", "name": "one"},
            {"ndc": "012345-0678", "display_ndc": "012345-0678", "name": "two"},
        ]


@pytest.mark.parametrize("form", ["000000-0000", "1234567890", "cisplatin", "12", "%00", "0999010101%00"])
@pytest.mark.parametrize("what", ["ratings", "products"])
def test_what_names_no_product_is_not_found(machine: Any, form: str, what: str) -> None:
    response = machine("purchaser").get(f"{what}/{form}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_detail_adds_up(machine: Any, world: World) -> None:
    told = machine("purchaser").get(f"ratings/{OWN}/").json()
    assert told["points_lost"] == sum(domain["points_lost"] for domain in told["domains"])
    assert abs(100 - told["score"] - told["points_lost"]) <= 0.5
    assert [gate["code"] for gate in told["gate_reasons"]] == told["gates"]
    assert told["enrolment"]["organisation"] == "Ownfirm"
    assert told["in_shortage"] is True


def test_products_without_a_rating_say_so(machine: Any, world: World) -> None:
    Product.objects.create(ndc="000001-0001", display_ndc="0001-0001", nonproprietary_name="plain")
    ProductRating.objects.filter(product=world.other).update(
        published_snapshot=None, computed_snapshot=None, failed_count=2, score=None, band=None
    )
    buyer = machine("purchaser")
    assert buyer.get("ratings/000001-0001/").json()["status"] == "not_enrolled"
    assert buyer.get("ratings/000001-0001/explanation/").json()["status"] == "not_enrolled"
    assert buyer.get("ratings/099902-0202/").json()["status"] == "cannot_be_computed"
    assert buyer.get("ratings/099902-0202/").json()["domains"] == []
    assert [row["ndc"] for row in buyer.get("ratings/?enrolled=no").json()["results"]] == ["000001-0001"]
    ProductRating.objects.filter(product=world.own).update(status=Status.WITHDRAWN)
    assert [row["ndc"] for row in buyer.get("ratings/?enrolled=yes").json()["results"]] == ["099902-0202"]
    assert {row["ndc"] for row in buyer.get("ratings/?enrolled=no").json()["results"]} == {"000001-0001", world.own.ndc}
    assert [row["ndc"] for row in buyer.get("ratings/?status=cannot_be_computed").json()["results"]] == ["099902-0202"]


def test_the_list_has_the_filters_of_the_page(machine: Any, world: World) -> None:
    buyer = machine("purchaser")

    def found(query: str) -> list[str]:
        return [row["ndc"] for row in buyer.get(f"ratings/?{query}").json()["results"]]

    other = "099902-0202"
    assert found("in_shortage=yes") == [OWN]
    assert found("in_shortage=no") == [other]
    assert found("band=3") == [OWN]
    assert found("band=3&band=2") == [OWN, other]
    assert found("q=99902-0202") == [other]
    assert found("labeler=ownfirm") == [OWN]
    assert found("molecule=walkamine&min_score=55") == [OWN]
    assert found("molecule=nothing") == []


def test_filters_follow_the_directory(machine: Any, world: World) -> None:
    """What a labeler or a route is called is looked up anew, though statements are kept."""
    buyer = machine("purchaser")

    def found(query: str) -> list[str]:
        return [row["ndc"] for row in buyer.get(f"ratings/?{query}").json()["results"]]

    assert [found(query) for query in ("labeler=zyxcorp", "route=otic")] == [[], []]
    Product.objects.filter(ndc=OWN).update(labeler_name="Zyxcorp", route="OTIC; RECTAL")
    assert [found(query) for query in ("labeler=zyxcorp", "route=otic")] == [[OWN], [OWN]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("band=9", "band"),
        ("bnad=3", "bnad"),
        ("sort=score", "sort"),
        ("min_score=x", "min_score"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("cursor=x", "cursor"),
        ("cursor=MDAwMDAxLTAwMDEAAA", "cursor"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-11-01T00:00:00", "updated_since"),
        ("updated_since=999999999999999999", "updated_since"),
        ("q=%00", "q"),
    ],
)
def test_a_wrong_parameter_is_named(machine: Any, query: str, parameter: str) -> None:
    response = machine("purchaser").get(f"ratings/?{query}")
    assert response.status_code == 400
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]


def test_list_look_up_and_detail_say_the_same(machine: Any, world: World) -> None:
    """Also of a band that the buffer keeps: 69.0 is Moderate, kept as High, and a gate lowers it again."""
    head = ProductRating.objects.select_related("published_snapshot").get(product=world.other)
    kept = head.published_snapshot
    assert kept is not None
    kept.pk, kept.score, kept.band_uncapped, kept.band, kept.gates = None, 69.0, 4, 3, 0b010
    kept.save(force_insert=True)
    ProductRating.objects.filter(pk=head.pk).update(published_snapshot=kept, score=69.0, band=3)
    product = Product.objects.create(ndc="000001-0001", display_ndc="0001-0001", nonproprietary_name="plain")
    told = ("gates", "in_shortage", "is_on_watch")
    expected = {
        OWN: (["active_shortage", "official_action"], True, False),
        "099902-0202": (["official_action"], False, True),
        product.ndc: ([], False, False),
    }
    buyer = machine("purchaser")
    listed = [row for some in ("yes", "no") for row in buyer.get(f"ratings/?enrolled={some}").json()["results"]]
    looked_up = [row["rating"] for row in buyer.post("ratings/lookup/", {"ndcs": [*expected]}).json()["results"]]
    details = [buyer.get(f"ratings/{ndc}/").json() for ndc in expected]
    for rows in (listed, looked_up, details):
        assert {row["ndc"]: tuple(row[name] for name in told) for row in rows} == expected


def test_history_has_its_causes(machine: Any, world: World) -> None:
    KpiSubmission.objects.filter(product=world.own).update(fill_rate_numerator=500_000_000)
    settle(world.own)
    for reader, tells in (("purchaser", False), ("editor", True)):
        newest, first = machine(reader).get(f"ratings/{OWN}/history/").json()["results"]
        assert first["causes"] == [{"domain": "status", "text": "First result"}]
        assert newest["change"] == round(newest["score"] - first["score"], 1) < 0
        assert [cause["domain"] for cause in newest["causes"]] == ["delivery"]
        assert ("500,000,000" in newest["causes"][0]["text"]) == tells


def test_a_molecule_counts(machine: Any, world: World) -> None:
    Product.objects.create(ndc="000001-0001", display_ndc="0001-0001", molecule="WALKAMINE")
    [row] = machine("purchaser").get("molecules/").json()["results"]
    scores = sorted(ProductRating.objects.values_list("score", flat=True))
    assert row == {
        "molecule": "WALKAMINE",
        "products": 3,
        "enrolled": 2,
        "manufacturers": 2,
        "rated": 2,
        "lowest_score": scores[0],
        "best_score": scores[1],
        "bands": [
            {"band": 5, "label": "Very high", "products": 0},
            {"band": 4, "label": "High", "products": 0},
            {"band": 3, "label": "Moderate", "products": 1},
            {"band": 2, "label": "Low", "products": 1},
            {"band": 1, "label": "Very low", "products": 0},
        ],
        "in_shortage": 1,
    }
    assert machine("purchaser").get("molecules/walkamine/").json() == row
    assert machine("purchaser").get("molecules/NOSUCH/").status_code == 404
    assert machine("purchaser").get("molecules/?enrolled=no").json()["results"] == []


def test_the_methodology_is_the_whole_file(machine: Any) -> None:
    told = machine("assessor").get("methodology/2026.1/").json()
    assert sum(domain["weight"] for domain in told["domains"]) == pytest.approx(1)
    rules = {rule["code"]: rule for domain in told["domains"] for rule in domain["indicators"]}
    assert rules["fill_rate"]["curve"] == [[0.80, 0], [0.90, 50], [0.95, 80], [0.98, 100]]
    assert [gate["code"] for gate in told["gates"]] == ["active_shortage", "official_action", "single_point_of_failure"]
    assert told["bands"]["steps"][0] == {"number": 5, "label": "Very high", "from": 85.0}
    assert told["in_force_from"] == "2026-01-01"
    assert machine("assessor").get("methodology/1999.1/").status_code == 404
    assert [row["version"] for row in machine("assessor").get("methodology/").json()["results"]] == ["2026.1"]


def test_products_and_shortages(machine: Any, world: World) -> None:
    buyer = machine("purchaser")
    assert [row["ndc"] for row in buyer.get("products/?labeler=own").json()["results"]] == [OWN]
    assert [package["ndc"] for package in buyer.get(f"products/{OWN}/").json()["packages"]] == [f"{OWN}-01"]
    [entry] = buyer.get(f"shortages/?product_ndc={OWN}&status=current").json()["results"]
    assert (entry["package_ndc"], entry["status"]) == (f"{OWN}-01", "current")
    assert buyer.get("shortages/?status=resolved").json()["results"] == []


@pytest.mark.parametrize("path", [f"ratings/{OWN}/", f"products/{OWN}/", "molecules/WALKAMINE/", "methodology/2026.1/"])
def test_what_has_not_changed_is_not_sent_again(machine: Any, path: str) -> None:
    buyer = machine("purchaser")
    first = buyer.get(path)
    again = buyer.get(path, **{"If-None-Match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert buyer.get(path, **{"If-None-Match": 'W/"other"'}).status_code == 200


def test_a_new_result_has_a_new_etag(machine: Any, world: World) -> None:
    buyer = machine("purchaser")
    before = buyer.get(f"ratings/{OWN}/")["ETag"]
    KpiSubmission.objects.filter(product=world.own).update(fill_rate_numerator=500_000_000)
    settle(world.own)
    after = buyer.get(f"ratings/{OWN}/", **{"If-None-Match": before})
    assert after.status_code == 200
    assert after["ETag"] != before


@pytest.mark.parametrize(
    ("reader", "path", "count"),
    [
        ("purchaser", "ratings/", 4),  # token, count, horizon, rows
        ("purchaser", "ratings/?band=3&in_shortage=yes", 4),
        ("purchaser", f"ratings/{OWN}/", 3),  # token, count, row
        ("purchaser", f"ratings/{OWN}/history/", 4),
        ("purchaser", f"ratings/{OWN}/explanation/", 3),
        ("operator", f"ratings/{OWN}/explanation/", 5),  # establishments' names, the note of the view
        ("purchaser", "products/", 3),
        ("purchaser", f"products/{OWN}/", 4),
        ("purchaser", "molecules/", 3),
        ("purchaser", "shortages/", 3),
        ("operator", "establishments/", 3),
        ("purchaser", "methodology/2026.1/", 3),
    ],
)
def test_the_number_of_queries(machine: Any, reader: str, path: str, count: int) -> None:
    asker = machine(reader)
    asker.get(path)  # what is compiled once, and the hour's note of the token's use
    with CaptureQueriesContext(connection) as captured:
        assert asker.get(path).status_code == 200
    assert len(captured) == count, [query["sql"][:200] for query in captured]
