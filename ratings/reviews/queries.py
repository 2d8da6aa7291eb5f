"""Threads as their readers see them: the firm its own without internal notes, oversight all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import Product
from ratings.models import RatingSnapshot, ReviewFile, ReviewMessage, ReviewRequest
from ratings.queries.explained import IndicatorFigure
from ratings.queries.published import PublishedDomain, PublishedView, not_published, published_view
from ratings.queries.rating_detail import rating_figures
from ratings.reviews.models import IS_OPEN, side_of
from ratings.reviews.rules import Kind, Side, State

READ = "read_reviews"
MOST_OPEN, MOST_CLOSED, MOST_TASKS = 500, 100, 8


def review_list(user: Reader, product: str = "") -> QuerySet[ReviewRequest]:
    """Those in scope, of one product (its canonical NDC) or of all."""
    rows = ReviewRequest.objects.for_user(user, READ).select_related("product", "organisation")
    return rows.filter(product__ndc=product) if product else rows


def awaiting(side: Side, today: date) -> Q:
    """Open requests in which this side has the next step."""
    asked = Q(state=State.MORE_ASKED)
    if side == Side.FIRM:
        return IS_OPEN & asked
    return IS_OPEN & (~asked | Q(answer_due_on__lt=today))


def by_deadline(rows: QuerySet[ReviewRequest]) -> QuerySet[ReviewRequest]:
    """The one that is late longest first."""
    return rows.order_by(Coalesce("answer_due_on", "due_on"), "pk")


@dataclass(frozen=True, slots=True)
class Threads:
    """`mine`: open ones that wait for the reader's side, late first; `theirs`: open ones that wait for the other."""

    mine: list[ReviewRequest]
    theirs: list[ReviewRequest]
    closed: list[ReviewRequest]


def threads(user: Reader, product: str = "") -> Threads:
    """Two queries. An auditor reads them as the operator does."""
    today, rows = timezone.localdate(), review_list(user, product)
    side = side_of(user.membership) or Side.OFFICE
    mine, theirs = [], []
    for row in by_deadline(rows.filter(IS_OPEN))[:MOST_OPEN]:
        asked = row.state == State.MORE_ASKED
        awaits = asked if side == Side.FIRM else not asked or row.clock.is_late(today)
        (mine if awaits else theirs).append(row)
    return Threads(mine, theirs, list(rows.exclude(IS_OPEN).order_by("-closed_at", "-pk")[:MOST_CLOSED]))


def awaiting_list(user: Reader, most: int = MOST_TASKS) -> list[ReviewRequest]:
    """For a first page: those that wait for the reader's side, late first, and one more where there are more."""
    side = side_of(user.membership) or Side.OFFICE
    rows = review_list(user).filter(awaiting(side, timezone.localdate()))
    return list(by_deadline(rows)[: most + 1])


def appealable(user: Reader, product: Product) -> list[ReviewRequest]:
    """Decisions on the product that the reader's firm may still appeal, the newest first."""
    decided = ReviewRequest.objects.for_user(user, "open_reviews").filter(
        product=product, state=State.DECIDED, appeal__isnull=True
    )
    today = timezone.localdate()
    rows = decided.exclude(kind=Kind.APPEAL).exclude(outcome="upheld").order_by("-closed_at")
    return [row for row in rows[:MOST_CLOSED] if row.appeal_until and today <= row.appeal_until]


@dataclass(frozen=True, slots=True)
class Doubted:
    """The number that a request is about, as it was then: of a domain in whole points, of an indicator exactly."""

    domain: PublishedDomain | None = None
    indicator: IndicatorFigure | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """`then` is what was shown when the request was made, `now` what is published today."""

    review: ReviewRequest
    messages: Sequence[ReviewMessage]
    then: PublishedView
    now: PublishedView
    doubted: Doubted | None
    appeal: ReviewRequest | None

    @property
    def newest(self) -> int:
        return max((message.pk for message in self.messages), default=0)

    @property
    def files(self) -> int:
        return sum(len(message.files.all()) for message in self.messages)


def thread(user: Reader, pk: int) -> Thread | None:
    """None where it is not in the reader's scope. Four queries, and those of the figures where it is about one."""
    related = (
        "product__rating__published_snapshot",
        "organisation",
        "snapshot",
        "appealed__closed_by",
        "taken_by",
        "closed_by",
        "opened_by",
    )
    rows = ReviewRequest.objects.for_user(user, READ).select_related(*related)
    review = rows.filter(pk=pk).first()
    if review is None:
        return None
    files = Prefetch("files", ReviewFile.objects.for_user(user, READ))
    messages = ReviewMessage.objects.for_user(user, READ).filter(request=review)
    head = getattr(review.product, "rating", None)
    shown = head.published_snapshot if head else None
    then = published_view(review.snapshot)
    return Thread(
        review=review,
        messages=list(messages.select_related("author", "organisation").prefetch_related(files)),
        then=then,
        now=published_view(shown) if shown else not_published("not_yet_rated"),
        doubted=_doubted(user, review, then),
        appeal=ReviewRequest.objects.filter(appealed=review).first(),
    )


def _doubted(user: Reader, review: ReviewRequest, then: PublishedView) -> Doubted | None:
    about, _, code = review.subject.partition(":")
    if about == "domain":
        domain = next((domain for domain in then.domains if domain.code == code), None)
        return Doubted(domain=domain) if domain else None
    if about not in ("kpi", "indicator"):
        return None
    view = rating_figures(user, review.product, review.snapshot)
    found = [item for domain in view.domains for item in domain.indicators if item.code == code] if view else []
    return Doubted(indicator=found[0]) if found else None


def shown_snapshot(user: Reader, product: Product) -> RatingSnapshot | None:
    """What the firm would contest: the result in preview where one waits, else the published one."""
    found: Any = RatingSnapshot.objects.for_user(user, "open_reviews")
    head = getattr(product, "rating", None)
    return found.filter(pk=head.computed_snapshot_id, product=product).first() if head else None
