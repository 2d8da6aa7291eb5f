"""Improvement plans of the demonstration: the lowest elements of a final assessment, each with an action that has gone
as far as its day asks."""

from datetime import date, timedelta
from random import Random

from dscr.access.models import Membership
from dscr.demo.course import Course, next_work_day, office_hour
from dscr.demo.dice import dice
from dscr.demo.people import People
from dscr.demo.words import action_texts
from qmm.course.steps import Event
from qmm.models import ActionChange, Finding, ImprovementAction, ImprovementPlan
from qmm.services.plan_sending import log_added

Standing, Field = ImprovementAction.Standing, ActionChange.Field
FEWEST, MOST = 2, 5  # actions
HIGHEST = 3  # level of an element that gets one
IN_TIME, MOVED, DROPPED = 0.78, 0.12, 0.04  # shares of the actions
WHY_MOVED = "The supplier's delivery is three months late; the work before it is done."
WHY_DROPPED = "The line is closed at the end of the year; its products move to the second building."
NO_ACTION = "Every element is at level 4 or 5; what the findings name is part of the yearly objectives."
RESPONSIBLE = ("Head of quality", "Plant manager", "Head of supply planning", "Head of engineering", "Head of training")


def create_plans(seed: int, today: date, courses: list[Course], people: People) -> None:
    """Of stored final cases whose firm has sent one."""
    sent = [course for course in courses if course.passed(Event.SUBMIT_PLAN)]
    answered: dict[tuple[int, str], int] = {}
    weak = Finding.objects.exclude(kind=Finding.Kind.STRENGTH).order_by("-pk")
    for pk, case, element in weak.values_list("pk", "assignment__case", "element"):
        answered[case, element] = pk
    for course in sent:
        by = people.contacts[course.case.establishment.owner_id]
        roll = dice(seed, "plan", course.number)
        _create(roll, today, course, by, answered)


def _create(roll: Random, today: date, course: Course, by: Membership, answered: dict[tuple[int, str], int]) -> None:
    at = office_hour(roll, course.days[Event.SUBMIT_PLAN])
    low = sorted((level, code) for code, level in course.agreed.items() if level <= HIGHEST)
    low = low[: roll.randint(FEWEST, MOST)]
    plan = ImprovementPlan.objects.create(
        case=course.case, drafted=len(low), no_action="" if low else NO_ACTION, sent_at=at, sent_by=by.user
    )
    added = ImprovementAction.objects.bulk_create(
        ImprovementAction(
            plan=plan,
            number=number,
            element=code,
            finding_id=answered.get((course.case.pk, code)),
            what=action_texts(code)["what"],
            responsible=RESPONSIBLE[(course.number + number) % len(RESPONSIBLE)],
            due_on=next_work_day(at.date() + timedelta(days=roll.randint(60, 420))),
            target=min(5, level + roll.choice((1, 1, 2))),
            added_at=at,
            added_by=by.user,
        )
        for number, (level, code) in enumerate(low, 1)
    )
    log_added(added, by.user, at)
    lines = [line for action in added for line in _gone_on(roll, today, action, by)]
    ImprovementAction.objects.bulk_update(added, ["standing", "due_on", "done_on", "version"])
    ActionChange.objects.bulk_create(sorted(lines, key=lambda line: line.at))


def _gone_on(roll: Random, today: date, action: ImprovementAction, by: Membership) -> list[ActionChange]:
    """What became of it until today; the row gets what it stands at."""
    lines: list[ActionChange] = []

    def change(on: date, name: Field, old: str, new: str, note: str = "") -> None:
        at = office_hour(roll, next_work_day(on))
        lines.append(ActionChange(action=action, field=name, old=old, new=new, note=note, by=by.user, at=at))
        action.version += 1

    sent_on, luck = action.added_at.date(), roll.random()
    begun_on = sent_on + (action.due_on - sent_on) / 3
    if begun_on >= today:
        return lines
    change(begun_on, Field.STANDING, Standing.PLANNED.label, Standing.UNDER_WAY.label)
    action.standing = Standing.UNDER_WAY
    half_on = sent_on + (action.due_on - sent_on) * 2 / 3
    if luck < MOVED and half_on < today:
        moved_to = next_work_day(action.due_on + timedelta(days=90))
        change(half_on, Field.DUE_ON, action.due_on.isoformat(), moved_to.isoformat(), WHY_MOVED)
        action.due_on = moved_to
    elif luck < MOVED + DROPPED and half_on < today:
        change(half_on, Field.STANDING, Standing.UNDER_WAY.label, Standing.DROPPED.label, WHY_DROPPED)
        action.standing = Standing.DROPPED
        return lines
    done_on = action.due_on - timedelta(days=roll.randint(2, 20))
    if next_work_day(done_on) < today and roll.random() < IN_TIME:
        note = action_texts(action.element)["done"]
        change(done_on, Field.STANDING, Standing.UNDER_WAY.label, Standing.DONE.label, note)
        action.standing, action.done_on = Standing.DONE, done_on
    return lines
