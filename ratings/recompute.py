"""Recompute: take products with marks, compute them from one consistent state, publish, and delete those marks.

One batch is one REPEATABLE READ transaction; a conflict (40001) rolls it back and starts again. Any number of workers
may run this at once: heads are locked with SKIP LOCKED. A product that cannot be computed fails alone.
The rules and what happens without them: design/architecture.md, "Keeping scores true".
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from ratings import marks
from ratings.binary_copy import read_columns
from ratings.loaders import Columns, NoMethodologyError, id_array, load
from ratings.previews import Previewing, previewing
from ratings.publish import as_reasons, publish, score_batch
from ratings.tally import Tally

log = structlog.get_logger(__name__)

BATCH_SIZE = 6000
RETRIES = 20
CONFLICTS = ("40001", "40P01")  # serialization failure, deadlock
LONGEST_RETRY_GAP = 3600  # seconds
# A hung worker must not hold its heads for ever; longer than the slowest batch.
IDLE_TIMEOUT = "60s"


@dataclass(slots=True)
class Outcome:
    """What became of a batch, in products."""

    recomputed: int = 0
    published: int = 0
    failed: dict[int, str] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        self.recomputed += other.recomputed
        self.published += other.published
        self.failed |= other.failed


def recompute_pending(progress: Any = None) -> Outcome:
    """Work until no mark is due that another worker does not hold. `progress` is called with each batch's Outcome."""
    total = Outcome()
    tally = Tally.of_this_process()
    tally.beat()
    with connection.cursor() as cursor:
        marks.expand(cursor)
    for start in (random.randrange(2**31), -1):  # noqa: S311  start anywhere, so that workers meet late, and wrap round
        after = start
        while rolling := _claim(after):
            wanted, after = rolling
            outcome = recompute_batch(wanted, tally)
            total.add(outcome)
            if progress:
                progress(outcome)
    return total


def _claim(after: int) -> tuple[list[int], int] | None:
    """The next products to take, their heads made, and the last of them in order; None past the end."""
    with connection.cursor() as cursor:
        rolling = marks.waiting_products(cursor, after, BATCH_SIZE)
        if not rolling:
            return None
        wanted = sorted({*rolling, *marks.newest_products(cursor)})
        marks.settle_heads(cursor, wanted)
    return wanted, rolling[-1]


def recompute_batch(product_ids: Sequence[int], tally: Tally) -> Outcome:
    """Recompute those of the products that have marks and that no other worker holds."""
    for attempt in range(RETRIES):
        try:
            return _in_one_state(product_ids, tally)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in CONFLICTS:
                raise
            tally.retries += 1
            log.info("recompute_conflict", attempt=attempt, products=len(product_ids))
        except NoMethodologyError:
            raise  # nothing is wrong with the products; their marks stay
        except Exception as error:
            if isinstance(error, DatabaseError) and connection.connection is None:
                raise
            return _isolate(product_ids, error, tally)
    return Outcome()  # the marks stay; the next sweep tries again


def _in_one_state(product_ids: Sequence[int], tally: Tally) -> Outcome:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_TIMEOUT}'")
        heads = lock_heads(cursor, product_ids)
        found = _read_marks(cursor, heads["product_id"].tolist())
        marked = np.unique(found["key"])
        if not len(marked):
            return Outcome()
        now = timezone.now()
        as_of = timezone.localdate(now)
        # Asked in this state: an enrolment that is gone took its head with it, one that comes brings a mark of its own.
        enrolled = marks.enrolled_among(cursor, marked)
        _drop_heads(cursor, np.setdiff1d(marked, enrolled).tolist())
        ids = enrolled.tolist()
        batch = score_batch(load(cursor, ids, as_of), as_of)
        published, _ = publish(cursor, batch, heads, now, previewing(cursor, ids))
        failed = as_reasons(batch)
        for product_id, reason in failed.items():
            due = batch.next_change_on[np.searchsorted(batch.product_ids, product_id)].item()
            _set_back(cursor, product_id, found["id"][found["key"] == product_id].tolist(), reason, now, due)
        done = found["id"][~np.isin(found["key"], list(failed))].tolist()
        cursor.execute(f"DELETE FROM ratings_stalemark WHERE id = ANY({id_array(done)})")  # noqa: S608
        outcome = Outcome(len(marked) - len(failed), published, failed)
        tally.count(cursor, outcome.recomputed, published, len(failed))
    return outcome


def lock_heads(cursor: Any, product_ids: Sequence[int]) -> Columns:
    """`product_id`, ascending, and `fingerprint` (zeros: never computed) of the heads that no other worker holds.

    NO KEY UPDATE: a plain FOR UPDATE would block writers that hold a foreign key to a head.
    """
    return read_columns(
        cursor,
        {"product_id": ("i8", "product_id"), "fingerprint": ("uuid", "fingerprint")},
        f"""FROM ratings_productrating WHERE product_id = ANY({id_array(product_ids)})
        ORDER BY product_id FOR NO KEY UPDATE SKIP LOCKED""",
    )


def _read_marks(cursor: Any, product_ids: Sequence[int]) -> Columns:
    """The marks of these products: `key`, which is the product, and `id`."""
    among = f"FROM ratings_stalemark WHERE kind = 'product' AND key = ANY({id_array(product_ids)})"
    return read_columns(cursor, {"key": ("i8", "key"), "id": ("i8", "id")}, among)


def _drop_heads(cursor: Any, product_ids: Collection[int]) -> None:
    if product_ids:
        gone = f"WHERE product_id = ANY({id_array(product_ids)})"
        cursor.execute(f"DELETE FROM ratings_productrating {gone}")  # noqa: S608
        cursor.execute(f"DELETE FROM ratings_preview {gone}")  # noqa: S608


def _set_back(
    cursor: Any, product_id: int, mark_ids: list[int], reason: str, now: datetime, next_change_on: date | None
) -> None:
    """Keep the marks for a later try, with growing gaps; the head keeps the last published snapshot and says why.

    Time may heal what failed, so the head is due again on the next date on which something changes by itself.
    """
    cursor.execute(
        """UPDATE ratings_productrating SET failed_count = failed_count + 1, failed_at = %s, failure = %s,
            next_change_on = %s WHERE product_id = %s RETURNING failed_count""",
        [now, reason[:2000], next_change_on, product_id],
    )
    row = cursor.fetchone()
    gap = min(2 ** min(row[0], 20), LONGEST_RETRY_GAP) if row else LONGEST_RETRY_GAP
    cursor.execute(
        "UPDATE ratings_stalemark SET not_before = %s WHERE id = ANY(%s)", [now + timedelta(seconds=gap), mark_ids]
    )


def _isolate(product_ids: Sequence[int], error: Exception, tally: Tally) -> Outcome:
    """A batch broke: halve it until the one product that breaks it is alone and can be set back."""
    if len(product_ids) > 1:
        middle = len(product_ids) // 2
        outcome = recompute_batch(product_ids[:middle], tally)
        outcome.add(recompute_batch(product_ids[middle:], tally))
        return outcome
    reason, now = f"{type(error).__name__}: {error}", timezone.now()
    log.error("recompute_failed", product=product_ids[0], exc_info=error)
    with transaction.atomic(), connection.cursor() as cursor:
        if not len(lock_heads(cursor, product_ids)["product_id"]):
            return Outcome()
        if mark_ids := _read_marks(cursor, product_ids)["id"].tolist():
            _set_back(cursor, product_ids[0], mark_ids, reason, now, timezone.localdate(now) + timedelta(days=1))
        tally.count(cursor, 0, 0, 1)
    return Outcome(failed={product_ids[0]: reason})


def replay(product_ids: Sequence[int], as_of: date) -> Outcome:
    """Compute and publish products as they stood on a past date, by today's knowledge; dates must come in order.

    For histories of a portfolio that is loaded with its past: the same loader, scorer and publisher as today's.
    """
    noon = timezone.make_aware(datetime.combine(as_of, time(12)))
    ids = sorted(product_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        marks.settle_heads(cursor, ids)
        heads = lock_heads(cursor, ids)
        held = heads["product_id"].tolist()
        batch = score_batch(load(cursor, held, as_of), as_of)
        waiting = previewing(cursor, held).running
        published, done = publish(cursor, batch, heads, noon, Previewing(0, waiting))
    return Outcome(len(done), published, as_reasons(batch))
