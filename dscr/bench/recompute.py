"""The scorer alone, and the full recompute against a floor that only moves and scores the same bytes."""

import re
import resource
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from dscr.bench.measured import Measured, median_of
from ratings import loaders
from ratings.binary_copy import KINDS, copy_in
from ratings.publish import SNAPSHOT_COLUMNS, Batch, score_batch, snapshot_bodies
from ratings.recompute import recompute_pending
from ratings.scoring import score

ANY_OF = re.compile(r"(?:\w+\.)?\w+ = ANY\('\{[^']*\}'::bigint\[\]\)")


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def everything(today: date) -> tuple[loaders.Loaded, list[str]]:
    """All products loaded at once, and the loader's own statements without their choice of ids."""
    statements: list[str] = []
    read_columns = loaders.read_columns

    def recording(cursor: Any, columns: Any, rest: str) -> Any:
        selected = ", ".join(KINDS[kind][0].format(sql) for kind, sql in columns.values())
        statements.append(f"COPY (SELECT {selected} {ANY_OF.sub('true', rest)}) TO STDOUT (FORMAT binary)")
        return read_columns(cursor, columns, rest)

    loaders.read_columns = recording
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM products_product")
            return loaders.load(cursor, [row[0] for row in cursor.fetchall()], today), statements
    finally:
        loaders.read_columns = read_columns


def measure() -> list[Measured]:
    """Four passes in turn with the floor: the first publishes everything anew, the last finds nothing changed."""
    today = timezone.localdate()
    loaded, statements = everything(today)
    products = len(loaded.frames.product_ids)
    alone = median_of(lambda: score(loaded.frames, loaded.methodology, today), 5)
    found = [Measured("score() alone, with losses", alone, 1.0, None, f"{products:,} products")]
    batch = score_batch(loaded, today)
    bodies = list(
        snapshot_bodies(
            batch, np.arange(products), np.arange(products) + 10**9, np.zeros(products, dtype=bool), timezone.now()
        )
    )
    ratios, times, floors = [], [], []
    for _ in range(3):
        floor = _floor(statements, batch, loaded, bodies, today)
        took = _full_recompute(changed=True)
        ratios.append(took / floor)
        times.append(took)
        floors.append(floor)
    middle = int(np.argsort(ratios)[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found += [
        Measured(
            "full recompute, all changed", times[middle], floors[middle], 3.0, f"{ratios[middle]:.2f} of 3 passes"
        ),
        Measured("full recompute, none changed", _full_recompute(changed=False), floors[middle], 3.0, ""),
    ]
    found.append(Measured("peak memory, GiB", peak / 1024, 1.5, None, "of the measuring process, all loaded at once"))
    return found


def _floor(statements: list[str], batch: Batch, loaded: loaders.Loaded, bodies: list[bytes], today: date) -> float:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_floor")
        cursor.execute("CREATE TABLE bench_floor (LIKE ratings_ratingsnapshot)")
        cursor.execute("CHECKPOINT")

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.copy_expert(statement, BytesIO())
            score(loaded.frames, loaded.methodology, today)
            copy_in(cursor, "bench_floor", SNAPSHOT_COLUMNS, bodies)

    return seconds(work)


def _full_recompute(*, changed: bool) -> float:
    with connection.cursor() as cursor:
        if changed:
            cursor.execute("UPDATE ratings_productrating SET fingerprint = NULL")
        cursor.execute("VACUUM ANALYZE ratings_productrating, ratings_stalemark")
        cursor.execute("CHECKPOINT")
        cursor.execute("INSERT INTO ratings_stalemark (kind, source) VALUES ('all', 'bench')")
    return seconds(recompute_pending)
