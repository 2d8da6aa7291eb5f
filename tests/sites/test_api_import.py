"""Earlier assessments by API: a file is checked cell by cell, and stored whole or not at all."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from dscr.access.models import User
from dscr.access.roles import Role
from products.models import Product
from qmm.models import AREAS, Assessment, AssessmentImport, Establishment
from qmm.services import assessment_import
from ratings.marks import expand
from ratings.models import StaleMark
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.pages import factory
from tests.sites.conftest import OWNER
from tests.sites.test_assessment_import import FEI, ROW, csv

IMPORTS = "assessments/imports/"
CHECK, FDA = f"{IMPORTS}check/", f"{IMPORTS}fda-report/"
LEVELS = dict(zip(AREAS, (4.5, 4.0, 3.5, 3.0, 4.125), strict=True))
REPORT = {"number": FEI, "report": "QMM-2026-7", "completed_on": "2026-03-04", "levels": LEVELS}
ON_RECORD = "An assessment of this establishment and day is on record already."


@pytest.fixture
def office(operator: User) -> Machine:
    return Machine(operator)


def send(office: Machine, address: str, *rows: str, **headers: str) -> Any:
    return office.form(address, {"file": SimpleUploadedFile("plants.csv", csv(*rows))}, **headers)


class TestSpreadsheet:
    def test_checked_stored_and_listed(
        self,
        office: Machine,
        operator: User,
        pair: tuple[Product, Product],
        site: Establishment,
        django_assert_num_queries: Any,
    ) -> None:
        send(office, CHECK, ROW)
        with django_assert_num_queries(9):  # three say who it is; token, rate, rubric, numbers, days on record, names
            told = send(office, CHECK, ROW).json()
        assert (told["name"], told["fault_count"], told["faults"], told["establishments"]) == ("plants.csv", 0, [], 1)
        assert told["assessments"] == [
            {
                "row": 2,
                "establishment": site.pk,
                "name": site.name,
                "completed_on": "2026-03-04",
                "assessed_by": "Quill Assessors",
                "levels": LEVELS,
                "elements": {},
            }
        ]
        assert not AssessmentImport.objects.exists()
        StaleMark.objects.all().delete()
        made = send(office, IMPORTS, ROW, idempotency_key="i1")
        assert made.status_code == 201, made.content
        row = made.json()
        assert (row["kind"], row["source"], row["sha256"]) == ("spreadsheet", "plants.csv", told["sha256"])
        assert (row["assessments"], row["imported_by"]) == (1, str(operator))
        assert send(office, IMPORTS, ROW, idempotency_key="i1").json() == row
        assert_problem(send(office, IMPORTS, ROW, ROW, idempotency_key="i1"), 422, "key-used")
        stored = Assessment.objects.latest("pk")
        assert (stored.establishment, stored.completed_on, stored.imported_id) == (site, date(2026, 3, 4), row["id"])
        assert [str(getattr(stored, area)) for area in AREAS] == ["4.500", "4.000", "3.500", "3.000", "4.125"]
        with connection.cursor() as cursor:
            expand(cursor)
        assert {mark.key for mark in StaleMark.objects.all()} == {product.pk for product in pair}
        again = assert_problem(send(office, IMPORTS, ROW), 400, "file-faults")
        assert [fault["wrong"] for fault in again["faults"]] == [ON_RECORD]
        with django_assert_num_queries(3):
            assert office.get(IMPORTS).json() == {"next": None, "results": [row]}

    def test_a_fault_stores_nothing(self, office: Machine, site: Establishment) -> None:
        before = Assessment.objects.count()
        rows = (ROW, ROW.replace("4.125", "9").replace("03-04", "03-05"), ROW.replace(FEI, "12"))
        told = send(office, CHECK, *rows).json()
        assert (told["fault_count"], [row["row"] for row in told["assessments"]]) == (2, [2])
        level = {
            "sheet": "",
            "row": 3,
            "column": "I",
            "heading": "Employee engagement",
            "found": "9",
            "wrong": "It is no level.",
            "expected": "A number from 1 to 5, at most three decimals",
        }
        assert level in told["faults"]
        refused = assert_problem(send(office, IMPORTS, *rows), 400, "file-faults")
        assert refused["detail"] == "2 faults found, nothing stored. Correct the file and send it again."
        assert refused["faults"] == told["faults"]
        for content in (b"", b"%PDF-1.7", b"PK\x03\x04 cut off"):
            file = SimpleUploadedFile("plants.xlsx", content)
            [fault] = assert_problem(office.form(IMPORTS, {"file": file}), 400, "file-faults")["faults"]
            assert (fault["row"], bool(fault["wrong"])) == (0, True)
        assert Assessment.objects.count() == before
        assert not AssessmentImport.objects.exists()

    def test_a_wrong_form(self, office: Machine, site: Establishment) -> None:
        file = SimpleUploadedFile("plants.csv", csv(ROW))
        for fields, place in (
            ({}, "#/file"),
            ({"file": "plants.csv"}, "#/file"),
            ({"file": file, "plan": "x"}, "#/plan"),
        ):
            for address in (CHECK, IMPORTS):
                told = assert_problem(office.form(address, fields), 400, "invalid-request")
                assert [error["pointer"] for error in told["errors"]] == [place]
        assert_problem(office.post(IMPORTS, {"file": "x"}), 415, "unsupported-media-type")

    def test_what_changed_meanwhile(
        self, office: Machine, site: Establishment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another import of that day comes between the reading and the storing."""
        monkeypatch.setattr(assessment_import, "days_taken", lambda sites: {(site.pk, date(2026, 3, 4))})
        told = assert_problem(send(office, IMPORTS, ROW), 409, "import-conflict")
        assert told["detail"].startswith("Something changed since the file was checked, so nothing was stored.")
        assert not AssessmentImport.objects.exists()


class TestFdaReport:
    def test_area_scores_of_one_report(self, office: Machine, site: Establishment) -> None:
        made = office.post(FDA, REPORT)
        assert made.status_code == 201, made.content
        row = made.json()
        assert (row["kind"], row["source"], row["sha256"], row["assessments"]) == ("fda_report", "QMM-2026-7", "", 1)
        stored = Assessment.objects.latest("pk")
        assert (stored.establishment, stored.assessed_by, stored.imported_id) == (site, "FDA", row["id"])
        assert [str(getattr(stored, area)) for area in AREAS] == ["4.500", "4.000", "3.500", "3.000", "4.125"]
        assert assert_problem(office.post(FDA, REPORT), 409, "import-conflict")["detail"] == ON_RECORD

    @pytest.mark.parametrize(
        ("more", "place"),
        [
            ({"number": "12"}, "#/number"),
            ({"number": 3001000002.5}, "#/number"),
            ({"number": "3001999999"}, "#/number"),
            ({"report": "  "}, "#/report"),
            ({"report": "Q\0"}, "#/report"),
            ({"completed_on": "2199-01-01"}, "#/completed_on"),
            ({"completed_on": "1999-01-01"}, "#/completed_on"),
            ({"levels": LEVELS | {"advanced_pqs": 5.5}}, "#/levels/advanced_pqs"),
            ({"levels": LEVELS | {"advanced_pqs": 4.1255}}, "#/levels/advanced_pqs"),
            ({"levels": LEVELS | {"advanced_pqs": "NaN"}}, "#/levels/advanced_pqs"),
            ({"levels": LEVELS | {"magic": 5}}, "#/levels/magic"),
            ({"levels": 4}, "#/levels"),
            ({"score": 4}, "#/score"),
        ],
    )
    def test_a_wrong_report(self, office: Machine, site: Establishment, more: dict[str, Any], place: str) -> None:
        told = assert_problem(office.post(FDA, REPORT | more), 400, "invalid-request")
        assert [error["pointer"] for error in told["errors"]] == [place]
        assert not AssessmentImport.objects.exists()


def test_it_is_the_operator_s(site: Establishment) -> None:
    readers = (
        factory.user_of("Office", Role.AUDITOR),
        factory.user_of(OWNER, Role.ATTESTOR),
        factory.user_of("Assessors", Role.LEAD_ASSESSOR),
        factory.user_of("Coordination", Role.COORDINATOR),
    )
    for user in readers:
        other = Machine(user)
        assert other.get(IMPORTS).status_code == 404, user
        assert [send(other, address, ROW).status_code for address in (CHECK, IMPORTS)] == [404, 404], user
        assert other.post(FDA, REPORT).status_code == 404, user
    assert Machine(None).get(IMPORTS).status_code == 401
    assert not AssessmentImport.objects.exists()
