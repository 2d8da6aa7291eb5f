"""`updated_since`: what was published since an earlier answer, missing no transaction that committed late.

Every head carries the number of the transaction that published its snapshot. An answer's `next_since` is the lowest
number that was still open when the answer was read: whatever had a lower one was visible, and whatever commits later
has that number or a higher one.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dscr.api.errors import QueryError
from dscr.api.prepared import Prepared
from products.models import Product

# A worker's transaction lasts no longer (it is killed then); a minute more for clocks that differ.
LOOK_BACK = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 60)
WRONG = (
    "Give the `next_since` of an earlier answer, or, to begin, a time with its zone such as 2026-11-01T00:00:00Z. "
    "This one is neither, or of another database: begin without it."
)

HORIZON = Prepared(
    "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
)


class Horizon(NamedTuple):
    lowest_open: int
    next_number: int


def horizon() -> Horizon:
    """To be read before the rows."""
    return Horizon(*HORIZON.run([])[0])


def since_of(text: str, now: Horizon) -> int | datetime:
    """The number of a transaction, or a time; QueryError where it is neither."""
    if text.isascii() and text.isdecimal():
        if len(text) > 18 or int(text) > now.next_number:
            raise QueryError({"updated_since": WRONG})
        return int(text)
    try:
        at = parse_datetime(text.replace(" ", "+"))  # a plus in an address is a space
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at) or not 1970 <= at.year <= 2200:
        raise QueryError({"updated_since": WRONG})
    return at.astimezone(UTC)  # PostgreSQL refuses offsets of 16 hours and more


def published_since(products: QuerySet[Product], since: int | datetime) -> QuerySet[Product]:
    """Those whose rating was published since then."""
    if isinstance(since, int):
        return products.filter(rating__published_in__gte=since)
    published = "rating__published_snapshot__"
    return products.filter(
        Q(**{f"{published}computed_at__gte": since - LOOK_BACK})
        | Q(**{f"{published}publication__published_at__gte": since - LOOK_BACK})
    )
