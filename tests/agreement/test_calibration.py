"""Calibration cases: what comes with the program, writing one, scoring one blind, and what it tells of drift."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.calibration.faults import faults
from qmm.calibration.shipped import shipped_cases
from qmm.models import AgreementFigure, AssessorDrift, CalibrationCase, CalibrationLevel, CalibrationSheet
from qmm.rubric.shipped import shipped
from qmm.services.agreement import recompute
from qmm.services.calibration import (
    CaseClosedError,
    ChangedMeanwhileError,
    Given,
    IncompleteError,
    case_begin,
    case_discard,
    case_publish,
    case_retire,
    case_save,
    sheet_save,
    sheet_submit,
)
from tests.pages import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> User:
    return factory.user_of("Office", Role.OPERATOR)


@pytest.fixture
def marrow() -> CalibrationCase:
    """References: MC1 3, BC1 4, PQ2 2, PQ6 3, EE2 3."""
    return CalibrationCase.objects.get(title="Marrow Bay Injectables")


def submit(case: CalibrationCase, user: User, levels: dict[str, int]) -> CalibrationSheet:
    sheet_save(case, user=user, given={code: Given(level, "") for code, level in levels.items()})
    return sheet_submit(case, user=user)


LEVELS = {"MC1": 3, "BC1": 4, "PQ2": 3, "PQ6": 4, "EE2": 4}


def test_shipped_cases_are_complete_and_published_once() -> None:
    assert len(shipped_cases()) == CalibrationCase.objects.filter(state="published").count() == 3
    for case in CalibrationCase.objects.all():
        assert faults(case, case.items.all(), shipped()) == []
        assert case.rubric.version == "2026.1"
    references = [item.reference for case in shipped_cases() for item in case.items]
    assert (len(references), min(references), max(references)) == (14, 2, 4)
    from qmm.services.first_calibration import publish_after_migrate

    publish_after_migrate("default")
    assert CalibrationCase.objects.count() == 3


def test_a_draft_grows_into_a_case(operator: User) -> None:
    case = case_begin(user=operator)
    with pytest.raises(ValidationError):
        case_publish(case, user=operator, revision=1)
    texts = {"title": "Norrick Vials", "setting": "A site of many vials. " * 5, "panel": "Three lead assessors."}
    for number, code in enumerate(("MC1", "TE3", "BC2"), 1):
        case = case_save(case, user=operator, revision=number, texts=texts, items={}, add=code)
    item = {"evidence": "Seen and heard on the floor. " * 4, "reference": 4, "reason": "As the anchor says. " * 3}
    case = case_save(case, user=operator, revision=4, texts={}, items={row.pk: item for row in case.items.all()})
    assert case_publish(case, user=operator, revision=5).state == "published"
    with pytest.raises(CaseClosedError):
        case_save(case, user=operator, revision=5, texts={"title": "X"}, items={})


def test_a_draft_changed_meanwhile_is_not_overwritten(operator: User) -> None:
    case = case_begin(user=operator)
    case_save(case, user=operator, revision=1, texts={"title": "One"}, items={})
    for act in (
        lambda: case_save(case, user=operator, revision=1, texts={"title": "Two"}, items={}),
        lambda: case_publish(case, user=operator, revision=1),
        lambda: case_discard(case, revision=1),
    ):
        with pytest.raises(ChangedMeanwhileError):
            act()
    case.refresh_from_db()
    assert case.title == "One"
    with pytest.raises(ValidationError):
        case_save(case, user=operator, revision=2, texts={}, items={}, add="ZZ9")


def test_a_copy_is_a_draft_with_the_same_texts(operator: User, marrow: CalibrationCase) -> None:
    copy = case_begin(user=operator, copied=marrow)
    assert copy.state == "draft"
    assert copy.shipped_as is None
    assert list(copy.items.values_list("element", "reference")) == list(
        marrow.items.values_list("element", "reference")
    )
    case_discard(copy, revision=1)
    assert not CalibrationCase.objects.filter(pk=copy.pk).exists()


def test_the_database_keeps_what_was_published_and_submitted(assessors: list[User], marrow: CalibrationCase) -> None:
    sheet = submit(marrow, assessors[0], LEVELS)
    for change in (
        lambda: marrow.items.update(reference=5),
        lambda: marrow.items.all().delete(),
        lambda: CalibrationCase.objects.filter(pk=marrow.pk).update(setting="Another site"),
        lambda: CalibrationCase.objects.filter(pk=marrow.pk).update(state="draft", published_at=None),
        lambda: CalibrationLevel.objects.filter(sheet=sheet).update(level=1),
        lambda: CalibrationLevel.objects.filter(sheet=sheet).delete(),
    ):
        with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
            change()


def test_a_sheet_is_complete_before_it_is_submitted_and_closed_after(
    assessors: list[User], operator: User, marrow: CalibrationCase
) -> None:
    person = assessors[0]
    sheet_save(marrow, user=person, given={"MC1": Given(3, "Seen on nights"), "TE1": Given(5, "not asked")})
    with pytest.raises(IncompleteError) as missing:
        sheet_submit(marrow, user=person)
    assert missing.value.codes == ["BC1", "PQ2", "PQ6", "EE2"]
    assert list(CalibrationLevel.objects.values_list("element", "level", "note")) == [("MC1", 3, "Seen on nights")]
    submit(marrow, person, LEVELS)
    with pytest.raises(CaseClosedError):
        sheet_save(marrow, user=person, given={"MC1": Given(5, "")})
    case_retire(marrow, user=operator)
    with pytest.raises(CaseClosedError):
        sheet_save(marrow, user=assessors[1], given={"MC1": Given(5, "")})


def test_drift_and_agreement_on_calibration_cases(assessors: list[User], marrow: CalibrationCase) -> None:
    lenient, exact, open_still, _ = assessors
    submit(marrow, lenient, LEVELS)
    submit(marrow, exact, {"MC1": 3, "BC1": 4, "PQ2": 2, "PQ6": 3, "EE2": 3})
    sheet_save(marrow, user=open_still, given={"MC1": Given(1, "")})
    recompute()
    drift = {row.assessor_id: row for row in AssessorDrift.objects.filter(source="calibration")}
    assert set(drift) == {lenient.pk, exact.pk}
    assert (drift[lenient.pk].drift, drift[exact.pk].drift) == (0.6, 0)
    assert (drift[lenient.pk].assessments, drift[lenient.pk].items) == (1, 5)
    assert drift[lenient.pk].low == pytest.approx(0.6 - 0.6801, abs=1e-3)  # t(4) 2.7764 × 0.5477 / √5
    figure = AgreementFigure.objects.get(kind="calibration")
    assert (figure.calibration_id, figure.assessments, figure.items) == (marrow.pk, 2, 5)
    assert 0 < figure.alpha < 1
    assert figure.alpha_low is None


# --- Pages ----------------------------------------------------------------------------------------------------------


def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    return " ".join(response.content.decode().split())
