"""What the calendar brings: when an assessment ends, who is warned and reminded, and nothing twice."""

from datetime import date, timedelta
from smtplib import SMTPException
from typing import Any

import numpy as np
import pytest
from django.core import mail
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.roles import Role
from qmm.course.steps import State
from qmm.models import AREAS, Assessment, AssessmentCase, CaseNotice, Establishment, ExpiryWarning, PlanReminder
from qmm.queries.plans_due import plans_due
from qmm.queries.validity import ending_count, ending_list
from qmm.services import validity
from qmm.services.expiry import cases_expire, warnings_note, warnings_send
from qmm.services.plan import Given, action_change
from qmm.services.plan_reminders import action_day, plan_day, reminders_note, reminders_send
from qmm.tasks import watch_calendar
from ratings.scoring.dates import add_months
from tests.pages import factory
from tests.plan.conftest import Planner

DUE = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("completed", "last"),
    [
        (date(2023, 11, 23), date(2026, 11, 23)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2024, 1, 31), date(2027, 1, 31)),
    ],
)
def test_an_assessment_counts_for_36_calendar_months(completed: date, last: date) -> None:
    assert validity.last_day(completed) == last
    assert completed >= validity.expired_before(last)
    assert completed < validity.expired_before(last + timedelta(days=1))


def test_days_and_months_are_those_of_the_methodology() -> None:
    """Every day of five years, with a leap day in it: as the scorer counts."""
    days = np.arange("2023-01-01", "2028-01-01", dtype="datetime64[D]")
    for months in (36, 6, 1, -1, -6, -36):
        wanted = add_months(days, months).astype(object).tolist()
        assert [validity.months_after(day, months) for day in days.astype(object)] == wanted
    last = add_months(days, 36)
    for today in np.arange("2026-01-01", "2031-01-01", 17, dtype="datetime64[D]"):
        threshold = np.datetime64(validity.expired_before(today.item()))
        assert ((last < today) == (days < threshold)).all()


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2027, 2, 14), None),
        (date(2027, 2, 15), date(2027, 2, 15)),
        (date(2027, 3, 1), date(2027, 2, 15)),
        (date(2027, 3, 2), None),
        (date(2027, 3, 14), None),
        (date(2027, 3, 15), date(2027, 3, 15)),
        (date(2027, 9, 1), date(2027, 3, 15)),
    ],
)
def test_a_plan_is_reminded_of_before_and_after_it_is_due(today: date, day: date | None) -> None:
    assert plan_day(DUE, today) == day


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2027, 2, 14), None),
        (date(2027, 2, 15), date(2027, 2, 15)),
        (date(2027, 3, 1), date(2027, 2, 15)),
        (date(2027, 3, 2), date(2027, 3, 2)),
        (date(2027, 3, 31), date(2027, 3, 2)),
        (date(2027, 4, 1), date(2027, 4, 1)),
        (date(2027, 4, 30), date(2027, 4, 1)),
        (date(2027, 5, 1), date(2027, 5, 1)),
    ],
)
def test_an_action_is_named_again_every_month(today: date, day: date | None) -> None:
    assert action_day(DUE, today) == day


def test_a_plan_that_is_not_sent_is_told_to_the_contacts_twice(planner: Planner) -> None:
    planner.later(45)
    assert reminders_note() == 0
    planner.later(1)
    watch_calendar()
    watch_calendar()
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["contact@halden.example"], "Improvement plans: what is due")
    ]
    assert "the improvement plan, which is not sent yet, is due on" in mail.outbox[0].body
    planner.later(27)
    assert reminders_note() == 0
    planner.later(1)
    assert (reminders_note(), reminders_send()) == (1, 1)
    assert "was due on" in mail.outbox[1].body
    planner.later(400)
    assert reminders_note() == 0


def test_an_action_is_told_to_contacts_and_to_who_is_responsible(planner: Planner) -> None:
    action = planner.sent(member=str(planner.attestor.pk))
    planner.later(76)
    assert (reminders_note(), reminders_send()) == (2, 2)
    assert sorted(one.to[0] for one in mail.outbox) == ["attestor@halden.example", "contact@halden.example"]
    assert f"{planner.site.name}: action 1 of the improvement plan, is due on" in mail.outbox[0].body
    assert action.what not in mail.outbox[0].body
    planner.later(15)  # the day after it was due
    assert reminders_note() == 2
    action_change(action, user=planner.contact, version=1, given=Given(standing="done", note="All is done."))
    assert reminders_send() == 0  # done since it was written down
    planner.later(30)
    assert reminders_note() == 0


def test_who_has_left_is_not_told(planner: Planner) -> None:
    planner.sent(member=str(planner.attestor.pk))
    Membership.objects.filter(user=planner.attestor).update(ends_on=timezone.localdate())
    planner.later(76)
    assert reminders_note() == 1


def test_without_an_establishment_contact_all_of_the_firm_are_told(planner: Planner) -> None:
    Membership.objects.filter(user=planner.contact).update(ends_on=timezone.localdate())
    planner.later(46)
    reminders_note()
    assert [row.user for row in PlanReminder.objects.all()] == [planner.attestor]


def test_what_the_mail_server_refuses_waits(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    planner.later(46)
    reminders_note()

    def refuse(*_: Any) -> None:
        raise SMTPException("busy")

    with monkeypatch.context() as patched:
        patched.setattr("qmm.services.reminder_mail.send_mail", refuse)
        assert reminders_send() == 0
    assert PlanReminder.objects.get().sent_at is None
    assert (reminders_send(), reminders_send()) == (1, 0)


def test_an_assessment_expires_the_day_after_its_last(planner: Planner) -> None:
    last = validity.last_day(planner.case.assessment.completed_on)
    assert cases_expire(last) == 0
    assert cases_expire(last + timedelta(days=1)) == 1
    assert cases_expire(last + timedelta(days=1)) == 0
    planner.case.refresh_from_db()
    line = planner.case.events.get(event="expire")
    assert (planner.case.state, line.came_from, line.by, line.organisation) == (State.EXPIRED, "final", None, None)
    assert planner.case.closed_on == planner.case.assessment.completed_on
    assert set(CaseNotice.objects.values_list("user__email", flat=True)) == {
        *("contact@halden.example", "attestor@halden.example", "olivia@office.example"),
    }


def test_nobody_is_told_of_the_end_of_one_whose_place_was_taken(planner: Planner) -> None:
    planner.sent()
    planner.later(300)
    Assessment.objects.create(establishment=planner.site, completed_on=timezone.localdate(), **dict.fromkeys(AREAS, 4))
    CaseNotice.objects.all().delete()
    planner.later(900)
    assert cases_expire() == 1
    assert not CaseNotice.objects.exists()


def warned(planner: Planner, before: int = 0) -> list[str]:
    warnings_note()
    warnings_send()
    return sorted(address for one in mail.outbox[before:] for address in one.to)


def test_warnings_go_out_12_6_and_1_months_before(planner: Planner) -> None:
    Assessment.objects.exclude(pk=planner.case.assessment.pk).delete()  # other sites of the example
    until = validity.last_day(planner.case.assessment.completed_on)
    both = ["contact@halden.example", "olivia@office.example"]
    for months in (12, 6, 1):
        day = validity.months_after(until, -months)
        planner.later((day - timezone.localdate()).days - 1)
        assert warned(planner, len(mail.outbox)) == []
        planner.later(1)
        assert warned(planner, len(mail.outbox)) == both, months
        assert warned(planner, len(mail.outbox)) == []
    assert mail.outbox[-1].subject == "1 QMM assessment expires"
    told = f"{planner.site.name}: valid until {until:%B} {until.day}, {until.year}"
    assert told in mail.outbox[-1].body
    planner.later(40)
    assert warned(planner, len(mail.outbox)) == []
    assert set(ExpiryWarning.objects.values_list("day", flat=True)) == {
        validity.months_after(until, -months) for months in (12, 6, 1)
    }


def test_after_a_long_outage_only_the_nearest_warning_goes_out(planner: Planner) -> None:
    planner.later(1060)  # 36 days before the end
    assert warned(planner) == ["contact@halden.example", "olivia@office.example"]
    assert len(mail.outbox) == 2


def test_no_warning_while_another_assessment_is_under_way_or_counts(planner: Planner) -> None:
    planner.later(900)
    case = planner.request()
    assert warned(planner) == []
    AssessmentCase.objects.filter(pk=case.pk).update(state=State.WITHDRAWN, closed_on=timezone.localdate())
    assert len(warned(planner)) == 2
    Assessment.objects.create(establishment=planner.site, completed_on=timezone.localdate(), **dict.fromkeys(AREAS, 4))
    planner.later(150)
    assert warned(planner, 2) == []


def test_the_list_of_those_that_end_has_imported_ones_too(planner: Planner) -> None:
    planner.later(800)
    today = timezone.localdate()
    old = Establishment.objects.create(name="Imported Works")
    for months, site in ((35, old), (36, Establishment.objects.create(name="Ends today"))):
        Assessment.objects.create(
            establishment=site, completed_on=validity.months_after(today, -months), **dict.fromkeys(AREAS, 2)
        )
    gone = Establishment.objects.create(name="Ended yesterday")
    day = validity.months_after(today, -36) - timedelta(days=1)
    Assessment.objects.create(establishment=gone, completed_on=day, **dict.fromkeys(AREAS, 2))
    found = ending_list(planner.operator)
    names = [row.assessment.establishment.name for row in found.rows]
    assert names == ["Ends today", "Imported Works", planner.site.name]
    assert next(row.days_left for row in found.rows) == 0
    assert ending_count(planner.operator) == (3, today)
    assert [row.assessment.establishment for row in ending_list(planner.contact).rows] == [planner.site]
    assert ending_list(planner.stranger).rows == []
    assert [row.assessment.establishment.name for row in ending_list(planner.operator, months=1).rows] == names[:2]
    planner.request()
    assert ending_list(planner.contact).rows[0].next_case.state == "requested"
    assert ending_count(planner.operator) == (2, today)


def test_what_the_firm_has_to_do_stands_on_its_first_page(planner: Planner) -> None:
    assert [(due.due_on, due.numbers) for due in plans_due(planner.contact)] == [(planner.case.due_on, ())]
    assert plans_due(planner.operator) == plans_due(planner.stranger) == []
    action = planner.sent()
    assert plans_due(planner.contact) == []
    planner.later(60)
    assert [(due.due_on, due.numbers) for due in plans_due(planner.attestor)] == [(action.due_on, (1,))]


def test_operators_get_one_mail_for_many_establishments(planner: Planner) -> None:
    owner = Organisation.objects.create(name="Other Makers", kinds=["manufacturer"])
    factory.user_of("Other Makers", Role.ATTESTOR, "attestor@other.example")
    for number in range(3):
        site = Establishment.objects.create(name=f"Works {number}", owner=owner)
        Assessment.objects.create(
            establishment=site,
            completed_on=validity.months_after(timezone.localdate(), -30),
            **dict.fromkeys(AREAS, 2),
        )
    assert warned(planner) == ["attestor@other.example", "olivia@office.example"]
    assert {one.subject for one in mail.outbox} == {"3 QMM assessments expire"}
