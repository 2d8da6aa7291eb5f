"""How many requests a minute: one statement on an unlogged table, in fixed windows; nothing in Redis.

Answers carry RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset (seconds), the three headers of the IETF draft
that most clients read; a refusal is 429 with Retry-After.
"""

import random
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from dscr.access.address import client_address
from dscr.api.prepared import Prepared

WINDOW = 60  # seconds
SWEEP_CHANCE = 0.01  # of the counters' first requests in a window, one in a hundred clears what others left

COUNT = Prepared(
    f"""
INSERT INTO api_throttle AS t (key, started, used)
VALUES (%s, extract(epoch FROM clock_timestamp())::bigint / {WINDOW} * {WINDOW}, %s)
ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN t.started = excluded.started THEN t.used ELSE 0 END + excluded.used, started = excluded.started
RETURNING used, {WINDOW} - extract(epoch FROM clock_timestamp())::bigint %% {WINDOW}
"""  # noqa: S608  the window is a number of ours
)
SWEEP = "DELETE FROM api_throttle WHERE started < extract(epoch FROM clock_timestamp())::bigint - 3600"


class Rate(NamedTuple):
    limit: int
    used: int
    reset: int  # seconds

    @property
    def headers(self) -> dict[str, str]:
        left = max(0, self.limit - self.used)
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(self.reset),
        }


class RateLimit(BaseThrottle):
    """Counts by token, by user of a session, and by address of the network for everyone else."""

    def allow_request(self, request: Request, view: Any, cost: int = 1) -> bool:
        """`cost`: as how many requests this one counts."""
        key, limit = self.key_and_limit(request)
        [(used, reset)] = COUNT.run([key, cost])
        if used == 1 and random.random() < SWEEP_CHANCE:  # noqa: S311  no secret hangs on it
            with connection.cursor() as cursor:
                cursor.execute(SWEEP)
        self.rate = view.rate = Rate(limit, used, int(reset))
        return used <= limit

    def wait(self) -> float:
        return self.rate.reset

    @staticmethod
    def key_and_limit(request: Request) -> tuple[str, int]:
        if request.auth is not None:
            return f"token:{request.auth.pk}", settings.API_RATE
        if request.user.is_authenticated:
            return f"user:{request.user.pk}", settings.API_RATE
        return f"address:{client_address(request._request)}", settings.API_RATE_ANONYMOUS
