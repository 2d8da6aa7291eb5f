"""What Celery runs for the API."""

from celery import shared_task

from dscr.api import idempotency


@shared_task(ignore_result=True)
def sweep_kept_answers() -> None:
    """Every ten minutes. One that is too old is no longer answered with, swept or not."""
    idempotency.sweep()
