"""What was published for a product and when, each with what changed since the snapshot before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone

from ratings.causes import Cause, causes_between
from ratings.models import RatingSnapshot, Status
from ratings.published_causes import published_causes, tells_something
from ratings.queries.endings import Endings
from ratings.queries.sight import Sight
from ratings.queries.site_merges import SiteMerges
from ratings.scoring import load_methodology

LENGTH = 60


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """One published result. `causes` are as deep as its reader may see."""

    at: datetime
    snapshot_id: int | None
    as_of: date
    methodology: str
    status: int
    score: float | None
    band: int | None
    causes: list[Cause]
    score_before: float | None
    band_before: int | None

    @property
    def band_label(self) -> str:
        return load_methodology(self.methodology).band_label(self.band or 0)

    @property
    def status_label(self) -> str:
        return str(Status(self.status).label)

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
    again = rated_again(points)
    told = (
        point for point in reversed(points) if point is again or point.band_moved or abs(point.change or 0) >= TELLING
    )
    return next(told, None) or next((point for point in reversed(points) if point.change), None)


def rated_again(points: Sequence[HistoryPoint]) -> HistoryPoint | None:
    """The newest that has a score after a time without one, if there was one before that time too."""
    for place in range(len(points) - 1, 0, -1):
        if points[place].score is not None and points[place - 1].score is None:
            return points[place] if any(point.score is not None for point in points[:place]) else None
    return None


def moment(snapshot: RatingSnapshot) -> datetime:
    """When it took effect: the time of its publication, or of its computation where that came at once, or the date it
    stands for where that was computed later."""
    if snapshot.held:
        return timezone.localtime(snapshot.published_at)
    local = timezone.localtime(snapshot.computed_at)
    if local.date() == snapshot.as_of:
        return local
    return timezone.make_aware(datetime.combine(snapshot.as_of, time()))


def published_snapshots(product_id: int, published_id: int | None) -> list[RatingSnapshot]:
    """The latest up to the published one, oldest first, with one more in front to compare the first with.

    Without one (a new result waits after a withdrawal) all that were published before.
    """
    rows = RatingSnapshot.objects.published().filter(product_id=product_id).order_by("-as_of", "-pk")
    if published_id is not None:
        rows = rows.filter(pk__lte=published_id)
    return list(rows[: LENGTH + 1])[::-1]


def told_snapshots(snapshots: Sequence[RatingSnapshot], sight: Sight) -> list[RatingSnapshot]:
    """Those whose figures the reader may be told."""
    return [snapshot for snapshot in snapshots if sight.sees(snapshot.as_of)]


def history(
    snapshots: Sequence[RatingSnapshot], sight: Sight, names: Mapping[int, str], endings: Endings | None = None
) -> list[HistoryPoint]:
    """`names` are those of the establishments of `told_snapshots`."""
    before: list[RatingSnapshot | None] = [None, *snapshots]
    merges = SiteMerges(snapshots)
    points = [
        _point(old, new, sight, names, endings, merges)
        for old, new in zip(before, snapshots, strict=False)
        if old is None or sight.sees(old.as_of, new.as_of) or tells_something(old, new)
    ]
    return points[-LENGTH:]


def _point(
    old: RatingSnapshot | None,
    new: RatingSnapshot,
    sight: Sight,
    names: Mapping[int, str],
    endings: Endings | None,
    merges: SiteMerges,
) -> HistoryPoint:
    """A change is told with its figures only where those before and after it may both be told."""
    is_told = sight.sees(*(row.as_of for row in (old, new) if row))
    return HistoryPoint(
        at=moment(new),
        snapshot_id=new.pk,
        as_of=new.as_of,
        methodology=new.methodology,
        status=new.status,
        score=new.score,
        band=new.band,
        causes=causes_between(old, new, names, sight, endings, merges)
        if is_told
        else published_causes(old, new, merges),
        score_before=old.score if old else None,
        band_before=old.band if old else None,
    )
