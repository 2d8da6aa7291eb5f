"""One's form as a workbook by API: fetched, checked, stored as reported, by nobody but whose form it is."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from dscr.audit.models import AuditEntry
from qmm.models import EarlierEntry, ElementScore, Finding
from qmm.scoring.workbook_views import XLSX
from qmm.services.rubric import draft_begin, draft_publish, draft_save
from qmm.services.scoring import Change, levels_save
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.scores.conftest import Visit
from tests.scores.test_workbook import row_of


@pytest.fixture
def ada(visit: Visit) -> Machine:
    visit.save(visit.first, MC1_level="3", MC2_notes="Goals")
    visit.save(visit.second, MC1_level="5", MC2_notes="Seen by Bo")
    return Machine(visit.ada)


def path(visit: Visit, rest: str = "") -> str:
    return f"assessments/{visit.case.pk}/scores/workbook/{rest}"


def fetched(machine: Machine, visit: Visit) -> Workbook:
    return load_workbook(io.BytesIO(machine.get(path(visit)).content))


def sent(machine: Machine, visit: Visit, book: Workbook | bytes, **parts: Any) -> Any:
    file = io.BytesIO()
    if isinstance(book, Workbook):
        book.save(file)
    content = book if isinstance(book, bytes) else file.getvalue()
    body = {"file": SimpleUploadedFile("form.xlsx", content)} | parts
    return machine.client.post(f"/api/v1/{path(visit, 'check/')}", body, headers=machine.headers)


def stored(machine: Machine, visit: Visit, report: Any, *take: str, **headers: str) -> Any:
    return machine.post(path(visit, "store/"), {"plan": report.json()["plan"], "take": list(take)}, **headers)


def test_fetched_checked_and_stored(visit: Visit, ada: Machine, django_assert_num_queries: Any) -> None:
    ada.get("assessments/")
    with django_assert_num_queries(7):  # token, count, assignment, levels, findings, whose, the note
        answer = ada.get(path(visit))
    assert answer["Content-Disposition"] == 'attachment; filename="levels-halden-plant-2.xlsx"'
    assert AuditEntry.objects.filter(action="exported", detail="own levels as a workbook").count() == 1
    book = load_workbook(io.BytesIO(answer.content))
    assert "Seen by Bo" not in [cell for row in book["Levels"].iter_rows(values_only=True) for cell in row]
    same = sent(ada, visit, book).json()
    assert (same["changes"], same["findings"], same["closed"]) == ([], [], "")

    levels, findings = book["Levels"], book["Findings"]
    levels.cell(row_of("BC1"), 3).value = 4
    levels.cell(row_of("MC1"), 3).value = None  # a blank cell changes nothing
    levels.cell(row_of("MC2"), 4).value = "Goals of the workbook"
    for place, text in enumerate(("BC1", "Critical gap", "No forecast of the API", "Plan 2026"), 2):
        findings.cell(2, place).value = text
    levels_save(visit.first, {"MC2.notes": Change("Goals", "Goals of the page")}, user=visit.ada)
    with django_assert_num_queries(8):  # the first five, and three that tell the database who asks
        report = sent(ada, visit, book)
    assert report.json()["changes"] == [
        {
            "cell": f"Levels D{row_of('MC2')}",
            "key": "MC2.notes",
            "element": "MC2",
            "text": "notes",
            "stored": "Goals of the page",
            "given": "Goals of the workbook",
            "clashes": True,
        },
        {
            "cell": f"Levels C{row_of('BC1')}",
            "key": "BC1.level",
            "element": "BC1",
            "text": "level",
            "stored": "",
            "given": "4",
            "clashes": False,
        },
    ]
    assert [tuple(row.values()) for row in report.json()["findings"]] == [
        ("Findings D2", "BC1", "critical_gap", "No forecast of the API", "Plan 2026")
    ]
    assert not Finding.objects.exists()
    body = stored(ada, visit, report, idempotency_key="s1")
    assert body.json() == {"case": visit.case.pk, "texts": 1, "findings": 1}
    assert stored(ada, visit, report, idempotency_key="s1").json() == body.json()
    own = {row.element: (row.level, row.notes) for row in ElementScore.objects.filter(assignment=visit.first)}
    assert own == {"MC1": (3, ""), "MC2": (None, "Goals of the page"), "BC1": (4, "")}
    assert Finding.objects.get().text == "No forecast of the API"
    again = sent(ada, visit, book)
    assert [row["key"] for row in again.json()["changes"]] == ["MC2.notes"]
    assert stored(ada, visit, again, "MC2.notes").json()["texts"] == 1
    assert ElementScore.objects.get(assignment=visit.first, element="MC2").notes == "Goals of the workbook"
    assert "Goals of the page" in [row.entry["notes"] for row in EarlierEntry.objects.all()]


def test_all_or_nothing(visit: Visit, ada: Machine) -> None:
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("MC2"), 4).value = "Goals of the workbook"
    book["Levels"].cell(row_of("MC3"), 3).value = 5
    report = sent(ada, visit, book)
    told = assert_problem(stored(ada, visit, report, "MC2.notes", "MC9.level"), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == ["#/take", "#/take"]
    levels_save(visit.first, {"MC2.notes": Change("Goals", "Later")}, user=visit.ada)
    told = assert_problem(stored(ada, visit, report), 409, "scoring-closed")
    assert told["detail"].endswith("Nothing was stored: send the file once more.")
    fresh = sent(ada, visit, book)
    book["Levels"].cell(row_of("EE1"), 3).value = 6
    book["Findings"].cell(2, 2).value = "ZZ9"
    told = assert_problem(sent(ada, visit, book), 400, "invalid-request")
    assert [error["detail"] for error in told["errors"]] == [
        f"Levels C{row_of('EE1')}: “6” is no level. Give 1, 2, 3, 4 or 5.",
        "Findings B2: “ZZ9” is no element of this form. Give its code, such as MC1.",
        "Findings C2: “” is no kind. Give Strength, Opportunity or Critical gap.",
        "Findings D2: Write what you found, or empty the row.",
    ]
    for content in (b"", b"%PDF-1.4 x", b"PK\x03\x04 broken"):
        assert_problem(sent(ada, visit, content), 400, "invalid-request")
    assert_problem(sent(ada, visit, b"x", store="yes"), 400, "invalid-request")
    assert_problem(sent(ada, visit, b"PK" + bytes(10 * 1024 * 1024)), 413, "too-large")
    visit.move("consensus")
    assert sent(ada, visit, fetched(ada, visit)).json()["closed"].startswith("Individual scoring is over")
    told = assert_problem(stored(ada, visit, fresh), 409, "scoring-closed")
    assert told["detail"].startswith("Individual scoring is over")
    assert not ElementScore.objects.filter(element="MC3").exists()


def test_a_form_is_nobody_else_s(visit: Visit, ada: Machine) -> None:
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("MC3"), 3).value = 5
    report, bo = sent(ada, visit, book), Machine(visit.bo)
    answer = ada.get(path(visit), Accept=XLSX)
    assert (answer.status_code, answer["Content-Type"]) == (200, XLSX)
    for plan in (report.json()["plan"], "forged"):
        told = assert_problem(bo.post(path(visit, "store/"), {"plan": plan}), 400, "invalid-request")
        assert [error["pointer"] for error in told["errors"]] == ["#/plan"]
    other = assert_problem(sent(bo, visit, book), 400, "invalid-request")
    assert "belongs to another form" in other["detail"]
    for user in (visit.cyd, visit.dan, visit.operator, visit.auditor):
        machine = Machine(user)
        assert_problem(machine.get(path(visit), Accept=XLSX), 404, "not-found")
        assert sent(machine, visit, book).status_code == 404
        assert stored(machine, visit, report).status_code == 404
    assert not ElementScore.objects.filter(element="MC3").exists()


def test_levels_given_by_other_anchors_are_not_stored(visit: Visit) -> None:
    ada = Machine(visit.ada)  # nobody has saved anything, so the case has no version of its own yet
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("MC3"), 3).value = 5
    report = sent(ada, visit, book)
    assert report.json()["changes"][0]["key"] == "MC3.level"
    path_of_one = f"assessments/{visit.case.pk}/scores/MC3/"
    etag, one = ada.get(path_of_one)["ETag"], {"level": 5, "notes": ""}
    draft = draft_begin(user=visit.operator)
    was = draft.texts["MC3"]["anchor_5"]
    draft_save(draft, user=visit.operator, changes={"MC3.anchor_5": Change(was, f"{was} And more.")})
    draft.refresh_from_db()
    draft_publish(draft, user=visit.operator, note="Level 5 asks for more.", revision=draft.revision)
    told = assert_problem(stored(ada, visit, report), 409, "scoring-closed")
    assert told["detail"].startswith("Another version of the rubric came into force")
    told = assert_problem(sent(ada, visit, book), 400, "invalid-request")
    assert f"made by version {draft.based_on.version} of the rubric" in told["detail"]
    assert_problem(ada.put(path_of_one, one, if_match=etag), 412, "precondition-failed")
    assert not ElementScore.objects.exists()
    fresh = fetched(ada, visit)
    fresh["Levels"].cell(row_of("MC3"), 3).value = 4
    assert stored(ada, visit, sent(ada, visit, fresh)).json()["texts"] == 1
