"""Everything that a product's rating page and its API show, as far as the reader sees, in a known number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from dscr.access.scoping import Reader
from products.models import DrugList, DrugListEntry, Enrolment, Product
from ratings.models import ProductRating, RatingSnapshot, Status
from ratings.queries.endings import Endings
from ratings.queries.explained import FiguresView, establishment_ids, establishment_names, explain
from ratings.queries.freshness import Freshness, freshness_of, product_list
from ratings.queries.granted import GrantedView, granted_view
from ratings.queries.history import HistoryPoint, history, published_snapshots, told_snapshots
from ratings.queries.peers import Peers, peers_of
from ratings.queries.preview import PreviewView, preview_of
from ratings.queries.published import CANNOT_BE_COMPUTED, NOT_ENROLLED, PublishedView, not_published, published_view
from ratings.queries.sight import Sight, enrolments_begun, sight_of


@dataclass(frozen=True, slots=True)
class Participation:
    """The latest enrolment. Why it is suspended or withdrawn is told to those only who see the figures."""

    organisation: str
    enrolled_on: date
    withdrawn_on: date | None
    suspended_on: date | None
    suspension_reason: str
    withdrawal_reason: str = ""


@dataclass(frozen=True, slots=True)
class RatingDetail:
    """`figures` is None where the reader sees only what was published, and for a snapshot of an earlier firm."""

    product: Product
    published: PublishedView
    figures: FiguresView | None
    freshness: Freshness
    participation: Participation | None
    drug_lists: list[DrugList]
    history: list[HistoryPoint]
    peers: Peers
    sight: Sight
    granted: GrantedView | None = None  # what the enrolling firm disclosed to the reader
    preview: PreviewView | None = None
    as_previewed: bool = False  # `published` and `figures` are those of the preview
    site_grants: tuple[int, ...] = ()  # by which levels of other firms' sites are told here, those of the past too

    @property
    def standing(self) -> str:
        return self.published.standing

    @property
    def is_rated(self) -> bool:
        return self.published.is_rated

    @property
    def last_rated(self) -> HistoryPoint | None:
        return next((point for point in reversed(self.history) if point.score is not None), None)


@dataclass(frozen=True, slots=True)
class RatingHistory:
    """Points oldest first, with causes as deep as the reader sees; `site_grants` as in RatingDetail."""

    points: list[HistoryPoint]
    shows_figures: bool
    site_grants: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """What an answer without history and peers needs; everything in it is published."""

    product: Product
    head: ProductRating | None
    published: PublishedView
    participation: Participation | None


def rating_detail(user: Reader, ndc: str, *, as_previewed: bool = False) -> RatingDetail | None:
    """The page of one product by its canonical NDC; None where it does not exist for this user.

    `as_previewed`: as it will be once what is in preview is published, where the reader may see that.
    """
    product = product_list(user).select_related("rating").filter(ndc=ndc).first()
    if product is None:
        return None
    enrolments = enrolments_begun(product)
    sight = sight_of(user, product, enrolments)
    freshness = freshness_of(product)
    head = getattr(product, "rating", None)
    snapshots = published_snapshots(product.pk, freshness.snapshot_id) if head else []
    newest = next((row for row in reversed(snapshots) if row.pk == freshness.snapshot_id), None)
    preview = preview_of(user, head, sight, newest)
    as_previewed = as_previewed and preview is not None
    if preview and as_previewed:
        newest = preview.snapshot
    shown = [*snapshots, newest] if newest and as_previewed else snapshots
    told = establishment_ids(told_snapshots(shown, sight))
    names = establishment_names(told) if told else {}
    return RatingDetail(
        product=product,
        published=published_view(newest) if newest else not_published(_standing(product, enrolments)),
        figures=explain(newest, names, sight) if newest and sight.sees(newest.as_of) else None,
        freshness=freshness,
        participation=_participation(enrolments, sight.figures),
        drug_lists=_drug_lists(product),
        history=history(snapshots, sight, names, Endings(product.pk, told)),
        peers=peers_of(user, product),
        sight=sight,
        granted=granted_view(newest, sight),
        preview=preview,
        as_previewed=as_previewed,
        site_grants=sight.grants_used({*told, *(establishment_ids([preview.snapshot]) if preview else ())}),
    )


def rating_summary(user: Reader, ndc: str) -> RatingSummary | None:
    """Three queries with the user's membership; None where the product does not exist for this user."""
    readable = Product.objects.for_user(user, "read_published")
    product = readable.select_related("rating__published_snapshot").filter(ndc=ndc).first()
    if product is None:
        return None
    head = getattr(product, "rating", None)
    snapshot = head.published_snapshot if head else None
    enrolments = enrolments_begun(product)
    return RatingSummary(
        product=product,
        head=head,
        published=published_view(snapshot) if snapshot else not_published(_standing(product, enrolments)),
        participation=_participation(enrolments, False),
    )


def rating_figures(user: Reader, product: Product, snapshot: RatingSnapshot | None) -> FiguresView | None:
    """The figures behind one of the product's snapshots, None where the reader does not see them."""
    if snapshot is None:
        return None
    sight = sight_of(user, product)
    if not sight.sees(snapshot.as_of):
        return None
    return explain(snapshot, establishment_names(establishment_ids([snapshot])), sight)


def rating_granted(user: Reader, product: Product, snapshot: RatingSnapshot | None) -> GrantedView | None:
    """What was disclosed to the reader of one of the product's snapshots."""
    return granted_view(snapshot, sight_of(user, product)) if snapshot else None


def rating_history(user: Reader, product: Product) -> RatingHistory:
    """What was published of a product with its head selected."""
    sight = sight_of(user, product)
    head = getattr(product, "rating", None)
    snapshots = published_snapshots(product.pk, head.published_snapshot_id) if head else []
    told = establishment_ids(told_snapshots(snapshots, sight))
    points = history(snapshots, sight, establishment_names(told) if told else {}, Endings(product.pk, told))
    return RatingHistory(points, sight.figures, sight.grants_used(told))


def _standing(product: Product, enrolments: Sequence[Enrolment]) -> str:
    """Of a product without a snapshot."""
    head = getattr(product, "rating", None)
    if head and head.failed_count:
        return CANNOT_BE_COMPUTED
    return Status.NOT_YET_RATED.name.lower() if enrolments else NOT_ENROLLED


def _participation(enrolments: Sequence[Enrolment], tells_reason: bool) -> Participation | None:
    if not enrolments:
        return None
    latest = enrolments[0]
    return Participation(
        organisation=latest.organisation.name,
        enrolled_on=latest.enrolled_on,
        withdrawn_on=latest.withdrawn_on,
        suspended_on=latest.suspended_on,
        suspension_reason=latest.suspension_reason if tells_reason else "",
        withdrawal_reason=latest.withdrawal_reason if tells_reason else "",
    )


def _drug_lists(product: Product) -> list[DrugList]:
    if not product.molecule:
        return []
    entries = DrugListEntry.objects.filter(
        Q(route="") | Q(route__iexact=product.route), drug_list=OuterRef("pk"), molecule__iexact=product.molecule
    )
    return list(DrugList.objects.filter(Exists(entries)).order_by("name"))
