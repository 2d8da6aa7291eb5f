"""The drafts of many products beside what their firm attested before, and which empty ones could begin with that."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import Enrolment, KpiDraft, KpiSubmission, Product
from products.queries.due import DUE, LATE, MISSING, Quarter
from products.queries.kpi_list import KpiRow
from products.queries.quarters import own_since
from products.questionnaire import FIELDS

OWED = (MISSING, LATE, DUE)


@dataclass(frozen=True, slots=True)
class Attested:
    """What counts for a quarter. values: column -> value. Of hundreds of products a row each is too heavy."""

    quarter_end: date
    attested_on: date
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftFigures:
    """An open draft; `attested` counts for its quarter, `previous` for the latest quarter before it."""

    draft: KpiDraft
    attested: Attested | None
    previous: Attested | None
    is_enrolled: bool

    @property
    def product(self) -> Product:
        return self.draft.product

    @property
    def quarter(self) -> Quarter:
        return Quarter(self.draft.quarter_end)

    @property
    def compared(self) -> Attested | None:
        """As QuarterlyFigures has it."""
        return self.attested or self.previous


def many_figures(user: Reader, drafts: Collection[int], today: date | None = None) -> list[DraftFigures]:
    """Open drafts that the reader may attest, by name; five queries, whatever their number."""
    today = today or timezone.localdate()
    rows = (
        KpiDraft.objects.for_user(user, "attest_kpis")
        .filter(pk__in=drafts, submission=None, discarded_at=None)
        .select_related("product")
        .prefetch_related("organisation", "updated_by")  # the same few of hundreds of drafts
        .defer("edits", "sources")
        .order_by("product__nonproprietary_name", "product__ndc", "quarter_end")
    )
    found = list(rows)
    enrolments = _enrolments({draft.product_id for draft in found}, today)
    before = _counting(user, found)
    return [
        _figures(user, draft, enrolments.get(draft.product_id, []), before.get(draft.pk, []), today) for draft in found
    ]


def _enrolments(products: Collection[int], today: date) -> dict[int, list[Enrolment]]:
    """Of each product those that have begun, the latest first."""
    found: dict[int, list[Enrolment]] = {}
    for row in Enrolment.objects.filter(product__in=products, enrolled_on__lte=today).order_by("-enrolled_on"):
        found.setdefault(row.product_id, []).append(row)
    return found


def _counting(user: Reader, drafts: Collection[KpiDraft]) -> dict[int, list[Attested]]:
    """Draft id -> the newest two of its product up to its quarter, the newest first."""
    rows = (
        KpiSubmission.objects.for_user(user, "attest_kpis")
        .filter(
            product__kpi_drafts__in=[draft.pk for draft in drafts],
            quarter_end__lte=F("product__kpi_drafts__quarter_end"),
            attested_at__isnull=False,
            superseded_at=None,
            voided_at=None,
        )
        .annotate(
            of_draft=F("product__kpi_drafts__pk"),
            place=Window(RowNumber(), partition_by=F("product__kpi_drafts__pk"), order_by=F("quarter_end").desc()),
        )
        .filter(place__lte=2)
        .order_by("-quarter_end")
    )
    found: dict[int, list[Attested]] = {}
    for draft, quarter_end, attested_at, *values in rows.values_list("of_draft", "quarter_end", "attested_at", *FIELDS):
        attested = Attested(quarter_end, timezone.localdate(attested_at), dict(zip(FIELDS, values, strict=True)))
        found.setdefault(draft, []).append(attested)
    return found


def _figures(
    user: Reader, draft: KpiDraft, enrolments: list[Enrolment], before: list[Attested], today: date
) -> DraftFigures:
    since = own_since(user, enrolments)
    own = [row for row in before if since and row.attested_on >= since]
    is_own = bool(enrolments) and enrolments[0].organisation_id == draft.organisation_id
    return DraftFigures(
        draft=draft,
        attested=next((row for row in own if row.quarter_end == draft.quarter_end), None),
        previous=next((row for row in own if row.quarter_end < draft.quarter_end), None),
        is_enrolled=is_own and (enrolments[0].withdrawn_on is None or enrolments[0].withdrawn_on > today),
    )


@dataclass(frozen=True, slots=True)
class Copyable:
    """A product that owes a quarter of which nothing is typed, and the submission that its draft could begin with."""

    product: int
    quarter_end: date
    submission: int

    @property
    def as_asked(self) -> list[int | str]:
        return [self.product, self.quarter_end.isoformat(), self.submission]


def copyable(user: Reader, rows: Collection[KpiRow]) -> list[Copyable]:
    """Of those that are owed and wholly empty; three queries at most."""
    empty = {row.product.pk: row for row in rows if row.state in OWED and not row.answered}
    begun = {row.draft: row.product.pk for row in empty.values() if row.draft}
    typed = KpiDraft.objects.filter(pk__in=begun).values_list("pk", "answers") if begun else []
    for pk, answers in typed:
        if any(answers.values()):
            del empty[begun[pk]]
    return [
        Copyable(product, empty[product].quarter.ends_on, submission) for product, submission in _last_ones(user, empty)
    ]


def _last_ones(user: Reader, rows: dict[int, KpiRow]) -> list[tuple[int, int]]:
    """(product, its newest counting submission) of what the firm itself attested, in the order of the rows."""
    counting = KpiSubmission.objects.for_user(user, "enter_kpis").filter(
        product__in=rows, attested_at__isnull=False, superseded_at=None, voided_at=None
    )
    newest = counting.order_by("product_id", "-quarter_end").distinct("product_id")
    found = {
        product: (pk, quarter_end, timezone.localdate(attested_at))
        for product, pk, quarter_end, attested_at in newest.values_list(
            "product_id", "pk", "quarter_end", "attested_at"
        )
    }
    enrolments = _enrolments(found, timezone.localdate())
    return [
        (product, found[product][0])
        for product, row in rows.items()
        if product in found
        and found[product][1] < row.quarter.ends_on
        and (since := own_since(user, enrolments.get(product, [])))
        and found[product][2] >= since
    ]
