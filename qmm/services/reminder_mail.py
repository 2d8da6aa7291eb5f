"""Telling what was written down to be told of the calendar: one mail for each person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from dscr.mails import waiting_send


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

    def mail(held: list[Any]) -> bool:
        made = mail_of(sorted(held, key=lambda row: (row.day, row.pk)))
        if made is None:
            return False
        user = held[0].user
        address = f"{settings.SITE_URL}{reverse(made.page)}" if settings.SITE_URL else ""
        text = render_to_string(made.template, {**made.context, "user": user, "address": address})
        send_mail(made.subject, text, None, [user.email])
        return True

    return waiting_send(rows, mail, together="user")
