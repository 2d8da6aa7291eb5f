"""Sending what was written down to be told: one mail for each person, claimed first, so that nobody gets it twice."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

GIVEN_UP = timedelta(days=3)  # what a mail server refused for so long is old news
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mail:
    """`page`: the name of the address that the mail leads to."""

    subject: str
    template: str
    page: str
    context: Mapping[str, Any] = field(default_factory=dict)


def told_send(rows: QuerySet, mail_of: Callable[[list[Any]], Mail | None]) -> int:
    """`rows` of a model of qmm.models.plan.Told; `mail_of` those of one person makes their mail, or None where nothing
    of it is true any more. Returns how many mails the server took; the rest waits for the next run."""
    waiting = rows.filter(sent_at=None, made_at__gt=timezone.now() - GIVEN_UP)
    people = sorted(set(waiting.values_list("user", flat=True)))
    sent = 0
    for user in people:
        claimed = _claimed(waiting.filter(user=user))
        mail = mail_of(claimed) if claimed else None
        if mail is None:
            continue
        if not _sent(mail, claimed):
            rows.model.objects.filter(pk__in=[row.pk for row in claimed]).update(sent_at=None)
            break  # the server is away, and would be for the others
        sent += 1
    return sent


@transaction.atomic
def _claimed(rows: QuerySet) -> list[Any]:
    """Those of one person that no other worker holds, remembered as sent."""
    held = list(rows.select_for_update(of=("self",), skip_locked=True).order_by("day", "pk"))
    rows.model.objects.filter(pk__in=[row.pk for row in held]).update(sent_at=timezone.now())
    return held


def _sent(mail: Mail, rows: list[Any]) -> bool:
    user = rows[0].user
    address = f"{settings.SITE_URL}{reverse(mail.page)}" if settings.SITE_URL else ""
    text = render_to_string(mail.template, {**mail.context, "user": user, "address": address})
    try:
        send_mail(mail.subject, text, None, [user.email])
    except (SMTPException, OSError):
        log.exception("A reminder of an assessment could not be mailed")
        return False
    return True
