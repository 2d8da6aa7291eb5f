"""What-if and scenarios by API: tried without a trace, kept for the own firm, refused field by field."""

from typing import Any

import pytest

from ratings.models import ProductRating, Scenario
from tests.api.conftest import machine, standing_world, world  # noqa: F401  fixtures
from tests.walk.world import World


def test_the_inputs_have_names_values_and_ranges(machine: Any, world: World) -> None:  # noqa: F811
    answer = machine("editor").get(f"products/{world.own.ndc}/what-if/").json()
    named = {row["name"]: row for row in answer["inputs"]}
    assert named["days_inventory_on_hand"]["value"] == "31313"
    assert named[f"level_{world.plant.pk}"]["value"] == "3.14"
    assert f"level_{world.supplier.pk}" not in named
    assert not [name for name in named if name.startswith("share_api")]


def test_trying_answers_before_and_after(machine: Any, world: World) -> None:  # noqa: F811
    before = ProductRating.objects.get(product=world.own)
    body = {"changes": {"fill_rate_withheld": True, "backup_api": "DEU", "order_to_ship_days": 2}}
    answer = machine("editor").post(f"products/{world.own.ndc}/what-if/", body).json()
    assert answer["before"]["score"] == before.score
    assert answer["changes"] == {"fill_rate_withheld": "1", "backup_api": "DEU", "order_to_ship_days": "2"}
    assert answer["change"] == pytest.approx(answer["after"]["score"] - answer["before"]["score"], abs=0.05)
    assert answer["after"]["coverage"] < answer["before"]["coverage"]
    assert sum(answer["after"]["points_lost"].values()) == pytest.approx(100 - answer["after"]["score"], abs=0.06)
    assert ProductRating.objects.get(product=world.own).published_snapshot_id == before.published_snapshot_id


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        (None, "#/changes"),
        ({"days_inventory_on_hand": "many"}, "#/changes/days_inventory_on_hand"),
        ({"days_inventory_on_hand": [1]}, "#/changes/days_inventory_on_hand"),
        ({"days_inventory_on_hand": "x" * 200}, "#/changes/days_inventory_on_hand"),
        ({"nothing": "1"}, "#/changes"),
    ],
)
def test_what_is_wrong_is_named(machine: Any, world: World, changes: Any, place: str) -> None:  # noqa: F811
    response = machine("editor").post(f"products/{world.own.ndc}/what-if/", {"changes": changes})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [place]


def test_scenarios_are_kept_listed_and_deleted(machine: Any, world: World) -> None:  # noqa: F811
    editor, attestor = machine("editor"), machine("attestor")
    body = {"ndc": world.own.ndc, "name": "Slow", "changes": {"order_to_ship_days": 9, "in_shortage": False}}
    made = editor.post("scenarios/", body)
    assert made.status_code == 201
    assert made.json()["changes"] == {"order_to_ship_days": "9", "in_shortage": "0"}
    listed = attestor.get("scenarios/").json()["results"]
    assert [row["name"] for row in listed] == ["Slow", "Grubblesome stock"]
    assert editor.post("scenarios/", body).status_code == 400
    assert editor.post("scenarios/", {"changes": {}}).status_code == 400
    assert attestor.delete(f"scenarios/{made.json()['id']}/").status_code == 204
    assert not Scenario.objects.filter(name="Slow").exists()


def test_other_firms_find_nothing(machine: Any, world: World) -> None:  # noqa: F811
    outside = machine("editor outside")
    assert outside.get(f"products/{world.own.ndc}/what-if/").status_code == 404
    assert outside.post(f"products/{world.own.ndc}/what-if/", {"changes": {}}).status_code == 404
    assert outside.get("scenarios/").json() == {"results": []}
    assert outside.delete(f"scenarios/{world.scenario.pk}/").status_code == 404
    assert outside.post("scenarios/", {"ndc": world.own.ndc, "name": "x", "changes": {}}).status_code == 404
    for reader in ("operator", "auditor", "contact", "purchaser"):
        assert machine(reader).get("scenarios/").status_code == 404
