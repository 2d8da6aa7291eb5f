"""Mails of new calibration cases to every assessor. The case itself is read in the program only."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from qmm.models import CalibrationCase, CalibrationNotice
from qmm.services.course_mail import GIVEN_UP

log = logging.getLogger(__name__)


def calibration_notices_send() -> int:
    """Sends those that wait; returns how many the mail server took. None of a case that was retired meanwhile."""
    since = timezone.now() - GIVEN_UP
    waiting = CalibrationNotice.objects.filter(
        sent_at=None, made_at__gt=since, case__state=CalibrationCase.State.PUBLISHED, user__is_active=True
    ).order_by("made_at", "pk")
    sent = 0
    for pk in waiting.values_list("pk", flat=True):
        if not _send(pk):
            break  # the server is away, and would be for the others
        sent += 1
    return sent


def _send(pk: int) -> bool:
    """Remembered first, so that two workers never mail the same; forgotten again if the mail server refused."""
    if not CalibrationNotice.objects.filter(pk=pk, sent_at=None).update(sent_at=timezone.now()):
        return True
    notice = CalibrationNotice.objects.select_related("user", "case").get(pk=pk)
    page = reverse("qmm:calibration-detail", args=[notice.case_id])
    address = f"{settings.SITE_URL}{page}" if settings.SITE_URL else ""
    text = render_to_string("qmm/email/calibration_case.txt", {"case": notice.case, "address": address})
    subject = " ".join(f"New calibration case: {notice.case.title}".split())
    try:
        send_mail(subject, text, None, [notice.user.email])
    except (SMTPException, OSError):
        log.exception("A new calibration case could not be mailed")
        CalibrationNotice.objects.filter(pk=pk).update(sent_at=None)
        return False
    return True
