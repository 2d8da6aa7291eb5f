"""An operator whose person assesses the case, or has a conflict of interest with the firm, takes no step on it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from qmm.course.steps import Event, State
from qmm.models import CaseAssignment, ConflictDeclaration, ElementScore
from qmm.services.course import CourseError, case_assign, case_step
from qmm.services.scoring import ScoringError, scoring_reopen
from tests.course.conftest import Desk, client_of

SAID = "Another operator acts on it."


@pytest.fixture
def both(desk: Desk) -> User:
    """The second assessor, who works for the program office too and acts by that membership."""
    office = Organisation.objects.get(name="Office")
    held = desk.second.memberships.create(
        organisation=office, role=Role.OPERATOR, starts_on=timezone.localdate() - timedelta(days=30)
    )
    user = User.objects.get(pk=desk.second.pk)
    user.chosen_membership_id = held.pk
    assert user.membership == held
    return user


def operator_client(user: User) -> Client:
    client = client_of(user)
    session = client.session
    session["membership"] = user.membership.pk
    session.save()
    return client


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.ORIENTED, Event.ISSUE),
        (State.QUESTIONNAIRE_RETURNED, Event.SCHEDULE),
        (State.FACT_CHECK, Event.FINALIZE),
        (State.FACT_CHECK, Event.STOP),
    ],
)
def test_an_operator_takes_no_step_on_a_case_that_they_assess(
    desk: Desk, both: User, state: State, event: Event
) -> None:
    case = desk.in_state(state)
    sent = {"note": "Now", "visit_on": ""}
    client = operator_client(both)
    answer = client.post(f"/assessments/{case.pk}/step/{event}/", sent)
    assert (answer.status_code, SAID in answer.content.decode()) == (409, True)
    body = {"step": event, "from_state": state, "note": "Now"}
    refused = client.post(f"/api/v1/assessments/{case.pk}/steps/", body, content_type="application/json")
    assert (refused.status_code, SAID in refused.json()["detail"]) == (409, True)
    page = client.get(f"/assessments/{case.pk}/").content.decode()
    assert SAID in page
    assert "/assign/" not in page
    assert SAID not in client_of(desk.operator).get(f"/assessments/{case.pk}/").content.decode()
    case.refresh_from_db()
    assert case.state == state


def test_they_assign_and_reopen_nothing_there(desk: Desk, both: User) -> None:
    case = desk.in_state(State.SCORING)
    desk.score(case, desk.lead)
    lead, third = desk.lead.membership, desk.third.membership
    with pytest.raises(CourseError, match="Another operator acts"):
        case_assign(case, user=both, lead=lead, second=third, note="Myself I replace")
    mine = case.assignments.get(membership=lead)
    with pytest.raises(ScoringError, match="Another operator acts"):
        scoring_reopen(mine, user=both, reason="Two levels in the wrong rows.")
    desk.assign(case, desk.third, note="Aron joins the office.")  # also once they left it
    with pytest.raises(CourseError, match="Another operator acts"):
        case_step(case, Event.STOP, both, note="Enough")
    sent = {"lead": lead.pk, "second": third.pk, "note": "x"}
    answer = operator_client(both).post(f"/assessments/{case.pk}/assign/", sent)
    assert (answer.status_code, SAID in answer.content.decode()) == (409, True)


def test_nobody_assigns_themselves(desk: Desk, both: User) -> None:
    case = desk.in_state(State.ACCEPTED)
    assessor = both.memberships.get(role=Role.ASSESSOR)
    with pytest.raises(CourseError, match="Nobody assigns themselves"):
        case_assign(case, user=both, lead=desk.lead.membership, second=assessor)


def test_nor_does_who_declared_a_conflict_with_the_firm(desk: Desk, both: User) -> None:
    case = desk.in_state(State.ORIENTED)
    desk.assign(case, desk.third, note="Aron is ill.")
    CaseAssignment.objects.filter(membership__user=both, case=case).delete()
    assert case_step(case, Event.ISSUE, both).state == State.QUESTIONNAIRE_ISSUED
    ConflictDeclaration.objects.create(user=both, organisation=desk.site.owner, has_conflict=True, nature="Shares")
    with pytest.raises(CourseError, match="Another operator acts"):
        case_step(case, Event.STOP, both, note="Enough")
    assert case_step(case, Event.STOP, desk.operator, note="Enough").state == State.STOPPED


def test_they_read_no_levels_of_such_a_case_while_it_is_open(desk: Desk, both: User) -> None:
    case, client = desk.in_state(State.DRAFT_REPORT), operator_client(both)
    scores = f"/api/v1/assessments/{case.pk}/consensus/"
    for address in (f"/assessments/{case.pk}/consensus/", scores):
        assert client.get(address).status_code == 404
        assert client_of(desk.operator).get(address).status_code == 200
        assert client_of(desk.second).get(address).status_code == 200  # as the assessor, who has finished
    assert not ElementScore.objects.for_user(both, "read_scores").exists()
    while case.state != State.FINAL:
        desk.go_on(case)
    assert client.get(f"/assessments/{case.pk}/consensus/").status_code == 200


def test_they_void_no_outcome_of_theirs(desk: Desk, both: User) -> None:
    case = desk.in_state(State.FINAL)
    User.objects.filter(pk__in=[both.pk, desk.operator.pk]).update(is_staff=True)
    day = timezone.localdate()
    sent = {"voided_at_0": str(day), "voided_at_1": "10:00:00", "void_reason": "Wrong site"}
    address = f"/admin/qmm/assessment/{case.assessment_id}/change/"
    assert operator_client(both).post(address, sent).status_code == 403
    case.assessment.refresh_from_db()
    assert case.assessment.voided_at is None
