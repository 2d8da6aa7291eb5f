"""What moved lately: the largest changes of a manufacturer's own products, and what purchasers should watch."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, FloatField, OuterRef, Subquery
from django.db.models.functions import Abs, Coalesce
from django.utils import timezone

from dscr.access.scoping import Reader, may
from products.models import Enrolment, Product
from qmm.queries.sight import levels_readable
from ratings.causes import Cause, causes_between
from ratings.models import RatingSnapshot, Status
from ratings.published_causes import published_causes
from ratings.queries.explained import establishment_ids, establishment_names
from ratings.queries.overview import LOOKED_AT
from ratings.queries.portfolio import own_heads
from ratings.queries.sight import Sight, by_grant
from ratings.queries.site_merges import SiteMerges
from ratings.scoring import load_methodology

DAYS = 90
MOST = 6
TOLD = 3  # causes
SMALLEST = 0.1  # points: what one decimal shows


@dataclass(frozen=True, slots=True)
class Mover:
    """A product whose score is not what it was: two published snapshots, and why as deep as the reader may see.
    `site_grants`: by which levels of other firms' sites may be told in it."""

    product: Product
    before: RatingSnapshot
    now: RatingSnapshot
    causes: list[Cause]
    site_grants: tuple[int, ...] = ()

    @property
    def change(self) -> float:
        return round((self.now.score or 0) - (self.before.score or 0), 1)


def own_movers(user: Reader) -> list[Mover]:
    """The largest changes of score since 90 days, within the firm's own time with the product; five queries."""
    since = timezone.localdate() - timedelta(days=DAYS)
    until = Coalesce("publication__published_at__date", "as_of")
    published = RatingSnapshot.objects.published().alias(until=until).filter(until__lte=since)
    before = published.filter(product=OuterRef("product")).order_by("-as_of", "-pk")
    heads = (
        own_heads(user)
        .filter(status=Status.RATED)
        .annotate(before=Subquery(before.values("pk")[:1]), was=Subquery(before.values("score")[:1]))
        .annotate(change=Abs(F("score") - F("was"), output_field=FloatField()))
        .filter(change__gte=SMALLEST - 1e-6)
        .order_by("-change", "pk")
        .values_list("product_id", "before", "published_snapshot_id")[: 2 * MOST]
    )
    found = list(heads)
    snapshots = RatingSnapshot.objects.select_related("product").in_bulk([row for _, *pair in found for row in pair])
    enrolled = dict(
        Enrolment.objects.for_user(user, "read_figures")
        .filter(product__in=[product for product, _, _ in found])
        .order_by("enrolled_on")  # of several the last
        .values_list("product_id", "enrolled_on")
    )
    pairs = [(snapshots[old], snapshots[new]) for _, old, new in found]
    own = [pair for pair in pairs if pair[0].as_of >= enrolled.get(pair[1].product_id, date.max)][:MOST]
    names = establishment_names(establishment_ids(row for pair in own for row in pair))
    readable = dict(levels_readable(user).filter(pk__in=list(names)).values_list("pk", "site_grant"))
    sight = Sight(figures=True, maturity=frozenset(readable), since=None, site_grants=by_grant(readable))
    merges = SiteMerges(row for pair in own for row in pair)
    return [
        Mover(
            new.product,
            old,
            new,
            causes_between(old, new, names, sight, merges=merges),
            sight.grants_used(establishment_ids([old, new])),
        )
        for old, new in own
    ]


def grants_of(movers: Iterable[Mover]) -> tuple[int, ...]:
    return tuple(sorted({grant for mover in movers for grant in mover.site_grants}))


LOST, SHORT, FELL, NEW, ROSE, OVER = "lost", "short", "fell", "new", "rose", "over"
WORSE = (LOST, SHORT, FELL)
# A product's newest change of status, band or shortage among the newest snapshots, only of what was published: at once,
# or after its preview.
MOVES = """
WITH newest AS (
    SELECT id, product_id, as_of, status, band, inputs[1] = 1 AS short, as_of AS told_on
    FROM (SELECT * FROM ratings_ratingsnapshot ORDER BY id DESC LIMIT %(most)s) n WHERE NOT held
    UNION ALL
    SELECT n.id, n.product_id, n.as_of, n.status, n.band, n.inputs[1] = 1, (p.published_at AT TIME ZONE %(zone)s)::date
    FROM (SELECT * FROM ratings_publication ORDER BY published_at DESC LIMIT %(most)s) p
    JOIN ratings_ratingsnapshot n ON n.id = p.snapshot_id)
SELECT DISTINCT ON (s.product_id) s.id, o.id, s.status, s.band, s.short, o.status, o.band, o.short FROM newest s
JOIN ratings_productrating h ON h.product_id = s.product_id AND s.id <= h.published_snapshot_id
LEFT JOIN LATERAL (
    SELECT id, status, band, inputs[1] = 1 AS short FROM ratings_ratingsnapshot r
    WHERE product_id = s.product_id AND (as_of, id) < (s.as_of, s.id)
      AND (NOT held OR EXISTS (SELECT FROM ratings_publication p WHERE p.snapshot_id = r.id))
    ORDER BY as_of DESC, id DESC LIMIT 1) o ON true
WHERE s.told_on >= %(since)s AND (o.status, o.band, o.short) IS DISTINCT FROM (s.status, s.band, s.short)
ORDER BY s.product_id, s.id DESC
"""


@dataclass(frozen=True, slots=True)
class Move:
    """One product's newest change. kind: lost (its rating), short, fell, new (rated), rose, over (the shortage)."""

    kind: str
    snapshot_id: int
    before_id: int | None


@dataclass(frozen=True, slots=True)
class ShownMove:
    kind: str
    now: RatingSnapshot
    before: RatingSnapshot | None
    merges: SiteMerges

    @property
    def product(self) -> Product:
        return self.now.product

    @property
    def is_first(self) -> bool:
        return self.before is None or self.before.status == Status.NOT_YET_RATED

    @property
    def causes(self) -> list[str]:
        """By domain; never a figure, a site or a country."""
        told = published_causes(self.before, self.now, self.merges)
        if self.kind == NEW:  # that it is rated stands in `what`
            told = [cause for cause in told if cause.domain != "status"]
        return [cause.text for cause in told][:TOLD]

    @property
    def what(self) -> str:
        """Fell from High to Moderate."""
        was, now = (_band(row) for row in (self.before, self.now))
        moved = f"{'Rose' if self.kind == ROSE else 'Fell'} from {was} to {now}" if was and now else ""
        return {
            LOST: f"{Status(self.now.status).label}; was {was}",
            SHORT: "In shortage" + (f"; fell from {was} to {now}" if was != now else ""),
            NEW: f"{'Newly rated' if self.is_first else 'Rated again'}: {now}",
            OVER: "No longer in shortage" + (f"; now {now}" if was != now else ""),
        }.get(self.kind, moved)


def _band(row: RatingSnapshot | None) -> str:
    return load_methodology(row.methodology).band_label(row.band or 0) if row and row.band else ""


@dataclass(frozen=True, slots=True)
class Moves:
    """`counts` of every kind; the newest few that got worse and that got better."""

    counts: dict[str, int]
    worse: list[ShownMove]
    better: list[ShownMove]


def published_moves(user: Reader, most: int = 6) -> Moves:
    """Among the newest snapshots, those of the last 90 days that moved a band or status; two queries, and a third
    where sites differ."""
    if not may(user, "read_published"):
        return Moves({}, [], [])
    since = timezone.localdate() - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(MOVES, {"most": LOOKED_AT, "since": since, "zone": settings.TIME_ZONE})
        moves = sorted(filter(None, (_move(*row) for row in cursor.fetchall())), key=lambda move: -move.snapshot_id)
    counts = {kind: sum(move.kind == kind for move in moves) for kind in (LOST, SHORT, FELL, NEW, ROSE, OVER)}
    worse = [move for move in moves if move.kind in WORSE][:most]
    better = [move for move in moves if move.kind not in WORSE][:most]
    ids = [number for move in (*worse, *better) for number in (move.snapshot_id, move.before_id) if number]
    rows = RatingSnapshot.objects.select_related("product").in_bulk(ids)
    merges = SiteMerges(rows.values())
    return Moves(counts, _shown(worse, rows.get, merges), _shown(better, rows.get, merges))


def _shown(
    moves: Sequence[Move], row: Callable[[int | None], RatingSnapshot | None], merges: SiteMerges
) -> list[ShownMove]:
    found = ((move, row(move.snapshot_id)) for move in moves)
    return [ShownMove(move.kind, now, row(move.before_id), merges) for move, now in found if now]


def _move(
    new: int,
    old: int | None,
    status: int,
    band: int | None,
    short: bool,
    was_status: int | None,
    was_band: int | None,
    was_short: bool | None,
) -> Move | None:
    """None for what no purchaser watches, such as an enrolment without a rating yet."""
    if status != Status.RATED:
        return Move(LOST, new, old) if was_status == Status.RATED else None
    if was_status != Status.RATED:
        return Move(NEW, new, old)
    if short != was_short:
        return Move(SHORT if short else OVER, new, old)
    return Move(ROSE if (band or 0) > (was_band or 0) else FELL, new, old)
