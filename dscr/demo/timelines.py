"""Timelines of the demonstration's cases: a line for every step that was taken, by whom it belongs to."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from dscr.access.models import Membership
from dscr.demo.course import LEADS_TO, Course, next_work_day, office_hour
from dscr.demo.people import People
from dscr.demo.teams import Team
from dscr.demo.words import case_text
from qmm.course.steps import DAYS_TO_ACCEPT, STEPS, Event, State
from qmm.models import CaseEvent

NOTES = {
    Event.ACCEPT: "accepted",
    Event.ORIENT: "oriented",
    Event.SCHEDULE: "scheduled",
    Event.CONFIRM: "confirmed",
    Event.SEND_BACK: "sent_back",
    Event.RESCHEDULE: "moved",
    Event.DECLINE: "declined",
    Event.WITHDRAW: "withdrawn",
    Event.STOP: "stopped",
    Event.CONFLICT: "conflict",
}
BY_FIRM = (Event.REQUEST, Event.RETURN, Event.CONFIRM, Event.WITHDRAW, Event.SUBMIT_PLAN)
BY_LEAD = (Event.ISSUE, Event.BEGIN, Event.END_VISIT, Event.AGREE, Event.SEND_DRAFT)
KEEP_STATE = (Event.ASSIGN, Event.TAKE, Event.CONFLICT, Event.CONFIRM, Event.RESCHEDULE)
BACK_EVERY, MOVED_EVERY = 7, 9  # final cases; in one of them that happened


def lines_of(roll: Random, course: Course, team: Team, people: People) -> list[CaseEvent]:
    lines: list[CaseEvent] = []
    state = ""
    for event, on, by in _steps(course, team, people):
        on = next_work_day(on) if by else on
        at = min(office_hour(roll, on), timezone.now())
        if lines and at <= lines[-1].at:
            at = lines[-1].at + timedelta(minutes=roll.randint(5, 40))
        came_from, state = state, state if event in KEEP_STATE else _leads_to(course, event)
        lines.append(
            CaseEvent(
                case=course.case,
                event=event,
                came_from=came_from,
                state=state,
                by=by.user if by else None,
                role=by.get_role_display() if by else "",
                organisation=by.organisation if by else None,
                at=at,
                due_on=_due(course, event, on),
                note=_note(event, team, lines),
                is_office=event == Event.CONFLICT,
            )
        )
    return lines


def _steps(course: Course, team: Team, people: People) -> Iterator[tuple[Event, date, Membership | None]]:
    """Nobody expires an assessment."""
    firm = people.contacts[course.case.establishment.owner_id]
    for event, on in course.days.items():
        by = firm if event in BY_FIRM else team.lead if event in BY_LEAD else people.operator
        yield event, on, team.second if event == Event.MEET else None if event == Event.EXPIRE else by
        if event == Event.ASSIGN:
            yield from _taking(course, team, people, on)
        if event == Event.RETURN and course.is_final and course.number % BACK_EVERY == 3:
            yield Event.SEND_BACK, on + timedelta(days=2), people.operator
            yield Event.RETURN, on + timedelta(days=5), firm
        if event == Event.SCHEDULE and course.is_final and course.number % MOVED_EVERY == 4:
            yield Event.RESCHEDULE, on + timedelta(days=6), people.operator
    if course.ended:
        event, on = course.ended
        yield event, on, firm if event == Event.WITHDRAW else people.operator


def _taking(course: Course, team: Team, people: People, on: date) -> Iterator[tuple[Event, date, Membership]]:
    if team.left:
        yield Event.CONFLICT, on + timedelta(days=1), team.left
        yield Event.ASSIGN, on + timedelta(days=2), people.operator
    yield Event.TAKE, on + timedelta(days=3), team.lead
    if course.last != Event.ASSIGN:  # there the second has not answered yet
        yield Event.TAKE, on + timedelta(days=4), team.second


def _leads_to(course: Course, event: Event) -> State:
    if event == Event.SEND_BACK:
        return State.QUESTIONNAIRE_ISSUED
    return State(course.case.state) if course.ended and event == course.ended[0] else LEADS_TO[event]


def _due(course: Course, event: Event, on: date) -> date | None:
    if event in (Event.ASSIGN, Event.TAKE, Event.CONFLICT):
        event, on = Event.ACCEPT, course.days[Event.ACCEPT]
    if event in (Event.SCHEDULE, Event.RESCHEDULE):
        return course.case.visit_starts_on
    days = DAYS_TO_ACCEPT if event == Event.REQUEST else STEPS[event].days
    return None if days is None else on + timedelta(days=days)


def _note(event: Event, team: Team, before: list[CaseEvent]) -> str:
    if event != Event.ASSIGN:
        return case_text(NOTES[event]) if event in NOTES else ""
    first = team.left and not any(line.event == Event.CONFLICT for line in before)
    return f"{team.lead.user} leads, {team.left.user} is the second assessor." if first else team.words


def when(lines: list[CaseEvent], event: Event) -> datetime:
    """Of the last such line."""
    return next(line.at for line in reversed(lines) if line.event == event)
