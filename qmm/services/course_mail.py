"""Mails of steps: that something happened and what comes next. No level, no note and no answer is in them."""

import logging
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from qmm.course.steps import Event
from qmm.course.words import next_sentence
from qmm.models import CaseNotice

GIVEN_UP = timedelta(days=3)  # what a mail server refused for so long is old news
log = logging.getLogger(__name__)


def notices_send() -> int:
    """Sends those that wait; returns how many the mail server took. It goes on with the next run where one failed."""
    sent = 0
    waiting = CaseNotice.objects.filter(sent_at=None, made_at__gt=timezone.now() - GIVEN_UP).order_by("made_at", "pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            sent += _send(pk)
        except (SMTPRecipientsRefused, SMTPDataError):
            log.exception("A step of an assessment could not be mailed to one address")  # the others still are
        except (SMTPException, OSError):
            log.exception("A step of an assessment could not be mailed")
            break  # the server is away, and would be for the others
    return sent


@transaction.atomic
def _send(pk: int) -> bool:
    """The row is held while it is mailed, so that two workers never mail the same, and a worker that dies leaves it to
    the next one. False where another worker has it."""
    related = ("user", "event__by", "event__organisation", "event__case__establishment")
    waiting = CaseNotice.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk, sent_at=None)
    notice = waiting.select_related(*related).first()
    if notice is None:
        return False
    event = notice.event
    case = event.case
    page = "qmm:case-report" if event.event == Event.FINALIZE else "qmm:case-detail"
    address = f"{settings.SITE_URL}{reverse(page, args=[case.pk])}" if settings.SITE_URL else ""
    then = next_sentence(event.state, event.due_on, event.event == Event.CONFIRM)
    context = {"event": event, "case": case, "next": then, "address": address}
    text = render_to_string("qmm/email/case_step.txt", context)
    subject = " ".join(f"Assessment of {case.establishment.name}: {event.get_state_display().lower()}".split())
    send_mail(subject, text, None, [notice.user.email])
    CaseNotice.objects.filter(pk=pk).update(sent_at=timezone.now())
    return True
