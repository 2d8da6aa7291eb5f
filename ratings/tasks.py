"""What Celery runs: the kick's task and the sweep of every second. Both do what waits; neither carries a payload."""

import time

import structlog
from celery import shared_task

from ratings.previews import publish_due
from ratings.recompute import recompute_pending
from ratings.reviews.mails import notices_send
from ratings.sweep import mark_due

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def recompute() -> None:
    _do_what_waits()


@shared_task(ignore_result=True)
def sweep() -> None:
    if count := publish_due():
        log.info("previews_published", products=count)
    mark_due()
    _do_what_waits()


@shared_task(ignore_result=True)
def mail_reviews() -> None:
    """After each step of a review, and every minute."""
    if sent := notices_send():
        log.info("reviews_mailed", mails=sent)


def _do_what_waits() -> None:
    started = time.monotonic()
    outcome = recompute_pending()
    # Most sweeps find nothing; a line each second would bury the rest.
    if outcome.recomputed or outcome.failed:
        log.info(
            "recomputed",
            products=outcome.recomputed,
            published=outcome.published,
            failed=len(outcome.failed),
            ms=round((time.monotonic() - started) * 1000),
        )
