"""Writing a scored batch: a snapshot where something that counts changed, and the heads.

Snapshots go in by binary COPY of numpy rows, grouped by what makes rows alike (number of nodes, which figures are
NULL); heads are updated from a temporary table filled the same way.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ratings.binary_copy import copy_in, read_columns, rows_to_copy
from ratings.layout import pack_inputs
from ratings.loaders import Columns, Loaded, id_array
from ratings.models import Status
from ratings.previews import AT_ONCE, Previewing, previews_keep, rows_held
from ratings.scoring import EffectiveInputs, Methodology, ScoreTable, resolve, score_effective
from ratings.scoring.table import FAULTY

POSTGRES_DAY = np.datetime64("2000-01-01", "D")
POSTGRES_EPOCH = np.datetime64("2000-01-01T00:00:00", "us")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch scored as of a date, ready to be compared and published. P rows in ascending product id."""

    effective: EffectiveInputs
    table: ScoreTable
    status: NDArray[np.int16]  # [P] models.Status, 0 = could not be computed
    next_change_on: NDArray[np.datetime64]
    methodology: Methodology
    as_of: date
    # Rows of one width stand together, laid out as ratings/layout.py says: number of nodes -> [rows, width].
    inputs: dict[int, NDArray[np.float64]]
    explanation: dict[int, NDArray[np.float32]]
    node_count: NDArray[np.int64]  # [P]
    place: NDArray[np.int64]  # [P] the product's row among those with as many nodes
    fingerprint: NDArray[np.uint8]  # [P, 16]

    @property
    def product_ids(self) -> NDArray[np.int64]:
        return self.effective.product_ids

    def inputs_of(self, row: int) -> NDArray[np.float64]:
        return self.inputs[int(self.node_count[row])][self.place[row]]

    def explanation_of(self, row: int) -> NDArray[np.float32]:
        return self.explanation[int(self.node_count[row])][self.place[row]]

    def fingerprint_with(self, row: int, prior_band: int) -> bytes:
        """That of the row as it would be with this prior band."""
        return _digest(self.inputs_of(row).tobytes(), self.methodology.version, int(self.status[row]), prior_band)


def score_batch(loaded: Loaded, as_of: date) -> Batch:
    """Score what was loaded and lay every row out as it would be stored."""
    effective = resolve(loaded.frames, loaded.methodology, as_of)
    table = score_effective(effective, loaded.methodology)
    status = np.where(loaded.standing > 0, loaded.standing, table.status).astype(np.int16)
    count = len(effective.product_ids)
    batch = Batch(
        effective=effective,
        table=table,
        status=status,
        next_change_on=loaded.next_change_on,
        methodology=loaded.methodology,
        as_of=as_of,
        inputs={},
        explanation={},
        node_count=np.zeros(count, dtype=np.int64),
        place=np.zeros(count, dtype=np.int64),
        fingerprint=np.zeros((count, 16), dtype=np.uint8),
    )
    for rows, nodes in rows_by_node_count(effective):
        number = nodes.shape[1]
        batch.inputs[number] = pack_inputs(effective, rows, nodes)
        batch.explanation[number] = _explanation(table, rows, nodes)
        batch.node_count[rows], batch.place[rows] = number, np.arange(len(rows))
        batch.fingerprint[rows] = _fingerprints(batch, rows, batch.inputs[number])
    return batch


def _fingerprints(batch: Batch, rows: NDArray[np.int64], packed: NDArray[np.float64]) -> NDArray[np.uint8]:
    """[rows, 16]: a digest of exactly what decides the result: inputs, methodology, standing and prior band."""
    width, data = packed.shape[1] * packed.itemsize, memoryview(packed.tobytes())
    standing, prior = batch.status[rows].tolist(), batch.effective.prior_band[rows].tolist()
    version = batch.methodology.version
    digests = b"".join(
        _digest(data[place * width : (place + 1) * width], version, standing[place], prior[place])
        for place in range(len(rows))
    )
    return np.frombuffer(digests, dtype=np.uint8).reshape(-1, 16)


def _digest(inputs: bytes | memoryview, version: str, standing: int, prior_band: int) -> bytes:
    return hashlib.blake2b(inputs, digest_size=16, key=f"{version}/{standing}/{prior_band}/".encode()).digest()


def rows_by_node_count(effective: EffectiveInputs) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(product rows, [rows, n] positions of their nodes) for each number n of nodes that occurs."""
    counts = np.bincount(effective.node_product, minlength=len(effective.product_ids))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    for n in np.unique(counts):
        rows = np.flatnonzero(counts == n)
        yield rows, first[rows][:, None] + np.arange(n)[None, :]


def _explanation(table: ScoreTable, rows: NDArray[np.int64], nodes: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.concatenate(
        [
            table.domains[rows],
            table.domain_coverage[rows],
            table.indicators[rows],
            table.domain_losses[rows],
            table.indicator_losses[rows],
            table.stage_values[rows],
            table.stage_losses[rows],
            table.node_losses[nodes],
        ],
        axis=1,
    ).astype(np.float32)


SNAPSHOT_COLUMNS = (
    "id",
    "product_id",
    "methodology",
    "as_of",
    "computed_at",
    "status",
    "prior_band",
    "score",
    "exact",
    "band_uncapped",
    "band",
    "gates",
    "coverage",
    "qmm_coverage",
    "inputs",
    "explanation",
    "fingerprint",
    "held",
)


def snapshot_bodies(
    batch: Batch, rows: NDArray[np.int64], ids: NDArray[np.int64], held: NDArray[np.bool_], at: datetime
) -> Iterator[bytes]:
    """Binary COPY bodies of the snapshots of these rows."""
    rated = batch.status[rows] == Status.RATED
    prior = batch.effective.prior_band[rows] > 0
    alike = np.stack([batch.node_count[rows], rated, prior], axis=1)
    for kind in np.unique(alike, axis=0):
        places = np.flatnonzero((alike == kind).all(axis=1))
        given = (rows[places], ids[places], held[places])
        yield _snapshot_rows(batch, *given, at, rated=bool(kind[1]), has_prior=bool(kind[2]))


def _snapshot_rows(
    batch: Batch,
    rows: NDArray[np.int64],
    ids: NDArray[np.int64],
    held: NDArray[np.bool_],
    at: datetime,
    *,
    rated: bool,
    has_prior: bool,
) -> bytes:
    """Rows that have as many nodes, and agree in whether there is a score and a prior band."""
    table, count, number = batch.table, len(rows), int(batch.node_count[rows[0]])

    def same(value: Any, dtype: Any) -> NDArray[Any]:
        return np.full(count, value, dtype=dtype)

    def if_rated(values: NDArray[Any], dtype: Any) -> NDArray[Any] | None:
        return values[rows].astype(dtype) if rated else None

    scored = np.isin(batch.status[rows], (Status.RATED, Status.INSUFFICIENT_DATA))
    utc = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
    return rows_to_copy(
        (
            ids,
            batch.product_ids[rows],
            batch.methodology.version.encode(),
            same((np.datetime64(batch.as_of, "D") - POSTGRES_DAY).astype(int), np.int32),
            same((utc - POSTGRES_EPOCH).astype(int), np.int64),
            batch.status[rows],
            batch.effective.prior_band[rows].astype(np.int16) if has_prior else None,
            if_rated(table.score, np.float64),
            if_rated(table.exact, np.float64),
            if_rated(table.band_uncapped, np.int16),
            if_rated(table.band, np.int16),
            table.gates[rows].astype(np.int16),
            np.where(scored, table.coverage[rows], 0.0),
            np.where(scored, table.qmm_coverage[rows], 0.0),
            batch.inputs[number][batch.place[rows]],
            batch.explanation[number][batch.place[rows]],
            batch.fingerprint[rows],
            held,
        ),
        count,
    )


HEAD_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS ratings_head_update (
    product_id bigint, snapshot_id bigint, fingerprint uuid, status smallint, score float8, band smallint,
    coverage float8, next_change_on int
) ON COMMIT DELETE ROWS
"""
HEAD_COLUMNS = (
    "product_id",
    "snapshot_id",
    "fingerprint",
    "status",
    "score",
    "band",
    "coverage",
    "next_change_on",
)
UPDATE_HEADS = """
UPDATE ratings_productrating h SET
    computed_snapshot_id = coalesce(nullif(u.snapshot_id, 0), h.computed_snapshot_id),
    published_snapshot_id = coalesce(nullif(u.snapshot_id, 0), h.published_snapshot_id),
    published_in = CASE WHEN u.snapshot_id = 0 THEN h.published_in ELSE t.number END,
    fingerprint = u.fingerprint, status = u.status, score = nullif(u.score, 'NaN'), band = nullif(u.band, 0),
    coverage = u.coverage, next_change_on = nullif(u.next_change_on, 0) + date '1970-01-01',
    verified_at = %s, failed_count = 0, failed_at = NULL, failure = ''
FROM ratings_head_update u, (SELECT pg_current_xact_id()::text::bigint AS number) t
WHERE h.product_id = u.product_id AND h.product_id = ANY({ids})
"""
# What is published stays as it is.
HOLD_HEADS = """
UPDATE ratings_productrating h SET
    computed_snapshot_id = coalesce(nullif(u.snapshot_id, 0), h.computed_snapshot_id),
    fingerprint = u.fingerprint, next_change_on = nullif(u.next_change_on, 0) + date '1970-01-01',
    verified_at = %s, failed_count = 0, failed_at = NULL, failure = ''
FROM ratings_head_update u WHERE h.product_id = u.product_id AND h.product_id = ANY({ids})
"""


def publish(
    cursor: Any, batch: Batch, heads: Columns, at: datetime, preview: Previewing = AT_ONCE
) -> tuple[int, list[int]]:
    """Publish every row that could be computed, or put it in preview; heads are locked, with `product_id` ascending and
    `fingerprint`.

    Returns (number of new snapshots, ids of the products done). Rows that could not be computed are not touched.
    """
    done = np.flatnonzero(batch.status != FAULTY)
    if not len(done):
        return 0, []
    ids = batch.product_ids[done]
    known = heads["fingerprint"][np.searchsorted(heads["product_id"], ids)]
    changed = (known != batch.fingerprint[done]).any(axis=1)
    held = rows_held(cursor, batch, done, changed, preview)
    snapshot_ids = np.zeros(len(done), dtype=np.int64)
    snapshot_ids[changed] = _new_snapshot_ids(cursor, int(changed.sum()))
    if changed.any():
        copy_in(
            cursor,
            "ratings_ratingsnapshot",
            SNAPSHOT_COLUMNS,
            snapshot_bodies(batch, done[changed], snapshot_ids[changed], held[changed], at),
        )
    for update, part in ((UPDATE_HEADS, ~held), (HOLD_HEADS, held)):
        if part.any():
            _update_heads(cursor, update, batch, done[part], snapshot_ids[part], at)
    running = np.isin(ids, preview.running)
    previews_keep(cursor, ids[held & ~running], ids[~held & running], at)
    return int(changed.sum()), ids.tolist()


def _new_snapshot_ids(cursor: Any, count: int) -> NDArray[np.int64]:
    numbers = {"id": ("i8", "nextval('ratings_ratingsnapshot_id_seq')")}
    return read_columns(cursor, numbers, f"FROM generate_series(1, {count})")["id"]


def _update_heads(
    cursor: Any, update: str, batch: Batch, rows: NDArray[np.int64], snapshot_ids: NDArray[np.int64], at: datetime
) -> None:
    ids = batch.product_ids[rows]
    rated = batch.status[rows] == Status.RATED
    days = batch.next_change_on[rows]
    body = rows_to_copy(
        (
            ids,
            snapshot_ids,
            batch.fingerprint[rows],
            batch.status[rows],
            np.where(rated, batch.table.score[rows], np.nan),
            np.where(rated, batch.table.band[rows], 0).astype(np.int16),
            np.where(batch.status[rows] <= Status.INSUFFICIENT_DATA, batch.table.coverage[rows], 0.0),
            np.where(np.isnat(days), 0, days.astype("datetime64[D]").astype(np.int64)).astype(np.int32),
        ),
        len(rows),
    )
    cursor.execute(HEAD_TABLE)
    cursor.execute("DELETE FROM ratings_head_update")  # a replay publishes several days in one transaction
    copy_in(cursor, "ratings_head_update", HEAD_COLUMNS, [body])
    cursor.execute(update.format(ids=id_array(ids)), [at])


def as_reasons(batch: Batch) -> dict[int, str]:
    """Product id -> why it cannot be computed, in plain English."""
    rows: Sequence[int] = np.flatnonzero(batch.status == FAULTY).tolist()
    return {int(batch.product_ids[row]): "; ".join(batch.table.faults.get(row, ["cannot be scored"])) for row in rows}
