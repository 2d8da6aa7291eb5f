"""A manufacturer's own products: which stand where, and which domain costs the firm most over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, QuerySet

from dscr.access.scoping import Reader
from ratings.layout import DOMAIN_COUNT
from ratings.models import ProductRating, Status
from ratings.queries.limits import heads_with_limits
from ratings.scoring import available_versions, load_methodology

LOWEST = 15  # a picture that a reader takes in at once
FEW = 10


@dataclass(frozen=True, slots=True)
class Portfolio:
    """`lowest`: rated heads with their products, the lowest score first; `not_rated`: the first of the others."""

    lowest: list[ProductRating]
    not_rated: list[ProductRating]
    counts: dict[tuple[int, int | None], int]  # (status, band) -> products

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def withdrawn(self) -> int:
        """They were the firm's and are not enrolled any more."""
        return self.counts.get((Status.WITHDRAWN, None), 0)

    @property
    def rated(self) -> int:
        return sum(count for (status, _), count in self.counts.items() if status == Status.RATED)

    def at_least(self, band: int) -> int:
        return sum(count for (_, number), count in self.counts.items() if (number or 0) >= band)


@dataclass(frozen=True, slots=True)
class DomainLoss:
    """What a domain costs a product on average, of the points it could give."""

    code: str
    label: str
    loss: float


def own_heads(user: Reader) -> QuerySet[ProductRating]:
    """Those whose figures the reader may read: a manufacturer's own."""
    return ProductRating.objects.for_user(user, "read_figures")


def portfolio(user: Reader) -> Portfolio:
    """Three queries, whatever the number of products."""
    heads = own_heads(user)
    counted = heads.order_by().values_list("status", "band").annotate(count=Count("pk"))
    counts = {(status, band): count for status, band, count in counted}
    named = heads.select_related("product").order_by("score", "product__ndc")
    rated = heads_with_limits(named.filter(status=Status.RATED))
    others = named.exclude(status=Status.RATED).order_by("status", "product__nonproprietary_name", "product__ndc")
    return Portfolio(list(rated[:LOWEST]), list(others[:FEW]), counts)


def domain_losses(user: Reader) -> list[DomainLoss]:
    """Mean losses over the rated products, the largest first; one query. Empty without a rated product.

    A domain that does not apply to a product costs it nothing.
    """
    versions = {version: load_methodology(version) for version in available_versions()}
    snapshots = own_heads(user).filter(status=Status.RATED).values("published_snapshot_id")
    own, parameters = snapshots.query.sql_with_params()
    sums = ", ".join(
        f"coalesce(sum(nullif(explanation[o.first + {place}]::float8, 'NaN')), 0)" for place in range(DOMAIN_COUNT)
    )
    rows = ", ".join("(%s, %s)" for _ in versions)
    firsts = [
        given
        for version, methodology in versions.items()
        for given in (version, 2 * DOMAIN_COUNT + len(methodology.indicators) + 1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.methodology, count(*), {sums} FROM ratings_ratingsnapshot s "  # noqa: S608  no text of a reader
            f"JOIN (VALUES {rows}) o(version, first) ON o.version = s.methodology WHERE s.id IN ({own}) GROUP BY 1",
            [*firsts, *parameters],
        )
        found = cursor.fetchall()
    return _means([(versions[version].domains, count, losses) for version, count, *losses in found])


def _means(found: Sequence[tuple[Sequence, int, Sequence[float]]]) -> list[DomainLoss]:
    products = sum(count for _, count, _ in found)
    lost: dict[str, float] = {}
    labels: dict[str, str] = {}
    for domains, _, losses in found:
        for domain, loss in zip(domains, losses, strict=True):
            lost[domain.code] = lost.get(domain.code, 0.0) + loss
            labels[domain.code] = domain.label
    means = [DomainLoss(code, labels[code], loss / products) for code, loss in lost.items()]
    return sorted(means, key=lambda mean: -mean.loss)
