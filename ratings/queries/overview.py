"""What the operator sees first: how many products stand where, what waits, what failed, what changed last."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, OuterRef, Subquery

from dscr.access.models import User
from dscr.access.rules import in_scope, may
from ratings import marks
from ratings.causes import Cause, causes_between
from ratings.models import ProductRating, RatingSnapshot, Status
from ratings.queries.explained import establishment_ids, establishment_names
from ratings.scoring import load_methodology

FEW = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How many products stand at one band or status; `band` is None for a status without a score."""

    label: str
    band: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    snapshot: RatingSnapshot
    before: RatingSnapshot | None
    causes: list[Cause]


@dataclass(frozen=True, slots=True)
class Waiting:
    count: int
    oldest_seconds: float


def standings(user: User | AnonymousUser, version: str) -> list[Standing]:
    """Every band from the top, then every status without a score that occurs."""
    heads = in_scope(ProductRating.objects.all(), user, "read_operations")
    counted = heads.order_by().values_list("status", "band").annotate(count=Count("pk"))
    counts = {(status, band): count for status, band, count in counted}
    rated = [
        Standing(band.label, band.number, counts.get((Status.RATED, band.number), 0))
        for band in load_methodology(version).bands[::-1]
    ]
    others = [
        Standing(status.label, None, sum(count for (number, _), count in counts.items() if number == status))
        for status in Status
        if status != Status.RATED
    ]
    return rated + [standing for standing in others if standing.count]


def failed_list(user: User | AnonymousUser) -> tuple[list[ProductRating], int]:
    """The first heads that cannot be computed, most tries first, and how many there are."""
    failed = in_scope(ProductRating.objects.filter(failed_count__gt=0), user, "read_operations")
    return list(failed.select_related("product").order_by("-failed_count", "pk")[:FEW]), failed.count()


def waiting_marks(user: User | AnonymousUser) -> Waiting:
    if not may(user, "read_operations"):
        return Waiting(0, 0.0)
    with connection.cursor() as cursor:
        return Waiting(*marks.waiting(cursor))


def latest_changes(user: User | AnonymousUser) -> list[Change]:
    """The newest snapshots with what changed since the ones before; three queries."""
    earlier = RatingSnapshot.objects.filter(product=OuterRef("product"), pk__lt=OuterRef("pk")).order_by("-pk")
    newest = list(
        in_scope(RatingSnapshot.objects.all(), user, "read_operations")
        .select_related("product")
        .annotate(before_id=Subquery(earlier.values("pk")[:1]))
        .order_by("-pk")[:FEW]
    )
    before = RatingSnapshot.objects.in_bulk([row.before_id for row in newest if row.before_id])
    names = establishment_names(establishment_ids([*newest, *before.values()]))
    return [Change(row, old, causes_between(old, row, names)) for row in newest for old in [before.get(row.before_id)]]
