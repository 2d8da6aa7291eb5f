"""Pairs, merges and their undoing by API: the same services as the pages, the same refusals, the operator's only."""

from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import Product, SupplyNode
from qmm.models import AssessmentCase, DuplicatePair, Establishment, EstablishmentIdentifier, EstablishmentMerge
from ratings.models import StaleMark
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.mergers.conftest import SUPPLIER, WHY, merged
from tests.pages import factory

PAIRS, MERGES = "establishments/duplicates/", "establishments/merges/"
MOVED = {"identifiers": 1, "assessments": 1, "inspections": 0, "cases": 0, "contacts": 0, "evidence": 0}


@pytest.fixture
def office(operator: User) -> Machine:
    return Machine(operator)


def preview(office: Machine, stays: Establishment, goes: Establishment) -> Any:
    return office.get(f"{MERGES}preview/?stays={stays.pk}&goes={goes.pk}")


class TestPairs:
    def test_found_listed_and_kept_apart(
        self, office: Machine, operator: User, stays: Establishment, goes: Establishment, django_assert_num_queries: Any
    ) -> None:
        case = AssessmentCase.objects.create(establishment=goes, requested_on=timezone.localdate())
        assert office.get(PAIRS).json() == {"next": None, "results": []}
        assert office.post(f"{PAIRS}find/", {}).json() == {"waiting": 1}
        with django_assert_num_queries(9):  # token, count of requests, pairs, and six of their records
            [row] = office.get(PAIRS).json()["results"]
        assert (row["signals"], row["likeness"], row["apart_at"]) == (["same_name"], 1.0, None)
        first, second = row["first"], row["second"]
        assert (first["id"], first["fei"], first["duns"], first["owner"]) == (stays.pk, "3001000002", [], SUPPLIER)
        assert (first["products"], first["supply_nodes"], first["open_case"]) == (2, 2, None)
        assert (second["id"], second["fei"], second["duns"], second["owner"]) == (goes.pk, None, ["912345678"], None)
        assert (second["products"], second["supply_nodes"], second["open_case"]) == (1, 1, case.pk)
        assert first["last_seen_on"] == "2026-01-01"
        apart = f"{PAIRS}{row['id']}/apart/"
        for wrong in ({}, {"reason": " "}, {"reason": "x" * 301}, {"reason": "a\0"}, {"reason": "x", "why": "y"}, []):
            assert_problem(office.post(apart, wrong), 400, "invalid-request")
        said = office.post(apart, {"reason": "Two licenses"}, **{"Idempotency-Key": "a1"})
        assert (said.json()["apart_reason"], said.json()["apart_by"]) == ("Two licenses", str(operator))
        assert office.post(apart, {"reason": "Two licenses"}, **{"Idempotency-Key": "a1"}).json() == said.json()
        told = assert_problem(office.post(apart, {"reason": "Two licenses"}), 409, "merge-refused")
        assert told["detail"] == "Somebody said so before."
        assert office.get(PAIRS).json()["results"] == []
        assert office.get(f"{PAIRS}?state=apart").json()["results"] == [said.json()]
        assert_problem(office.get(f"{PAIRS}?state=gone"), 400, "invalid-request")
        assert office.post(f"{PAIRS}9999999999999999999999/apart/", {"reason": "x"}).status_code == 404

    def test_pages_of_pairs(self, office: Machine, stays: Establishment, django_assert_num_queries: Any) -> None:
        for number in range(12):
            Establishment.objects.create(name=f"Corvo Labs {number // 2}", country="ITA")
        count = office.post(f"{PAIRS}find/", {}).json()["waiting"]
        found: list[int] = []
        address = f"{PAIRS}?page_size=5"
        while address:
            with django_assert_num_queries(9):
                page = office.get(address).json()
            found += [row["id"] for row in page["results"]]
            address = page["next"]
        assert len(found) == count > 5
        assert found == sorted(set(found))


class TestMerge:
    def test_seen_made_and_undone(
        self,
        office: Machine,
        operator: User,
        pair: tuple[Product, Product],
        stays: Establishment,
        goes: Establishment,
        django_assert_num_queries: Any,
    ) -> None:
        nodes = sorted(SupplyNode.objects.values_list("pk", "establishment", "voided_at"))
        seen = preview(office, stays, goes).json()
        assert (seen["refusals"], seen["products"], seen["products_scored"]) == ([], 2, 2)
        assert seen["summary"] == "One number and one assessment move. Two overlapping supply nodes become two."
        assert seen["moved"] == MOVED | {"supply_nodes": 0, "supply_nodes_replaced": 2, "supply_nodes_made": 2}
        [joint] = seen["joined_nodes"]
        assert (joint["ndc"], joint["stage"]) == (pair[0].ndc, "api")
        assert [(node["share"], node["is_qualified"]) for node in joint["before"]] == [(0.2, True), (0.4, False)]
        assert [(node["share"], node["is_qualified"]) for node in joint["after"]] == [(0.2, True), (0.6, True)]
        assert seen["effect"].startswith("Of 2 products, 2 rise.")
        assert len(seen["effects"]) == 2
        assert all(row["score_then"] > row["score_now"] for row in seen["effects"])
        assert seen["access"][0] == "Ashvale Group owns the site and reads all that is known of it."
        assert not EstablishmentMerge.objects.exists()
        assert sorted(SupplyNode.objects.values_list("pk", "establishment", "voided_at")) == nodes
        assert not StaleMark.objects.exists()

        asked = {"stays": stays.pk, "goes": goes.pk, "seen": seen["seen"], "reason": WHY}
        made = office.post(MERGES, asked, **{"Idempotency-Key": "m1"})
        assert made.status_code == 201, made.content
        row = made.json()
        assert (row["stays"], row["goes"]["name"]) == ({"id": stays.pk, "name": stays.name}, "Ashvale Chemicals Ltd")
        assert (row["reason"], row["merged_by"], row["moved"]) == (WHY, str(operator), seen["moved"])
        assert office.post(MERGES, asked, **{"Idempotency-Key": "m1"}).json() == row
        assert EstablishmentMerge.objects.get().merged_by == operator
        assert StaleMark.objects.exists()

        short = {name: value for name, value in row.items() if name not in ("summary", "moved", "filled")}
        with django_assert_num_queries(3):  # the token, the count of requests, the merges
            assert office.get(MERGES).json() == {"next": None, "results": [short]}
        for site, found in ((stays.pk, [short]), (goes.pk, [short]), (9_999_999, [])):
            assert office.get(f"{MERGES}?establishment={site}").json()["results"] == found
        one = f"{MERGES}{row['id']}/"
        answer = office.get(one)
        assert answer.json() == row
        assert office.get(one, **{"If-None-Match": answer["ETag"]}).status_code == 304
        assert AuditEntry.objects.filter(action="viewed", kind="establishment-merge").count() == 1

        undo = f"{one}undo/"
        for wrong in ({}, {"reason": ""}, {"reason": "x" * 1_001}, {"because": "x"}):
            assert_problem(office.post(undo, wrong), 400, "invalid-request")
        undone = office.post(undo, {"reason": "Two plants"})
        assert undone.status_code == 200, undone.content
        assert (undone.json()["undone_by"], undone.json()["undone_reason"]) == (str(operator), "Two plants")
        goes.refresh_from_db()
        assert goes.merged_into is None
        told = assert_problem(office.post(undo, {"reason": "Two plants"}), 409, "merge-refused")
        assert told["unmet"] == ["It was undone already."]

    def test_what_changed_since_is_not_merged(self, office: Machine, stays: Establishment, goes: Establishment) -> None:
        asked = {"stays": stays.pk, "goes": goes.pk, "seen": preview(office, stays, goes).json()["seen"], "reason": WHY}
        EstablishmentIdentifier.objects.create(establishment=goes, scheme="duns", value="987654321")
        told = assert_problem(office.post(MERGES, asked), 412, "precondition-failed")
        assert told["detail"].startswith("Something that would move changed since you looked.")
        assert goes.identifiers.count() == 2
        assert not EstablishmentMerge.objects.exists()

    def test_what_stands_against_it(self, office: Machine, stays: Establishment, goes: Establishment) -> None:
        for site in (stays, goes):
            AssessmentCase.objects.create(establishment=site, requested_on=timezone.localdate())
        said = "Both have an open assessment case. Close one of them first: a site has one open case at a time."
        told = preview(office, stays, goes).json()
        assert (told["refusals"], told["seen"], told["moved"], told["effects"]) == ([said], None, None, [])
        asked = {"stays": stays.pk, "goes": goes.pk, "seen": "-", "reason": WHY}
        assert assert_problem(office.post(MERGES, asked), 409, "merge-refused")["unmet"] == [said]
        same = assert_problem(office.post(MERGES, asked | {"goes": stays.pk}), 409, "merge-refused")
        assert same["unmet"] == ["This is one record. Choose two."]

    @pytest.mark.parametrize(
        ("more", "places"),
        [
            ({"stays": 0}, ["#/stays"]),
            ({"stays": 2**63}, ["#/stays"]),
            ({"stays": None}, ["#/stays"]),
            ({"stays": 9_999_999, "goes": 9_999_998}, ["#/stays", "#/goes"]),
            ({"seen": ""}, ["#/seen"]),
            ({"seen": "x" * 41}, ["#/seen"]),
            ({"reason": "  "}, ["#/reason"]),
            ({"reason": "x" * 1_001}, ["#/reason"]),
            ({"reason": "a\0b"}, ["#/reason"]),
            ({"force": True}, ["#/force"]),
        ],
    )
    def test_a_wrong_body(self, office: Machine, stays: Establishment, more: dict[str, Any], places: list[str]) -> None:
        asked = {"stays": stays.pk, "goes": stays.pk, "seen": "-", "reason": WHY} | more
        told = assert_problem(office.post(MERGES, asked), 400, "invalid-request")
        assert [error["pointer"] for error in told["errors"]] == places
        assert not EstablishmentMerge.objects.exists()

    @pytest.mark.parametrize("query", ["", "stays=1", "stays=x&goes=y", "stays=9999999&goes=9999998", "stays=1&at=2"])
    def test_a_wrong_preview(self, office: Machine, query: str) -> None:
        assert_problem(office.get(f"{MERGES}preview/?{query}"), 400, "invalid-request")

    def test_the_queries_of_a_preview_do_not_grow_with_what_moves(
        self,
        office: Machine,
        pair: tuple[Product, Product],
        stays: Establishment,
        goes: Establishment,
        django_assert_num_queries: Any,
    ) -> None:
        preview(office, stays, goes)
        seen = AuditEntry.objects.filter(action="viewed", detail="preview of a merge, with supply nodes")
        assert set(seen.values_list("subject_id", flat=True)) == {stays.pk, goes.pk}
        with django_assert_num_queries(57):
            assert preview(office, stays, goes).json()["moved"]["supply_nodes"] == 0
        for number in range(5):
            EstablishmentIdentifier.objects.create(establishment=goes, scheme="duns", value=f"98765432{number}")
        for stage in ("packaging", "testing"):
            SupplyNode.objects.create(
                product=pair[1], stage=stage, establishment=goes, share=1, valid_from=timezone.localdate()
            )
        with django_assert_num_queries(58):  # the nodes' update
            told = preview(office, stays, goes).json()
        assert (told["moved"]["supply_nodes"], told["moved"]["identifiers"]) == (2, 6)
        assert [(node["ndc"], node["stage"]) for node in told["moving_nodes"]] == [
            (pair[1].ndc, "packaging"),
            (pair[1].ndc, "testing"),
        ]


def test_who_reads_and_who_merges(stays: Establishment, goes: Establishment, operator: User) -> None:
    done = merged(stays, goes, operator)
    twins = [Establishment.objects.create(name="Corvo Labs", country="ITA") for _ in range(2)]
    found = DuplicatePair.objects.create(first=twins[0], second=twins[1], signals=["same_name"], likeness=1)
    reads = [PAIRS, MERGES, f"{MERGES}{done.pk}/"]
    undo, apart = f"{MERGES}{done.pk}/undo/", f"{PAIRS}{found.pk}/apart/"
    asked = {"stays": twins[0].pk, "goes": twins[1].pk, "seen": "-", "reason": WHY}
    auditor = Machine(factory.user_of("Office", Role.AUDITOR))
    assert [auditor.get(address).status_code for address in reads] == [200] * 3
    assert preview(auditor, *twins).status_code == 404
    assert auditor.post(f"{PAIRS}find/", {}).status_code == 404
    for address, body in ((MERGES, asked), (undo, {"reason": "x"}), (apart, {"reason": "x"})):
        told = assert_problem(auditor.post(address, body), 403, "forbidden")
        assert told["detail"] == "The program operator merges records, undoes it and finds that a pair is two sites."
    others = [
        factory.user_of(SUPPLIER, Role.ATTESTOR),
        factory.user_of(SUPPLIER, Role.ESTABLISHMENT_CONTACT, "contact@ashvale.example"),
        factory.user_of("Coordination", Role.COORDINATOR),
        factory.user_of("Buyers", Role.PURCHASER),
        factory.user_of("Assessors", Role.LEAD_ASSESSOR),
    ]
    for user in others:
        other = Machine(user)
        assert {other.get(address).status_code for address in (*reads, f"{MERGES}preview/")} == {404}, user
        for address in (MERGES, undo, apart, f"{PAIRS}find/"):
            assert other.post(address, asked).status_code == 404, (user, address)
    assert Machine(None).get(MERGES).status_code == 401
    assert EstablishmentMerge.objects.get().undone_at is None
    found.refresh_from_db()
    assert found.apart_at is None
