"""Results that their firm sees before everybody else does: which wait, since when, and their publication.

The setting `preview_days` is read once a batch, in its transaction. A product's clock starts with the first change
that is not published, and later ones do not move it: a firm could put off a bad result for ever. When it has run,
whatever is computed then is published.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from ratings.loaders import id_array
from ratings.models import Status
from ratings.program import PREVIEW_DAYS, value_of

# In the program's time zone: while people are at work who may have to answer for it.
PUBLISHED_AT = time(9)
BATCH_SIZE = 6000

# A result made of figures. What is decided or runs out by the calendar takes effect at once: a withdrawal or suspension
# must never wait, and a rating whose data are too old must not go on being shown as if it held.
PREVIEWED = (Status.RATED, Status.INSUFFICIENT_DATA)
# Said no longer once it is over, though the rating that follows waits: until then nothing is published.
OVER = (Status.WITHDRAWN, Status.SUSPENDED, Status.OUT_OF_SCOPE)


@dataclass(frozen=True, slots=True)
class Previewing:
    """What a batch needs to know. `running`: products of it that are in preview."""

    days: int = 0
    running: tuple[int, ...] = ()


AT_ONCE = Previewing()


def previewing(cursor: Any, ids: list[int]) -> Previewing:
    days = value_of(PREVIEW_DAYS, cursor)
    cursor.execute(f"SELECT product_id FROM ratings_preview WHERE product_id = ANY({id_array(ids)})")  # noqa: S608
    return Previewing(days, tuple(row[0] for row in cursor.fetchall()))


def published_from(since: datetime, days: int) -> datetime:
    """When a preview that began at `since` is published: the first 9 a.m. in the program's time zone when `days` times
    24 hours of the clock on the wall have passed; with 0 at once."""
    if not days:
        return since
    over = _on_the_wall(since) + timedelta(days=days)
    day = over.date() if over.time() <= PUBLISHED_AT else over.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, PUBLISHED_AT))


def begun_by(now: datetime, days: int) -> datetime:
    """Previews that began up to then are over: `published_from(since, days) <= now`."""
    if not days:
        return now
    wall = _on_the_wall(now)
    day = wall.date() if wall.time() >= PUBLISHED_AT else wall.date() - timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, PUBLISHED_AT) - timedelta(days=days))


def _on_the_wall(at: datetime) -> datetime:
    return timezone.make_naive(at)


PUBLISHED = """
SELECT h.product_id, uuid_send(s.fingerprint), coalesce(s.prior_band, 0), coalesce(s.band_uncapped, 0)
FROM ratings_productrating h JOIN ratings_ratingsnapshot s ON s.id = h.published_snapshot_id
WHERE h.product_id = ANY({ids})
"""


def rows_held(
    cursor: Any, batch: Any, rows: NDArray[np.int64], changed: NDArray[np.bool_], state: Previewing
) -> NDArray[np.bool_]:
    """Of the batch's `rows`, which are not to be published now; `changed` says which differ from what was computed."""
    running = np.isin(batch.product_ids[rows], state.running)
    if not state.days:
        return running & ~changed  # the sweep publishes what waits; what is new goes out at once
    held = np.isin(batch.status[rows], PREVIEWED) & (changed | running)
    asked = np.flatnonzero(held & changed)
    if len(asked):
        held[asked] = ~_as_published(cursor, batch, rows[asked])
    return held


def _as_published(cursor: Any, batch: Any, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which results are what is published already: the same inputs and method, and a band that did not move.

    The prior band moves on with the days, so it is left out: fingerprints are compared under that of the published one.
    """
    cursor.execute(PUBLISHED.format(ids=id_array(batch.product_ids[rows])))
    published = {product: (bytes(digest), prior, band) for product, digest, prior, band in cursor.fetchall()}
    same = np.zeros(len(rows), dtype=bool)
    for place, row in enumerate(rows.tolist()):
        digest, prior, band = published.get(int(batch.product_ids[row]), (b"", 0, 0))
        uncapped = int(batch.table.band_uncapped[row]) if batch.status[row] == Status.RATED else 0
        same[place] = bool(digest) and band == uncapped and batch.fingerprint_with(row, prior) == digest
    return same


def previews_keep(cursor: Any, started: NDArray[np.int64], ended: NDArray[np.int64], at: datetime) -> None:
    """Product ids whose preview begins, and those whose preview is over. To be called once the heads are written."""
    if len(started):
        cursor.execute(
            f"INSERT INTO ratings_preview (product_id, since) SELECT i, %s FROM unnest({id_array(started)}) i "  # noqa: S608
            "ON CONFLICT DO NOTHING",
            [at],
        )
        cursor.execute(CLEAR.format(ids=id_array(started), over=", ".join(str(status.value) for status in OVER)))
    if len(ended):
        cursor.execute(f"DELETE FROM ratings_preview WHERE product_id = ANY({id_array(ended)})")  # noqa: S608


CLEAR = f"""
UPDATE ratings_productrating h SET published_snapshot_id = NULL, status = {Status.NOT_YET_RATED}, score = NULL,
    band = NULL, coverage = NULL, published_in = pg_current_xact_id()::text::bigint
FROM ratings_ratingsnapshot s
WHERE h.product_id = ANY({{ids}}) AND s.id = h.published_snapshot_id AND s.status IN ({{over}})
"""  # noqa: S608


DUE = "SELECT EXISTS (SELECT FROM ratings_preview WHERE since <= %s)"
CLAIM = """
SELECT h.product_id FROM ratings_preview v JOIN ratings_productrating h ON h.product_id = v.product_id
WHERE v.since <= %s ORDER BY 1 LIMIT %s FOR NO KEY UPDATE OF h SKIP LOCKED
"""
PUBLISH = """
WITH due AS (DELETE FROM ratings_preview WHERE product_id = ANY({ids}) AND since <= %(begun_by)s RETURNING product_id),
     new AS (SELECT due.product_id, s.id, s.status, s.score, s.band, s.coverage FROM due
             JOIN ratings_productrating h ON h.product_id = due.product_id
             JOIN ratings_ratingsnapshot s ON s.id = h.computed_snapshot_id),
     told AS (INSERT INTO ratings_publication (snapshot_id, published_at) SELECT id, %(now)s FROM new)
UPDATE ratings_productrating h SET published_snapshot_id = new.id, status = new.status, score = new.score,
    band = new.band, coverage = new.coverage, published_in = pg_current_xact_id()::text::bigint
FROM new WHERE h.product_id = new.product_id
"""


def publish_due(now: datetime | None = None) -> int:
    """Publish what has been in preview long enough; returns how many products.

    A claim locks heads as a batch does. The second statement of the transaction sees what was committed before the
    lock, and a batch that read the head earlier runs into a conflict and starts again: either way nothing is lost.
    """
    now, count = now or timezone.now(), 0
    while done := _publish_some(now):
        count += done
    return count


def _publish_some(now: datetime) -> int:
    with connection.cursor() as cursor:
        if not _is_any_due(cursor, now):
            return 0
    with transaction.atomic(), connection.cursor() as cursor:
        begun = begun_by(now, value_of(PREVIEW_DAYS, cursor))
        cursor.execute(CLAIM, [begun, BATCH_SIZE])
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return 0  # others hold them
        cursor.execute(PUBLISH.format(ids=id_array(ids)), {"begun_by": begun, "now": now})
        return cursor.rowcount


def _is_any_due(cursor: Any, now: datetime) -> bool:
    cursor.execute(DUE, [begun_by(now, value_of(PREVIEW_DAYS, cursor))])
    return cursor.fetchone()[0]
