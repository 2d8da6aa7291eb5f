"""What a manufacturer owes: the figures of the last quarter, product by product, and qualifications that end by age."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import Enrolment, KpiDraft, KpiSubmission, Product, SupplyNode

DUE_AFTER_DAYS = 45  # a quarter's figures are due so long after its end
MOST = 100  # products whose figures are owed, that are looked at one by one
DUE, LATE, MISSING = "due", "late", "missing"


@dataclass(frozen=True, slots=True)
class Quarter:
    ends_on: date

    @property
    def due_on(self) -> date:
        return self.ends_on + timedelta(days=DUE_AFTER_DAYS)

    @property
    def name(self) -> str:
        """Q3 2026."""
        return f"Q{(self.ends_on.month + 2) // 3} {self.ends_on.year}"

    @property
    def next(self) -> "Quarter":
        return Quarter(quarter_of(self.ends_on + timedelta(days=1)).ends_on)


def quarter_of(day: date) -> Quarter:
    """The quarter in which a day lies."""
    quarter = (day.month - 1) // 3
    after = date(day.year + quarter // 3, (3 * quarter + 3) % 12 + 1, 1)
    return Quarter(after - timedelta(days=1))


def last_quarter(today: date) -> Quarter:
    """The last one that has ended."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return Quarter(first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class DueSubmission:
    """A product whose figures are owed. state: due (in time), late, or missing (nothing was ever attested)."""

    product: Product
    state: str
    quarter: Quarter
    newest: Quarter | None  # attested
    has_draft: bool

    @property
    def due_on(self) -> date:
        return self.quarter.due_on


def submissions_due(user: Reader, today: date | None = None) -> tuple[list[DueSubmission], int]:
    """The reader's enrolled products without attested figures of the last quarter, the longest owed first, and how
    many there are; one query, or two where there are more than MOST.

    Suspended and withdrawn products owe nothing; one that joined later owes the quarter in which it joined.
    """
    today = today or timezone.localdate()
    quarter = last_quarter(today)
    counting = KpiSubmission.objects.filter(
        product=OuterRef("product"), attested_at__isnull=False, superseded_at=None, voided_at=None
    )
    drafts = KpiDraft.objects.for_user(user, "read_figures").filter(
        product=OuterRef("product"), quarter_end=quarter.ends_on, submission=None, discarded_at=None
    )
    owing = (
        Enrolment.objects.for_user(user, "read_figures")
        .filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), Q(suspended_on=None) | Q(suspended_on__gt=today))
        .filter(~Exists(counting.filter(quarter_end__gte=quarter.ends_on)), enrolled_on__lte=today)
        .annotate(
            newest=counting.order_by().values("product").annotate(newest=Max("quarter_end")).values("newest"),
            has_draft=Exists(drafts),
        )
        .select_related("product")
    )
    rows = list(owing.order_by(F("newest").asc(nulls_first=True), "enrolled_on", "product__ndc")[:MOST])
    found = [_due(row, today) for row in rows]
    found.sort(key=lambda due: (due.due_on, due.product.ndc))
    return found, owing.count() if len(rows) == MOST else len(rows)


def _due(row: Enrolment, today: date) -> DueSubmission:
    newest = Quarter(row.newest) if row.newest else None
    owed = newest.next if newest else quarter_of(row.enrolled_on)
    state = DUE if owed.due_on >= today else LATE if newest else MISSING
    return DueSubmission(row.product, state, owed, newest, row.has_draft)


def nodes_with_last_batch_by(user: Reader, day: date) -> QuerySet[SupplyNode]:
    """Own supply nodes that hold today, are named qualified and had their last batch up to that day; oldest first."""
    today = timezone.localdate()
    nodes = SupplyNode.objects.for_user(user, "read_figures").filter(
        Q(valid_to=None) | Q(valid_to__gt=today),
        voided_at=None,
        valid_from__lte=today,
        is_qualified=True,
        last_batch_on__lte=day,
    )
    return nodes.select_related("product", "establishment").order_by("last_batch_on", "pk")
