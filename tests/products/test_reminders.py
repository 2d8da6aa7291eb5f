"""Reminders of figures: to a firm's makers, once for each quarter and state."""

from datetime import date, timedelta
from smtplib import SMTPException

import pytest
from django.core import mail

from dscr.access.models import Membership
from dscr.access.roles import Role
from products.models import FiguresReminder, KpiSubmission
from products.services.figures_reminder import reminders_send
from products.tasks import remind
from tests.pages import factory
from tests.products.conftest import FIRM, Desk

QUARTER_END = date(2026, 9, 30)
LONG_BEFORE, SOON, LATE = date(2026, 10, 20), date(2026, 11, 5), date(2026, 11, 15)


@pytest.fixture(autouse=True)
def _newest(desk: Desk) -> None:
    KpiSubmission.objects.update(quarter_end=date(2026, 6, 30))
    Membership.objects.update(starts_on=date(2026, 1, 1))
    factory.user_of(FIRM, Role.ESTABLISHMENT_CONTACT)


def told() -> list[tuple[str, str]]:
    return sorted((message.to[0], message.subject) for message in mail.outbox)


def test_what_is_due_long_ahead_is_not_yet_told() -> None:
    assert reminders_send(LONG_BEFORE) == 0


def test_makers_are_told_once_of_each_state() -> None:
    assert reminders_send(SOON) == 2
    assert told() == [
        ("ada@firm.example", "Quarterly figures of Halden Group"),
        ("bo@firm.example", "Quarterly figures of Halden Group"),
    ]
    assert "Q3 2026, due November 14, 2026: 2 products due." in mail.outbox[0].body
    assert "Sign in to DSCR and open Quarterly figures." in mail.outbox[0].body
    assert reminders_send(SOON + timedelta(days=1)) == 0
    assert reminders_send(LATE) == 2
    assert "2 products late." in mail.outbox[2].body
    assert reminders_send(LATE) == 0
    assert FiguresReminder.objects.count() == 4


def test_with_two_roles_one_gets_one_mail(desk: Desk) -> None:
    Membership.objects.create(user=desk.editor, organisation=desk.firm, role=Role.ATTESTOR, starts_on=date(2026, 1, 1))
    assert reminders_send(SOON) == 2


def test_it_leads_to_the_list_where_the_address_is_known(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SITE_URL = "https://dscr.example"
    reminders_send(SOON)
    assert "https://dscr.example/figures/" in mail.outbox[0].body


def test_nothing_owed_is_no_mail() -> None:
    KpiSubmission.objects.update(quarter_end=QUARTER_END)
    assert reminders_send(LATE) == 0


def test_a_mail_that_was_refused_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SMTPException("busy")

    with monkeypatch.context() as patched:
        patched.setattr("products.services.figures_reminder.send_mail", refuse)
        assert reminders_send(SOON) == 0
    assert not FiguresReminder.objects.exists()
    assert reminders_send(SOON) == 2


def test_the_task_runs(settings) -> None:  # type: ignore[no-untyped-def]
    KpiSubmission.objects.update(attested_at=None)
    remind()
    assert len(mail.outbox) == 2
    assert "missing: nothing was attested yet" in mail.outbox[0].body
    assert settings.CELERY_BEAT_SCHEDULE["remind"]["task"] == remind.name
