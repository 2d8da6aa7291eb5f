"""How exactly everybody may know a result: exact shares and times would tell who shares a supplier."""

from datetime import datetime

from django.db.models.functions import Coalesce

from ratings.figures import floored
from ratings.models import Status

# Of a product's published snapshot: when it was published, which is when it was computed unless it was in preview.
PUBLISHED_AT = Coalesce(
    "rating__published_snapshot__publication__published_at", "rating__published_snapshot__computed_at"
)


def told_coverage(share: float | None, status: int | None) -> float | None:
    """As ratings/figures.py writes it; None where nothing was scored."""
    if share is None or status not in (Status.RATED, Status.INSUFFICIENT_DATA):
        return None
    return floored(share)


def told_hour(at: datetime) -> datetime:
    """Products of one supplier are published in one batch: to the second, its time would be the same for them alone."""
    return at.replace(minute=0, second=0, microsecond=0)
