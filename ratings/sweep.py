"""What time alone makes stale: heads whose next change has come get a mark like any other."""

from datetime import date

from django.db import connection
from django.utils import timezone

MARK_DUE = """
INSERT INTO ratings_stalemark (kind, key, source)
SELECT 'product', h.product_id, 'time' FROM ratings_productrating h
WHERE h.next_change_on <= %s
  AND NOT EXISTS (SELECT FROM ratings_stalemark m WHERE m.kind = 'product' AND m.key = h.product_id
                    AND m.not_before <= now())
"""


def mark_due(today: date | None = None) -> int:
    """Mark the heads that are due; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_DUE, [today or timezone.localdate()])
        return cursor.rowcount
