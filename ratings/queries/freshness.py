"""How fresh a published rating is: whether marks wait for the product, and what a worker last found."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone
from django.utils.crypto import salted_hmac

from dscr.access.models import User
from dscr.access.roles import Scope
from dscr.access.scoping import scope_of
from products.models import Product, SupplyNode
from products.queries.granted import with_grants
from ratings.models import StaleMark
from ratings.queries.told import PUBLISHED_AT, told_hour
from ratings.queries.under_review import with_reviews

UNUSUAL = timedelta(minutes=1)  # marks are worked off within seconds
CURRENT, UPDATING, FAILED = "current", "updating", "failed"
NDC_NUMBER = Cast(Replace(OuterRef("ndc"), Value("-"), Value("")), BigIntegerField())


@dataclass(frozen=True, slots=True)
class Freshness:
    state: str
    snapshot_id: int | None
    verified_at: datetime | None
    failure: str = ""
    failed_count: int = 0
    is_to_the_hour: bool = False  # verified_at, see told_at
    grants: tuple[int, ...] = ()  # by which the reader sees more than was published
    reviewed_since: datetime | None = None  # the oldest open request for review
    preview_id: int | None = None  # the snapshot in preview, where the reader may know of it

    @property
    def within_the_hour(self) -> bool:
        """So rounded that minutes would say less than is true."""
        return bool(self.is_to_the_hour and self.verified_at and timezone.now() - self.verified_at < timedelta(hours=1))

    @property
    def token(self) -> str:
        """What the page last showed, for the poll to compare: what its body is made of first, then everything else.
        Numbers of snapshots count what is published of all products, so they are not told."""
        return f"{self._body}.{_opaque(self.state, self.failed_count, self.verified_at)}"

    def shows_body_of(self, token: str) -> bool:
        """Whether the page was made from the same snapshot, by the same grants and under the same review."""
        return token.partition(".")[0] == self._body

    @property
    def _body(self) -> str:
        previewed = () if self.preview_id is None else ("preview", self.preview_id)
        return _opaque(self.snapshot_id, *self.grants, self.reviewed_since, *previewed)


def _opaque(*values: Any) -> str:
    return salted_hmac("freshness", repr(values)).hexdigest()[:16]


def told_at(verified_at: datetime | None, published_at: datetime | None) -> datetime | None:
    """The time of a check, or of publication where it is later, as everybody may know it: to the hour.

    To the second it would be the same for all products of one supplier, and so tell who shares it.
    """
    if verified_at is None:
        return None
    return told_hour(max(verified_at, published_at) if published_at else verified_at)


def product_list(user: User | AnonymousUser) -> QuerySet[Product]:
    """The products whose ratings the user may read.

    shows_figures: the user sees the figures behind it. is_waiting: a mark waits that leads to it; for those who do not
    see figures only one that waits longer than usual, because marks that come together tell of a shared supplier.
    grant_ids: where the user reads by grants, those in force.
    """
    scope = scope_of(user, "read_figures")
    own = Product.own_rows(user.membership) if scope == Scope.OWN else Q(Value(scope == Scope.ALL))
    long_ago = timezone.now() - UNUSUAL
    of_reader = {"tells": ExpressionWrapper(OuterRef("shows_figures"), BooleanField())}
    marks = StaleMark.objects.annotate(**of_reader).filter(Q(tells=True) | Q(created_at__lte=long_ago))
    nodes = SupplyNode.objects.filter(product=OuterRef(OuterRef("pk")))
    waits = (
        Q(Exists(marks.filter(kind="product", key=OuterRef("pk"))))
        | Q(Exists(marks.filter(kind="establishment", key__in=nodes.values("establishment_id"))))
        | Q(Exists(marks.filter(kind="ndc", key=NDC_NUMBER)))
        | Q(Exists(marks.filter(kind="all")))
    )
    products = Product.objects.for_user(user, "read_published")
    return (
        with_reviews(with_grants(products, user))
        .annotate(
            shows_figures=ExpressionWrapper(own, BooleanField()),
            published_at=PUBLISHED_AT,
        )
        .annotate(is_waiting=waits)
    )


def freshness_of(product: Any) -> Freshness:
    """From a product of `product_list` with its head selected; a product without a head has nothing to be fresh.

    Why it could not be computed may tell figures, so that only those who see them read it.
    """
    head = getattr(product, "rating", None)
    if head is None:
        return Freshness(UPDATING if product.is_waiting else CURRENT, None, None)
    state = FAILED if head.failed_count else UPDATING if product.is_waiting else CURRENT
    since = product.reviewed_since
    if product.shows_figures:
        return Freshness(
            state,
            head.published_snapshot_id,
            head.verified_at,
            head.failure,
            head.failed_count,
            reviewed_since=since,
            preview_id=head.computed_snapshot_id if head.in_preview else None,
        )
    at = told_at(head.verified_at, product.published_at)
    grants = tuple(getattr(product, "grant_ids", ()))
    return Freshness(state, head.published_snapshot_id, at, is_to_the_hour=True, grants=grants, reviewed_since=since)


def rating_freshness(user: User | AnonymousUser, ndc: str) -> Freshness | None:
    """One query; None where the product does not exist for this user."""
    found = product_list(user).select_related("rating").only("ndc", "rating").filter(ndc=ndc).first()
    return freshness_of(found) if found else None
