"""What the operator sees first: how many products stand where, what waits, what failed, what changed last."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count

from dscr.access.models import User
from dscr.access.scoping import may
from ratings import marks
from ratings.causes import Cause, causes_between
from ratings.models import ProductRating, RatingSnapshot, Status
from ratings.queries.explained import establishment_ids, establishment_names
from ratings.queries.site_merges import SiteMerges
from ratings.scoring import load_methodology

FEW = 10
MANY = 100  # changes, so that one input that moves many products leaves room for others
LOOKED_AT = 2000  # newest snapshots among which changes are sought, so that the page stays fast after a full recompute
MOVED = """
SELECT s.id, o.id FROM (
    SELECT id, product_id, as_of, status, score, band FROM ratings_ratingsnapshot ORDER BY id DESC LIMIT %s) s
JOIN LATERAL (
    SELECT id, status, score, band FROM ratings_ratingsnapshot
    WHERE product_id = s.product_id AND (as_of, id) < (s.as_of, s.id) ORDER BY as_of DESC, id DESC LIMIT 1) o
ON (o.status, o.score, o.band) IS DISTINCT FROM (s.status, s.score, s.band)
ORDER BY s.id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many products stand at one band or status; `band` is None for a status without a score."""

    label: str
    band: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    snapshot: RatingSnapshot
    before: RatingSnapshot
    causes: list[Cause]

    @property
    def preview_words(self) -> str:
        """ "" for what was published. A preview that ended, as by a withdrawal, never was."""
        if not self.snapshot.held or hasattr(self.snapshot, "publication"):
            return ""
        head = self.snapshot.product.rating
        is_waiting = head.in_preview and self.snapshot.pk > (head.published_snapshot_id or 0)
        return "In preview, not published" if is_waiting else "Previewed, never published"


@dataclass(frozen=True, slots=True)
class Waiting:
    count: int
    oldest_seconds: float


def standings(user: User | AnonymousUser, version: str) -> list[Standing]:
    """Every band from the top, then every status without a score that occurs."""
    heads = ProductRating.objects.for_user(user, "read_operations")
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
    failed = ProductRating.objects.for_user(user, "read_operations").filter(failed_count__gt=0)
    return list(failed.select_related("product").order_by("-failed_count", "pk")[:FEW]), failed.count()


def waiting_marks(user: User | AnonymousUser) -> Waiting:
    if not may(user, "read_operations"):
        return Waiting(0, 0.0)
    with connection.cursor() as cursor:
        return Waiting(*marks.waiting(cursor))


def waiting_count() -> int:
    """How many marks wait in the whole program; the number alone tells of no product, so any reader may know it."""
    with connection.cursor() as cursor:
        return marks.waiting(cursor)[0]


def latest_changes(user: User | AnonymousUser) -> list[Change]:
    """The newest snapshots that moved a score, band or status, with what changed; three queries."""
    if not may(user, "read_operations"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [LOOKED_AT, MANY])
        pairs = cursor.fetchall()
    found = RatingSnapshot.objects.select_related("product__rating", "publication").in_bulk(
        [number for pair in pairs for number in pair]
    )
    names = establishment_names(establishment_ids(found.values()))
    merges = SiteMerges(found.values())
    return [
        Change(found[new], found[old], causes_between(found[old], found[new], names, merges=merges))
        for new, old in pairs
        if new in found and old in found
    ]
