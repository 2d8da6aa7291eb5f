"""What is kept of each case of the demonstration beside its row: assignments, timeline, sheets, comments, levels."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from dscr.access.models import Membership
from dscr.demo.case_levels import create_levels
from dscr.demo.course import Course, next_work_day, office_hour, work_day
from dscr.demo.dated import as_dated
from dscr.demo.dice import dice
from dscr.demo.people import People
from dscr.demo.teams import Team, choose_teams
from dscr.demo.timelines import lines_of, when
from dscr.demo.words import answer, case_text, comments, figures, passage, seen
from qmm.course.questions import questions
from qmm.course.steps import Event
from qmm.models import (
    AssessmentCase,
    CaseAssignment,
    CaseEvent,
    CaseSheet,
    ConflictDeclaration,
    FactComment,
    Rubric,
)
from qmm.rubric import read

ANSWERED = (6, 3)  # questions answered while the questionnaire is out: of the first case, of others
WRITTEN = 12  # passages while the draft is written
HINT = "What was seen and heard, in facts that the establishment can check. No level."


def create_case_records(seed: int, courses: list[Course], people: People) -> None:
    """For stored cases of the rubric in force."""
    rubric = Rubric.objects.in_force().get()
    visited = [course.case.pk for course in courses if course.agreed]
    AssessmentCase.objects.filter(pk__in=visited).update(rubric=rubric)
    teams = choose_teams(seed, courses, people)
    rolls = [dice(seed, "course", course.number) for course in courses]
    timelines = [lines_of(roll, *each, people) for roll, *each in zip(rolls, courses, teams, strict=True)]
    every = list(zip(rolls, courses, teams, timelines, strict=True))
    CaseAssignment.objects.bulk_create(row for each in every for row in _assignments(*each))
    CaseEvent.objects.bulk_create(line for lines in timelines for line in lines)
    ConflictDeclaration.objects.bulk_create(row for each in every for row in _declarations(*each))
    asked = _asked(rubric)
    with as_dated(CaseSheet):
        CaseSheet.objects.bulk_create(row for each in every for row in _sheets(seed, *each, people, asked))
    FactComment.objects.bulk_create(row for each in every for row in _comments(seed, *each, people))
    create_levels(seed, [(course, team) for course, team in zip(courses, teams, strict=True) if course.agreed])


def _assignments(roll: Random, course: Course, team: Team, lines: list[CaseEvent]) -> list[CaseAssignment]:
    if not course.passed(Event.ASSIGN):
        return []
    assigned_on = course.days[Event.ASSIGN]
    taken = {line.by_id: line.at for line in lines if line.event == Event.TAKE}
    team.rows = [
        CaseAssignment(
            case=course.case,
            membership=member,
            is_lead=member is team.lead,
            assigned_on=assigned_on,
            accepted_at=taken.get(member.user_id),
            finished_at=_finished(roll, course, member is team.lead),
        )
        for member in (team.lead, team.second)
    ]
    if team.left is None:
        return team.rows
    ended_on = when(lines, Event.CONFLICT).date()
    left = CaseAssignment(case=course.case, membership=team.left, assigned_on=assigned_on, ended_on=ended_on)
    return [left, *team.rows]


def _finished(roll: Random, course: Course, is_lead: bool) -> datetime | None:
    """Between the visit and the consensus; of a late case that waits for the second, only the lead has."""
    if not course.passed(Event.END_VISIT):
        return None
    ended = course.days[Event.END_VISIT]
    at = office_hour(roll, work_day(ended + timedelta(days=6 if is_lead else 8)))
    waits = not course.passed(Event.MEET)
    return at if not waits or (is_lead and course.number % 2 == 0) else None


def _declarations(_: Random, course: Course, team: Team, lines: list[CaseEvent]) -> list[ConflictDeclaration]:
    return [
        ConflictDeclaration(
            user=line.by,
            organisation=course.case.establishment.owner,
            has_conflict=line.event == Event.CONFLICT,
            nature=case_text("conflict") if line.event == Event.CONFLICT else "",
            declared_at=line.at,
        )
        for line in lines
        if line.event in (Event.TAKE, Event.CONFLICT)
    ]


def _asked(rubric: Rubric) -> list[dict[str, str]]:
    return [
        {"code": element.code, "section": section.area.label, "label": f"{element.code} {element.name}", "hint": HINT}
        for section in read(rubric.kept_texts)
        for element in section.elements
    ]


def _sheets(
    seed: int,
    roll: Random,
    course: Course,
    team: Team,
    lines: list[CaseEvent],
    people: People,
    asked: list[dict[str, str]],
) -> list[CaseSheet]:
    found = []
    if course.passed(Event.ISSUE):
        returned = course.passed(Event.RETURN)
        given = questions() if returned else questions()[: ANSWERED[course.number > 0]]
        said = figures(roll)
        texts = {one.code: answer(one.code, course.maturity, said) for one in given}
        wording = [{"code": q.code, "section": q.section, "label": q.label, "hint": q.hint} for q in questions()]
        by = people.contacts[course.case.establishment.owner_id]
        at = when(lines, Event.RETURN if returned else Event.ISSUE) + timedelta(hours=-2 if returned else 26)
        found.append(_sheet(course, CaseSheet.Kind.QUESTIONNAIRE, wording, texts, by, at))
    if course.passed(Event.AGREE):
        passages = passages_of(seed, course)
        sent = course.passed(Event.SEND_DRAFT)
        texts = passages if sent else dict(list(passages.items())[:WRITTEN])
        at = (
            when(lines, Event.SEND_DRAFT) - timedelta(hours=1) if sent else when(lines, Event.AGREE) + timedelta(days=2)
        )
        found.append(_sheet(course, CaseSheet.Kind.DRAFT, asked, texts, team.lead, at))
    return found


def _sheet(
    course: Course, kind: str, asked: list[dict[str, str]], texts: dict[str, str], by: Membership, at: datetime
) -> CaseSheet:
    edit: dict[str, Any] = {"by": by.user_id, "name": str(by.user), "at": at.isoformat(timespec="seconds")}
    return CaseSheet(
        case=course.case,
        kind=kind,
        asked=asked,
        texts=texts,
        edits=dict.fromkeys(texts, edit),
        revision=len(texts),
        updated_at=at,
        updated_by=by.user,
    )


def passages_of(seed: int, course: Course) -> dict[str, str]:
    """Of the draft, by element: the facts behind what was agreed on."""
    return {code: passage(code, level, seen(seed, course.number, code)) for code, level in course.agreed.items()}


def _comments(
    seed: int, roll: Random, course: Course, team: Team, lines: list[CaseEvent], people: People
) -> list[FactComment]:
    """While the establishment reviews, one of two waits for its answer."""
    if not course.passed(Event.SEND_DRAFT):
        return []
    passages, sent = passages_of(seed, course), when(lines, Event.SEND_DRAFT)
    reviewed = course.passed(Event.CONFIRM)
    chosen = roll.sample(comments(), roll.randint(1, 3) if course.is_final else 2)
    by = people.contacts[course.case.establishment.owner_id]
    found = []
    for number, words in enumerate(chosen):
        row = FactComment(
            case=course.case,
            element=words["element"],
            passage=passages[words["element"]],
            text=words["text"],
            by=by.user,
            at=office_hour(roll, next_work_day(sent.date() + timedelta(days=3 + number))),
        )
        if reviewed or number == 0:
            row.verdict, row.answer, row.answered_by = words["verdict"], words["answer"], team.lead.user
            asked_on = (when(lines, Event.CONFIRM) if reviewed else row.at).date()
            row.answered_at = office_hour(roll, next_work_day(asked_on + timedelta(days=2)))
        found.append(row)
    return found
