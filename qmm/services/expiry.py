"""The end of an assessment: warnings before it, written down once for each person, and the day on which it comes."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qmm.course.steps import STEPS, Event, Side, State
from qmm.models import Assessment, AssessmentCase, ExpiryWarning
from qmm.queries.validity import ending_within
from qmm.services.course import case_locked, event_log
from qmm.services.course_people import contacts_of_firms, firms_to_tell, operators
from qmm.services.reminder_mail import Mail, told_send
from qmm.services.validity import expired_before, last_day, months_after

MOST_NAMED = 20  # establishments in a mail


def cases_expire(today: date | None = None) -> int:
    """Cases whose assessment counts no more; returns how many."""
    today = today or timezone.localdate()
    over = AssessmentCase.objects.filter(
        state__in=STEPS[Event.EXPIRE].leads, assessment__completed_on__lt=expired_before(today)
    )
    return sum(_expire(case) for case in over.order_by("pk"))


@transaction.atomic
def _expire(case: AssessmentCase) -> bool:
    row = case_locked(case)
    came_from = State(row.state)
    if came_from not in STEPS[Event.EXPIRE].leads:
        return False
    row.state, row.due_on = STEPS[Event.EXPIRE].leads[came_from], None
    row.save()
    newer = Assessment.objects.filter(
        establishment=row.establishment, voided_at=None, completed_on__gt=row.assessment.completed_on
    )
    tells: tuple[Side, ...] = () if newer.exists() else STEPS[Event.EXPIRE].tells  # its place was taken long ago
    event_log(row, Event.EXPIRE, None, came_from=came_from, tells=tells)
    return True


@transaction.atomic
def warnings_note(today: date | None = None) -> int:
    """Writes down who is to be warned of what, the nearest warning alone; returns how many are new. Where another
    assessment is under way, or counts already, nobody is warned."""
    today = today or timezone.localdate()
    under_way = AssessmentCase.objects.filter(closed_on=None).values("establishment")
    rows = ending_within(Assessment.objects.all(), today, max(settings.EXPIRY_WARNING_MONTHS))
    ending = list(rows.exclude(establishment__in=under_way).select_related("establishment"))
    told = ExpiryWarning.objects.filter(assessment__in=[row.pk for row in ending])
    known = set(told.values_list("assessment", "user", "day"))
    now = timezone.now()
    contacts, office = contacts_of_firms({row.establishment.owner_id for row in ending}), operators()
    new = [
        ExpiryWarning(assessment=row, user_id=user, day=day, made_at=now)
        for row in ending
        for day in _days(last_day(row.completed_on), today)
        for user in sorted(contacts.get(row.establishment.owner_id, set()) | office)
        if (row.pk, user, day) not in known
    ]
    ExpiryWarning.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _days(until: date, today: date) -> Iterator[date]:
    """The day of the nearest warning that has come; none before the first."""
    for months in sorted(settings.EXPIRY_WARNING_MONTHS):
        if (day := months_after(until, -months)) <= today:
            yield day
            return


def warnings_send() -> int:
    """One mail for each person; returns how many the mail server took."""
    rows = ExpiryWarning.objects.select_related("user", "assessment__establishment")
    return told_send(rows, _mail)


def _mail(rows: list[ExpiryWarning]) -> Mail | None:
    told = firms_to_tell(rows[0].user_id)
    made = [row.assessment for row in rows if told(row.assessment.establishment.owner_id)]
    ending = sorted((last_day(one.completed_on), one.establishment.name) for one in made)
    count = len(ending)
    if not count:
        return None
    return Mail(
        subject=f"{count} QMM assessment{' expires' if count == 1 else 's expire'}",
        template="qmm/email/expiry_warning.txt",
        page="qmm:case-ending",
        context={"ending": ending[:MOST_NAMED], "more": max(0, count - MOST_NAMED), "count": count},
    )
