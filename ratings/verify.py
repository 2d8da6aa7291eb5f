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
from ratings.models import ProductRating, Status
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
    heads = ProductRating.objects.filter(pk__in=ids).select_related("computed_snapshot").in_bulk()
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
        elif difference := _difference(batch, row_of[product_id], head, head.computed_snapshot):
            yield product_id, difference


def _difference(batch: Batch, row: int, head: Any, stored: Any) -> str:
    """What of the head and its computed snapshot is not what a fresh computation gives; empty where all agrees.

    The prior band may differ, for it moves on with the days; it never changes a settled result.
    """
    table, status = batch.table, int(batch.status[row])
    if status == FAULTY:
        return f"cannot be computed, but nothing says so: {'; '.join(table.faults.get(row, []))}"
    rated = status == Status.RATED
    due = batch.next_change_on[row]
    wanted = {
        "product of the snapshot": (stored.product_id, head.pk),
        "published snapshot": (head.published_snapshot_id, head.computed_snapshot_id),
        "head fingerprint": (head.fingerprint, stored.fingerprint),
        "head coverage": (head.coverage, stored.coverage),
        "next change": (head.next_change_on, None if np.isnat(due) else due.item()),
        "failures without a mark": (head.failed_count, 0),
        "methodology": (stored.methodology, batch.methodology.version),
        "status": (stored.status, status),
        "head status": (head.status, status),
        "score": (stored.score, float(table.score[row]) if rated else None),
        "head score": (head.score, stored.score),
        "band": (stored.band, int(table.band[row]) if rated else None),
        "head band": (head.band, stored.band),
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
    return "; ".join(differences)


def _close(stored: Any, fresh: Any) -> bool:
    return stored.shape == fresh.shape and bool(np.allclose(stored, fresh, rtol=0, atol=FIGURES, equal_nan=True))
