"""Interests are declared before anything else, of the firm that owns the site now, and a conflict is never undone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import Role
from qmm.course.steps import Event, State
from qmm.models import AssessmentCase, CaseFile, Establishment
from qmm.queries.conflicts import conflicts_with, undeclared
from qmm.services.course import CourseError, case_assign, case_request, case_step, case_take
from qmm.services.scoring import Change, ScoringClosedError, ScoringError, levels_save, scoring_finish, scoring_reopen
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
    assert third.get(f"/establishments/{desk.site.pk}/").status_code == 404  # its earlier levels, its contacts
    assert third.get(f"/api/v1/establishments/{desk.site.pk}/").status_code == 404
    assert f"/establishments/{desk.site.pk}/" not in third.get(f"/assessments/{case.pk}/").content.decode()
    for page in ("consensus/", "scores/", "scores/state/", "scores/workbook/", "scores/workbook/file/"):
        assert third.get(f"/assessments/{case.pk}/{page}").status_code == 404, page
    assert third.get(f"/api/v1/assessments/{case.pk}/scores/").status_code == 404
    desk.take(case, desk.third)
    assert third.get(f"/establishments/{desk.site.pk}/").status_code == 200
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


def test_levels_of_who_left_with_a_conflict_never_become_final(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    case_take(case, user=desk.second, has_conflict=True, nature="Shares in the firm, bought last week.")
    desk.step(case, Event.CONFIRM)
    with pytest.raises(CourseError, match="An assessor has left the case"):
        desk.step(case, Event.FINALIZE)
    assert desk.step(case, Event.STOP).state == State.STOPPED


def test_who_gave_levels_and_left_never_gives_them_again(desk: Desk) -> None:
    """They may have read the colleague's: both had finished."""
    case = desk.in_state(State.SCORING)
    desk.score(case, desk.lead, 5)
    desk.score(case, desk.second, 2)
    desk.assign(case)  # the same two again is no change
    desk.assign(case, desk.third, note="Aron is ill.")
    with pytest.raises(CourseError, match="gave the levels of this case before"):
        desk.assign(case, desk.second, note="Aron is well again.")
    lead = case.assignments.get(membership=desk.lead.membership)
    with pytest.raises(ScoringError, match="may read each other’s levels"):
        scoring_reopen(lead, user=desk.operator, reason="Two levels were typed into the wrong rows.")
    again = desk.second.memberships.create(
        organisation=desk.lead.membership.organisation, role=Role.LEAD_ASSESSOR, starts_on="2026-01-01"
    )
    with pytest.raises(CourseError, match="gave the levels of this case before"):
        case_assign(case, user=desk.operator, lead=desk.lead.membership, second=again, note="Well again.")


def test_a_conflict_declared_in_one_case_is_not_undone_in_another(desk: Desk) -> None:
    other = Establishment.objects.create(name="Halden Plant 9", owner=desk.site.owner, is_synthetic=True)
    one, two = desk.in_state(State.ACCEPTED), case_request(other, user=desk.contact)
    AssessmentCase.objects.filter(pk=two.pk).update(state=State.ACCEPTED)
    desk.assign(one)
    desk.assign(two)
    case_take(one, user=desk.second, has_conflict=True, nature="Shares")
    with pytest.raises(CourseError, match="is on record"):
        case_take(two, user=desk.second, has_conflict=False)
    case_take(two, user=desk.second, has_conflict=True, nature="The same shares")


def test_a_site_that_is_sold_asks_its_assessors_anew(desk: Desk) -> None:
    case = desk.in_state(State.SCHEDULED)
    assert undeclared(case) == set()
    desk.site.owner = Organisation.objects.create(name="Linden Pharma", kinds=["manufacturer"])
    desk.site.save()
    desk.later((case.visit_starts_on - timezone.localdate()).days)
    with pytest.raises(CourseError, match="must first declare their interests in Linden Pharma"):
        desk.step(case, Event.BEGIN)
    assert "Your interests in Linden Pharma" in client_of(desk.lead).get(f"/assessments/{case.pk}/").content.decode()
    desk.take(case)
    with pytest.raises(CourseError, match="taken the assignment already"):
        desk.take(case, desk.lead)
    assert desk.step(case, Event.BEGIN).state == State.IN_PROGRESS


@pytest.mark.parametrize("nature", ["\0", "\u2003", "x" * 2_001])
def test_a_conflict_without_words_or_with_too_many_is_refused(desk: Desk, nature: str) -> None:
    case = desk.in_state(State.ORIENTED)
    sent = {"declares": "conflict", "nature": nature}
    assert client_of(desk.second).post(f"/assessments/{case.pk}/declare/", sent).status_code == 409
    assert case.assignments.filter(ended_on=None).count() == 2


def test_a_contact_at_a_site_of_the_firm_is_no_assessor_of_it(desk: Desk) -> None:
    case = desk.in_state(State.ACCEPTED)
    contact = desk.site.contacts.create(
        name="Aron", email="Aron@Assessors.example", purpose="All", named_by=desk.contact
    )
    assert desk.second.pk not in conflicts_with(desk.site.owner)
    contact.confirmed_at = timezone.now()
    contact.save()
    with pytest.raises(CourseError, match="is or was a contact at a site of the firm"):
        desk.assign(case)
