"""What the steps do: conditions, days, the timeline, mails, and the assessment at the end."""

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from dscr.access.models import Membership
from dscr.access.roles import Role
from qmm.course.steps import CLOSED_STATES, PATH, STEPS, Event, State
from qmm.models import (
    Assessment,
    AssessmentCase,
    CaseEvent,
    CaseNotice,
    CaseSheet,
    ConflictDeclaration,
    ConsensusScore,
    FactComment,
)
from qmm.queries.scores import codes_of
from qmm.services import fact_check
from qmm.services.course import CourseError, case_assign, case_request, case_step, case_take
from qmm.services.course_mail import notices_send
from qmm.services.course_sheet import sheet_of, sheet_save
from qmm.services.fact_check import comment_add, comment_answer
from qmm.services.rubric import Change, DraftClosedError
from ratings.models import ProductRating, StaleMark
from ratings.recompute import recompute_pending
from tests.course.conftest import Desk, days
from tests.pages import factory


def refused(match: str):
    return pytest.raises(CourseError, match=match)


@pytest.mark.django_db(transaction=True)
def test_the_whole_course_to_a_changed_score(desk: Desk) -> None:
    factory.settle(desk.product, desk.twin)
    before = ProductRating.objects.get(product=desk.product).published_snapshot.score
    case = desk.request()
    assert (case.state, case.due_on) == (State.REQUESTED, days(14))
    dues = {}
    for state in PATH[: PATH.index(State.FINAL)]:
        assert case.state == state
        desk.go_on(case)
        dues[case.state] = (case.due_on - timezone.localdate()).days if case.due_on else None
    assert dues == {
        "accepted": 30,
        "oriented": 7,
        "questionnaire_issued": 28,
        "questionnaire_returned": 14,
        "scheduled": 42,
        "in_progress": 4,
        "scoring": 14,
        "consensus": 7,
        "draft_report": 21,
        "fact_check": 30,
        "final": 60,
    }
    assert case.closed_on == timezone.localdate()
    assert case.rubric.version == "2026.1"
    assert case.assessment.completed_on == timezone.localdate()
    assert {getattr(case.assessment, area) for area in ("management_commitment", "employee_engagement")} == {4}
    assert StaleMark.objects.filter(kind="establishment", key=desk.site.pk).exists()
    recompute_pending()
    after = ProductRating.objects.get(product=desk.product).published_snapshot.score
    assert after > before


def test_the_timeline_says_who_did_what_and_is_never_changed(desk: Desk) -> None:
    case = desk.in_state(State.ORIENTED)
    lines = [(line.event, line.came_from, line.state, line.by) for line in case.events.all()]
    assert lines == [
        ("request", "", "requested", desk.contact),
        ("accept", "requested", "accepted", desk.operator),
        ("assign", "accepted", "accepted", desk.operator),
        ("take", "accepted", "accepted", desk.lead),
        ("take", "accepted", "accepted", desk.second),
        ("orient", "accepted", "oriented", desk.operator),
    ]
    line = case.events.first()
    assert (line.role, line.organisation.name) == ("Establishment contact", "Halden Group")
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
        CaseEvent.objects.update(note="Something else")
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
        CaseEvent.objects.filter(pk=line.pk)._raw_delete("default")


def test_every_pair_that_is_not_allowed_changes_nothing(desk: Desk) -> None:
    """By everybody who takes part; the table itself is tested in test_steps."""
    case = desk.request()
    people = (desk.contact, desk.operator, desk.lead, desk.second, desk.auditor, desk.stranger, desk.third)
    for state in State:
        AssessmentCase.objects.filter(pk=case.pk).update(
            state=state,
            closed_on=timezone.localdate() if state in CLOSED_STATES else None,
        )
        for event in Event:
            step = STEPS.get(event)
            if step and state in step.leads:
                continue
            for user in people:
                with refused(r"\.$"):
                    case_step(case, event, user, note="Why", visit_on=days(60))
    assert CaseEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "event"), [(state, event) for event, step in STEPS.items() for state in list(step.leads)[:1]]
)
def test_other_roles_are_refused_where_the_step_is_open(desk: Desk, state: State, event: Event) -> None:
    case = desk.in_state(state)
    own = {"firm": desk.contact, "office": desk.operator, "assessor": desk.second, "lead": desk.lead}
    allowed = {str(side) for side in STEPS[event].sides} | ({"lead"} if "assessor" in STEPS[event].sides else set())
    others = [user for side, user in own.items() if side not in allowed]
    for user in (*others, desk.auditor, desk.stranger, desk.third):
        with refused("^(Only|Nobody) "):
            case_step(case, event, user, note="Why", visit_on=days(60))
    case.refresh_from_db()
    assert case.state == state


def test_a_request_is_of_ones_own_establishment_and_but_one_at_a_time(desk: Desk) -> None:
    for user in (desk.stranger, desk.operator, desk.lead):
        with refused("Only the organization that owns"):
            case_request(desk.site, user=user)
    desk.request()
    with refused("under way already"):
        desk.request(desk.attestor)


def test_only_the_eligible_are_accepted(desk: Desk) -> None:
    case = desk.request()
    desk.inspect("OAI", days_ago=10)
    with refused("classified OAI"):
        desk.step(case, Event.ACCEPT)
    desk.site.inspections.all().delete()
    with refused("No inspection of the establishment is recorded"):
        desk.step(case, Event.ACCEPT)
    desk.inspect("NAI")
    for product in (desk.product, desk.twin):
        product.enrolments.update(withdrawn_on=timezone.localdate())
    with refused("No enrolled or marketed product"):
        desk.step(case, Event.ACCEPT)
    desk.product.listings.create(listing_id="x", marketing_starts_on=days(-9), last_seen_on=days(0))
    assert desk.step(case, Event.ACCEPT).state == State.ACCEPTED


def test_an_official_action_of_the_same_day_weighs_more(desk: Desk) -> None:
    case = desk.request()
    desk.inspect("OAI", days_ago=90)
    with refused("classified OAI"):
        desk.step(case, Event.ACCEPT)


def test_two_assessors_without_conflict_are_needed(desk: Desk) -> None:
    case = desk.in_state(State.ACCEPTED)
    with refused("Two assessors, one of them the lead"):
        desk.step(case, Event.ORIENT)
    desk.assign(case)
    desk.take(case, desk.lead)
    with refused("aron@assessors.example must first take"):
        desk.step(case, Event.ORIENT)
    with refused("taken the assignment already"):
        desk.take(case, desk.lead)
    with refused("Only an assessor who is assigned"):
        desk.take(case, desk.third)
    with refused("Say which conflict"):
        case_take(case, user=desk.second, has_conflict=True)
    case_take(case, user=desk.second, has_conflict=True, nature="Consulted for Halden in 2025")
    assert ConflictDeclaration.objects.get(has_conflict=True).organisation.name == "Halden Group"
    with refused("Two assessors"):
        desk.step(case, Event.ORIENT)
    with refused("aron@assessors.example cannot be assigned: declared a conflict of interest with the firm"):
        desk.assign(case)
    desk.assign(case, desk.third)
    desk.take(case, desk.third)
    desk.step(case, Event.ORIENT)
    hidden = case.events.get(event=Event.CONFLICT)
    assert hidden.is_office
    for user in (desk.contact, desk.lead, desk.third):
        assert hidden not in CaseEvent.objects.for_user(user, "read_cases")
    for user in (desk.operator, desk.auditor):
        assert hidden in CaseEvent.objects.for_user(user, "read_cases")


def test_who_works_or_worked_for_the_firm_is_not_assigned(desk: Desk) -> None:
    case = desk.in_state(State.ACCEPTED)
    Membership.objects.create(
        user=desk.second,
        organisation=desk.site.owner,
        role=Role.MANUFACTURER_EDITOR,
        starts_on=days(-900),
        ends_on=days(-800),
    )
    with refused("works or worked for the firm"):
        desk.assign(case)


def test_a_conflict_that_shows_late_stops_the_next_step(desk: Desk) -> None:
    case = desk.in_state(State.SCORING)
    desk.ready(case)
    ConflictDeclaration.objects.create(
        user=desk.second, organisation=desk.site.owner, has_conflict=True, nature="Bought shares"
    )
    with refused("aron@assessors.example has a conflict of interest"):
        desk.step(case, Event.MEET)


def test_assignments_are_checked(desk: Desk) -> None:
    case = desk.request()
    with refused("Accept the request first"):
        desk.assign(case)
    desk.step(case, Event.ACCEPT)
    lead, second = desk.lead.membership, desk.second.membership
    with refused("Only the program operator assigns"):
        case_assign(case, user=desk.lead, lead=lead, second=second)
    with refused("two different people"):
        case_assign(case, user=desk.operator, lead=lead, second=lead)
    with refused("is no lead assessor"):
        case_assign(case, user=desk.operator, lead=second, second=lead)
    with refused("contact@halden.example is no assessor"):
        case_assign(case, user=desk.operator, lead=lead, second=desk.contact.membership)
    desk.assign(case)
    desk.take(case)
    with refused("Say why: the program office reads it"):
        desk.assign(case, desk.third)
    desk.assign(case, desk.third, note="Aron is ill.")
    said, reason = case.events.filter(event=Event.ASSIGN).order_by("-pk")[:2][::-1]
    assert said.note == "lena@assessors.example leads, tess@assessors.example is the second assessor."
    assert (reason.note, reason.is_office, reason.about) == ("Aron is ill.", True, desk.second)
    team = case.assignments.filter(ended_on=None).order_by("-is_lead")
    assert [(one.membership, one.is_lead, one.accepted_at is None) for one in team] == [
        (lead, True, False),
        (desk.third.membership, False, True),
    ]


def test_the_questionnaire_is_answered_in_full_and_by_the_firm(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    with refused("No question is answered yet"):
        desk.step(case, Event.RETURN)
    saved = sheet_save(case, "questionnaire", user=desk.contact, changes={"l1": Change("", "A council")})
    assert (saved.version, saved.conflicts) == (1, {})
    with refused("14 questions are not answered yet"):
        desk.step(case, Event.RETURN)
    clash = sheet_save(case, "questionnaire", user=desk.attestor, changes={"l1": Change("", "The owner")})
    assert clash.conflicts["l1"]["now"] == "A council"
    assert clash.conflicts["l1"]["name"] == "contact@halden.example"
    sheet_save(case, "questionnaire", user=desk.attestor, changes={"l1": Change("A council", "The owner")})
    assert sheet_of(case, "questionnaire").texts == {"l1": "The owner"}
    for user in (desk.operator, desk.lead, desk.auditor, desk.stranger):
        with pytest.raises(DraftClosedError):
            sheet_save(case, "questionnaire", user=user, changes={"l1": Change("The owner", "x")})
    with pytest.raises(KeyError):
        sheet_save(case, "questionnaire", user=desk.contact, changes={"z9": Change("", "x")})
    with pytest.raises(ValueError, match="at most 5,000"):
        sheet_save(case, "questionnaire", user=desk.contact, changes={"l2": Change("", "x" * 5001)})
    desk.write(case)
    desk.step(case, Event.RETURN)
    with pytest.raises(DraftClosedError):
        sheet_save(case, "questionnaire", user=desk.contact, changes={"l1": Change("Written.", "x")})
    desk.step(case, Event.SEND_BACK, note="Which lines?")
    sheet_save(case, "questionnaire", user=desk.contact, changes={"l1": Change("Written.", "Lines 1 to 3")})


def test_the_visit_comes_six_weeks_after_the_orientation_and_on_its_day(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    with refused("Give the first day"):
        case_step(case, Event.SCHEDULE, desk.operator)
    with refused("lies in the past"):
        desk.step(case, Event.SCHEDULE, visit_on=days(-1))
    with refused("at least 6 weeks after the orientation"):
        desk.step(case, Event.SCHEDULE, visit_on=days(41))
    with refused("more than two years"):
        desk.step(case, Event.SCHEDULE, visit_on=days(800))
    desk.step(case, Event.SCHEDULE, visit_on=days(42))
    assert (case.visit_starts_on, case.due_on) == (days(42), days(42))
    with refused("The visit begins on"):
        desk.step(case, Event.BEGIN)
    with refused("Say why"):
        desk.step(case, Event.RESCHEDULE, note=" ")
    desk.step(case, Event.RESCHEDULE, visit_on=days(50))
    assert case.rubric is None
    desk.later(50)
    desk.step(case, Event.BEGIN)
    assert case.rubric.version == "2026.1"


def test_consensus_begins_when_both_are_done_and_ends_when_all_is_agreed(desk: Desk) -> None:
    case = desk.in_state(State.SCORING)
    desk.score(case, desk.lead, 2)
    with refused("aron@assessors.example has not finished"):
        desk.step(case, Event.MEET)
    desk.score(case, desk.second, 4, finish=False)
    with refused("aron@assessors.example has not finished"):
        desk.step(case, Event.MEET)
    case.assignments.filter(membership=desk.second.membership).update(finished_at=timezone.now())
    desk.step(case, Event.MEET, desk.second)
    with refused("No agreed level, or no reason for a wide gap: MC1, MC2"):
        desk.step(case, Event.AGREE)
    desk.agree(case, 3)
    with refused("no reason for a wide gap: MC1"):
        desk.step(case, Event.AGREE)
    ConsensusScore.objects.filter(case=case).update(reason="Seen in the records of both lines.")
    desk.step(case, Event.AGREE)
    with refused("Nothing of the draft is written yet"):
        desk.step(case, Event.SEND_DRAFT)
    first = codes_of(case)[0]
    sheet_save(case, "draft", user=desk.second, changes={first: Change("", "The council meets monthly.")})
    with refused("19 elements of the draft have no text yet"):
        desk.step(case, Event.SEND_DRAFT)


def test_comments_are_answered_one_by_one_before_the_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.in_state(State.FACT_CHECK)
    with refused("has time until"):
        desk.step(case, Event.FINALIZE)
    with refused("Choose the passage"):
        comment_add(case, user=desk.contact, element="MC99", text="Wrong")
    with refused("Write what is not accurate"):
        comment_add(case, user=desk.contact, element="MC1", text=" ")
    monkeypatch.setattr(fact_check, "MOST", 0)
    with refused("at most 200 comments"):
        comment_add(case, user=desk.contact, element="MC1", text="Wrong")
    monkeypatch.undo()
    with refused("Only the establishment comments"):
        comment_add(case, user=desk.lead, element="MC1", text="Wrong")
    comment = comment_add(case, user=desk.contact, element="MC1", text="It meets every two weeks.")
    assert comment.passage == "Written."
    desk.step(case, Event.CONFIRM)
    with refused("finished already"):
        desk.step(case, Event.CONFIRM)
    with refused("You have finished the review"):
        comment_add(case, user=desk.contact, element="MC1", text="And more")
    with refused("1 comment waits for the assessors’ answer"):
        desk.step(case, Event.FINALIZE)
    with refused("Only the assessors answer"):
        comment_answer(comment, user=desk.operator, verdict="kept", answer="No")
    with refused("Say what becomes of the draft"):
        comment_answer(comment, user=desk.second, verdict="?", answer="No")
    comment_answer(comment, user=desk.second, verdict="corrected", answer="Every two weeks, as the minutes show.")
    with refused("answered already"):
        comment_answer(FactComment.objects.get(), user=desk.lead, verdict="kept", answer="No")
    desk.step(case, Event.FINALIZE)
    assert Assessment.objects.filter(case=case).count() == 1


def test_silence_ends_the_review_with_its_day(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    desk.later(31)
    desk.step(case, Event.FINALIZE)


def test_the_consensus_can_be_opened_again_and_asks_for_another_review(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    desk.step(case, Event.CONFIRM)
    desk.step(case, Event.REOPEN, note="MC1 is one level higher after all.")
    for event in (Event.AGREE, Event.SEND_DRAFT):
        desk.step(case, event)
    with refused("has time until"):
        desk.step(case, Event.FINALIZE)
    assert case.events.get(event=Event.REOPEN).is_internal


def test_who_takes_the_next_step_is_mailed_and_no_word_of_it(desk: Desk, django_capture_on_commit_callbacks) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    CaseNotice.objects.all().delete()
    desk.step(case, Event.SEND_BACK, note="Snorkelbeam: which lines?")
    assert notices_send() == 2
    assert sorted(one.to[0] for one in mail.outbox) == ["attestor@halden.example", "contact@halden.example"]
    first = mail.outbox[0]
    assert first.subject == "Assessment of Halden Plant 2: questionnaire issued"
    assert "olivia@office.example (operator at Office) sent the questionnaire back with questions." in first.body
    assert "Next: return the questionnaire. The establishment does that by" in first.body
    assert "Snorkelbeam" not in first.body
    assert notices_send() == 0


def test_withdrawn_and_declined_leave_room_for_another_request(desk: Desk) -> None:
    case = desk.in_state(State.WITHDRAWN)
    assert case.closed_on == timezone.localdate()
    again = desk.request()
    desk.step(again, Event.DECLINE, note="The program is full until May.")
    assert desk.request().state == State.REQUESTED


def test_rows_are_seen_by_their_sides_alone(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    comment_add(case, user=desk.contact, element="MC1", text="Wrong")
    for model in (AssessmentCase, CaseEvent, CaseSheet, FactComment):
        for user in (desk.contact, desk.lead, desk.second, desk.operator, desk.auditor):
            assert model.objects.for_user(user, "read_cases").exists(), (model, user)
        for user in (desk.stranger, desk.third):
            assert not model.objects.for_user(user, "read_cases").exists(), (model, user)
