"""Whether DSCR keeps its promise right now: scores are recomputed, so what it needs answers and nothing waits long."""

from collections.abc import Callable

import redis
import structlog
from django.conf import settings
from django.db import connection, transaction

from ratings.marks import waiting
from ratings.tally import workers_alive

log = structlog.get_logger(__name__)


def database() -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2s'")
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def broker() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.3, socket_timeout=0.3, retry=None)
    try:
        return bool(client.ping())
    finally:
        client.close()


def worker() -> bool:
    return workers_alive() > 0


def oldest_mark() -> bool:
    with connection.cursor() as cursor:
        _, age = waiting(cursor)
    return age < settings.HEALTH_OLDEST_MARK_SECONDS


CHECKS: tuple[Callable[[], bool], ...] = (database, broker, worker, oldest_mark)


def healthy() -> bool:
    """Everything in order; what is not stands in the log, for the page is open to all."""
    results = [_passes(check) for check in CHECKS]  # all of them, so that the log says everything
    return all(results)


def _passes(check: Callable[[], bool]) -> bool:
    try:
        passed, reason = check(), ""
    except Exception as error:  # whatever it is, the answer is "unavailable"
        passed, reason = False, f"{type(error).__name__}: {error}"
    if not passed:
        log.warning("health_check_failed", check=check.__name__, reason=reason)
    return passed
