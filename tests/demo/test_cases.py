"""The demonstration's assessments: in every state, by the table of steps, and with outcomes that follow from levels."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.utils import timezone

from dscr.access.roles import Role
from dscr.demo.portfolio import build
from qmm.course.levels import area_levels
from qmm.course.steps import CLOSED_STATES, OUTCOME_STATES, PATH, STEPS, WEEKS_AHEAD, Event, State
from qmm.models import (
    AREAS,
    AgreementFigure,
    AssessmentCase,
    AssessorDrift,
    CalibrationSheet,
    CaseAssignment,
    CaseEvent,
    CaseSheet,
    ConsensusScore,
    ElementScore,
    FactComment,
    Finding,
    ImprovementAction,
    ImprovementPlan,
    SiteGrant,
)
from qmm.queries.scores import open_consensus
from qmm.services.duplicates import open_pairs

TODAY = date(2026, 11, 22)  # a Sunday: the visit of its week is over and not ended


def test_cases_stand_in_every_state_and_some_are_late() -> None:
    courses = build(2026, TODAY).courses
    states = Counter(course.case.state for course in courses)
    assert set(states) == set(State)
    assert sum(states[state] for state in OUTCOME_STATES) == 57
    assert sum(count for state, count in states.items() if state not in CLOSED_STATES) == 16
    late = Counter(course.case.closed_on is None for course in courses if (course.case.due_on or TODAY) < TODAY)
    assert late == {True: 5, False: 3}  # three firms owe their plan
    open_now = [course.case.establishment.name for course in courses if course.case.closed_on is None]
    assert len(set(open_now)) == len(open_now)


def test_days_follow_each_other_as_the_program_asks() -> None:
    for course in build(2026, TODAY).courses:
        days = list(course.days.values())
        assert days == sorted(days)
        assert days[-1] <= TODAY
        assert course.case.requested_on == days[0]
        if course.passed(Event.BEGIN):
            assert course.days[Event.BEGIN] - course.days[Event.ORIENT] >= timedelta(weeks=WEEKS_AHEAD)


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_every_case_with_assessors_has_a_lead_and_a_second_one() -> None:
    teams: dict[int, list[tuple[str, bool]]] = {}
    for row in CaseAssignment.objects.filter(ended_on=None).select_related("membership"):
        teams.setdefault(row.case_id, []).append((row.membership.role, row.is_lead))
    assert all(sorted(team) == [(Role.ASSESSOR, False), (Role.LEAD_ASSESSOR, True)] for team in teams.values())
    without = AssessmentCase.objects.exclude(pk__in=teams)
    assert Counter(without.values_list("state", flat=True)) == {"requested": 2, "accepted": 1, "declined": 1}


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_timelines_go_by_the_table_of_steps() -> None:
    timelines: dict[int, list[CaseEvent]] = {}
    for line in CaseEvent.objects.order_by("case", "at", "pk"):
        timelines.setdefault(line.case_id, []).append(line)
    for case in AssessmentCase.objects.all():
        lines = timelines[case.pk]
        assert lines[0].event == Event.REQUEST
        assert [line.came_from for line in lines[1:]] == [line.state for line in lines[:-1]]
        for line in lines[1:]:
            step = STEPS.get(Event(line.event))
            assert line.state == (step.leads[State(line.came_from)] if step else line.came_from)
        assert (lines[-1].state, lines[-1].due_on) == (case.state, case.due_on)


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_an_outcome_is_what_both_agreed_on() -> None:
    final = AssessmentCase.objects.filter(state__in=OUTCOME_STATES).select_related("assessment", "rubric")
    assert final.count() == 57
    for case in final:
        agreed = dict(ConsensusScore.objects.filter(case=case).values_list("element", "level"))
        assert area_levels(agreed) == {area: getattr(case.assessment, area) for area in AREAS}
        assert case.assessment.completed_on == case.closed_on
    past_consensus = PATH[PATH.index(State.DRAFT_REPORT) :]
    for case in AssessmentCase.objects.filter(state__in=past_consensus).select_related("rubric"):
        assert open_consensus(case) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_levels_are_given_as_far_as_each_case_has_come() -> None:
    rows = ElementScore.objects.values_list("assignment__case__state", "assignment__finished_at")
    at_an_end = {state.value: "at an end" for state in OUTCOME_STATES}
    assert Counter((at_an_end.get(state, state), finished_at is None) for state, finished_at in rows) == {
        ("at an end", False): 57 * 40,
        ("fact_check", False): 2 * 40,
        ("draft_report", False): 40,
        ("consensus", False): 40,
        ("scoring", False): 20,
        ("scoring", True): 14 + 20 + 14,
        ("in_progress", True): 7 + 9,
    }
    assert not ElementScore.objects.filter(notes__contains="{").exists()
    assert not Finding.objects.filter(text__contains="{").exists()
    assert set(Finding.objects.values_list("kind", flat=True)) == set(Finding.Kind)
    assert FactComment.objects.filter(answered_at=None).count() == 1
    assert not any("{" in text for sheet in CaseSheet.objects.all() for text in sheet.texts.values())


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_agreement_has_a_figure_for_each_cycle_and_finds_the_lenient_one() -> None:
    told = AgreementFigure.objects.told_to_everybody().filter(kind="overall", cycle__isnull=False)
    assert told.count() >= 3
    assert all(0.78 <= figure.alpha <= 0.92 for figure in told)
    drifts = {
        row.assessor.email.partition("@")[0]: row
        for row in AssessorDrift.objects.filter(cycle=None, source="assessments").select_related("assessor")
    }
    assert len(drifts) == 6
    lenient = drifts.pop("second-assessor")
    assert lenient.low > 0
    assert lenient.drift > 0.2 > max(abs(row.drift) for row in drifts.values())


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_what_stands_around_the_cases() -> None:
    assert CalibrationSheet.objects.filter(submitted_at=None).count() == 1
    assert CalibrationSheet.objects.filter(submitted_at__isnull=False).count() == 16
    assert SiteGrant.objects.in_force().count() == 2
    assert open_pairs().count() == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_plans_have_gone_as_far_as_their_days() -> None:
    actions = ImprovementAction.objects.select_related("plan__case")
    assert {action.standing for action in actions} == set(ImprovementAction.Standing)
    for action in actions:
        agreed = ConsensusScore.objects.get(case=action.plan.case, element=action.element)
        assert agreed.level < action.target <= 5
        assert action.changes.count() == action.version
        assert action.plan.case.closed_on < timezone.localdate(action.added_at) < action.due_on
    sent = ImprovementPlan.objects.exclude(case__state=State.EXPIRED)
    assert set(sent.values_list("case__state", flat=True)) == {State.IMPROVEMENT_PLAN}
