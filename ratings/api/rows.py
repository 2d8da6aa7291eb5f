"""Ratings as rows of plain values, straight from one query: what the list, the look-up and the detail begin with."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from products.models import Product
from ratings.filters import CANNOT_BE_COMPUTED, NOT_ENROLLED
from ratings.models import Status
from ratings.queries.freshness import told_at
from ratings.queries.published import is_on_watch
from ratings.queries.told import told_coverage, told_hour
from ratings.queries.under_review import with_reviews
from ratings.scoring import load_methodology
from ratings.scoring.bands import gates_in

NAMES = {status.value: status.name.lower() for status in Status}
PRODUCT = (
    "ndc",
    "display_ndc",
    "labeler_name",
    "proprietary_name",
    "nonproprietary_name",
    "molecule",
    "dosage_form",
    "route",
    "strength",
)
# Of the published snapshot, never of a newer one that is still in preview.
SNAPSHOT = ("status", "score", "band", "coverage", "band_uncapped", "gates", "methodology", "as_of", "computed_at")
LATER = "rating__published_snapshot__publication__published_at"  # after a preview
HEAD = ("product_id", "failed_count", "verified_at")
COLUMNS = (
    *PRODUCT,
    *(f"rating__published_snapshot__{name}" for name in SNAPSHOT),
    LATER,
    *(f"rating__{name}" for name in HEAD),
    "reviewed_since",  # of `with_reviews`
)
WIDTH = len(PRODUCT)


def rating_rows(products: QuerySet[Product]) -> QuerySet[Any]:
    """Tuples of COLUMNS; every field is named here, so that a new column is told only when someone decides so."""
    return with_reviews(products).values_list(*COLUMNS)


def as_ratings(rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Tuples of COLUMNS as serializers.RatingRowSerializer describes them."""
    return [as_rating(row) for row in rows]


def as_rating(row: tuple[Any, ...]) -> dict[str, Any]:
    rating = dict(zip(PRODUCT, row, strict=False))
    *told, later, head, failed, verified_at, reviewed_since = row[WIDTH:]
    status, score, band, coverage, uncapped, gates, methodology, as_of, computed_at = told
    published_at = later or computed_at
    rating["status"] = NAMES[status] if status else standing(head, failed)
    rating["score"] = score
    rating["band"] = band
    rating["band_label"] = band_label(methodology, band)
    rating["coverage"] = told_coverage(coverage, status)
    rating["gates"] = gate_codes(gates) if score is not None else ()
    rating["in_shortage"] = bool(gates) and "active_shortage" in gate_codes(gates)
    rating["is_on_watch"] = on_watch(methodology, score, uncapped)
    rating["under_review"] = reviewed_since is not None
    rating["under_review_since"] = localtime(reviewed_since).date() if reviewed_since else None
    rating["methodology"] = methodology
    rating["as_of"] = as_of
    rating["published_at"] = told_hour(published_at) if published_at else None
    rating["verified_at"] = told_at(verified_at, published_at)
    return rating


def standing(head: int | None, failed_count: int | None) -> str:
    """Of a product without a snapshot; as the status filter has it."""
    if head is None:
        return NOT_ENROLLED
    return CANNOT_BE_COMPUTED if failed_count else NAMES[Status.NOT_YET_RATED]


@lru_cache(maxsize=1000)
def band_label(methodology: str | None, band: int | None) -> str | None:
    return load_methodology(methodology).band_label(band) if methodology and band else None


@lru_cache(maxsize=10_000)  # a thousand scores and a few bands
def on_watch(methodology: str | None, score: float | None, band_uncapped: int | None) -> bool:
    return bool(methodology) and is_on_watch(score, band_uncapped, load_methodology(methodology))


@lru_cache(maxsize=1000)
def gate_codes(gates: int) -> tuple[str, ...]:
    return tuple(sorted(gates_in(gates)))
