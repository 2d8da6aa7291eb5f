"""The other side is told of each step by mail: no figure, no word of the thread, nothing twice, nothing lost."""

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from dscr.access.models import Membership, User
from ratings.figures import day
from ratings.models import ReviewNotice
from ratings.reviews import mails
from ratings.reviews.mails import notices_send
from ratings.reviews.rules import Event, Kind
from ratings.tasks import mail_reviews
from tests.reviews.conftest import ANSWER, WHY, Desk, with_pdf


def test_each_step_is_told_to_the_other_side(desk: Desk, settings: Any) -> None:
    settings.SITE_URL = "https://dscr.example"
    review = desk.open(Kind.CORRECTION, "kpi:days_inventory_on_hand", given=with_pdf())
    assert notices_send() == 2
    assert sorted(message.to[0] for message in mail.outbox) == ["olivia@office.example", "oscar@office.example"]
    first = mail.outbox[0]
    assert first.subject == f"Correction request {review.pk}: NDC {desk.product.display_ndc}"
    assert f"Halden Group asked for the review. A decision is due by {day(review.due_on)}." in first.body
    assert f"https://dscr.example/reviews/{review.pk}/" in first.body
    mail.outbox.clear()
    desk.step(review, Event.TAKE)
    desk.step(review, Event.ASK)
    mail_reviews()
    bodies = [message.body for message in mail.outbox]
    assert len(bodies) == 4
    assert f"asked for more information. Your answer is due by {day(review.answer_due_on)}." in bodies[2]
    for body in (first.body, *bodies):
        for secret in (WHY, ANSWER, "41 days", "Days of inventory", "count.pdf", "80.1"):
            assert secret not in body
    assert notices_send() == 0


def test_a_mail_server_that_is_away_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch, days_later: Any) -> None:
    desk.open()

    def refuse(*_: Any) -> None:
        raise SMTPException

    monkeypatch.setattr(mails, "send_mail", refuse)
    assert notices_send() == 0
    assert ReviewNotice.objects.filter(sent_at=None).count() == 2
    monkeypatch.undo()
    assert notices_send() == 2


def test_a_refused_address_and_a_worker_that_dies_lose_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open()
    errors = [SMTPRecipientsRefused({"olivia@office.example": (550, b"no such user")}), SystemExit()]

    def fail_twice(*_: Any) -> None:
        if errors:
            raise errors.pop(0)

    monkeypatch.setattr(mails, "send_mail", fail_twice)
    with pytest.raises(SystemExit):
        notices_send()
    assert ReviewNotice.objects.filter(sent_at=None).count() == 2
    assert notices_send() == 2


def test_who_left_meanwhile_is_told_nothing(desk: Desk) -> None:
    review = desk.open()
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=desk.colleague).update(ends_on=yesterday)
    assert notices_send() == 1
    desk.step(review, Event.TAKE)
    assert set(ReviewNotice.objects.filter(sent_at=None).values_list("user", flat=True)) == {
        desk.editor.pk,
        desk.attestor.pk,
    }
    Membership.objects.filter(user=desk.attestor).update(ends_on=yesterday)
    User.objects.filter(pk=desk.editor.pk).update(is_active=False)
    assert notices_send() == 0
    assert [message.to for message in mail.outbox] == [["olivia@office.example"]]
    assert not ReviewNotice.objects.filter(sent_at=None).exists()


def test_old_news_is_not_mailed(desk: Desk, days_later: Any) -> None:
    desk.open()
    days_later(4)
    assert notices_send() == 0
    assert mail.outbox == []
