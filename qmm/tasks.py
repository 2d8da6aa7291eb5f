"""What Celery runs for assessments: what waits stands in the database; a task carries nothing."""

import structlog
from celery import shared_task
from django.utils import timezone

from qmm.queries.peers import means_keep
from qmm.report.peers import told_as_of
from qmm.services.agreement import recompute_if_changed
from qmm.services.calibration_mail import calibration_notices_send
from qmm.services.course_mail import notices_send
from qmm.services.duplicates import duplicates_find
from qmm.services.expiry import cases_expire, warnings_note, warnings_send
from qmm.services.plan_reminders import reminders_note, reminders_send

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def mail_cases() -> None:
    """After each step of a case, with each new calibration case, and every minute."""
    if sent := notices_send() + calibration_notices_send():
        log.info("cases_mailed", mails=sent)


@shared_task(ignore_result=True)
def find_duplicates() -> None:
    """Once a week, and after each import: makers name sites that no register file brought."""
    log.info("duplicates_found", open=duplicates_find())


@shared_task(ignore_result=True)
def recompute_agreement() -> None:
    recompute_if_changed()


@shared_task(ignore_result=True)
def keep_peers() -> None:
    """So that no reader of a report waits for the levels of all organizations."""
    means_keep(told_as_of(timezone.localdate()))


@shared_task(ignore_result=True)
def watch_calendar() -> None:
    """Every hour: what the day brings is written down and then told, each thing once; a lost hour loses nothing."""
    if expired := cases_expire():
        log.info("assessments_expired", cases=expired)
    warnings_note()
    reminders_note()
    if sent := warnings_send() + reminders_send():
        log.info("assessments_reminded", mails=sent)
