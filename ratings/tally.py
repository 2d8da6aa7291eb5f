"""Counting what each worker process does, in the database: heartbeat and totals outlive Redis and any host."""

import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.db import connection
from django.utils import timezone

from ratings.models import WorkerTally

ALIVE = timedelta(seconds=15)
BEAT_EVERY = 3.0  # seconds

ADD = """
INSERT INTO ratings_workertally (worker, recomputed, published, failed, retries) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (worker) DO UPDATE SET last_seen_at = now(),
    recomputed = ratings_workertally.recomputed + excluded.recomputed,
    published = ratings_workertally.published + excluded.published,
    failed = ratings_workertally.failed + excluded.failed, retries = ratings_workertally.retries + excluded.retries
"""


@dataclass(slots=True)
class Tally:
    """The row of one process. `retries` are added with the next count, for a rolled-back batch cannot write them."""

    worker: str
    retries: int = 0
    beaten_at: float = 0.0

    current: ClassVar["Tally | None"] = None

    @classmethod
    def of_this_process(cls) -> "Tally":
        worker = f"{socket.gethostname()}:{os.getpid()}"
        if cls.current is None or cls.current.worker != worker:
            cls.current = cls(worker)
        return cls.current

    def beat(self) -> None:
        if time.monotonic() - self.beaten_at > BEAT_EVERY:
            with connection.cursor() as cursor:
                self.count(cursor, 0, 0, 0)

    def count(self, cursor: Any, recomputed: int, published: int, failed: int) -> None:
        cursor.execute(ADD, [self.worker, recomputed, published, failed, self.retries])
        self.retries = 0
        self.beaten_at = time.monotonic()


def workers_alive() -> int:
    return WorkerTally.objects.filter(last_seen_at__gt=timezone.now() - ALIVE).count()
