"""Mails of new calibration cases to every assessor. The case itself is read in the program only."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from dscr.access.roles import ASSESSORS
from dscr.mails import waiting_send
from qmm.models import CalibrationCase, CalibrationNotice
from qmm.services.course_people import today


def calibration_notices_send() -> int:
    """Sends those that wait; returns how many the mail server took. None of a case that was retired meanwhile."""
    rows = CalibrationNotice.objects.filter(case__state=CalibrationCase.State.PUBLISHED, user__is_active=True)
    return waiting_send(rows.select_related("user", "case"), _mail)


def _mail(notices: list[CalibrationNotice]) -> bool:
    [notice] = notices
    if not today().filter(user=notice.user_id, role__in=ASSESSORS).exists():
        return False
    page = reverse("qmm:calibration-detail", args=[notice.case_id])
    address = f"{settings.SITE_URL}{page}" if settings.SITE_URL else ""
    text = render_to_string("qmm/email/calibration_case.txt", {"case": notice.case, "address": address})
    subject = " ".join(f"New calibration case: {notice.case.title}".split())
    send_mail(subject, text, None, [notice.user.email])
    return True
