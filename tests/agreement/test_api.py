"""Agreement by API: the public figures to everybody, without names; pairs and drift to oversight and oneself."""

import json
from typing import Any

import pytest
from django.test import Client

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from qmm.models import AgreementFigure, AssessorDrift
from qmm.services.agreement import recompute
from tests.agreement.conftest import Finish
from tests.pages import factory

ONE, OTHER = [1, 2, 3, 4, 5, 3, 2, 4], [1, 2, 3, 4, 4, 3, 2, 5]
ADDRESS = "/api/v1/agreement/"


@pytest.fixture
def five(assessors: list[User], finish: Finish) -> list[User]:
    for number in range(5):
        finish(assessors[0], assessors[1 + number % 2], ONE, OTHER)
    recompute()
    return assessors


def test_figures_without_signing_in_and_without_names(five: list[User], client: Client) -> None:
    answer = client.get(f"{ADDRESS}?cycle=2026")
    told, stored = answer.json(), AgreementFigure.objects.get(kind="overall", cycle=2026)
    assert told["overall"]["alpha"] == {
        "value": round(stored.alpha, 4),
        "low": round(stored.alpha_low, 4),
        "high": round(stored.alpha_high, 4),
    }
    counted = [told["overall"][name] for name in ("assessments", "assessors", "pairs_of_levels")]
    assert counted == [5, 3, 40]
    assert [row["code"] for row in told["areas"]] == ["advanced_pqs"]
    assert [row["code"] for row in told["elements"]] == [f"PQ{number}" for number in range(1, 9)]
    assert (told["target"], told["cycles"]) == (0.8, [2026])
    text = json.dumps(told)
    assert not any(str(person) in text or person.email in text for person in five)


def test_too_few_give_a_count_and_no_figure(assessors: list[User], finish: Finish, client: Client) -> None:
    for _ in range(4):
        finish(assessors[0], assessors[1], ONE, OTHER)
    recompute()
    told = client.get(f"{ADDRESS}?cycle=all").json()
    assert (told["assessments"], told["overall"], told["areas"], told["elements"]) == (4, None, [], [])


def test_a_reader_who_knows_the_answer_is_told_so(five: list[User], client: Client) -> None:
    etag = client.get(ADDRESS).headers["ETag"]
    assert client.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("query", ["cycle=26", "cycle=every", "year=2026"])
def test_a_wrong_question_is_refused(query: str, db: None, client: Client) -> None:
    answer = client.get(f"{ADDRESS}?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_pairs_and_drift_are_told_to_oversight_and_noted(
    assessors: list[User], finish: Finish, django_assert_num_queries: Any
) -> None:
    lenient, *others = assessors
    for number in range(6):
        finish(lenient, others[0], [4, 3, 4, 3, 4, 4, 3, 4], [3, 2, 3, 2, 3, 3, 2, 3 + number % 2])
        finish(lenient, others[1], [4, 3, 4, 3, 4, 4, 3, 4], [3, 2, 3, 2, 3, 3, 2, 3 + number % 2])
    recompute()
    office = factory.user_of("Office", Role.OPERATOR)
    client = signed_in(office)
    told = client.get(f"{ADDRESS}assessors/?cycle=2026").json()
    assert [(pair["first"], pair["assessments"], pair["pairs_of_levels"]) for pair in told["pairs"]] == [
        ("Assessor A", 6, 48),
        ("Assessor A", 6, 48),
    ]
    assert told["assessors"][0]["assessor"] == "Assessor A"
    assert [row["is_clear"] for row in told["assessors"]] == [True, False, False]
    assert AuditEntry.objects.filter(action="viewed", label="agreement of assessors", detail="2026").count() == 1
    with django_assert_num_queries(7):  # session, user, the note (2), drifts, calibration, pairs
        client.get(f"{ADDRESS}assessors/")


def test_an_assessor_is_told_the_own_drift_only(five: list[User]) -> None:
    told = signed_in(five[1]).get(f"{ADDRESS}mine/").json()["results"]
    stored = AssessorDrift.objects.get(assessor=five[1], cycle=None)
    assert [row["cycle"] for row in told] == [None, 2026]
    assert told[0]["drift"] == round(stored.drift, 2)
    assert signed_in(five[3]).get(f"{ADDRESS}mine/").json() == {"results": []}
    assert signed_in(five[0]).get(f"{ADDRESS}assessors/").status_code == 404


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
