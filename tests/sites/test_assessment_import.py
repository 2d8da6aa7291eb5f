"""Earlier assessments from a spreadsheet: faults cell by cell, all rows or none, and what they count for."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from dscr.access.models import User
from dscr.access.roles import Role
from products.imports.assessments import read_assessments
from products.models import Product
from qmm.models import AREAS, Assessment, AssessmentImport, Establishment
from ratings.marks import expand
from ratings.models import StaleMark
from tests.pages.test_establishment_page import client_of, reader
from tests.pages.test_rating_page import words

AREA_HEADS = (
    "Management commitment to quality,Business continuity,Advanced pharmaceutical quality system,"
    "Technical excellence,Employee engagement"
)
HEADS = f"FEI,DUNS,Completed on,Assessor firm,{AREA_HEADS}"
FEI = "3001000002"
ROW = f"{FEI},,2026-03-04,Quill Assessors,4.5,4,3.5,3,4.125"
PAGES = "/assessments/imports/"


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


def csv(*rows: str, heads: str = HEADS) -> bytes:
    return "\n".join([heads, *rows]).encode()


def check(client: Client, content: bytes, name: str = "plants.csv") -> Any:
    return client.post(f"{PAGES}check/", {"file": SimpleUploadedFile(name, content)})


def faults(content: bytes) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.wrong) for fault in read_assessments(content, date(2026, 11, 23)).problems]


class TestFaults:
    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            (ROW.replace(FEI, "300100000"), (2, "A", "It is no FEI number.")),
            (ROW.replace(FEI, "3001999999"), (2, "A", "No establishment has the FEI number 3001999999.")),
            (ROW.replace(FEI, ""), (2, "A", "The row names no establishment.")),
            (ROW.replace("2026-03-04", "03/04/2026"), (2, "C", "It is no date.")),
            (ROW.replace("2026-03-04", ""), (2, "C", "The date is missing.")),
            (ROW.replace("2026-03-04", "2026-12-24"), (2, "C", "The date lies in the future.")),
            (ROW.replace("2026-03-04", "1999-12-24"), (2, "C", "There were no QMM assessments that early.")),
            (ROW.replace("Quill Assessors", ""), (2, "D", "Who assessed is missing.")),
            (ROW.replace("4.125", "5.1"), (2, "I", "It is no level.")),
            (ROW.replace("4.125", "0"), (2, "I", "It is no level.")),
            (ROW.replace("4.125", "4.1255"), (2, "I", "It is no level.")),
            (ROW.replace("4.125", "nan"), (2, "I", "It is no level.")),
            (ROW.replace("4.125", ""), (2, "I", "The level is missing.")),
        ],
    )
    def test_a_cell(self, site: Establishment, row: str, fault: tuple[int, str, str]) -> None:
        assert faults(csv(row)) == [fault]

    def test_every_fault_is_named_at_once(self, site: Establishment) -> None:
        other = ROW.replace("4.5", "x").replace("2026-03-04", "soon")
        assert faults(csv(other, ROW, ROW)) == [
            (2, "C", "It is no date."),
            (2, "E", "It is no level."),
            (4, "C", "Row 3 gives an assessment of this establishment and day already."),
        ]

    def test_what_is_on_record(self, site: Establishment) -> None:
        Assessment.objects.filter(establishment=site).update(completed_on=date(2026, 3, 4))
        said = "An assessment of this establishment and day is on record already."
        assert faults(csv(ROW)) == [(2, "C", said)]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "The file is empty."),
            (b"%PDF-1.7", "The file is a PDF document"),
            (b"PK\x03\x04 cut off", "The workbook is damaged"),
            (b"Name,Level\nA,3", "No row of headings was found."),
            (csv(), "The table holds no assessment."),
            (
                csv(ROW, heads=HEADS.replace(",Technical excellence", "")),
                "The table lacks a column: Technical",
            ),
            (csv(ROW, heads=HEADS + ",MC1"), "The table has practice areas and elements."),
            (csv(ROW, heads=HEADS + ",fei number"), "Two columns are headed"),
            (csv(heads="FEI,Completed on,MC1"), "The table lacks columns: Assessor firm, MC2"),
        ],
    )
    def test_the_file(self, site: Establishment, content: bytes, said: str) -> None:
        [fault] = faults(content)
        assert fault[0] == 0
        assert fault[2].startswith(said)

    def test_formulas_and_errors_of_a_workbook(self, site: Establishment) -> None:
        book = Workbook()
        book.active.append(HEADS.split(","))
        book.active.append([FEI, None, date(2026, 3, 4), "Quill", "=1+3", 4, 3.5, 3, 0.9])
        kept = io.BytesIO()
        book.save(kept)
        assert faults(kept.getvalue()) == [(2, "E", "It is no level."), (2, "I", "It is no level.")]


class TestStoring:
    def test_nothing_is_stored_with_a_fault_nor_before_it_is_confirmed(
        self, client: Client, site: Establishment
    ) -> None:
        before = Assessment.objects.count()
        answer = check(client, csv(ROW, ROW.replace("4.125", "9").replace("03-04", "03-05")))
        assert answer.status_code == 400
        text = words(answer.content.decode())
        assert "1 fault found, nothing stored" in text
        assert "row 3, column I" in text
        assert check(client, csv(ROW)).status_code == 200
        assert "No file was chosen." in words(client.post(f"{PAGES}check/").content.decode())
        assert (Assessment.objects.count(), AssessmentImport.objects.count()) == (before, 0)

    def test_confirmed_it_counts_and_says_where_it_came_from(
        self, client: Client, operator: User, pair: tuple[Product, Product], site: Establishment
    ) -> None:
        report = check(client, csv(ROW))
        assert "1 assessment of 1 establishment would be imported." in words(report.content.decode())
        StaleMark.objects.all().delete()
        plan = report.context["plan"]
        assert client.post(f"{PAGES}store/", {"plan": plan}).status_code == 302
        made = Assessment.objects.latest("pk")
        assert (made.establishment, made.completed_on, made.assessed_by) == (site, date(2026, 3, 4), "Quill Assessors")
        assert [str(getattr(made, area)) for area in AREAS] == ["4.500", "4.000", "3.500", "3.000", "4.125"]
        assert (made.imported.source, made.imported.imported_by) == ("plants.csv", operator)
        with connection.cursor() as cursor:
            expand(cursor)
        assert {mark.key for mark in StaleMark.objects.all()} == {product.pk for product in pair}
        page = words(client.get(f"/establishments/{site.pk}/").content.decode())
        assert "Imported: Quill Assessors, from plants.csv" in page
        again = client.post(f"{PAGES}store/", {"plan": plan}, follow=True)
        assert "Something changed since the file was checked, so nothing was stored." in words(again.content.decode())
        assert AssessmentImport.objects.count() == 1
        assert "plants.csv" in words(client.get(PAGES).content.decode())

    def test_elements_make_the_means_of_their_areas(self, client: Client, site: Establishment) -> None:
        codes = [*(f"MC{n}" for n in range(1, 5)), *(f"BC{n}" for n in range(1, 5)), *(f"PQ{n}" for n in range(1, 7))]
        codes += [*(f"TE{n}" for n in range(1, 4)), *(f"EE{n}" for n in range(1, 4))]
        levels = [4, 4, 3, 3, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 1, 2, 2, 5, 5, 4]
        heads = ",".join(["FEI", "Completed on", "Assessor firm", *codes])
        row = ",".join([FEI, "2026-03-04", "Quill", *map(str, levels)])
        report = check(client, csv(row, heads=heads))
        client.post(f"{PAGES}store/", {"plan": report.context["plan"]})
        made = Assessment.objects.latest("pk")
        assert [str(getattr(made, area)) for area in AREAS] == ["3.500", "2.250", "3.167", "1.667", "4.667"]
        assert made.element_levels == dict(zip(codes, levels, strict=True))

    def test_what_was_signed_for_another_or_altered_is_refused(self, client: Client, site: Establishment) -> None:
        plan = check(client, csv(ROW)).context["plan"]
        other = reader(Role.OPERATOR, "Second office")
        for who, sent in ((other, plan), (client, plan[:-2] + "xx"), (client, "")):
            who.post(f"{PAGES}store/", {"plan": sent})
        assert not AssessmentImport.objects.exists()

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ATTESTOR, Role.LEAD_ASSESSOR, Role.COORDINATOR])
    def test_is_the_operator_s(self, db: None, role: str) -> None:
        other = reader(role)
        assert other.get(PAGES).status_code == 404
        assert other.post(f"{PAGES}store/", {"plan": "x"}).status_code == 404


class TestFdaReport:
    FORM = {"number": FEI, "report": "QMM-2026-7", "completed_on": "2026-03-04"} | dict.fromkeys(AREAS, "3.5")

    def test_area_scores_of_one_report(self, client: Client, site: Establishment) -> None:
        assert client.post(f"{PAGES}fda-report/", self.FORM).status_code == 302
        made = Assessment.objects.latest("pk")
        assert (made.establishment, made.assessed_by, made.imported.source) == (site, "FDA", "QMM-2026-7")
        again = words(client.post(f"{PAGES}fda-report/", self.FORM).content.decode())
        assert "An assessment of this establishment and day is on record already." in again

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"number": "12"}, "Give 7, 9 or 10 digits."),
            ({"number": "3001999999"}, "No establishment has the FEI number 3001999999."),
            ({"completed_on": str(timezone.localdate().replace(year=2199))}, "Give a day from 2010-01-01 to today."),
            ({"advanced_pqs": "5.5"}, "less than or equal to 5"),
            ({"report": ""}, "Fill in “Number or title of the report”."),
        ],
    )
    def test_faults(self, client: Client, site: Establishment, given: dict[str, str], said: str) -> None:
        before = Assessment.objects.count()
        assert said in words(client.post(f"{PAGES}fda-report/", self.FORM | given).content.decode())
        assert Assessment.objects.count() == before
