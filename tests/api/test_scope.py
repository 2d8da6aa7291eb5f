"""Every endpoint as every role: what is theirs, and no canary of what is not."""

from typing import Any

import pytest

from dscr.access.rules import opens, rule_of
from dscr.audit.models import AuditEntry
from tests.walk.world import MAKERS, OVERSIGHT, READERS, World

NAMES = {
    "ratings/": "api:rating-list",
    "ratings/099901-0101/": "api:rating-detail",
    "ratings/099901-0101/history/": "api:rating-history",
    "ratings/099901-0101/explanation/": "api:rating-explanation",
    "molecules/": "api:molecule-list",
    "molecules/WALKAMINE/": "api:molecule-detail",
    "products/": "api:product-list",
    "products/099901-0101/": "api:product-detail",
    "shortages/": "api:shortage-list",
    "establishments/": "api:establishment-list",
    "questionnaire/": "api:questionnaire",
    "kpi-drafts/": "api:kpi-draft-list",
    "establishments/search/?q=quibblemoor": "api:establishment-search-list",
    "methodology/": "api:methodology-list",
    "methodology/2026.1/": "api:methodology-detail",
}


@pytest.mark.parametrize("reader", READERS)
def test_every_endpoint_tells_a_role_no_more_than_its_scope(machine: Any, world: World, reader: str) -> None:
    asker, hidden = machine(reader), world.forbidden(reader)
    # The look-up of codes and the establishments, by number, whoever owns them.
    answers = [(path, asker.get(path)) for path in NAMES]
    answers += [
        (f"establishments/{site.pk}/", asker.get(f"establishments/{site.pk}/"))
        for site in (world.plant, world.supplier)
    ]
    answers.append(("ratings/lookup/", asker.post("ratings/lookup/", {"ndcs": [world.own.ndc, world.other.ndc]})))
    for path, response in answers:
        text = response.content.decode()
        assert [canary for canary in hidden if canary in text] == [], f"{path} as {reader}"
        if path in NAMES:
            expected = 200 if opens(rule_of(NAMES[path]), asker.token.user) else 404
            assert response.status_code == expected, path


@pytest.mark.parametrize("path", NAMES)
def test_without_a_token_there_is_nothing(machine: Any, path: str) -> None:
    response = machine().get(path)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Token realm="DSCR"'
    assert response.json()["type"] == "urn:dscr:problem:not-authenticated"


@pytest.mark.parametrize(
    "reader", ["purchaser", "coordinator", "contact", "editor outside", *sorted(OVERSIGHT | MAKERS)]
)
def test_an_explanation_is_as_deep_as_the_reader_sees(machine: Any, world: World, reader: str) -> None:
    told = machine(reader).get(f"ratings/{world.own.ndc}/explanation/").json()
    assert sum(domain["points_lost"] for domain in told["domains"]) == told["points_lost"]
    assert all(isinstance(domain["points_lost"], int) for domain in told["domains"])
    sees = reader in OVERSIGHT | MAKERS
    assert (told["figures"] is not None) == sees
    if sees:
        nodes = [node for stage in told["figures"]["stages"] for node in stage["establishments"]]
        assert {node["name"] for node in nodes} >= {"Zyxwarren Plant", "Quibblemoor Chemicals"}
        reads_supplier = reader in OVERSIGHT
        levels = {node["level"] for node in nodes if node["name"] == "Quibblemoor Chemicals"}
        assert (levels == {4.291}) == reads_supplier
    viewed = AuditEntry.objects.filter(action="viewed", kind="product", subject_id=world.own.pk)
    assert viewed.exists() == sees


EVERY_SITE = [
    "Zyxwarren Plant",
    "Quibblemoor Chemicals",
    "Otherfirm Plant",
    "Otherfirm Works",
    "Grommelsby Works",
    "Wuffington East",  # to which another record was merged
]


@pytest.mark.parametrize(
    ("reader", "sites", "levels"),
    [
        ("operator", EVERY_SITE, True),
        ("coordinator", EVERY_SITE, False),
        ("editor", ["Zyxwarren Plant"], True),
        ("contact", ["Zyxwarren Plant"], True),
        ("assessor", ["Zyxwarren Plant"], True),
        ("assessor outside", ["Otherfirm Plant"], None),
        ("editor outside", ["Otherfirm Plant", "Otherfirm Works"], None),
    ],
)
def test_establishments_by_role(machine: Any, world: World, reader: str, sites: list[str], levels: bool | None) -> None:
    asker = machine(reader)
    assert [row["name"] for row in asker.get("establishments/").json()["results"]] == sites
    response = asker.get(f"establishments/{world.plant.pk}/")
    assert response.status_code == (200 if "Zyxwarren Plant" in sites else 404)
    if levels is not None:
        [assessment] = response.json()["assessments"]
        assert (assessment["levels"] is not None) == levels
        if levels:
            assert assessment["levels"]["advanced_pqs"] == 3.137


@pytest.mark.parametrize("reader", ["purchaser", "editor"])
def test_nobody_changes_a_score(machine: Any, world: World, reader: str) -> None:
    asker = machine(reader)
    for verb in ("post", "put", "patch", "delete"):
        response = getattr(asker.client, verb)(
            f"/api/v1/ratings/{world.own.ndc}/", "{}", content_type="application/json", headers=asker.headers
        )
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD"
        assert response.json()["type"] == "urn:dscr:problem:method-not-allowed"
