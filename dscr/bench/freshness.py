"""From commit to published, through a real broker, a real worker and beat."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection

from dscr.bench.measured import Measured
from dscr.bench.registry import HUB_PRODUCTS
from products.models import KpiSubmission
from qmm.models import AREAS, Assessment
from ratings.models import ProductRating, StaleMark
from ratings.tally import workers_alive

CHANGES = 100
LONGEST = 60.0  # seconds


def measure() -> list[Measured]:
    with workers():
        taken = sorted(_one_change(number) for number in range(1, CHANGES + 1))
        hub = [_hub_assessment(level) for level in (2, 4, 3)]
    p95 = taken[int(len(taken) * 0.95) - 1]
    return [
        Measured("one KPI change, commit to published, median", statistics.median(taken), 0.5, None, f"of {CHANGES}"),
        Measured("one KPI change, commit to published, p95", p95, 1.0, None, f"worst {taken[-1]:.2f}"),
        Measured(f"assessment behind {HUB_PRODUCTS:,} products", max(hub), 3.0, None, "worst of 3"),
    ]


@contextmanager
def workers() -> Iterator[None]:
    """A worker with two processes and beat, as in local mode."""
    celery = [sys.executable, "-m", "celery", "-A", "dscr"]
    quiet = {"env": os.environ | {"LOG_LEVEL": "WARNING"}, "stdout": subprocess.DEVNULL}
    running = [
        subprocess.Popen([*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle"], **quiet),
        subprocess.Popen([*celery, "beat", "--schedule", os.devnull], **quiet),
    ]
    try:
        _until(lambda: workers_alive() > 0 and not StaleMark.objects.exists())
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def _until(done: Callable[[], bool]) -> float:
    """Seconds until `done()` holds. Looked at every two milliseconds, so that looking hardly delays what is timed."""
    start = time.perf_counter()
    while not done():
        if time.perf_counter() - start > LONGEST:
            raise TimeoutError("Nothing was published within a minute: is the worker running?")
        time.sleep(0.002)
    return time.perf_counter() - start


def _one_change(number: int) -> float:
    submission = KpiSubmission.objects.get(product_id=number * 1009)
    before = ProductRating.objects.get(pk=submission.product_id).published_snapshot_id
    submission.fill_rate_numerator = (submission.fill_rate_numerator + 37) % 1000
    submission.save()
    heads = ProductRating.objects.filter(pk=submission.product_id)
    return _until(lambda: heads.values_list("published_snapshot_id", flat=True)[0] != before)


def _hub_assessment(level: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM ratings_ratingsnapshot")
        newest = cursor.fetchone()[0]
    Assessment.objects.create(establishment_id=1, completed_on=date.today(), **dict.fromkeys(AREAS, level))
    fresh = ProductRating.objects.filter(pk__lte=HUB_PRODUCTS, published_snapshot_id__gt=newest)
    took = _until(lambda: fresh.count() == HUB_PRODUCTS)
    Assessment.objects.filter(establishment_id=1, completed_on=date.today()).delete()
    _until(lambda: not StaleMark.objects.exists())
    return took
