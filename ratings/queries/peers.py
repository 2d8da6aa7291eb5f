"""The other NDCs of a molecule: those that take part on the scale, the others named beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import F

from dscr.access.models import User
from products.models import Product
from ratings.models import Status
from ratings.queries.under_review import with_reviews

MOST = 60
NAMED = 6


@dataclass(frozen=True, slots=True)
class Peers:
    """Enrolled ones by score, best first; `not_enrolled` holds the first few others of `not_enrolled_count` in all, and
    `gone` those that were withdrawn.

    The product itself counts among its kind and is never named among the others.
    """

    enrolled: list[Product]
    enrolled_count: int
    not_enrolled: list[Product]
    not_enrolled_count: int
    own_id: int = 0
    more_not_enrolled: bool = False
    gone: Sequence[Product] = ()
    withdrawn_count: int = 0

    @property
    def rated(self) -> list[Product]:
        return [product for product in self.enrolled if product.rating.status == Status.RATED]

    @property
    def not_rated(self) -> list[Product]:
        """The others without a score that are enrolled."""
        return [
            product for product in self.enrolled if product.rating.status != Status.RATED and product.pk != self.own_id
        ]

    @property
    def withdrawn(self) -> list[Product]:
        return [product for product in self.gone if product.pk != self.own_id]


def peers_of(user: User | AnonymousUser, product: Product) -> Peers:
    """Products of the same molecule, itself included. At most five queries, whatever their number."""
    if not product.molecule:
        return Peers([], 0, [], 0)
    same = Product.objects.for_user(user, "read_published").filter(molecule=product.molecule)
    own_counts = 0 if hasattr(product, "rating") else 1
    by_score = with_reviews(same).filter(rating__isnull=False).select_related("rating")
    heads = list(by_score.order_by(F("rating__score").desc(nulls_last=True), "ndc")[:MOST])
    enrolled = [product for product in heads if product.rating.status != Status.WITHDRAWN]
    gone = [product for product in heads if product.rating.status == Status.WITHDRAWN]
    total, withdrawn = len(heads), len(gone)
    if total == MOST:
        total, withdrawn = by_score.count(), by_score.filter(rating__status=Status.WITHDRAWN).count()
    others = same.filter(rating__isnull=True).exclude(pk=product.pk).order_by("labeler_name", "ndc")
    listed = list(others[: NAMED + 2])
    has_more = len(listed) > NAMED + 1  # "and more" for a single one would be longer than its name
    count = others.count() if has_more else len(listed)
    return Peers(
        enrolled,
        total - withdrawn,
        listed[:NAMED] if has_more else listed,
        count + own_counts,
        own_id=product.pk,
        more_not_enrolled=has_more,
        gone=gone,
        withdrawn_count=withdrawn,
    )
