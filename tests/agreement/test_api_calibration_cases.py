"""Calibration cases by API for the office: written as drafts, published, retired, and what assessors gave them."""

from typing import Any

import pytest

from dscr.access.models import User
from dscr.access.roles import KINDS_OF_ROLE, Role
from dscr.audit.models import AuditEntry
from qmm.models import CalibrationCase, CalibrationNotice
from qmm.services.agreement import recompute
from qmm.services.calibration import case_begin, case_save
from tests.agreement.test_calibration import LEVELS, marrow, operator, submit  # noqa: F401  fixtures
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.pages import factory

pytestmark = pytest.mark.django_db
CASES = "calibration/cases/"
SEEN = {
    "seen": "  Goals hang at every line.\r\n" + "Nobody at the line could say who follows them. " * 2,
    "panel_level": 3,
    "panel_reason": "Goals are set and shown; what is missed has no owner.",
}
TEXTS = {
    "title": "Norrick Vials",
    "setting": "A site of many vials that was bought twice in four years. " * 2,
    "panel": "Three lead assessors, each alone, then together.",
}


@pytest.fixture
def machine(operator: User) -> Machine:  # noqa: F811
    return Machine(operator)


def path(case: CalibrationCase, rest: str = "") -> str:
    return f"{CASES}{case.pk}/{rest}"


def test_a_case_is_written_published_and_retired(machine: Machine, assessors: list[User]) -> None:
    begun = machine.post(CASES, {}, idempotency_key="begin")
    body, etag = begun.json(), begun["ETag"]
    assert (begun.status_code, body["state"], body["title"], body["elements"]) == (201, "draft", "New case", [])
    assert machine.post(CASES, {}, idempotency_key="begin").json() == body
    address = f"{CASES}{body['id']}/"
    case = CalibrationCase.objects.get(pk=body["id"])
    assert [(one["element"], one["member"]) for one in body["missing"]] == [
        (None, "setting"),
        (None, "panel"),
        (None, "elements"),
    ]
    assert_problem(machine.patch(address, TEXTS), 428, "precondition-required")
    written = machine.patch(address, TEXTS | {"elements": {"TE3": SEEN, "MC1": SEEN, "BC2": {}}}, if_match=etag)
    told = written.json()
    assert [one["element"] for one in told["elements"]] == ["MC1", "BC2", "TE3"]
    assert told["elements"][0]["seen"].startswith("Goals hang at every line.\nNobody")
    assert told["missing"][1] == {
        "element": "BC2",
        "member": "panel_level",
        "detail": "BC2: choose the panel’s level.",
    }
    assert_problem(machine.patch(address, {"title": "X"}, if_match=etag), 412, "precondition-failed")
    early = assert_problem(machine.post(f"{address}publish/", {}, if_match=written["ETag"]), 409, "calibration-closed")
    assert early["unmet"] == [one["detail"] for one in told["missing"]]
    assert_problem(machine.post(f"{address}retire/", {}), 409, "calibration-closed")
    swapped = machine.patch(address, {"elements": {"BC2": None, "BC1": SEEN}}, if_match=written["ETag"])
    assert [one["element"] for one in swapped.json()["elements"]] == ["MC1", "BC1", "TE3"]
    assert swapped.json()["missing"] == []
    assert_problem(machine.post(f"{address}publish/", {}), 428, "precondition-required")
    keyed = {"if_match": swapped["ETag"], "idempotency_key": "publish"}
    published = machine.post(f"{address}publish/", {}, **keyed)
    assert (published.json()["state"], published.json()["missing"]) == ("published", [])
    assert machine.post(f"{address}publish/", {}, **keyed).json() == published.json()
    assert CalibrationNotice.objects.filter(case=case).count() == len(assessors)
    for refused in (
        machine.patch(address, {"title": "X"}, if_match=published["ETag"]),
        machine.delete(address, if_match=published["ETag"]),
        machine.post(f"{address}publish/", {}, if_match=published["ETag"]),
    ):
        assert_problem(refused, 409, "calibration-closed")
    ada = Machine(assessors[0])
    assert ada.get(f"calibration/{case.pk}/").status_code == 200
    assert machine.post(f"{address}retire/", {}).json()["state"] == "retired"
    assert ada.get(f"calibration/{case.pk}/").status_code == 404


def test_a_copy_is_begun_and_discarded(machine: Machine, operator: User, marrow: CalibrationCase) -> None:  # noqa: F811
    copy = machine.post(CASES, {"copy": marrow.pk})
    told = copy.json()
    assert (told["title"], told["missing"]) == ("Copy of Marrow Bay Injectables", [])
    assert [(one["element"], one["panel_level"]) for one in told["elements"]] == [
        ("MC1", 3),
        ("BC1", 4),
        ("PQ2", 2),
        ("PQ6", 3),
        ("EE2", 3),
    ]
    case = CalibrationCase.objects.get(pk=told["id"])
    case_save(case, user=operator, revision=1, texts={"title": "Another"}, items={})
    assert_problem(machine.delete(path(case), if_match=copy["ETag"]), 412, "precondition-failed")
    keyed = {"if_match": machine.get(path(case))["ETag"], "idempotency_key": "discard"}
    assert [machine.delete(path(case), **keyed).status_code for _ in range(2)] == [204, 204]
    assert_problem(machine.get(path(case)), 404, "not-found")
    gone = assert_problem(machine.post(CASES, {"copy": case.pk}), 400, "invalid-request")
    assert [error["pointer"] for error in gone["errors"]] == ["#/copy"]


def test_the_list_and_what_assessors_gave(
    machine: Machine,
    assessors: list[User],
    marrow: CalibrationCase,  # noqa: F811
    django_assert_num_queries: Any,
) -> None:
    submit(marrow, assessors[0], LEVELS)
    submit(marrow, assessors[1], LEVELS | {"BC1": 2})
    recompute()
    machine.get(CASES)
    with django_assert_num_queries(4):  # the token, the count of requests, cases with their counts, figures
        rows = machine.get(CASES).json()["results"]
    [row] = [row for row in rows if row["id"] == marrow.pk]
    assert (row["state"], row["elements"], row["submitted"], row["begun"]) == ("published", 5, 2, 0)
    # The token, the count of requests, the case, elements, sheets, levels, today's assessors, the figure, and the note
    # of who read it.
    with django_assert_num_queries(9):
        told = machine.get(path(marrow, "results/")).json()
    assert told["alpha"]["value"] == row["alpha"]
    assert told["open"] == ["Assessor C", "Assessor D"]
    assert [sheet["assessor"] for sheet in told["results"]] == ["Assessor A", "Assessor B"]
    assert [(one["element"], one["level"], one["gap"]) for one in told["results"][1]["levels"]] == [
        ("MC1", 3, 0),
        ("BC1", 2, -2),
        ("PQ2", 3, 1),
        ("PQ6", 4, 1),
        ("EE2", 4, 1),
    ]
    with django_assert_num_queries(5):
        machine.get(path(marrow))
    assert AuditEntry.objects.filter(action="viewed", kind="calibration-case", subject_id=marrow.pk).exists()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "#"),
        ({"title": "x" * 121}, "#/title"),
        ({"state": "published"}, "#/state"),
        ({"elements": {"ZZ9": {}}}, "#/elements/ZZ9"),
        ({"elements": {"TE1": None}}, "#/elements/TE1"),
        ({"elements": {"MC1": {"panel_level": 6}}}, "#/elements/MC1/panel_level"),
        ({"elements": {"MC1": {"seen": "x" * 4_001}}}, "#/elements/MC1/seen"),
        ({"elements": {"MC1": {"level": 3}}}, "#/elements/MC1/level"),
    ],
)
def test_what_is_no_change_of_a_case(machine: Machine, operator: User, body: Any, place: str) -> None:  # noqa: F811
    case = case_begin(user=operator)
    etag = machine.get(path(case))["ETag"]
    told = assert_problem(machine.patch(path(case), body, if_match=etag), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == [place]
    case.refresh_from_db()
    assert (case.revision, case.items.count()) == (1, 0)


@pytest.mark.parametrize("role", [role for role in KINDS_OF_ROLE if role != Role.OPERATOR])
def test_the_auditor_reads_and_nobody_else_finds_it(marrow: CalibrationCase, role: Role) -> None:  # noqa: F811
    machine = Machine(factory.user_of(f"Firm of {role}", role))
    reads = role == Role.AUDITOR
    for address in (CASES, path(marrow), path(marrow, "results/")):
        assert machine.get(address).status_code == (200 if reads else 404), address
    refused = 403 if reads else 404
    assert machine.post(CASES, {}).status_code == refused
    assert machine.patch(path(marrow), {"title": "X"}).status_code == refused
    assert machine.delete(path(marrow)).status_code == refused
    for rest in ("publish/", "retire/"):
        assert machine.post(path(marrow, rest), {}).status_code == 404
    marrow.refresh_from_db()
    assert (marrow.state, marrow.revision) == ("published", 1)
