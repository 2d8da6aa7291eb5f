"""How fresh a published rating is: whether marks wait for the product, and what a worker last found."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Replace

from dscr.access.models import User
from products.models import Product, SupplyNode
from ratings.models import StaleMark
from ratings.queries.sight import AS_PUBLISHED, Sight, sight_of

CURRENT, UPDATING, FAILED = "current", "updating", "failed"
NDC_NUMBER = Cast(Replace(OuterRef("ndc"), Value("-"), Value("")), BigIntegerField())


@dataclass(frozen=True, slots=True)
class Freshness:
    state: str
    snapshot_id: int | None
    verified_at: datetime | None
    failure: str = ""
    failed_count: int = 0

    @property
    def token(self) -> str:
        """What the page last showed, for the poll to compare: the snapshot first, then everything else."""
        at = f"{self.verified_at.timestamp():.3f}" if self.verified_at else "never"
        return f"{self.snapshot_id or 0}.{self.state}.{self.failed_count}.{at}"

    def shows_snapshot_of(self, token: str) -> bool:
        return token.split(".")[0] == str(self.snapshot_id or 0)


def product_list(user: User | AnonymousUser) -> QuerySet[Product]:
    """The products whose ratings the user may read, each with `is_waiting`: a mark waits that leads to it."""
    nodes = SupplyNode.objects.filter(product=OuterRef(OuterRef("pk")))
    waits = (
        Q(Exists(StaleMark.objects.filter(kind="product", key=OuterRef("pk"))))
        | Q(Exists(StaleMark.objects.filter(kind="establishment", key__in=nodes.values("establishment_id"))))
        | Q(Exists(StaleMark.objects.filter(kind="ndc", key=NDC_NUMBER)))
        | Q(Exists(StaleMark.objects.filter(kind="all")))
    )
    return Product.objects.for_user(user, "read_published").annotate(is_waiting=waits)


def freshness_of(product: Product, sight: Sight) -> Freshness:
    """From a product of `product_list` with its head selected; a product without a head has nothing to be fresh.

    Why it could not be computed may tell figures, so that only those who see them read it.
    """
    head = getattr(product, "rating", None)
    if head is None:
        return Freshness(UPDATING if product.is_waiting else CURRENT, None, None)  # type: ignore[attr-defined]
    waiting = product.is_waiting  # type: ignore[attr-defined]
    state = FAILED if head.failed_count else UPDATING if waiting else CURRENT
    failure = head.failure if sight.figures else ""
    return Freshness(state, head.published_snapshot_id, head.verified_at, failure, head.failed_count)


def rating_freshness(user: User | AnonymousUser, ndc: str) -> Freshness | None:
    """One query while nothing failed; None where the product does not exist for this user."""
    product = product_list(user).select_related("rating").only("ndc", "rating").filter(ndc=ndc).first()
    if product is None:
        return None
    head = getattr(product, "rating", None)
    return freshness_of(product, sight_of(user, product) if head and head.failed_count else AS_PUBLISHED)
