"""The public page and its rule, the office's page by assessor, and each assessor's own."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import KINDS_OF_ROLE, Role
from dscr.audit.models import AuditEntry
from qmm.models import AgreementFigure
from qmm.services.agreement import recompute
from tests.agreement.conftest import Finish
from tests.pages import factory

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ONE, OTHER = [1, 2, 3, 4, 5, 3, 2, 4], [1, 2, 3, 4, 4, 3, 2, 5]


def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def six(assessors: list[User], finish: Finish) -> list[User]:
    """Six assessments of 2026 by three of the four, A with B twice as often as with C."""
    for number in range(6):
        finish(assessors[0], assessors[1 + (number > 3)], ONE, OTHER)
    recompute()
    return assessors


def test_everybody_may_read_it_and_no_name_stands_there(six: list[User], client: Client) -> None:
    shown = said(client.get("/agreement/?cycle=2026"))
    figure = AgreementFigure.objects.get(kind="overall", cycle=2026)
    assert f"In 2026, assessors agreed at {figure.alpha:.2f}, above the target of 0.80." in shown
    assert '<span class="score__number">0.95</span>' in shown
    assert "<dd> 5 </dd>" in shown
    assert "<dd> 40 </dd>" in shown
    assert "6 are finished. They count in fives" in shown
    for person in six:
        assert str(person) not in shown
        assert person.email not in shown
    assert "Advanced pharmaceutical quality system" in shown
    assert "PQ5 Supplier and contract-site oversight" in shown
    assert client.get("/agreement/?cycle=all").status_code == 200
    for wrong in ("20260", "abcd", "-1", "２０２６"):
        assert client.get(f"/agreement/?cycle={wrong}").status_code == 404


def test_too_few_assessments_or_assessors_are_not_shown(assessors: list[User], finish: Finish, client: Client) -> None:
    empty = said(client.get("/agreement/"))
    year = timezone.localdate().year
    assert f"No figures for {year} yet" in empty
    assert f"5 assessments by 3 or more assessors are finished in {year}, and anew with every 5 more. None is" in empty
    for number in range(5):
        finish(assessors[0], assessors[1], ONE, OTHER, at=NOW)
        if number == 3:
            finish(assessors[0], assessors[2], ONE, OTHER, at=datetime(2025, 6, 1, tzinfo=UTC))
    recompute()
    shown = said(client.get("/agreement/?cycle=2026"))
    assert "score__number" not in shown
    for _ in range(5):
        finish(assessors[2], assessors[1], ONE, OTHER, at=NOW)
    recompute()
    assert "score__number" in said(client.get("/agreement/?cycle=2026"))
    one = said(client.get("/agreement/?cycle=1999"))
    assert "See 2026, the latest year that can be shown" in one


def test_an_element_of_too_few_assessments_is_left_out(assessors: list[User], finish: Finish, client: Client) -> None:
    for number in range(9):
        finish(assessors[number % 3], assessors[3], [*ONE, 5 if number < 4 else None], [*OTHER, 4])
    recompute()
    shown = said(client.get("/agreement/?cycle=2026"))
    assert "PQ6 Complaints" in shown
    assert ">PQ9<" not in shown
    assert AgreementFigure.objects.get(kind="overall", cycle=2026).assessments == 5


@pytest.mark.parametrize("role", KINDS_OF_ROLE)
def test_who_may_open_what(role: Role, db: None) -> None:
    client = page(factory.user_of(f"Firm of {role}", role))
    statuses = [
        client.get(address).status_code for address in ("/agreement/assessors/", "/agreement/mine/", "/calibration/")
    ]
    oversight, assessor = role in (Role.OPERATOR, Role.AUDITOR), role in (Role.ASSESSOR, Role.LEAD_ASSESSOR)
    expected = [oversight, assessor, oversight or assessor]
    assert statuses == [200 if open_ else 404 for open_ in expected]


def test_the_office_reads_pairs_and_drifts(six: list[User], finish: Finish) -> None:
    lenient = six[3]
    for number in range(6):
        finish(lenient, six[number % 3], [3, 4, 5, 4, 3, 4, 5, 4], [2, 3, 4, 3, 2, 3, 4, 3 + number % 2])
    recompute()
    client = page(factory.user_of("Office", Role.OPERATOR))
    shown = said(client.get("/agreement/assessors/"))
    assert "1 of 4 assessors differs clearly from the others: Assessor D (+0.7" in shown
    assert "clearly more lenient." in shown
    assert "Assessor A and Assessor B agree at" not in shown  # four together: too few for a pair
    assert "No pair has 5 common assessments in this time." in shown
    assert AuditEntry.objects.filter(action="viewed", label="agreement of assessors").count() == 1
    finish(six[0], six[1], ONE, OTHER)
    recompute()
    assert "Assessor A and Assessor B agree at 0.95, above the target." in said(client.get("/agreement/assessors/"))
    assert "Nobody has submitted a calibration case yet." in shown


def test_an_assessor_meets_only_the_own_drift(six: list[User]) -> None:
    for person, others in ((six[0], six[1:]), (six[1], [six[0], *six[2:]])):
        shown = said(page(person).get("/agreement/mine/"))
        assert "than the average assessor on the same elements" in shown
        assert not any(str(other) in shown for other in others)
    assert "Nothing is known yet" in said(page(six[3]).get("/agreement/mine/"))


def test_queries_of_the_pages(six: list[User], client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):  # all years' overall figures, the cycle's, the run, names of the elements
        client.get("/agreement/?cycle=2026")
    with django_assert_num_queries(3):
        client.get("/agreement/?cycle=1999")
    office, own = page(factory.user_of("Office", Role.OPERATOR)), page(six[0])
    office.get("/agreement/assessors/")
    own.get("/agreement/mine/")
    with django_assert_num_queries(9):
        office.get("/agreement/assessors/")
    with django_assert_num_queries(3):  # session, user, drifts
        own.get("/agreement/mine/")
