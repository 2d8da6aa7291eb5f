"""Verifying: compute every product afresh and compare with what is stored, from one consistent state.

Products with pending marks stand apart: they are known to be stale and about to be recomputed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from ratings.loaders import id_array, load
from ratings.models import Preview, ProductRating, Publication, RatingSnapshot, SnapshotQuerySet, Status
from ratings.previews import PREVIEWED
from ratings.publish import Batch, score_batch
from ratings.scoring.table import FAULTY

BATCH_SIZE = 2000
EXACT = 1e-9
FIGURES = 1e-4  # single precision of the stored explanation, on figures up to 100

PENDING = """
SELECT key FROM ratings_stalemark WHERE kind = 'product'
UNION SELECT n.product_id FROM ratings_stalemark m
  JOIN products_supplynode n ON m.kind = 'establishment' AND n.establishment_id = m.key
UNION SELECT p.id FROM ratings_stalemark m JOIN products_product p
  ON m.kind = 'ndc' AND p.ndc = overlay(lpad(m.key::text, 10, '0') placing '-' from 7 for 0)
UNION SELECT product_id FROM ratings_productrating WHERE next_change_on <= %(today)s
UNION SELECT id FROM products_product WHERE EXISTS (SELECT FROM ratings_stalemark WHERE kind = 'all')
"""


@dataclass(slots=True)
class Report:
    """checked: products compared. pending: left apart. wrong: product id -> what differs, in plain English."""

    checked: int = 0
    pending: int = 0
    wrong: dict[int, str] = field(default_factory=dict)


def verify(progress: Any = None) -> Report:
    """Compare all enrolled products and all heads; writes nothing. `progress` is called with each batch's size."""
    report = Report()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        today = timezone.localdate()
        cursor.execute(PENDING, {"today": today})
        pending = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT product_id FROM products_enrolment UNION SELECT product_id FROM ratings_productrating ORDER BY 1"
        )
        everything = [row[0] for row in cursor.fetchall()]
        settled = [i for i in everything if i not in pending]
        report.pending = len(everything) - len(settled)
        for start in range(0, len(settled), BATCH_SIZE):
            ids = settled[start : start + BATCH_SIZE]
            report.wrong |= dict(_compare(cursor, ids, today))
            report.checked += len(ids)
            if progress:
                progress(len(ids))
    return report


def _compare(cursor: Any, ids: list[int], today: Any) -> Iterator[tuple[int, str]]:
    batch = score_batch(load(cursor, ids, today), today)
    row_of = {int(product_id): row for row, product_id in enumerate(batch.product_ids)}
    stored = ProductRating.objects.filter(pk__in=ids)
    heads = stored.select_related("computed_snapshot").in_bulk()
    previews = Preview.objects.in_bulk(ids)
    apart = [head.published_snapshot_id for head in heads.values() if head.in_preview]
    published = SnapshotQuerySet(RatingSnapshot).published().defer("inputs", "explanation").in_bulk(apart)
    cursor.execute(
        f"SELECT DISTINCT product_id FROM products_enrolment WHERE product_id = ANY({id_array(ids)})"  # noqa: S608
    )
    enrolled = {row[0] for row in cursor.fetchall()}
    for product_id in ids:
        head = heads.get(product_id)
        if product_id not in enrolled or product_id not in row_of:
            yield product_id, "has a head but no enrolment"
        elif head is None:
            yield product_id, "is enrolled but has no head"
        elif head.computed_snapshot is None:
            yield product_id, "has never been computed"
        else:
            told = published.get(head.published_snapshot_id) if head.in_preview else head.computed_snapshot
            differences = [
                *_of_preview(head, previews.get(product_id), told),
                *_differences(batch, row_of[product_id], head, head.computed_snapshot, told),
            ]
            if differences:
                yield product_id, "; ".join(differences)


def _of_preview(head: Any, preview: Preview | None, told: RatingSnapshot | None) -> Iterator[str]:
    """What of the two snapshots of a head does not agree with its being in preview or not."""
    published, computed = head.published_snapshot_id, head.computed_snapshot
    if preview is None:
        if head.in_preview:
            yield f"published snapshot is {published}, fresh is {computed.pk}"
        elif computed.held and not Publication.objects.filter(pk=computed.pk).exists():
            yield "the published snapshot was never published"
        return
    if not head.in_preview:
        yield "is in preview, but its computed snapshot is published"
    elif not computed.held or computed.status not in PREVIEWED:
        yield "its computed snapshot must not wait"
    elif published and told is None:
        yield "the published snapshot was never published"
    elif preview.since > computed.computed_at:
        yield "its preview begins after its computed snapshot"


def _differences(batch: Batch, row: int, head: Any, stored: Any, told: Any) -> list[str]:
    """What of the computed snapshot `stored` is not what a fresh computation gives, and what of the head is not what
    `told`, the published one (None: none is), says. Empty where all agrees.

    The prior band may differ, for it moves on with the days; it never changes a settled result.
    """
    table, status = batch.table, int(batch.status[row])
    if status == FAULTY:
        return [f"cannot be computed, but nothing says so: {'; '.join(table.faults.get(row, []))}"]
    rated = status == Status.RATED
    due = batch.next_change_on[row]
    wanted = {
        "product of the snapshot": (stored.product_id, head.pk),
        "head fingerprint": (head.fingerprint, stored.fingerprint),
        "head coverage": (head.coverage, told and told.coverage),
        "next change": (head.next_change_on, None if np.isnat(due) else due.item()),
        "failures without a mark": (head.failed_count, 0),
        "methodology": (stored.methodology, batch.methodology.version),
        "status": (stored.status, status),
        "head status": (head.status, told.status if told else Status.NOT_YET_RATED),
        "score": (stored.score, float(table.score[row]) if rated else None),
        "head score": (head.score, told and told.score),
        "band": (stored.band, int(table.band[row]) if rated else None),
        "head band": (head.band, told and told.band),
        "band before gates": (stored.band_uncapped, int(table.band_uncapped[row]) if rated else None),
        "gates": (stored.gates, int(table.gates[row])),
    }
    scored = status in (Status.RATED, Status.INSUFFICIENT_DATA)
    figures = {
        "exact score": (stored.exact or 0.0, table.exact[row] if rated else 0.0),
        "coverage": (stored.coverage, table.coverage[row] if scored else 0.0),
        "QMM coverage": (stored.qmm_coverage, table.qmm_coverage[row] if scored else 0.0),
    }
    differences = [f"{name} is {found}, fresh is {fresh}" for name, (found, fresh) in wanted.items() if found != fresh]
    differences += [f"{name} is {a}, fresh is {b}" for name, (a, b) in figures.items() if abs(a - b) > EXACT]
    inputs, explanation = np.array(stored.inputs), np.array(stored.explanation)
    if not np.array_equal(inputs, batch.inputs_of(row), equal_nan=True):
        differences.append("the inputs differ")
    if not differences and not _close(explanation, batch.explanation_of(row)):
        differences.append("the explanation differs")
    return differences


def _close(stored: Any, fresh: Any) -> bool:
    return stored.shape == fresh.shape and bool(np.allclose(stored, fresh, rtol=0, atol=FIGURES, equal_nan=True))
