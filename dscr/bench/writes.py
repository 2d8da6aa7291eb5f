"""What the triggers cost writers: 1,000-row updates with and without them, in turn."""

import statistics
import time

from django.db import connection

from dscr.bench.measured import Measured

UPDATES = {
    "products_kpisubmission": "fill_rate_numerator = 1000 - fill_rate_numerator",
    "products_supplynode": "last_batch_on = last_batch_on - 1",
    "qmm_assessment": "completed_on = completed_on - 1",
}
ROUNDS = 15


def measure() -> list[Measured]:
    return [_measure(table, change) for table, change in UPDATES.items()]


def _measure(table: str, change: str) -> Measured:
    times: dict[bool, list[float]] = {True: [], False: []}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM {table}")  # noqa: S608  the names above
        first = cursor.fetchone()[0]
        for turn in range(2 * ROUNDS):
            with_triggers = turn % 2 == 0
            cursor.execute(f"ALTER TABLE {table} {'ENABLE' if with_triggers else 'DISABLE'} TRIGGER USER")
            start = time.perf_counter()
            cursor.execute(
                f"UPDATE {table} SET {change} WHERE id IN "  # noqa: S608  likewise
                f"(SELECT id FROM {table} WHERE id >= {first} ORDER BY id LIMIT 1000)"
            )
            times[with_triggers].append(time.perf_counter() - start)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("DELETE FROM ratings_stalemark")
    with_, without = statistics.median(times[True]), statistics.median(times[False])
    return Measured(f"1,000-row update of {table}", with_, without, 2.0, "triggers against none")
