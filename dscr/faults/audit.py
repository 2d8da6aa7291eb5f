"""After the run: is every acknowledged write in the database, and is every published score right?"""

import json
from collections import defaultdict
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Sum

from dscr.faults.journal import Expected, expected_rows, read
from ratings.models import ProductRating, RatingSnapshot, StaleMark, WorkerTally
from ratings.verify import verify


def audit(journals: list[Path]) -> dict[str, Any]:
    expected = expected_rows(chain.from_iterable(read(path) for path in journals))
    report = verify()
    tallies = ("recomputed", "published", "failed", "retries")
    return {
        "acknowledged": sum(row.acknowledged for row in expected.values()),
        "rows": len(expected),
        "lost": lost_writes(expected),
        "marks": StaleMark.objects.count(),
        "checked": report.checked,
        "pending": report.pending,
        "wrong": {str(key): text for key, text in report.wrong.items()},
        "failed_heads": ProductRating.objects.filter(failed_count__gt=0).count(),
        "snapshots": RatingSnapshot.objects.count(),
        "workers": WorkerTally.objects.count(),
        **WorkerTally.objects.aggregate(**{name: Sum(name, default=0) for name in tallies}),
    }


def lost_writes(expected: dict[str, Expected]) -> list[str]:
    """Rows that hold neither what was last acknowledged nor anything tried since."""
    by_column: dict[tuple[str, str], dict[int, Expected]] = defaultdict(dict)
    for row, wanted in expected.items():
        table, key, column = row.split(":")
        by_column[table, column][int(key)] = wanted
    lost = []
    for (table, column), rows in by_column.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, {column} FROM {table} WHERE id = ANY(%s)", [list(rows)])  # noqa: S608
            stored = dict(cursor.fetchall())
        for key, wanted in rows.items():
            value = stored.get(key)
            # Without any acknowledgement the row may as well be as it was before.
            if wanted.acknowledged and not any(_same(value, one) for one in wanted.values):
                lost.append(f"{table}:{key}:{column} is {value!r}, acknowledged was {wanted.values[0]!r}")
    return lost


def _same(stored: Any, wanted: Any) -> bool:
    if stored is None or wanted is None or isinstance(wanted, str):
        return bool(stored == wanted)
    return abs(float(stored) - float(wanted)) < 1e-9


def write_report(journals: list[Path], target: Path) -> None:
    target.write_text(json.dumps(audit(journals)))
