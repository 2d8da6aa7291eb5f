"""What is every maker's own by machine: its drafts, its products and the sites it may name."""

from typing import Any

import pytest

from products.models import KpiDraft
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.walk.world import World


def drafts(asked: Machine) -> list[dict[str, Any]]:
    return asked.get("kpi-drafts/?page_size=200").json()["results"]


@pytest.mark.parametrize(
    ("reader", "status"),
    [("editor", 200), ("attestor", 200), *((name, 404) for name in (
        "editor outside", "attestor outside", "contact", "purchaser", "assessor", "lead assessor", "operator",
        "coordinator", "auditor",
    ))],
)  # fmt: skip
def test_only_the_makers_of_a_product_read_and_write_its_drafts(
    machine: Any, world: World, reader: str, status: int
) -> None:
    asked, address = machine(reader), f"kpi-drafts/{world.own.ndc}/{world.drafted}/"
    tag = machine("editor").get(address)["ETag"]
    assert asked.get(address).status_code == status
    assert asked.patch(address, {"answers": {"shelf_life_months": 25}}, if_match=tag).status_code == status
    text = asked.get("kpi-drafts/").content.decode()
    assert (world.own.ndc in text) == (status == 200)
    assert KpiDraft.objects.filter(answers__shelf_life_months="25").exists() == (status == 200)


def test_drafts_of_others_products_are_nothing(machine: Any, world: World) -> None:
    [own], [other] = drafts(machine("editor")), drafts(machine("editor outside"))
    given = {"quarter_end": str(world.quarter), "drafts": [{"ndc": other["ndc"], "etag": other["etag"], "answers": {}}]}
    refused = assert_problem(machine("attestor").put("kpi-drafts/", given), 400, "invalid-request")
    assert [item["pointer"] for item in refused["errors"]] == ["#/drafts/0/ndc"]
    assert own["ndc"] == world.own.ndc
    for reader in ("contact", "purchaser", "assessor", "operator", "auditor", "coordinator"):
        assert_problem(machine(reader).put("kpi-drafts/", given), 404, "not-found")


SUPPLY_ANSWERS = {
    "editor": (200, 400, 200),
    "attestor": (200, 400, 200),
    "operator": (404, 404, 200),
    "auditor": (404, 404, 200),
}


@pytest.mark.parametrize(
    "reader",
    ["editor", "attestor", "editor outside", "contact", "purchaser", "assessor", "operator", "coordinator", "auditor"],
)
def test_only_makers_write_supply_chains_and_oversight_reads_the_history(
    machine: Any,
    world: World,
    reader: str,
) -> None:
    asked, address = machine(reader), f"products/{world.own.ndc}/supply-nodes/"
    tag = machine("editor").get(address)["ETag"]
    answers = (
        asked.get(address),
        asked.put(address, {"nodes": []}, if_match=tag),
        asked.get(f"{address}history/"),
    )
    assert tuple(answer.status_code for answer in answers) == SUPPLY_ANSWERS.get(reader, (404, 404, 404))
    text = "".join(answer.content.decode() for answer in answers)
    assert [canary for canary in world.forbidden(reader) if canary in text] == []


def test_only_makers_search_establishments(machine: Any, world: World) -> None:
    for reader in ("contact", "purchaser", "assessor", "operator", "auditor", "coordinator"):
        assert_problem(machine(reader).get("establishments/search/?q=plant"), 404, "not-found")
    assert "Quibblemoor" not in machine("editor").get("establishments/search/?q=Quibblemoor").content.decode()
