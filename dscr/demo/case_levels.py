"""What both assessors of each case gave, each alone: levels, notes and findings; and what they agreed on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from dscr.demo import words
from dscr.demo.course import Course, office_hour
from dscr.demo.dated import as_dated
from dscr.demo.dice import dice
from dscr.demo.levels import FAR, both_levels, habit_of
from dscr.demo.people import account_of
from dscr.demo.teams import Team
from qmm.course.steps import Event
from qmm.models import CaseAssignment, ConsensusScore, ElementScore, Finding
from qmm.queries.scores import WIDE

FOUND = 0.6  # chance that one of the two writes a finding on an element
# Elements with a level during the visit, and after it by who has not finished: the lead, the second assessor.
DURING, AFTER = (7, 9), (20, 14)
AGREED = 9  # elements while the consensus is held


def create_levels(seed: int, cases: list[tuple[Course, Team]]) -> None:
    scores: list[ElementScore] = []
    findings: list[Finding] = []
    consensus: list[ConsensusScore] = []
    for course, team in cases:
        roll = dice(seed, "levels", course.number)
        habits = [habit_of(account_of(member)) for member in (team.lead, team.second)]
        if course.last == Event.MEET:
            habits[1] = FAR
        given = both_levels(roll, course.agreed, *habits)
        for assignment, levels in zip(team.rows, given, strict=True):
            told = dict(list(levels.items())[: _progress(course, assignment)])
            scores += _scores(seed, roll, course, assignment, told)
        findings += _findings(seed, roll, course, team, given)
        consensus += _consensus(seed, roll, course, team, given)
    with as_dated(ElementScore, Finding, ConsensusScore):
        ElementScore.objects.bulk_create(scores, batch_size=1000)
        Finding.objects.bulk_create(findings, batch_size=1000)
        ConsensusScore.objects.bulk_create(consensus, batch_size=1000)


def _progress(course: Course, assignment: CaseAssignment) -> int:
    """Elements with a level."""
    if assignment.finished_at:
        return len(course.agreed)
    return (AFTER if course.passed(Event.END_VISIT) else DURING)[0 if assignment.is_lead else 1]


def _scores(
    seed: int, roll: Random, course: Course, assignment: CaseAssignment, levels: dict[str, int]
) -> Iterator[ElementScore]:
    for number, (code, level) in enumerate(levels.items()):
        said = words.seen(seed, course.number, code)
        note = words.lead_note(code, level, said) if assignment.is_lead else words.second_note(roll, code, level, said)
        at = _written(roll, course, assignment, number)
        yield ElementScore(assignment=assignment, element=code, level=level, notes=note, version=2, updated_at=at)


def _written(roll: Random, course: Course, assignment: CaseAssignment, number: int) -> datetime:
    """Four elements a day of the visit; never after the assessor had finished, nor ahead of today."""
    at = office_hour(roll, course.days[Event.BEGIN] + timedelta(days=number // 4))
    ends = [end for end in (assignment.finished_at, timezone.now()) if end]
    return min(at, *(end - timedelta(minutes=20) for end in ends))


def _findings(
    seed: int, roll: Random, course: Course, team: Team, given: tuple[dict[str, int], dict[str, int]]
) -> Iterator[Finding]:
    """On most elements, by one of the two, among those that have a level already."""
    for number, code in enumerate(course.agreed):
        side = roll.randint(0, 1)
        assignment = team.rows[side]
        if roll.random() > FOUND or number >= _progress(course, assignment):
            continue
        kind, text, evidence = words.finding(code, given[side][code], words.seen(seed, course.number, code))
        at = _written(roll, course, assignment, number)
        yield Finding(
            assignment=assignment,
            element=code,
            kind=kind,
            text=text,
            evidence=evidence,
            form=UUID(int=roll.getrandbits(128), version=4),
            created_at=at,
            updated_at=at,
        )


def _consensus(
    seed: int, roll: Random, course: Course, team: Team, given: tuple[dict[str, int], dict[str, int]]
) -> Iterator[ConsensusScore]:
    if not course.passed(Event.MEET):
        return
    closed = course.days.get(Event.AGREE)
    at = office_hour(roll, closed or course.days[Event.MEET]) - timedelta(hours=1)
    for number, (code, level) in enumerate(course.agreed.items()):
        if not closed and number >= AGREED:
            return
        is_wide = abs(given[0][code] - given[1][code]) >= WIDE
        yield ConsensusScore(
            case=course.case,
            element=code,
            level=level,
            reason=words.reason(roll, words.seen(seed, course.number, code)) if is_wide else "",
            version=1,
            decided_by=team.lead.user,
            decided_at=at + timedelta(minutes=2 * number),
        )
