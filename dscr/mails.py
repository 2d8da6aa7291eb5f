"""Mails that wait as rows with `made_at` and `sent_at`: each is sent once, by whichever worker comes; none is lost."""

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


def waiting_send(notices: QuerySet, mail: Callable[[Any], None]) -> int:
    """Mails what waits of `notices`, the oldest first; returns how many the mail server took. Where one address is
    refused the others are mailed all the same; where the server is away the next run goes on."""
    waiting = notices.filter(sent_at=None, made_at__gt=timezone.now() - GIVEN_UP).order_by("made_at", "pk")
    sent = 0
    for pk in waiting.values_list("pk", flat=True):
        try:
            sent += _send(waiting.filter(pk=pk), mail)
        except (SMTPRecipientsRefused, SMTPDataError):
            log.exception("A mail was refused for its address")
        except (SMTPException, OSError):
            log.exception("A mail could not be sent")
            break
    return sent


@transaction.atomic
def _send(one: QuerySet, mail: Callable[[Any], None]) -> bool:
    """The row is held while it is mailed, so that two workers never mail the same, and what a worker that dies held
    waits for the next. False where another worker has it."""
    notice = one.select_for_update(of=("self",), skip_locked=True).first()
    if notice is None:
        return False
    mail(notice)
    notice.sent_at = timezone.now()
    notice.save(update_fields=["sent_at"])
    return True
