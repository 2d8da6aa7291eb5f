"""What limits the bands of a list's products, and which are on watch: in the words of a product's own page."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONArray

from products.models import Product
from ratings.figures import first_up
from ratings.models import ProductRating, RatingSnapshot
from ratings.queries.published import gates_of, is_on_watch
from ratings.scoring import load_methodology


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a rated product. `binding`: labels of the gates that lower the band; `are_idle`: others hold and change
    nothing."""

    binding: tuple[str, ...]
    are_idle: bool
    is_on_watch: bool

    @property
    def words(self) -> str:
        return ", ".join(self.binding) or ("none in effect" if self.are_idle else "none")

    @property
    def note(self) -> str:
        """Below a band; "" where nothing limits it and it is not on watch."""
        said = [f"limits: {self.words}"] if self.binding else []
        return first_up("; ".join([*said, "on watch"] if self.is_on_watch else said))


def with_limits(rows: QuerySet[Product]) -> QuerySet[Product]:
    """Each with what `limits_in` reads. A subquery, which is run for the rows of a page only: a join would be made
    before they are sorted, for all of them."""
    published = RatingSnapshot.objects.filter(pk=OuterRef("rating__published_snapshot"))
    return rows.annotate(limiting=Subquery(published.values(told=JSONArray("methodology", "band_uncapped", "gates"))))


def heads_with_limits(heads: QuerySet[ProductRating]) -> QuerySet[ProductRating]:
    """Each with what `head_limits` reads, by the join to its published snapshot."""
    told = (f"published_snapshot__{name}" for name in ("methodology", "band_uncapped", "gates"))
    return heads.annotate(limiting=JSONArray(*told))


def limits_in(product: Any) -> Limits | None:
    """Of a row of `with_limits`; None without a score."""
    return _limits(getattr(product, "rating", None), product.limiting)


def head_limits(head: Any) -> Limits | None:
    """Of a row of `heads_with_limits`; None without a score."""
    return _limits(head, head.limiting)


def _limits(head: ProductRating | None, limiting: list[Any] | None) -> Limits | None:
    if head is None or head.score is None or not limiting or not limiting[0]:
        return None
    return limits_of(head.score, *limiting)


@lru_cache(maxsize=20_000)  # a thousand scores, a few bands and gates: exports ask for every row
def limits_of(score: float, version: str, band_uncapped: int | None, gates: int) -> Limits:
    methodology = load_methodology(version)
    found = gates_of(gates, band_uncapped, methodology)
    binding = tuple(gate.label.lower() for gate in found if gate.binds)
    return Limits(binding, bool(found) and not binding, is_on_watch(score, band_uncapped, methodology))
