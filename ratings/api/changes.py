"""`updated_since`: what was published since an earlier answer, missing no transaction that committed late.

Every head carries the number of the transaction that published its snapshot. An answer's `next_since` is the lowest
number that was still open when the answer was read: whatever had a lower one was visible, and whatever commits later
has that number or a higher one.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dscr.api.errors import QueryError
from products.models import Product

# A worker's transaction lasts no longer (it is killed then); a minute more for clocks that differ.
LOOK_BACK = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 60)
WRONG = (
    "Give the `next_since` of an earlier answer, or, to begin, a time with its zone such as 2026-11-01T00:00:00Z. "
    "This one is neither, or of another database: begin without it."
)


class Horizon(NamedTuple):
    lowest_open: int
    next_number: int


def horizon() -> Horizon:
    """To be read before the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
        )
        return Horizon(*cursor.fetchone())


def published_since(products: QuerySet[Product], since: str, now: Horizon) -> QuerySet[Product]:
    """Those whose rating was published since then. QueryError where `since` is neither kind."""
    if since.isascii() and since.isdecimal():
        if len(since) > 18 or int(since) > now.next_number:
            raise QueryError({"updated_since": WRONG})
        return products.filter(rating__published_in__gte=int(since))
    at = _time(since)
    return products.filter(rating__published_snapshot__computed_at__gte=at - LOOK_BACK)


def _time(text: str) -> datetime:
    try:
        at = parse_datetime(text.replace(" ", "+"))  # a plus in an address is a space
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at) or not 1970 <= at.year <= 2200:
        raise QueryError({"updated_since": WRONG})
    return at
