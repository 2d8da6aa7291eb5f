"""One's own levels by API: read, put with If-Match, and nobody else's."""

from typing import Any

import pytest

from qmm.models import EarlierEntry, ElementScore
from tests.api.conftest import Machine
from tests.scores.conftest import CODES, Visit


def path(visit: Visit, element: str = "") -> str:
    return f"assessments/{visit.case.pk}/scores/" + (f"{element}/" if element else "")


@pytest.fixture
def ada(visit: Visit) -> Machine:
    return Machine(visit.ada)


def test_the_form_and_its_etags(visit: Visit, ada: Machine) -> None:
    visit.save(visit.first, MC2_level="4", MC2_notes="Goals on every board")
    visit.save(visit.second, MC1_level="5")
    answer = ada.get(path(visit))
    body = answer.json()
    assert [row["element"] for row in body["results"]] == CODES
    assert (body["rubric"], body["finished_at"], body["closed"]) == ("2026.1", None, "")
    assert body["open"] == [code for code in CODES if code != "MC2"]
    row = body["results"][1]
    assert (row["level"], row["notes"]) == (4, "Goals on every board")
    one = ada.get(path(visit, "MC2"))
    assert one.json() == row
    assert one["ETag"] == row["etag"]


def test_a_put_means_one_version(visit: Visit, ada: Machine) -> None:
    etag = ada.get(path(visit, "MC1"))["ETag"]
    body = {"level": 3, "notes": "  Floor\r\nvisits "}
    assert ada.put(path(visit, "MC1"), body).status_code == 428
    stored = ada.put(path(visit, "MC1"), body, if_match=etag)
    assert stored.status_code == 200
    assert (stored.json()["level"], stored.json()["notes"]) == (3, "Floor\nvisits")
    assert ada.put(path(visit, "MC1"), body, if_match=etag).status_code == 412
    again = ada.put(path(visit, "MC1"), {"level": None, "notes": ""}, if_match=stored["ETag"])
    assert again.json()["level"] is None
    assert EarlierEntry.objects.get().entry == {"level": 3, "notes": "Floor\nvisits"}


@pytest.mark.parametrize(
    "body",
    [
        {"level": 6, "notes": ""},
        {"level": 2.5, "notes": ""},
        {"level": "3", "notes": ""},
        {"level": True, "notes": ""},
        {"level": 3},
        {"notes": "x"},
        {"level": 3, "notes": "x" * 20_001},
        {"level": 3, "notes": "", "reason": "x"},
        [3],
    ],
)
def test_what_is_no_level_is_refused(visit: Visit, ada: Machine, body: Any) -> None:
    etag = ada.get(path(visit, "MC1"))["ETag"]
    assert ada.put(path(visit, "MC1"), body, if_match=etag).status_code == 400
    assert not ElementScore.objects.exists()


def test_after_finishing_it_is_closed(visit: Visit, ada: Machine) -> None:
    visit.finish(visit.first)
    answer = ada.get(path(visit))
    assert answer.json()["closed"].startswith("You have finished")
    etag = ada.get(path(visit, "MC1"))["ETag"]
    refused = ada.put(path(visit, "MC1"), {"level": 1, "notes": ""}, if_match=etag)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:dscr:problem:scoring-closed"


def test_others_meet_nothing(visit: Visit) -> None:
    visit.save(visit.first, MC1_level="3", MC1_notes="Zwirbelnote")
    assert Machine(visit.bo).get(path(visit, "MC1")).json()["level"] is None
    for user in (visit.cyd, visit.dan, visit.operator, visit.auditor):
        assert Machine(user).get(path(visit)).status_code == 404
        assert Machine(user).get(path(visit, "MC1")).status_code == 404
    assert Machine(visit.ada).get(path(visit, "ZZ1")).status_code == 404
    assert Machine(None).get(path(visit)).status_code == 401
