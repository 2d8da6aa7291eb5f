"""Mails of steps: that something happened and what comes next. No level, no note and no answer is in them."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
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
        if not _send(pk):
            break  # the server is away, and would be for the others
        sent += 1
    return sent


def _send(pk: int) -> bool:
    """Remembered first, so that two workers never mail the same; forgotten again if the mail server refused."""
    if not CaseNotice.objects.filter(pk=pk, sent_at=None).update(sent_at=timezone.now()):
        return True
    related = ("user", "event__by", "event__organisation", "event__case__establishment")
    notice = CaseNotice.objects.select_related(*related).get(pk=pk)
    event = notice.event
    case = event.case
    page = "qmm:case-report" if event.event == Event.FINALIZE else "qmm:case-detail"
    address = f"{settings.SITE_URL}{reverse(page, args=[case.pk])}" if settings.SITE_URL else ""
    context = {"event": event, "case": case, "next": next_sentence(event.state, event.due_on), "address": address}
    text = render_to_string("qmm/email/case_step.txt", context)
    subject = " ".join(f"Assessment of {case.establishment.name}: {event.get_state_display().lower()}".split())
    try:
        send_mail(subject, text, None, [notice.user.email])
    except (SMTPException, OSError):
        log.exception("A step of an assessment could not be mailed")
        CaseNotice.objects.filter(pk=pk).update(sent_at=None)
        return False
    return True
