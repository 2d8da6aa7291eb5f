"""Calibration cases by API: one's own levels, nothing of the panel's before they are in."""

from typing import Any

import pytest

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.models import CalibrationCase, CalibrationSheet
from tests.agreement.test_calibration import marrow  # noqa: F401  fixture
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.pages import factory


def path(case: CalibrationCase, rest: str = "") -> str:
    return f"calibration/{case.pk}/{rest}"


def levels(case: CalibrationCase, level: int = 3) -> dict[str, Any]:
    return {"levels": {item.element: {"level": level, "note": "Seen."} for item in case.items.all()}}


def test_scored_alone_submitted_and_told(
    assessors: list[User],
    marrow: CalibrationCase,  # noqa: F811
    django_assert_num_queries: Any,
) -> None:
    ada, bo = Machine(assessors[0]), Machine(assessors[1])
    ada.get("calibration/")
    with django_assert_num_queries(4):  # the token, the count of requests, cases, own sheets
        rows = ada.get("calibration/").json()["results"]
    [row] = [row for row in rows if row["id"] == marrow.pk]
    count = marrow.items.count()
    assert (row["title"], row["elements"], row["is_open"], row["submitted_at"]) == (marrow.title, count, True, None)
    blank = ada.get(path(marrow)).json()
    assert (blank["panel"], blank["feedback"]) == (None, None)
    for one in blank["results"]:
        assert [one[name] for name in ("level", "note", "panel_level", "panel_reason", "gap")] == [
            None,
            "",
            None,
            None,
            None,
        ]
    early = assert_problem(ada.post(path(marrow, "submit/"), {}), 409, "calibration-closed")
    assert len(early["unmet"]) == count
    stored = ada.patch(path(marrow), levels(marrow), idempotency_key="c1")
    assert {(one["level"], one["panel_level"]) for one in stored.json()["results"]} == {(3, None)}
    assert bo.get(path(marrow)).json() == blank
    done = ada.post(path(marrow, "submit/"), {}).json()
    panel = dict(marrow.items.values_list("element", "reference"))
    assert {one["element"]: one["panel_level"] for one in done["results"]} == panel
    assert {one["element"]: one["gap"] for one in done["results"]} == {code: 3 - told for code, told in panel.items()}
    assert done["panel"] == marrow.panel
    assert done["feedback"]
    assert bo.get(path(marrow)).json() == blank
    assert_problem(ada.patch(path(marrow), levels(marrow, 4)), 409, "calibration-closed")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"levels": {}}, "#/levels"),
        ({"levels": {"ZZ9": {"level": 3}}}, "#/levels/ZZ9"),
        ({"levels": {"MC1": {"level": 7}}}, "#/levels/MC1/level"),
        ({"levels": {"MC1": {"level": 3, "note": "x" * 2_001}}}, "#/levels/MC1/note"),
        ({"levels": {"MC1": {"level": 3, "why": "x"}}}, "#/levels/MC1/why"),
        ({"level": 3}, "#/level"),
    ],
)
def test_what_is_no_sheet(
    assessors: list[User],
    marrow: CalibrationCase,  # noqa: F811
    body: Any,
    place: str,
) -> None:
    told = assert_problem(Machine(assessors[0]).patch(path(marrow), body), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == [place]
    assert not CalibrationSheet.objects.exists()


def test_for_assessors_alone(assessors: list[User], marrow: CalibrationCase) -> None:  # noqa: F811
    CalibrationCase.objects.filter(pk=marrow.pk).update(state="retired", retired_at="2026-01-01T00:00Z")
    assert Machine(assessors[0]).get(path(marrow)).status_code == 404
    for role in (Role.OPERATOR, Role.AUDITOR):
        assert Machine(factory.user_of("Office", role)).get("calibration/").status_code == 404
    assert Machine(assessors[0]).get(f"calibration/{2**70}/").status_code == 404
