"""What the page of one case shows to its reader."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import OrganisationKind
from qmm.course.steps import (
    ASSIGNABLE,
    CLOSED_STATES,
    COMPARED,
    NEXT,
    OUTCOME_STATES,
    PATH,
    STEPS,
    Event,
    Side,
    State,
    refusal,
)
from qmm.course.words import next_sentence
from qmm.models import AssessmentCase, CaseAssignment, CaseEvent, CaseFile, CaseSheet, FactComment, ImprovementPlan
from qmm.models.blind import is_revealed
from qmm.queries.conflicts import undeclared
from qmm.queries.report_readers import may_read_report
from qmm.queries.validity import Outcome, open_case_of, present_outcome
from qmm.services.case_files import may_add_files
from qmm.services.course_conditions import Asked, is_confirmed, unmet
from qmm.services.course_people import has_taken, recused_words, sides_of, team_of
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
    is_compared: bool  # the assessors' levels stand: who comes in for somebody carries on with them
    may_add_files: bool
    reads_draft: bool
    reads_report: bool
    recused: str  # why an operator takes no step here; "" for everybody else
    is_shut: bool  # to an assessor who has not taken the assignment: nothing but this page opens
    takes: bool  # whether the reader has to declare their interests, before taking it or since the site was sold
    has_outcome: bool
    is_dropped: bool  # it ended before it came to an outcome
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


def taken_case(user: User, pk: int) -> tuple[AssessmentCase, frozenset[Side]] | None:
    """With the reader's sides. An assessor meets nothing of a case but its page before declaring their interests,
    and never if it ends before that."""
    case = readable_case(user, pk)
    if case is None:
        return None
    sides = sides_of(case, user)
    return None if Side.ASSESSOR in sides and not has_taken(case, user) else (case, sides)


def timeline_of(case: AssessmentCase, user: User, sides: frozenset[Side]) -> list[CaseEvent]:
    """The oldest line first, each with `told`: its note, as far as the reader may know it."""
    rows = (
        CaseEvent.objects.for_user(user, "read_cases").filter(case=case).select_related("by", "organisation", "about")
    )
    lines = list(rows)
    # Where a case went back to the scoring, what was written beside both panels would tell of their levels.
    is_blind = Side.ASSESSOR in sides and any(map(_is_beside_panels, lines)) and not is_revealed(case.pk)
    for line in lines:
        # Reasons for replacing somebody once stood in the lines of assignments.
        is_hidden = Side.FIRM in sides and (line.is_internal or line.event == Event.ASSIGN or _is_formers(line, case))
        line.told = "" if is_hidden or (is_blind and _is_beside_panels(line)) else line.note
    return lines


def _is_beside_panels(line: CaseEvent) -> bool:
    return line.came_from in COMPARED


def _is_formers(line: CaseEvent, case: AssessmentCase) -> bool:
    """Written by another firm than the establishment's owner of today."""
    firm = line.organisation
    return firm is not None and firm.pk != case.establishment.owner_id and OrganisationKind.MANUFACTURER in firm.kinds


def case_page(case: AssessmentCase, user: User) -> CasePage:
    today, sides, team = timezone.localdate(), sides_of(case, user), list(team_of(case))
    mine = next((one for one in team if one.membership == user.membership), None)
    is_shut = mine is not None and mine.accepted_at is None
    takes = is_shut or (mine is not None and case.closed_on is None and user.pk in undeclared(case))
    timeline = timeline_of(case, user, sides)
    late = (today - case.due_on).days if case.due_on and NEXT.get(State(case.state)) else 0
    has_outcome = case.state in OUTCOME_STATES and case.assessment_id is not None
    under_way = open_case_of(user, [case.establishment_id]) if case.closed_on else {}
    sheets = [] if is_shut else _sheets(case, sides)
    return CasePage(
        case=case,
        sides=sides,
        team=team,
        mine=mine,
        stages=_stages(case, timeline),
        next=_next(case),
        is_late=late > 0,
        days_late=late,
        offers=[] if is_shut else _offers(case, sides, today),
        sheets=sheets,
        timeline=timeline[::-1],
        files=[] if is_shut else _files(case, user),
        may_assign=Side.OFFICE in sides and case.state in ASSIGNABLE,
        is_compared=case.state in COMPARED,
        may_add_files=may_add_files(case, sides),
        reads_draft=not is_shut
        and case.state in PATH[PATH.index(State.FACT_CHECK) :]
        and (Side.FIRM not in sides or any(one.kind == CaseSheet.Kind.DRAFT for one in sheets)),
        reads_report=may_read_report(case, sides, takes=is_shut),
        recused="" if sides else recused_words(case, user),
        is_shut=is_shut,
        takes=takes and case.state not in CLOSED_STATES,
        has_outcome=has_outcome,
        is_dropped=case.state in CLOSED_STATES and case.state not in OUTCOME_STATES,
        reads_consensus=not is_shut and case.state in PATH[PATH.index(State.CONSENSUS) :],
        reads_plan=not is_shut
        and has_outcome
        and (Side.ASSESSOR not in sides or _plan_is_sent(case))
        and not (Side.FIRM in sides and ImprovementPlan.sent_by_former(case)),
        writes_plan=case.state == State.FINAL and Side.FIRM in sides,
        present=present_outcome(user, case.establishment),
        reads_site=Side.ASSESSOR not in sides or (case.closed_on is None and not is_shut),
        next_case=under_way.get(case.establishment_id),
    )


def _next(case: AssessmentCase) -> str:
    confirmed = case.state == State.FACT_CHECK and is_confirmed(case)
    answered = confirmed and not FactComment.objects.filter(case=case, answered_at=None).exists()
    return next_sentence(case.state, case.due_on, confirmed, answered)


def _files(case: AssessmentCase, user: User) -> list[CaseFile]:
    rows = CaseFile.objects.for_user(user, "read_cases").filter(case=case)
    return list(rows.select_related("given_by", "organisation"))


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
