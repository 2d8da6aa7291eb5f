"""Interests are declared before anything else, of the firm that owns the site now, and a conflict is never undone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dscr.access.roles import Role
from qmm.course.steps import Event, State
from qmm.models import CaseFile
from qmm.services.course import CourseError, case_assign, case_step
from qmm.services.scoring import Change, ScoringClosedError, levels_save, scoring_finish
from tests.course.conftest import Desk, client_of
from tests.pages import factory


def test_who_was_assigned_gives_and_reads_nothing_before_declaring(desk: Desk) -> None:
    case = desk.in_state(State.SCORING)
    desk.score(case, desk.lead, 5)
    desk.assign(case, desk.third, note="Aron is ill.")
    assignment = case.assignments.get(membership=desk.third.membership)
    with pytest.raises(ScoringClosedError, match="Declare your interests"):
        levels_save(assignment, {"MC1.level": Change("", "3")}, user=desk.third)
    with pytest.raises(ScoringClosedError, match="Declare your interests"):
        scoring_finish(assignment, user=desk.third)
    third = client_of(desk.third)
    for page in ("scores/", "scores/state/", "scores/workbook/", "scores/workbook/file/"):
        assert third.get(f"/assessments/{case.pk}/{page}").status_code == 404, page
    assert third.get(f"/api/v1/assessments/{case.pk}/scores/").status_code == 404
    desk.take(case, desk.third)
    assert levels_save(assignment, {"MC1.level": Change("", "3")}, user=desk.third).version == 1


def test_a_lead_takes_no_step_before_declaring(desk: Desk) -> None:
    case = desk.in_state(State.ORIENTED)
    lead = factory.user_of("Assessors", Role.LEAD_ASSESSOR, "lia@assessors.example")
    case_assign(case, user=desk.operator, lead=lead.membership, second=desk.second.membership, note="Lena is ill.")
    with pytest.raises(CourseError, match="Declare your interests first"):
        case_step(case, Event.ISSUE, lead)
    desk.take(case, lead)
    assert case_step(case, Event.ISSUE, lead).state == State.QUESTIONNAIRE_ISSUED


def test_a_case_that_ends_before_they_declare_never_opens(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    desk.assign(case, desk.third, note="Aron is ill.")
    given = SimpleUploadedFile("site_master.txt", b"Lines 1 to 3")
    client_of(desk.contact).post(f"/assessments/{case.pk}/files/", {"files": given})
    desk.step(case, Event.WITHDRAW)
    third, file = client_of(desk.third), CaseFile.objects.get()
    assert third.get(f"/assessments/{case.pk}/files/{file.pk}/").status_code == 404
    page = third.get(f"/assessments/{case.pk}/").content.decode()
    assert "site_master.txt" not in page
    assert "site_master.txt" in client_of(desk.lead).get(f"/assessments/{case.pk}/").content.decode()
