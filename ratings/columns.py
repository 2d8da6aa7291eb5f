"""The columns of the list of NDCs: what the page, its CSV and its XLSX show, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from products.models import Product
from ratings import figures
from ratings.queries.current_shortages import current_shortages
from ratings.queries.limits import limits_in, with_limits
from ratings.queries.told import PUBLISHED_AT, told_coverage
from ratings.queries.under_review import with_reviews
from ratings.scoring import available_versions, load_methodology

NOT_ENROLLED = "Not enrolled"


# The same few strengths and names come again and again.
strength, drug_name = (lru_cache(maxsize=10_000)(written) for written in (figures.strength, figures.drug_name))


@dataclass(frozen=True, slots=True)
class Column:
    """`heads` and `cells` are those of an export, where a column of the page may be several."""

    key: str
    label: str
    heads: tuple[str, ...]
    cells: Callable[[Any], tuple[Any, ...]]
    sort: str = ""
    is_number: bool = False
    of_enrolled: bool = False


@cache  # methodology files never change, and an export asks for every row
def band_word(number: int) -> str:
    return load_methodology(available_versions()[-1]).band_label(number)


def standing_word(product: Product) -> str:
    """The band in a word, or why there is none; never a low band for want of a score."""
    head = getattr(product, "rating", None)
    if head is None:
        return NOT_ENROLLED
    if head.failed_count and not head.published_snapshot_id:
        return "Cannot be computed"
    return band_word(head.band) if head.band else head.get_status_display()


def _score(product: Any) -> tuple[Any, ...]:
    head = getattr(product, "rating", None)
    return (None if head is None or head.score is None else round(head.score, 1),)


def _band(product: Any) -> tuple[Any, ...]:
    head = getattr(product, "rating", None)
    return (head.band if head else None, standing_word(product))


def coverage_of(product: Any) -> float | None:
    """Only a published result is based on something."""
    head = getattr(product, "rating", None)
    return None if head is None or not head.published_snapshot_id else told_coverage(head.coverage, head.status)


def _coverage(product: Any) -> tuple[Any, ...]:
    share = coverage_of(product)
    return (None if share is None else round(share * 100),)


def _limits(product: Any) -> tuple[Any, ...]:
    found = product.limits
    return (None, None) if found is None else (found.words, "yes" if found.is_on_watch else "no")


def _reviewed(product: Any) -> tuple[Any, ...]:
    return (timezone.localtime(product.reviewed_since).date() if product.reviewed_since else None,)


def _changed(product: Any) -> tuple[Any, ...]:
    return (timezone.localtime(product.changed_at).date() if product.changed_at else None,)


PRODUCT = Column(
    "product",
    "Product",
    ("Product", "Dosage form", "Strength"),
    lambda product: (
        drug_name(product.nonproprietary_name or product.proprietary_name),
        product.dosage_form.lower(),
        strength(product.strength, product.dosage_form),
    ),
    sort="name",
)
CHOOSABLE = (
    Column("ndc", "NDC", ("NDC",), lambda product: (product.display_ndc,)),
    Column("labeler", "Labeler", ("Labeler",), lambda product: (product.labeler_name,), sort="labeler"),
    Column("molecule", "Molecule", ("Molecule",), lambda product: (drug_name(product.molecule),)),
    Column("route", "Route", ("Route",), lambda product: (product.route.lower(),)),
    Column("score", "Score", ("Score (0 to 100)",), _score, sort="score", is_number=True, of_enrolled=True),
    Column(
        "band",
        "Band or status",
        ("Band (1 very low to 5 very high)", "Band or status"),
        _band,
        sort="band",
        of_enrolled=True,
    ),
    Column("limits", "Limits", ("Limits of the band", "On watch"), _limits, of_enrolled=True),
    Column("review", "Under review", ("Under review since (date)",), _reviewed, of_enrolled=True),
    Column(
        "coverage",
        "Based on",
        ("Based on (% of what applies)",),
        _coverage,
        sort="coverage",
        is_number=True,
        of_enrolled=True,
    ),
    Column(
        "shortage",
        "FDA shortage list",
        ("On the FDA shortage list",),
        lambda product: ("yes" if product.is_short else "no",),
    ),
    Column("updated", "Last result", ("Last result (date)",), _changed, sort="updated", of_enrolled=True),
)
BY_KEY = {column.key: column for column in CHOOSABLE}
SORTED_DOWN_FIRST = ("score", "band", "coverage", "updated")  # a first click shows the best or the newest
USUAL = ("ndc", "labeler", "score", "band")


def chosen_columns(keys: Sequence[str], more: Sequence[Column] = ()) -> tuple[list[Column], list[str]]:
    """(the product and the chosen ones in their order, keys that are no column); without a choice the usual ones.

    `more` are columns that this reader alone may choose.
    """
    given = [key for key in keys if key] or list(USUAL)
    choosable = (*CHOOSABLE, *more)
    known = {column.key for column in choosable}
    return [PRODUCT, *(column for column in choosable if column.key in given)], [
        key for key in given if key not in known
    ]


def told_in_full(columns: Sequence[Column]) -> list[Column]:
    """A page notes below a band what limits it and that it is under review; a file has no room for that but columns."""
    band, noted = BY_KEY["band"], (BY_KEY["limits"], BY_KEY["review"])
    added = [column for column in noted if column not in columns]
    return [told for column in columns for told in ((band, *added) if column is band else (column,))]


def with_columns(rows: QuerySet[Product], columns: Sequence[Column]) -> QuerySet[Product]:
    """What a column needs beyond the product and its head."""
    if _tell_limits(columns):
        rows = with_limits(rows)
    if BY_KEY["band"] in columns or BY_KEY["review"] in columns:
        rows = with_reviews(rows)
    if BY_KEY["updated"] in columns:
        rows = rows.annotate(changed_at=PUBLISHED_AT)
    return rows


def _tell_limits(columns: Sequence[Column]) -> bool:
    return BY_KEY["band"] in columns or BY_KEY["limits"] in columns


class Marks:
    """Sets `is_short` and `limits` on products where a column shows them: one query for all shortages."""

    def __init__(self, columns: Sequence[Column], keys: Sequence[str] | None = None) -> None:
        self.short: set[str] = set()
        self.tell_limits = _tell_limits(columns)
        if BY_KEY["shortage"] in columns:
            current = current_shortages()
            current = current if keys is None else current.filter(product_ndc__in=keys)
            self.short = set(current.values_list("product_ndc", flat=True))

    def mark(self, product: Any) -> Any:
        product.is_short = product.ndc in self.short
        product.told_coverage = coverage_of(product)
        product.limits = limits_in(product) if self.tell_limits else None
        return product
