"""What Celery runs: reminders of figures, every hour. Who was told is remembered, so a lost hour loses nothing."""

import structlog
from celery import shared_task

from products.services.figures_reminder import reminders_send

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def remind() -> None:
    sent = reminders_send()
    if sent:
        log.info("reminded", mails=sent)
