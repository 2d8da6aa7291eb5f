"""From the consensus on an assessor is replaced and the lead handed over; levels stand, or the case is blind again."""

from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.course.steps import CLOSED, COMPARED, Event, Side, State, assign_refusal
from qmm.models import (
    AssessmentCase,
    CaseAssignment,
    CaseEvent,
    CaseNotice,
    ConflictDeclaration,
    ConsensusScore,
    ElementScore,
)
from qmm.models.blind import is_revealed
from qmm.queries.case_page import timeline_of
from qmm.queries.consensus import consensus_of
from qmm.services.agreement import read_finished
from qmm.services.consensus import consensus_save
from qmm.services.course import CourseError, case_assign, case_take
from qmm.services.course_mail import notices_send
from qmm.services.course_people import sides_of
from qmm.services.scoring import Change, ScoringClosedError, levels_save
from tests.course.conftest import Desk, client_of
from tests.pages import factory

REASON = "Aron fell ill in March."
ASSIGNABLE = [
    *["accepted", "oriented", "questionnaire_issued", "questionnaire_returned", "scheduled"],
    *["in_progress", "scoring", "consensus", "draft_report", "fact_check"],
]


@pytest.fixture
def leader(desk: Desk) -> User:
    return factory.user_of("Assessors", Role.LEAD_ASSESSOR, "lia@assessors.example")


def team(case: AssessmentCase) -> list[tuple[str, bool]]:
    rows = case.assignments.filter(ended_on=None).order_by("-is_lead", "pk")
    return [(one.membership.user.email.partition("@")[0], one.is_lead) for one in rows]


@pytest.mark.parametrize("state", State)
def test_when_assessors_are_assigned(state: State) -> None:
    for side in Side:
        said = assign_refusal(state, {side})
        assert (said == "") == (state in ASSIGNABLE and side == Side.OFFICE), (state, side)
        assert said == "" or said.endswith(".")
    if state in CLOSED:
        assert assign_refusal(state, {Side.OFFICE}) == CLOSED[state]
    assert (state in COMPARED) == (state in ("consensus", "draft_report", "fact_check"))


@pytest.mark.parametrize("state", COMPARED)
def test_a_substitute_carries_on_to_the_end(desk: Desk, state: State) -> None:
    case = desk.in_state(state)
    agreed = ConsensusScore.objects.filter(case=case).count()
    with pytest.raises(CourseError, match="Say why"):
        desk.assign(case, desk.third)
    desk.assign(case, desk.third, note=REASON)
    case.refresh_from_db()
    assert (case.state, team(case)) == (state, [("lena", True), ("tess", False)])
    assert ConsensusScore.objects.filter(case=case).count() == agreed
    line = case.events.filter(event=Event.ASSIGN, is_office=False).order_by("pk").last()
    assert line.note.endswith("tess@assessors.example carries on for aron@assessors.example, whose levels stand.")
    third = client_of(desk.third)
    assert third.get(f"/assessments/{case.pk}/consensus/").status_code == 404  # interests first
    blocked = {State.CONSENSUS: Event.AGREE, State.DRAFT_REPORT: Event.SEND_DRAFT, State.FACT_CHECK: Event.FINALIZE}
    desk.ready(case)
    with pytest.raises(CourseError, match="must first take the assignment"):
        desk.step(case, blocked[state])
    desk.take(case, desk.third)
    assert third.get(f"/assessments/{case.pk}/consensus/").status_code == 200
    assert third.get(f"/assessments/{case.pk}/scores/").status_code == 404
    assert "Your levels and notes" not in third.get(f"/assessments/{case.pk}/").content.decode()
    assert client_of(desk.second).get(f"/assessments/{case.pk}/consensus/").status_code == 404
    desk.step(case, blocked[state])
    while case.state != State.FINAL:
        desk.go_on(case)
    givers = consensus_of(desk.third, case).givers
    assert [one.membership.user for one in givers] == [desk.lead, desk.second]
    assert len(read_finished().levels) == 1  # both originals count in the agreement


def test_the_substitute_agrees_and_gives_no_levels(desk: Desk) -> None:
    case = desk.in_state(State.CONSENSUS)
    desk.assign(case, desk.third, note=REASON)
    desk.take(case, desk.third)
    consensus_save(case, {"MC1.level": Change("", "4")}, user=desk.third)
    assert ConsensusScore.objects.get(case=case).decided_by == desk.third
    mine = case.assignments.get(membership=desk.third.membership)
    with pytest.raises(ScoringClosedError, match="carry on for a colleague"):
        levels_save(mine, {"MC1.level": Change("", "4")}, user=desk.third)
    assert ElementScore.objects.for_user(desk.third, "read_scores").count() == 2 * len(
        consensus_of(desk.third, case).rows
    )
    answer = client_of(desk.third).get(f"/api/v1/assessments/{case.pk}/consensus/").json()
    assert [(one["name"], one["has_finished"]) for one in answer["assessors"]] == [
        ("lena@assessors.example", True),
        ("aron@assessors.example", True),
    ]


def test_the_lead_is_handed_over_with_a_reason(desk: Desk, leader: User) -> None:
    case = desk.in_state(State.SCORING)
    desk.assign(case, leader, note="Before any level.")
    desk.take(case, leader)
    desk.score(case, desk.lead)
    desk.score(case, leader)
    desk.step(case, Event.MEET)
    for note, status in (("", 409), ("Lena is ill.", 302)):
        sent = {"lead": leader.membership.pk, "second": desk.lead.membership.pk, "note": note}
        assert client_of(desk.operator).post(f"/assessments/{case.pk}/assign/", sent).status_code == status
    assert team(case) == [("lia", True), ("lena", False)]
    assert not case.assignments.filter(levels_stand=True).exists()
    desk.agree(case)
    with pytest.raises(CourseError, match="Only the lead"):
        desk.step(case, Event.AGREE, desk.lead)
    assert desk.step(case, Event.AGREE, leader).state == State.DRAFT_REPORT
    reasons = [line.told for line in timeline_of(case, desk.lead, sides_of(case, desk.lead)) if line.about_id]
    assert reasons == ["Lena is ill."]  # who hands it over stays, and reads why


def test_a_lead_who_left_is_replaced_by_another_lead(desk: Desk, leader: User) -> None:
    case = desk.in_state(State.DRAFT_REPORT)
    case_assign(case, user=desk.operator, lead=leader.membership, second=desk.second.membership, note="Left the firm.")
    desk.take(case, leader)
    desk.write(case, "draft")
    desk.step(case, Event.SEND_DRAFT, leader)
    case_assign(case, user=desk.operator, lead=desk.lead.membership, second=desk.second.membership, note="Is back.")
    desk.take(case, desk.lead)
    assert team(case) == [("lena", True), ("aron", False)]
    back = case.assignments.get(membership=desk.lead.membership, ended_on=None)
    assert back.carries_on.membership == back.membership
    desk.step(case, Event.CONFIRM)
    assert desk.step(case, Event.FINALIZE).state == State.FINAL


@pytest.mark.parametrize("state", COMPARED)
def test_after_a_conflict_the_case_is_blind_again(desk: Desk, state: State) -> None:
    case = desk.in_state(state)
    agreed = ConsensusScore.objects.filter(case=case).count()
    case_take(case, user=desk.second, has_conflict=True, nature="Shares in the firm, bought last week.")
    desk.assign(case, desk.third)
    case.refresh_from_db()
    assert case.state == State.SCORING
    assert case.due_on > case.requested_on
    line = case.events.filter(event=Event.ASSIGN, is_office=False).order_by("pk").last()
    assert (line.came_from, line.state) == (state, State.SCORING)
    told = CaseNotice.objects.filter(event=line, user=desk.contact).exists()
    assert told == (state == State.FACT_CHECK)
    assert not ConsensusScore.objects.filter(case=case).exists()
    assert ConsensusScore._base_manager.filter(case=case, set_aside_at__isnull=False).count() == agreed
    desk.take(case, desk.third)
    assert not is_revealed(case.pk)
    for user in (desk.third, desk.operator, desk.auditor):
        assert not ElementScore.objects.for_user(user, "read_scores").exists()
        assert not ConsensusScore.objects.for_user(user, "read_scores").exists()
    for address in ("draft/", "draft/review/", "report/", "fact-check/"):
        assert client_of(desk.third).get(f"/assessments/{case.pk}/{address}").status_code == 404, address
    desk.score(case, desk.third, 2)
    while case.state != State.FINAL:
        if case.state == State.SCORING:
            desk.step(case, Event.MEET)
        else:
            desk.go_on(case)
    assert [one.membership.user for one in consensus_of(desk.lead, case).givers] == [desk.lead, desk.third]


def test_back_at_the_scoring_no_word_from_beside_the_levels_is_told_to_a_newcomer(desk: Desk) -> None:
    case = desk.in_state(State.DRAFT_REPORT)
    desk.step(case, Event.REOPEN, note="EE2 was agreed at 4; both gave 2.")
    shown = [line.told for line in timeline_of(case, desk.second, frozenset({Side.ASSESSOR}))]
    assert "EE2 was agreed at 4; both gave 2." in shown
    case_take(case, user=desk.second, has_conflict=True, nature="Shares in the firm, bought last week.")
    desk.assign(case, desk.third)
    desk.take(case, desk.third)
    case.refresh_from_db()
    for user in (desk.third, desk.lead):
        assert "EE2 was agreed" not in client_of(user).get(f"/assessments/{case.pk}/").content.decode()
        assert "EE2 was agreed" not in client_of(user).get(f"/api/v1/assessments/{case.pk}/timeline/").content.decode()
    assert "EE2 was agreed" in client_of(desk.operator).get(f"/assessments/{case.pk}/").content.decode()


def test_who_read_the_levels_never_gives_their_own(desk: Desk, leader: User) -> None:
    """A substitute of somebody whose conflict shows later cannot score blind."""
    case = desk.in_state(State.DRAFT_REPORT)
    desk.assign(case, desk.third, note=REASON)
    desk.take(case, desk.third)
    ConflictDeclaration.objects.create(
        user=desk.second, organisation=desk.site.owner, has_conflict=True, nature="Joined its board"
    )
    desk.write(case, "draft")
    desk.step(case, Event.SEND_DRAFT)
    desk.step(case, Event.CONFIRM)
    with pytest.raises(CourseError, match=r"aron@assessors.example has a conflict of interest"):
        desk.step(case, Event.FINALIZE)
    with pytest.raises(CourseError, match=r"tess@assessors.example, who carried on with those levels"):
        desk.assign(case, desk.third, note="Again")
    case_assign(case, user=desk.operator, lead=desk.lead.membership, second=leader.membership, note="Somebody new.")
    case.refresh_from_db()
    assert case.state == State.SCORING
    with pytest.raises(CourseError, match=r"tess@assessors.example has read the levels of this case"):
        desk.assign(case, desk.third, note="Once more")


def test_the_establishment_reads_of_a_replacement_only_that_it_was_made(desk: Desk, mailoutbox: list[Any]) -> None:
    case = desk.in_state(State.FACT_CHECK)
    desk.assign(case, desk.third, note=REASON)
    desk.take(case, desk.third)
    for user, reads in ((desk.contact, False), (desk.lead, False), (desk.third, False), (desk.operator, True)):
        client = client_of(user)
        page = client.get(f"/assessments/{case.pk}/").content.decode()
        answer = client.get(f"/api/v1/assessments/{case.pk}/timeline/").content.decode()
        assert ((REASON in page), (REASON in answer)) == (reads, reads), user
        assert page.count("assigned the assessors") == 2 + reads
    assert "carries on for" not in client_of(desk.contact).get(f"/assessments/{case.pk}/").content.decode()
    CaseNotice.objects.update(made_at=timezone.now())  # the program's clock was moved
    notices_send()
    told = [mail.to[0] for mail in mailoutbox if REASON in mail.body]
    assert told == ["aron@assessors.example"]


def test_by_api_as_on_the_page(desk: Desk) -> None:
    case = desk.in_state(State.CONSENSUS)
    client, address = client_of(desk.operator), f"/api/v1/assessments/{case.pk}/assignment/"
    tag = client.get(address).headers["ETag"]
    body = {"lead": desk.lead.membership.pk, "second": desk.third.membership.pk}
    kind = {"content_type": "application/json", "headers": {"If-Match": tag}}
    refused = client.put(address, body, **kind)
    assert (refused.status_code, "Say why" in refused.json()["detail"]) == (409, True)
    told = client.put(address, body | {"note": REASON}, **kind).json()
    assert [(one["name"], one["carries_on_for"]) for one in told["assigned"]] == [
        ("lena@assessors.example", None),
        ("tess@assessors.example", "aron@assessors.example"),
    ]
    assert CaseAssignment.objects.get(case=case, levels_stand=True).membership == desk.second.membership
    assert CaseEvent.objects.filter(case=case, about=desk.second).count() == 1
