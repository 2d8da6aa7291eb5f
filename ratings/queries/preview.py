"""What is in preview, for the firm that enrolled the product, the operator and auditors; nothing for anybody else.

Everything here asks for `read_figures`, so it is empty for every other reader, and costs a query only where a head says
that there is a preview, or on pages that are about previews.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from dscr.access.scoping import Reader, may
from products.models import Product
from ratings.causes import Cause, causes_between
from ratings.models import Preview, RatingSnapshot
from ratings.previews import published_from
from ratings.program import PREVIEW_DAYS, setting_held
from ratings.queries.explained import establishment_ids, establishment_names, explain
from ratings.queries.published import PublishedView, published_view
from ratings.queries.sight import Sight
from ratings.queries.site_merges import SiteMerges
from ratings.scoring import load_methodology

SHOWN_CHANGE = 0.1  # points: what one decimal shows


@dataclass(frozen=True, slots=True)
class DomainChange:
    """Points that a domain costs, as published and in preview; None without a score, or where the published result is
    of the time before the reader's own."""

    label: str
    before: float | None
    now: float | None

    @property
    def moved(self) -> bool:
        return None not in (self.before, self.now) and abs((self.before or 0) - (self.now or 0)) >= SHOWN_CHANGE


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A result as others will see it from `published_from` on, unless another takes its place until then.

    `before`: what they see now, None where nothing is published. `causes` are as deep as their reader may see.
    """

    snapshot: RatingSnapshot
    new: PublishedView
    before: PublishedView | None
    since: datetime
    published_from: datetime
    causes: list[Cause]
    domains: list[DomainChange]

    @property
    def change(self) -> float | None:
        if self.before is None or self.before.score is None or self.new.score is None:
            return None
        return round(self.new.score - self.before.score, 1)

    @property
    def band_moved(self) -> bool:
        return self.before is not None and self.before.band != self.new.band


@dataclass(frozen=True, slots=True)
class PreviewNote:
    """A line about a product in preview: the result that waits, what is published, and from when the new one is."""

    product: Product
    standing_label: str
    score: float | None
    band: int | None
    band_label: str
    before_score: float | None
    before_label: str
    since: datetime
    published_from: datetime


def preview_of(user: Reader, head: Any, sight: Sight, published: RatingSnapshot | None) -> PreviewView | None:
    """Of a product's head; None where nothing is in preview or the reader may not know. Four queries at most."""
    if head is None or not head.in_preview or not sight.figures:
        return None
    rows = Preview.objects.for_user(user, "read_figures").filter(product=head.pk)
    found = rows.select_related("product__rating__computed_snapshot").first()
    if found is None:
        return None
    snapshot = found.product.rating.computed_snapshot
    if not sight.sees(snapshot.as_of):
        return None
    names = establishment_names(establishment_ids([row for row in (published, snapshot) if row]))
    return PreviewView(
        snapshot=snapshot,
        new=published_view(snapshot),
        before=published_view(published) if published else None,
        since=found.since,
        published_from=published_from(found.since, setting_held(PREVIEW_DAYS).value),
        causes=causes_between(
            published, snapshot, names, sight, merges=SiteMerges(row for row in (published, snapshot) if row)
        ),
        domains=_domains(*(_losses(row, names, sight) for row in (published, snapshot))),
    )


def _losses(snapshot: RatingSnapshot | None, names: Mapping[int, str], sight: Sight) -> dict[str, float | None]:
    if snapshot is None or snapshot.score is None or not sight.sees(snapshot.as_of):
        return {}
    return {domain.label: domain.loss for domain in explain(snapshot, names, sight).domains}


def _domains(before: Mapping[str, float | None], now: Mapping[str, float | None]) -> list[DomainChange]:
    return [DomainChange(label, before.get(label), now.get(label)) for label in dict.fromkeys([*now, *before])]


def preview_notes(user: Reader, heads: Iterable[Any]) -> Mapping[int, PreviewNote]:
    """Product id -> note, of those heads that are in preview. No query where none is, two otherwise."""
    if not may(user, "read_figures"):
        return {}
    ids = [head.pk for head in heads if head is not None and head.in_preview]
    if not ids:
        return {}
    return previews_of(user, ids)


def previews_of(user: Reader, product_ids: Iterable[int]) -> Mapping[int, PreviewNote]:
    """Product id -> note, where no heads are at hand. One query, two where something is in preview."""
    rows = Preview.objects.for_user(user, "read_figures").filter(product__in=list(product_ids))
    return {note.product.pk: note for note in _notes(rows)}


@dataclass(frozen=True, slots=True)
class PreviewList:
    """`first`: those published soonest; `count` of all."""

    first: list[PreviewNote]
    count: int


def previews_running(user: Reader, most: int = 10) -> PreviewList:
    """Three queries, one where nothing is in preview."""
    rows = Preview.objects.for_user(user, "read_figures")
    count = rows.count()
    return PreviewList(_notes(rows.order_by("since", "product")[:most]) if count else [], count)


def _notes(rows: QuerySet[Preview]) -> list[PreviewNote]:
    found = rows.select_related("product__rating__computed_snapshot").defer(
        "product__rating__computed_snapshot__inputs", "product__rating__computed_snapshot__explanation"
    )
    days = setting_held(PREVIEW_DAYS).value if found else 0
    return [_note(row, days) for row in found]


def _note(row: Any, days: int) -> PreviewNote:
    head = row.product.rating
    new = head.computed_snapshot
    return PreviewNote(
        product=row.product,
        standing_label=str(new.get_status_display()),
        score=new.score,
        band=new.band,
        band_label=_band_label(new.methodology, new.band),
        before_score=head.score,
        before_label=_band_label(new.methodology, head.band) or str(head.get_status_display()),
        since=row.since,
        published_from=published_from(row.since, days),
    )


@lru_cache(maxsize=100)
def _band_label(version: str, band: int | None) -> str:
    return load_methodology(version).band_label(band) if band else ""
