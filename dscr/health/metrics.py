"""What Prometheus reads: the queue of marks, the heads, the workers' counts, and the times of requests."""

import os
from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, Sum
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ratings.marks import waiting
from ratings.models import ProductRating, Status, WorkerTally
from ratings.tally import workers_alive

COUNTERS = {
    "recomputed": "Products recomputed, changed or not.",
    "published": "Snapshots published.",
    "failed": "Tries of products that could not be scored.",
    "retries": "Batches started again after a conflict with a writer.",
}


class RatingsCollector(Collector):
    """Read from the database at each scrape: right whichever process answers, and after any restart."""

    def collect(self) -> Iterator[Metric]:
        with connection.cursor() as cursor:
            marks, oldest = waiting(cursor)
        yield GaugeMetricFamily("dscr_marks_waiting", "Marks not yet worked off.", marks)
        yield GaugeMetricFamily("dscr_oldest_mark_seconds", "How long the oldest due mark has waited.", oldest)
        tallies = WorkerTally.objects.aggregate(**{name: Sum(name, default=0) for name in COUNTERS})
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(f"dscr_{name}", text, tallies[name])
        heads = GaugeMetricFamily("dscr_heads", "Enrolled products by the status of their rating.", labels=["status"])
        counts = dict(ProductRating.objects.values_list("status").annotate(Count("pk")))
        for status in Status:
            heads.add_metric([status.name.lower()], counts.get(status, 0))
        yield heads
        failed = ProductRating.objects.filter(failed_count__gt=0).count()
        yield GaugeMetricFamily("dscr_failed_heads", "Products that cannot be computed now.", failed)
        yield GaugeMetricFamily("dscr_workers_alive", "Worker processes seen in the last seconds.", workers_alive())


def as_text() -> bytes:
    ratings = CollectorRegistry()
    ratings.register(RatingsCollector())
    return generate_latest(ratings) + generate_latest(_requests())


def _requests() -> CollectorRegistry:
    """Request times of this process, or of all of gunicorn's processes where gunicorn.conf.py names their folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    every_process = CollectorRegistry()
    MultiProcessCollector(every_process)
    return every_process
