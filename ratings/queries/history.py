"""What was published for a product and when, each with what changed since the snapshot before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone

from ratings.causes import Cause, causes_between
from ratings.models import RatingSnapshot, Status
from ratings.scoring import load_methodology

LENGTH = 60


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    at: datetime
    snapshot: RatingSnapshot
    causes: list[Cause]
    score_before: float | None
    band_before: int | None

    @property
    def score(self) -> float | None:
        return self.snapshot.score

    @property
    def band(self) -> int | None:
        return self.snapshot.band

    @property
    def band_label(self) -> str:
        return load_methodology(self.snapshot.methodology).band_label(self.snapshot.band or 0)

    @property
    def status_label(self) -> str:
        return Status(self.snapshot.status).label

    @property
    def change(self) -> float | None:
        if self.score is None or self.score_before is None:
            return None
        return round(self.score - self.score_before, 1)

    @property
    def band_moved(self) -> int:
        return self.band - self.band_before if self.band and self.band_before else 0


TELLING = 1.0  # points: a change of at least this, or of the band, is told first


def newest_change(points: Sequence[HistoryPoint]) -> HistoryPoint | None:
    """The newest change that tells something; where none does, the newest of any size."""
    told = (point for point in reversed(points) if point.band_moved or abs(point.change or 0) >= TELLING)
    return next(told, None) or next((point for point in reversed(points) if point.change), None)


def moment(snapshot: RatingSnapshot) -> datetime:
    """When it took effect: the time of its computation, or the date it stands for where that was computed later."""
    local = timezone.localtime(snapshot.computed_at)
    if local.date() == snapshot.as_of:
        return local
    return timezone.make_aware(datetime.combine(snapshot.as_of, time()))


def published_snapshots(product_id: int, published_id: int | None) -> list[RatingSnapshot]:
    """The latest, oldest first, with one more in front to compare the first with."""
    if published_id is None:
        return []
    rows = RatingSnapshot.objects.filter(product_id=product_id, pk__lte=published_id).order_by("-as_of", "-pk")
    return list(rows[: LENGTH + 1])[::-1]


def history(snapshots: list[RatingSnapshot], names: Mapping[int, str]) -> list[HistoryPoint]:
    before: list[RatingSnapshot | None] = [None, *snapshots]
    points = [
        HistoryPoint(
            moment(snapshot),
            snapshot,
            causes_between(old, snapshot, names),
            old.score if old else None,
            old.band if old else None,
        )
        for old, snapshot in zip(before, snapshots, strict=False)
    ]
    return points[-LENGTH:]
