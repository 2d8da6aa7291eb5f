"""The steps of a demonstration's case and their days: backward from the last one, at the pace of an ordinary case."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from dscr.demo.dice import monday
from qmm.course.steps import Event, State
from qmm.models import AssessmentCase

# In their order; days after the step before. Both assessors take the case within the days until the orientation.
PACE = {
    Event.REQUEST: 0,
    Event.ACCEPT: 9,
    Event.ASSIGN: 5,
    Event.ORIENT: 10,
    Event.ISSUE: 4,
    Event.RETURN: 21,
    Event.SCHEDULE: 8,
    Event.BEGIN: 33,
    Event.END_VISIT: 4,
    Event.MEET: 12,
    Event.AGREE: 4,
    Event.SEND_DRAFT: 15,
    Event.CONFIRM: 21,
    Event.FINALIZE: 10,
}
STEPS = tuple(PACE)
LEADS_TO = {
    Event.REQUEST: State.REQUESTED,
    Event.ACCEPT: State.ACCEPTED,
    Event.ASSIGN: State.ACCEPTED,
    Event.ORIENT: State.ORIENTED,
    Event.ISSUE: State.QUESTIONNAIRE_ISSUED,
    Event.RETURN: State.QUESTIONNAIRE_RETURNED,
    Event.SCHEDULE: State.SCHEDULED,
    Event.BEGIN: State.IN_PROGRESS,
    Event.END_VISIT: State.SCORING,
    Event.MEET: State.CONSENSUS,
    Event.AGREE: State.DRAFT_REPORT,
    Event.SEND_DRAFT: State.FACT_CHECK,
    Event.CONFIRM: State.FACT_CHECK,
    Event.FINALIZE: State.FINAL,
    Event.SUBMIT_PLAN: State.IMPROVEMENT_PLAN,
    Event.EXPIRE: State.EXPIRED,
}


@dataclass(slots=True)
class Course:
    """A case with the day of each step it has passed, how mature its site is, and what both assessors agree on (once
    the visit began). `ended`: the step that ended it before its time. `number`: its place among all."""

    case: AssessmentCase
    days: dict[Event, date]
    maturity: float
    agreed: dict[str, int] = field(default_factory=dict)
    ended: tuple[Event, date] | None = None
    number: int = 0

    @property
    def last(self) -> Event:
        return list(self.days)[-1]

    @property
    def is_final(self) -> bool:
        return self.passed(Event.FINALIZE)

    def passed(self, step: Event) -> bool:
        return step in self.days


def days_of(roll: Random, last: Event, on: date) -> dict[Event, date]:
    """The day of each step until `last`, which was taken on `on`. Work days; a visit begins on a Monday."""
    found = {last: on}
    passed = STEPS[: STEPS.index(last) + 1]
    for step, following in zip(passed[-2::-1], passed[:0:-1], strict=True):
        day = found[following] - timedelta(days=max(2, round(PACE[following] * roll.uniform(0.88, 1.2))))
        if step == Event.BEGIN:
            day = monday(found[following])  # the visit ends within its week
            day -= timedelta(days=7) * (day == found[following])
        found[step] = work_day(day)
    return {step: found[step] for step in passed}


def work_day(day: date) -> date:
    """The last work day up to a day."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def next_work_day(day: date) -> date:
    """The first work day from a day on."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def office_hour(roll: Random, on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(9))) + timedelta(minutes=roll.randint(0, 450))
