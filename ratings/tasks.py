"""What Celery runs: the kick's task and the sweep of every second. Both do what waits; neither carries a payload."""

from celery import shared_task

from ratings.recompute import recompute_pending
from ratings.sweep import mark_due


@shared_task(ignore_result=True)
def recompute() -> None:
    recompute_pending()


@shared_task(ignore_result=True)
def sweep() -> None:
    mark_due()
    recompute_pending()
