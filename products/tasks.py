"""What Celery runs for products: jobs that stand in the database; a task carries nothing."""

import time

import structlog
from celery import shared_task

from products.services.figures_jobs import jobs_run
from products.services.figures_reminder import reminders_send
from products.services.order_figures import compute_waiting
from products.services.raw_files import raw_files_expire
from products.services.workbook import check_waiting

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def compute_orders() -> None:
    compute_waiting()


@shared_task(ignore_result=True)
def check_workbooks() -> None:
    started = time.monotonic()
    if checked := check_waiting():
        log.info("workbooks_checked", files=checked, ms=round((time.monotonic() - started) * 1000))


@shared_task(ignore_result=True)
def run_figures_jobs() -> None:
    started = time.monotonic()
    if run := jobs_run():
        log.info("figures_jobs_run", jobs=run, ms=round((time.monotonic() - started) * 1000))


@shared_task(ignore_result=True)
def remove_old_files() -> None:
    if removed := raw_files_expire():
        log.info("old_files_removed", files=removed)


@shared_task(ignore_result=True)
def remind() -> None:
    """Every hour. Who was told is remembered, so a lost hour loses nothing."""
    if sent := reminders_send():
        log.info("reminded", mails=sent)
