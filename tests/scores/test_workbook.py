"""One's form as a workbook: what is written offline comes back cell by cell, all of it or nothing."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from qmm.models import EarlierEntry, ElementScore, Finding
from qmm.services.findings import Given, finding_add, finding_remove
from qmm.services.scoring import Change, levels_save
from tests.scores.conftest import CODES, Visit, client_of

LINES = "Night shift:\n  two stops\n\n= not a formula"


@pytest.fixture
def ada(visit: Visit) -> Client:
    visit.save(visit.first, MC1_level="3", MC1_notes=LINES, MC2_notes="Goals")
    finding_add(visit.first, "MC4", user=visit.ada, given=Given("strength", "Charts", "SOP-12"))
    return client_of(visit.ada)


def fetched(client: Client, visit: Visit) -> Workbook:
    return load_workbook(io.BytesIO(client.get(f"{visit.address}workbook/file/").content))


def sent(client: Client, visit: Visit, book: Workbook) -> Any:
    file = io.BytesIO()
    book.save(file)
    return client.post(f"{visit.address}workbook/", {"file": SimpleUploadedFile("form.xlsx", file.getvalue())})


def plan(page: Any) -> str:
    return re.search(r'name="plan"\s+value="([^"]*)"', page.content.decode()).group(1)


def row_of(code: str) -> int:
    return CODES.index(code) + 2


def test_the_template_has_anchors_and_what_was_given(visit: Visit, ada: Client) -> None:
    book = fetched(ada, visit)
    levels = book["Levels"]
    rows = list(levels.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == CODES
    assert rows[0][2:4] == (3, LINES)
    assert all(len(anchor) >= 60 for row in rows for anchor in row[4:9])
    [rule] = levels.data_validations.dataValidation
    assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"1,2,3,4,5"', "C2:C21")
    assert list(book["Findings"].iter_rows(min_row=2, max_row=2, min_col=2, values_only=True)) == [
        ("MC4", "Strength", "Charts", "SOP-12")
    ]
    assert book["As it was"].sheet_state == "hidden"


def test_sent_back_as_it_is_it_changes_nothing(visit: Visit, ada: Client) -> None:
    page = sent(ada, visit, fetched(ada, visit))
    assert "nothing that is not on the page already" in page.content.decode()


def test_findings_come_back_whatever_signs_they_hold_and_stand_again_if_taken_out(visit: Visit, ada: Client) -> None:
    words = "Zone\u200b A\tand \u00a0B\n\n- first"
    finding = finding_add(visit.first, "MC4", user=visit.ada, given=Given("strength", words, "a\u200bb"))
    book = fetched(ada, visit)
    assert "nothing that is not on the page already" in sent(ada, visit, book).content.decode()
    for column, text in enumerate(("MC3", "Strength", "Written on a train", "Board"), 2):
        book["Findings"].cell(4, column, text)
    page = sent(ada, visit, book)
    ada.post(f"{visit.address}workbook/", {"plan": plan(page)})
    made = Finding.objects.exclude(pk=finding.pk).get(text="Written on a train")
    finding_remove(made, user=visit.ada, version=1)
    ada.post(f"{visit.address}workbook/", {"plan": plan(sent(ada, visit, book))})
    made.refresh_from_db()
    assert (made.removed_at, made.version) == (None, 3)


def test_what_was_written_offline_is_reported_then_stored(visit: Visit, ada: Client) -> None:
    book = fetched(ada, visit)
    levels, findings = book["Levels"], book["Findings"]
    levels.cell(row_of("BC1"), 3).value = 4
    levels.cell(row_of("BC1"), 4).value = "Forecast by line\nand by site"
    levels.cell(row_of("MC1"), 3).value = None  # a blank cell changes nothing
    levels.cell(row_of("MC2"), 3).value = "2 Developing"
    for place, text in enumerate(("BC1", "Critical gap", "No forecast of the API", "Plan 2026"), 2):
        findings.cell(3, place).value = text
    page = sent(ada, visit, book)
    text = page.content.decode()
    for cell in ("Levels C6", "Levels D6", "Levels C3", "Findings D3"):
        assert cell in text
    assert ElementScore.objects.filter(element="BC1").count() == 0
    assert Finding.objects.count() == 1
    for _ in range(2):  # stored twice is stored once
        ada.post(f"{visit.address}workbook/", {"plan": plan(page)})
    found = {row.element: (row.level, row.notes) for row in ElementScore.objects.all()}
    assert found == {"MC1": (3, LINES), "MC2": (2, "Goals"), "BC1": (4, "Forecast by line\nand by site")}
    new = Finding.objects.exclude(element="MC4").get()
    assert (new.element, new.kind, new.text, new.evidence) == (
        "BC1",
        "critical_gap",
        "No forecast of the API",
        "Plan 2026",
    )


def test_what_was_changed_on_the_page_meanwhile_is_a_choice(visit: Visit, ada: Client) -> None:
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("MC2"), 4).value = "Goals of the workbook"
    book["Levels"].cell(row_of("MC3"), 3).value = 5
    levels_save(visit.first, {"MC2.notes": Change("Goals", "Goals of the page")}, user=visit.ada)
    page = sent(ada, visit, book)
    assert "was changed on the page since the workbook was made" in page.content.decode()
    ada.post(f"{visit.address}workbook/", {"plan": plan(page)})
    assert ElementScore.objects.get(element="MC2").notes == "Goals of the page"
    assert ElementScore.objects.get(element="MC3").level == 5
    page = sent(ada, visit, book)
    ada.post(f"{visit.address}workbook/", {"plan": plan(page), "take": "MC2.notes"})
    assert ElementScore.objects.get(element="MC2").notes == "Goals of the workbook"
    assert "Goals of the page" in [row.entry["notes"] for row in EarlierEntry.objects.all()]


def test_all_or_nothing_where_the_page_moves_after_the_report(visit: Visit, ada: Client) -> None:
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("MC2"), 4).value = "Goals of the workbook"
    book["Levels"].cell(row_of("MC3"), 3).value = 5
    page = sent(ada, visit, book)
    levels_save(visit.first, {"MC2.notes": Change("Goals", "Later")}, user=visit.ada)
    told = ada.post(f"{visit.address}workbook/", {"plan": plan(page)}, follow=True)
    assert "Nothing was stored: send the file once more" in told.content.decode()
    assert not ElementScore.objects.filter(element="MC3").exists()


def cell(sheet: str, row: int, column: int, value: Any) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book[sheet].cell(row, column).value = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cell("Levels", 2, 3, 6), "Levels C2:</strong> “6” is no level"),
        (cell("Levels", 2, 3, 3.5), "“3.5” is no level"),
        (cell("Levels", 2, 3, "=1+2"), "holds a formula"),
        (cell("Levels", 2, 3, True), "“True” is no level"),
        (cell("Levels", 3, 4, "x" * 20_001), "Levels D3:</strong> It has 20,001 characters"),
        (cell("Levels", 3, 1, "ZZ9"), "“ZZ9” is no element of this form"),
        (cell("Levels", 3, 1, "MC1"), "MC1 stands here a second time"),
        (cell("Findings", 3, 2, "MC1"), "Findings C3:</strong> “” is no kind"),
        (cell("Findings", 2, 4, "Other words"), "stands otherwise on the page"),
        (cell("As it was", 1, 2, "1"), "belongs to another form"),
        (lambda book: book.remove(book["As it was"]), "The sheet “As it was” is missing"),
        (lambda book: book.remove(book["Levels"]), "The sheet “Levels” is missing"),
    ],
)
def test_a_workbook_with_faults_stores_nothing(
    visit: Visit, ada: Client, change: Callable[[Workbook], None], said: str
) -> None:
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("EE3"), 3).value = 5
    change(book)
    page = sent(ada, visit, book)
    assert page.status_code == 422
    assert said in " ".join(page.content.decode().split())
    assert 'name="plan"' not in page.content.decode()


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"%PDF-1.4 x", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0old"]
)
def test_what_is_no_workbook_is_refused(visit: Visit, ada: Client, content: bytes) -> None:
    answer = ada.post(f"{visit.address}workbook/", {"file": SimpleUploadedFile("form.xlsx", content)})
    assert answer.status_code == 422
    assert ada.post(f"{visit.address}workbook/", {}).status_code == 422


def test_a_report_is_nobody_else_s(visit: Visit, ada: Client) -> None:
    book = fetched(ada, visit)
    book["Levels"].cell(row_of("MC3"), 3).value = 5
    page, bo = sent(ada, visit, book), client_of(visit.bo)
    for stolen in (plan(page), "forged", ""):
        bo.post(f"{visit.address}workbook/", {"plan": stolen})
    assert not ElementScore.objects.filter(element="MC3").exists()
    assert sent(bo, visit, book).status_code == 422  # another one's form
    visit.move("consensus")
    ada.post(f"{visit.address}workbook/", {"plan": plan(page)})
    assert not ElementScore.objects.filter(element="MC3").exists()
