"""Reminders of improvement plans: of one that is not sent, and of actions that come due or are late."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from qmm.course.steps import State
from qmm.models import AssessmentCase, ImprovementAction, PlanReminder
from qmm.services.course_people import contacts_of_firms, firms_to_tell
from qmm.services.course_people import today as memberships_today
from qmm.services.reminder_mail import Mail, told_send

OPEN = (ImprovementAction.Standing.PLANNED, ImprovementAction.Standing.UNDER_WAY)
MOST_NAMED = 20


def plan_day(due_on: date, today: date) -> date | None:
    """From which day on a plan that is not sent is reminded of: before it is due, and once after."""
    ahead = timedelta(days=settings.PLAN_REMINDER_DAYS)
    if today >= due_on + ahead:
        return due_on + ahead
    return due_on - ahead if due_on - ahead <= today <= due_on else None


def action_day(due_on: date, today: date) -> date | None:
    """The same of an open action: before it is due, on the day after, and then again and again."""
    before = due_on - timedelta(days=settings.PLAN_REMINDER_DAYS)
    if today <= due_on:
        return before if before <= today else None
    again = settings.ACTION_REMINDER_AGAIN_DAYS
    return due_on + timedelta(days=1 + ((today - due_on).days - 1) // again * again)


@transaction.atomic
def reminders_note(today: date | None = None) -> int:
    """Writes down who is to be reminded of what; returns how many are new."""
    today = today or timezone.localdate()
    ahead = today + timedelta(days=settings.PLAN_REMINDER_DAYS)
    plans = AssessmentCase.objects.filter(state=State.FINAL, due_on__lte=ahead).select_related("establishment")
    actions = ImprovementAction.objects.filter(
        plan__case__state=State.IMPROVEMENT_PLAN,
        plan__owner=F("plan__case__establishment__owner"),
        standing__in=OPEN,
        due_on__lte=ahead,
    ).select_related("plan__case__establishment")
    wanted = [(case, None, day) for case in plans if (day := plan_day(case.due_on, today))]
    wanted += [(row.plan.case, row, day) for row in actions if (day := action_day(row.due_on, today))]
    contacts = contacts_of_firms({case.establishment.owner_id for case, _, _ in wanted})
    at_work = _at_work({row.member_id for _, row, _ in wanted if row and row.member_id})
    known = set(
        PlanReminder.objects.filter(case__in={case.pk for case, _, _ in wanted}).values_list(
            "case", "action", "user", "day"
        )
    )
    new, now = [], timezone.now()
    for case, action, day in wanted:
        owner = case.establishment.owner_id
        people = set(contacts.get(owner, set()))
        if action and (action.member_id, owner) in at_work:
            people.add(action.member_id)
        new += [
            PlanReminder(case=case, action=action, user_id=user, day=day, made_at=now)
            for user in sorted(people)
            if (case.pk, action and action.pk, user, day) not in known
        ]
    PlanReminder.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _at_work(users: Iterable[int]) -> set[tuple[int, int]]:
    """(user, organization) of who works there today."""
    return set(memberships_today().filter(user__in=users).values_list("user", "organisation"))


def reminders_send() -> int:
    """One mail for each person; returns how many the mail server took."""
    return told_send(PlanReminder.objects.select_related("user", "case__establishment", "action__plan"), _mail)


def _mail(rows: list[PlanReminder]) -> Mail | None:
    today = timezone.localdate()
    told = firms_to_tell(rows[0].user_id)
    lines = [line for row in rows if told(row.case.establishment.owner_id) and (line := _line(row, today))]
    if not lines:
        return None
    return Mail(
        subject="Improvement plans: what is due",
        template="qmm/email/plan_reminder.txt",
        page="home",
        context={"lines": lines[:MOST_NAMED], "more": max(0, len(lines) - MOST_NAMED)},
    )


def _line(row: PlanReminder, today: date) -> str:
    """ "" where it was sent or done since, or is a former owner's. No text of an action is told."""
    site, action = row.case.establishment.name, row.action
    if action is None:
        if row.case.state != State.FINAL or row.case.due_on is None:
            return ""
        what, due_on = f"{site}: the improvement plan, which is not sent yet", row.case.due_on
    else:
        if not action.is_open or action.plan.owner_id != row.case.establishment.owner_id:
            return ""
        what, due_on = f"{site}: action {action.number} of the improvement plan", action.due_on
    return f"{what}, {'was' if due_on < today else 'is'} due on {due_on:%B} {due_on.day}, {due_on.year}."
