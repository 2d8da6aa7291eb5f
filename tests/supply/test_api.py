"""Supply nodes by machine: read as of a day, put as from a day, refused with every fault at once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind
from dscr.audit.models import AuditEntry
from products.api import supply
from products.models import Product, SupplyNode
from products.services.supply_chain import Wanted, chain_change, chain_on, nodes_of
from qmm.models import Establishment, EstablishmentIdentifier
from ratings.models import StaleMark
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem

DAY = timedelta(days=1)


@pytest.fixture
def maker(editor: User) -> Machine:
    return Machine(editor)


@pytest.fixture
def address(product: Product) -> str:
    return f"products/{product.ndc}/supply-nodes/"


def as_given(node: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A node that was read, as it is put."""
    kept = {name: node[name] for name in ("stage", "share", "is_qualified", "last_batch_on")}
    return kept | {"establishment": node["establishment"]["id"]} | changes


def chain(asked: Machine, address: str) -> list[dict[str, Any]]:
    return [as_given(node) for node in asked.get(address).json()["nodes"]]


def put(asked: Machine, address: str, nodes: Any, day: date, **headers: str) -> Any:
    given = {"valid_from": day.isoformat(), "nodes": nodes}
    return asked.put(address, given, if_match=asked.get(address)["ETag"], **headers)


def test_the_chain_is_read_as_of_a_day(
    maker: Machine,
    address: str,
    product: Product,
    editor: User,
    newcomer: Establishment,
    today: date,
) -> None:
    planned = today + 30 * DAY
    chain_change(product, on=planned, wanted={"api": [Wanted(newcomer.pk, 1.0, True, today)]}, user=editor)
    now = maker.get(address)
    assert (now.json()["ndc"], now.json()["as_of"]) == (product.ndc, today.isoformat())
    assert now.json()["planned"] == [{"stage": "api", "on": planned.isoformat()}]
    assert len(now.json()["nodes"]) == len(chain_on(nodes_of(product), today))
    later = maker.get(f"{address}?as_of={planned}").json()
    (node,) = [node for node in later["nodes"] if node["stage"] == "api"]
    assert node == {
        "id": node["id"],
        "stage": "api",
        "establishment": {
            "id": newcomer.pk,
            "name": "Basel Actives",
            "address": "1 Rheinweg, Basel",
            "country": "CHE",
            "fei": "3009990001",
            "duns": [],
        },
        "share": 1.0,
        "is_qualified": True,
        "last_batch_on": today.isoformat(),
        "valid_from": planned.isoformat(),
        "valid_to": None,
        "voided_at": None,
        "void_reason": "",
    }
    assert later["planned"] == []
    assert maker.get(f"{address}?as_of={today - 900 * DAY}").json()["nodes"] == []
    for wrong in ("?as_of=1800-01-01", "?as_of=x", "?on=2026-01-01"):
        assert_problem(maker.get(address + wrong), 400, "invalid-request")
    seen = AuditEntry.objects.filter(action="viewed", kind="product", subject_id=product.pk, user_id=editor.pk)
    assert set(seen.values_list("detail", flat=True)) == {"supply chain"}


def test_a_put_holds_from_its_day_and_leaves_a_mark(
    maker: Machine,
    address: str,
    product: Product,
    newcomer: Establishment,
    today: date,
) -> None:
    before = [node for node in chain(maker, address) if node["stage"] == "api"]
    others = [node for node in chain(maker, address) if node["stage"] != "api"]
    EstablishmentIdentifier.objects.create(establishment=newcomer, scheme="duns", value="123456789")
    StaleMark.objects.all().delete()
    new = [
        {**before[0], "share": 0.7},
        {"stage": "api", "duns": "12-345-6789", "share": 0.3, "is_qualified": True, "last_batch_on": str(today)},
    ]
    answer = put(maker, address, [*others, *new], today)
    assert answer.status_code == 200
    held = [node for node in chain_on(nodes_of(product), today) if node.stage == "api"]
    assert {node.establishment_id: node.share for node in held} == {before[0]["establishment"]: 0.7, newcomer.pk: 0.3}
    assert answer["ETag"] == maker.get(address)["ETag"]
    assert [as_given(node) for node in answer.json()["nodes"]] == chain(maker, address)
    assert set(StaleMark.objects.values_list("kind", "key")) == {("product", product.pk)}
    yesterday = maker.get(f"{address}?as_of={today - DAY}").json()["nodes"]
    assert [as_given(node) for node in yesterday if node["stage"] == "api"] == before
    same = put(maker, address, chain(maker, address), today)
    assert same["ETag"] == answer["ETag"]  # nothing changed


def test_a_stage_that_is_not_given_is_taken_out(maker: Machine, address: str, product: Product, today: date) -> None:
    kept = [node for node in chain(maker, address) if node["stage"] != "testing"]
    assert put(maker, address, kept, today).status_code == 200
    assert {node.stage for node in chain_on(nodes_of(product), today)} == {node["stage"] for node in kept}


def test_all_that_is_wrong_is_said_at_once(
    maker: Machine,
    address: str,
    newcomer: Establishment,
    today: date,
) -> None:
    hidden = Establishment.objects.create(name="Hidden", country="USA")
    EstablishmentIdentifier.objects.create(establishment=hidden, scheme="fei", value="3008880001")
    stored = list(SupplyNode.objects.order_by("pk").values())
    ok = {"stage": "fdf", "fei": "3009990001", "share": 1}
    wrong = [
        {**ok, "stage": "mixing", "share": 60, "is_qualified": "yes", "last_batch_on": "May"},
        {**ok, "fei": "3008880001", "is_qualified": True},
        {**ok, "fei": None, "duns": "999999999", "last_batch_on": str(today + DAY)},
        {**ok, "fei": None, "establishment": hidden.pk, "last_batch_on": "1980-01-01"},
        {**ok, "establishment": newcomer.pk, "lines": 3},
        {"stage": "fdf", "share": True},
        ok,
        ok,
        [],
    ]
    refused = put(maker, address, wrong, today)
    assert_problem(refused, 400, "invalid-request")
    named = "Name the establishment by one of its id (establishment), its fei or its duns."
    may = "that you may name. Search for it."
    assert {item["pointer"]: item["detail"] for item in refused.json()["errors"]} == {
        "#/nodes/0/stage": "Give one of ksm, api, fdf, packaging, testing.",
        "#/nodes/0/share": "Give a share from 0 to 1; “60” is not one. 0 is a backup.",
        "#/nodes/0/is_qualified": "Give true or false.",
        "#/nodes/0/last_batch_on": "Give a date as year-month-day, such as 2026-03-31; “May” is not one.",
        "#/nodes/1/fei": f"There is no establishment with the FEI “3008880001” {may}",
        "#/nodes/1/last_batch_on": "A qualified establishment needs the date of its last batch.",
        "#/nodes/2/duns": f"There is no establishment with the DUNS number “999999999” {may}",
        "#/nodes/2/last_batch_on": f"Give a date that is not in the future; {today + DAY} is.",
        "#/nodes/3/establishment": f"There is no establishment with the id “{hidden.pk}” {may}",
        "#/nodes/3/last_batch_on": "Give a date after 1990; 1980-01-01 is before.",
        "#/nodes/4/lines": "Unknown. Known are: stage, establishment, fei, duns, share, is_qualified, last_batch_on.",
        "#/nodes/4/establishment": named,
        "#/nodes/5/share": "Give a share from 0 to 1; “True” is not one. 0 is a backup.",
        "#/nodes/5/establishment": named,
        "#/nodes/7/fei": "Finished dose: this establishment stands there twice. Give it once.",
        "#/nodes/8": "Give an object with stage, establishment, fei, duns, share, is_qualified, last_batch_on.",
    }
    assert list(SupplyNode.objects.order_by("pk").values()) == stored


def test_shares_that_do_not_add_up_are_named_with_their_sum(
    maker: Machine,
    address: str,
    newcomer: Establishment,
    today: date,
) -> None:
    nodes = [
        {"stage": "api", "fei": "3009990001", "share": 0.9},
        {"stage": "fdf", "fei": "3001000001", "share": 0.8},
        {"stage": "fdf", "fei": "3009990001", "share": 0.4},
    ]
    refused = put(maker, address, nodes, today)
    assert [(item["pointer"], item["detail"]) for item in refused.json()["errors"]] == [
        ("#/nodes", "Active ingredient (API): the shares add up to 0.9, not 1: 0.1 too little."),
        ("#/nodes", "Finished dose: the shares add up to 1.2, not 1: 0.2 too much."),
    ]


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ([], {"#"}),
        ({}, {"#/valid_from", "#/nodes"}),
        ({"valid_from": "soon", "nodes": [], "node": 1}, {"#/valid_from", "#/node"}),
        ({"valid_from": "2500-01-01", "nodes": [{}] * 101}, {"#/valid_from", "#/nodes"}),
        ({"valid_from": 20260101, "nodes": []}, {"#/valid_from"}),
    ],
)
def test_a_body_that_is_no_chain(maker: Machine, address: str, given: Any, pointers: set[str]) -> None:
    refused = maker.put(address, given, if_match=maker.get(address)["ETag"])
    assert {item["pointer"] for item in assert_problem(refused, 400, "invalid-request")["errors"]} == pointers


def test_a_write_says_which_version_it_means(
    maker: Machine,
    address: str,
    product: Product,
    editor: User,
    newcomer: Establishment,
    today: date,
) -> None:
    given = {"valid_from": str(today), "nodes": []}
    assert_problem(maker.put(address, given), 428, "precondition-required")
    tag = maker.get(address)["ETag"]
    chain_change(product, on=today, wanted={"api": [Wanted(newcomer.pk, 1.0, True, today)]}, user=editor)
    assert_problem(maker.put(address, given, if_match=tag), 412, "precondition-failed")
    assert len(chain_on(nodes_of(product), today)) > 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told_that_it_changed(
    maker: Machine,
    address: str,
    product: Product,
    newcomer: Establishment,
    today: date,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both read the same chain and pass If-Match; the lock decides."""
    tag, both, change = maker.get(address)["ETag"], threading.Barrier(2), supply.chain_change

    def together(*args: Any, **kwargs: Any) -> int:
        both.wait(20)
        return change(*args, **kwargs)

    monkeypatch.setattr(supply, "chain_change", together)
    statuses = []

    def write(stage: str) -> None:
        nodes = [{"stage": stage, "fei": "3009990001", "share": 1}]
        try:
            answer = maker.put(address, {"valid_from": str(today), "nodes": nodes}, if_match=tag)
            statuses.append(answer.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(stage,)) for stage in ("api", "fdf")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(statuses) == [200, 412]
    assert len(chain_on(nodes_of(product), today)) == 1


def test_it_is_done_once_for_its_key(maker: Machine, address: str, newcomer: Establishment, today: date) -> None:
    tag = maker.get(address)["ETag"]
    given = {"valid_from": str(today), "nodes": [{"stage": "fdf", "fei": "3009990001", "share": 1}]}
    first, again = (maker.put(address, given, if_match=tag, idempotency_key="k") for _ in range(2))
    assert (first.status_code, again.content, again["ETag"]) == (200, first.content, first["ETag"])
    assert SupplyNode.objects.filter(establishment=newcomer).count() == 1


def test_the_history_holds_what_never_held_too(
    maker: Machine,
    address: str,
    product: Product,
    editor: User,
    newcomer: Establishment,
    today: date,
) -> None:
    for share, other in ((1.0, True), (1.0, False)):
        chain_change(product, on=today, wanted={"ksm": [Wanted(newcomer.pk, share, other, today)]}, user=editor)
    nodes = maker.get(f"{address}history/").json()["nodes"]
    assert len(nodes) == SupplyNode.objects.filter(product=product).count()
    (voided,) = [node for node in nodes if node["voided_at"]]
    assert voided["void_reason"] == f"Replaced on the day it began, {today}, by {editor}"
    days = [node["valid_from"] for node in nodes]
    assert days == sorted(days, reverse=True)


def test_few_queries_however_long_the_chain(
    maker: Machine,
    address: str,
    today: date,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    maker.get(address)
    with django_assert_num_queries(6):  # token, requests, product, nodes, numbers, note
        assert maker.get(address).status_code == 200
    with django_assert_num_queries(6):
        assert maker.get(f"{address}history/").status_code == 200


# --- Finding establishments -------------------------------------------------------------------------------------------


def search(asked: Machine, **query: str) -> list[str]:
    return [row["name"] for row in asked.get(f"establishments/search/?{_query(query)}").json()["results"]]


def _query(query: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in query.items())


def test_establishments_are_found_by_number_name_and_place(
    maker: Machine,
    newcomer: Establishment,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    EstablishmentIdentifier.objects.create(establishment=newcomer, scheme="duns", value="123456789")
    for query in ({"fei": "3009990001"}, {"duns": "123456789"}, {"q": "rheinweg"}, {"q": "Basel+300999"}):
        assert search(maker, **query) == ["Basel Actives"], query
    assert search(maker, fei="3009990002") == []
    with django_assert_num_queries(4):  # token, requests, establishments, numbers
        answer = maker.get("establishments/search/?q=basel").json()
    assert answer == {
        "results": [
            {
                "id": newcomer.pk,
                "name": "Basel Actives",
                "address": "1 Rheinweg, Basel",
                "country": "CHE",
                "fei": "3009990001",
                "duns": ["123456789"],
            }
        ],
        "has_more": False,
    }
    for wrong in ("", "?fei=12", "?duns=1", "?q=a&fei=3009990001", "?name=x"):
        assert_problem(maker.get(f"establishments/search/{wrong}"), 400, "invalid-request")


def test_a_site_given_in_confidence_is_found_by_its_firm_alone(maker: Machine, editor: User) -> None:
    other = Organisation.objects.create(name="Other", kinds=[OrganisationKind.MANUFACTURER])
    for firm, name in ((editor.membership.organisation, "Ours in secret"), (other, "Theirs in secret")):
        Establishment.objects.create(name=name, country="USA", reported_by=firm)
    assert search(maker, q="secret") == ["Ours in secret"]


def test_no_more_than_fifty_are_told(maker: Machine) -> None:
    Establishment.objects.bulk_create(
        Establishment(name=f"Many {n:02}", country="USA", last_seen_on=date(2026, 1, 1)) for n in range(51)
    )
    answer = maker.get("establishments/search/?q=many").json()
    assert (len(answer["results"]), answer["has_more"]) == (50, True)
