"""What the page of one case shows to its reader."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from dscr.access.models import User
from qmm.course.steps import ASSIGNABLE, CLOSED_STATES, NEXT, OUTCOME_STATES, PATH, STEPS, Event, Side, State, refusal
from qmm.course.words import next_sentence
from qmm.models import AssessmentCase, CaseAssignment, CaseEvent, CaseFile, CaseSheet, ImprovementPlan
from qmm.queries.validity import Outcome, open_case_of, present_outcome
from qmm.services.course_conditions import Asked, is_confirmed, unmet
from qmm.services.course_people import sides_of, team_of
from qmm.services.course_sheet import may_read, may_write


@dataclass(frozen=True, slots=True)
class Stage:
    """One state of the path; `standing` is done, current or ahead."""

    state: State
    standing: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that the reader may take, with what still stands against it."""

    event: Event
    does: str
    unmet: list[str]
    needs_note: bool
    needs_day: bool
    is_main: bool


@dataclass(frozen=True, slots=True)
class SheetLink:
    kind: str
    label: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    case: AssessmentCase
    sides: frozenset[Side]
    team: list[CaseAssignment]
    mine: CaseAssignment | None
    stages: list[Stage]
    next: str
    is_late: bool
    days_late: int
    offers: list[Offer]
    sheets: list[SheetLink]
    timeline: list[CaseEvent]
    files: list[CaseFile]
    may_assign: bool
    may_add_files: bool
    reads_draft: bool
    takes: bool  # whether the reader has to take the assignment first
    reads_consensus: bool
    reads_plan: bool
    writes_plan: bool
    present: Outcome | None  # the assessment by which the establishment counts today
    reads_site: bool  # whether its page opens to the reader
    next_case: AssessmentCase | None  # another one under way, where this is over


def readable_case(user: User, pk: int) -> AssessmentCase | None:
    """The rubric's long texts come with the few questions that need them."""
    related = ("establishment__owner", "rubric", "assessment")
    rows = AssessmentCase.objects.for_user(user, "read_cases").select_related(*related)
    rows = rows.defer("rubric__texts", "rubric__edits")
    return rows.filter(pk=pk).first() if pk < 2**63 else None


def case_page(case: AssessmentCase, user: User) -> CasePage:
    today, sides, team = timezone.localdate(), sides_of(case, user), list(team_of(case))
    mine = next((one for one in team if one.membership == user.membership), None)
    takes = mine is not None and mine.accepted_at is None and case.state not in CLOSED_STATES
    timeline = list(
        CaseEvent.objects.for_user(user, "read_cases").filter(case=case).select_related("by", "organisation")
    )
    late = (today - case.due_on).days if case.due_on and NEXT.get(State(case.state)) else 0
    has_outcome = case.state in OUTCOME_STATES and case.assessment_id is not None
    under_way = open_case_of(user, [case.establishment_id]) if case.closed_on else {}
    sheets = [] if takes else _sheets(case, sides)
    return CasePage(
        case=case,
        sides=sides,
        team=team,
        mine=mine,
        stages=_stages(case, timeline),
        next=next_sentence(case.state, case.due_on, case.state == State.FACT_CHECK and is_confirmed(case)),
        is_late=late > 0,
        days_late=late,
        offers=[] if takes else _offers(case, sides, today),
        sheets=sheets,
        timeline=timeline[::-1],
        files=[] if takes else list(case.files.select_related("given_by", "organisation")),
        may_assign=Side.OFFICE in sides and case.state in ASSIGNABLE,
        may_add_files=bool({Side.FIRM, Side.OFFICE} & sides) and case.state not in CLOSED_STATES,
        reads_draft=not takes and case.state in PATH[PATH.index(State.FACT_CHECK) :],
        takes=takes,
        reads_consensus=case.state in PATH[PATH.index(State.CONSENSUS) :],
        reads_plan=has_outcome and (Side.ASSESSOR not in sides or _plan_is_sent(case)),
        writes_plan=case.state == State.FINAL and Side.FIRM in sides,
        present=present_outcome(user, case.establishment),
        reads_site=Side.ASSESSOR not in sides or case.closed_on is None,
        next_case=under_way.get(case.establishment_id),
    )


def _plan_is_sent(case: AssessmentCase) -> bool:
    return ImprovementPlan.objects.filter(case=case, sent_at__isnull=False).exists()


def _stages(case: AssessmentCase, timeline: list[CaseEvent]) -> list[Stage]:
    """A closed case that never became final stands where it was left."""
    reached = {line.state: line.at for line in timeline if line.came_from != line.state}
    standing_at = case.state
    if standing_at not in PATH:
        before = [line.came_from for line in timeline if line.state == case.state]
        standing_at = before[-1] if before else State.REQUESTED
    place = PATH.index(State(standing_at))
    return [
        Stage(
            state,
            "done"
            if number < place or state == standing_at == State.FINAL
            else "current"
            if number == place
            else "ahead",
            timezone.localtime(reached[state]).date() if state in reached and number <= place else None,
        )
        for number, state in enumerate(PATH)
        if state != State.IMPROVEMENT_PLAN or state in reached or number >= place  # it may have expired without one
    ]


def _offers(case: AssessmentCase, sides: frozenset[Side], today: date) -> list[Offer]:
    found = []
    for event, step in STEPS.items():
        if refusal(State(case.state), event, sides):
            continue
        needs_day = event in (Event.SCHEDULE, Event.RESCHEDULE)
        asked = Asked(case, today)
        # The day is asked by the form itself.
        said = [unmet(condition, asked) for condition in step.conditions if not needs_day]
        goes_on = step.leads[State(case.state)] in PATH and event not in (
            Event.REOPEN,
            Event.RESCHEDULE,
            Event.SEND_BACK,
        )
        found.append(Offer(event, step.does, [one for one in said if one], step.needs_note, needs_day, goes_on))
    return sorted(found, key=lambda offer: not offer.is_main)


def _sheets(case: AssessmentCase, sides: frozenset[Side]) -> list[SheetLink]:
    return [
        SheetLink(kind.value, kind.label, may_write(case, kind, sides))
        for kind in CaseSheet.Kind
        if may_read(case, kind, sides)
    ]
