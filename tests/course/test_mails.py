"""Mails of steps where something fails: one address, the server, the worker itself."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from qmm.course.steps import Event, State
from qmm.models import CaseNotice
from qmm.services import course_mail
from qmm.services.course_mail import notices_send
from qmm.services.fact_check import comment_add
from tests.course.conftest import Desk

ATTESTOR = "attestor@halden.example"


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """Two people of the firm are to be told."""
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    CaseNotice.objects.all().delete()
    desk.step(case, Event.SEND_BACK)
    CaseNotice.objects.update(made_at=timezone.now())
    return desk


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException, to: str = "") -> None:
    """Of mails to `to` or, without it, of all."""
    real = course_mail.send_mail

    def send(subject: str, text: str, sender: Any, people: list[str]) -> None:
        if to in ("", *people):
            raise error
        real(subject, text, sender, people)

    monkeypatch.setattr(course_mail, "send_mail", send)


def test_an_address_that_is_refused_keeps_nobody_else_from_their_mail(
    waiting: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    CaseNotice.objects.filter(user=waiting.attestor).update(made_at=timezone.now() - timedelta(hours=1))
    failing(monkeypatch, SMTPRecipientsRefused({ATTESTOR: (550, b"no such user")}), ATTESTOR)
    assert notices_send() == 1
    assert [one.to for one in mail.outbox] == [["contact@halden.example"]]


def test_nothing_is_lost_while_the_server_is_away_or_a_worker_dies(
    waiting: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        failing(broken, SMTPServerDisconnected("gone"))
        assert notices_send() == 0
    with monkeypatch.context() as broken:
        failing(broken, SystemExit())
        with pytest.raises(SystemExit):
            notices_send()
    assert notices_send() == 2
    assert notices_send() == 0


@pytest.mark.parametrize("waits", [True, False])
def test_after_the_review_the_mail_says_who_is_next(desk: Desk, waits: bool) -> None:
    case = desk.in_state(State.FACT_CHECK)
    if waits:
        comment_add(case, user=desk.contact, element="MC1", text="Not so")
    CaseNotice.objects.all().delete()
    desk.step(case, Event.CONFIRM)
    CaseNotice.objects.update(made_at=timezone.now())
    notices_send()
    who = "the assessors answer every comment by" if waits else "the program operator makes it final by"
    assert f"Next: {who}" in mail.outbox[0].body
