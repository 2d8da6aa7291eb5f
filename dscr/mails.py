"""Mails that wait as rows with `user`, `made_at` and `sent_at`: each is sent once, by whichever worker comes; none is
lost."""

import logging
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

GIVEN_UP = timedelta(days=3)  # what a mail server refused for so long is old news
log = logging.getLogger(__name__)


def waiting_send(notices: QuerySet, mail: Callable[[list[Any]], bool], together: str = "pk") -> int:
    """Mails what waits of `notices`, the oldest first; returns how many mails the server took.

    together: the field that rows of one mail share. mail: sends them as one; False where nothing is to be told any
    more. Where one address is refused the others are mailed all the same; where the server is away the next run goes
    on.
    """
    waiting = notices.filter(sent_at=None, made_at__gt=timezone.now() - GIVEN_UP).order_by("made_at", "pk")
    sent = 0
    for key in dict.fromkeys(waiting.values_list(together, flat=True)):
        try:
            sent += _send(waiting.filter(**{together: key}), mail)
        except (SMTPRecipientsRefused, SMTPDataError):
            log.exception("A mail was refused for its address")
        except (SMTPException, OSError):
            log.exception("A mail could not be sent")
            break
    return sent


@transaction.atomic
def _send(rows: QuerySet, mail: Callable[[list[Any]], bool]) -> bool:
    """The rows are held while they are mailed, so that two workers never mail the same, and what a worker that dies
    held waits for the next. False where another worker has them."""
    held = list(rows.select_for_update(of=("self",), skip_locked=True))
    if not held:
        return False
    is_sent = mail(held)
    rows.model.objects.filter(pk__in=[row.pk for row in held]).update(sent_at=timezone.now())
    return is_sent
