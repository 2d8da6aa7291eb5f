"""The public figures by API: what the page shows, to everybody, without names."""

import json

import pytest
from django.test import Client

from dscr.access.models import User
from qmm.models import AgreementFigure
from qmm.services.agreement import recompute
from tests.agreement.conftest import Finish

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
