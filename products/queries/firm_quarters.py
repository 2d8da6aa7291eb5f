"""One quarter of many products of one firm: what stands of each, read together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.scoping import Reader
from products.models import Enrolment, KpiDraft, KpiSubmission, Product
from products.queries.due import DUE, LATE, MISSING, Quarter, quarter_of
from products.queries.kpi_list import ATTESTED, SUSPENDED
from products.queries.quarters import QuarterlyFigures, own_since, quarters_offered

NOT_OWED = "not_owed"


@dataclass(frozen=True, slots=True)
class FirmQuarter:
    """`duty`: DUE, LATE or MISSING (nothing was ever attested), ATTESTED, SUSPENDED, or NOT_OWED."""

    figures: QuarterlyFigures
    duty: str


def firm_quarters(user: Reader, products: Sequence[Product], quarter_end: date) -> dict[int, FirmQuarter]:
    """Product id -> what stands of the quarter for the makers of these products, which are the user's own.

    Empty where no figures may be given for the quarter; a product is left out where the quarter is long past and
    nothing of it is there. Three queries, and one where something was attested.
    """
    today, organisation = timezone.localdate(), user.membership.organisation
    enrolments = _by_product(
        Enrolment.objects.filter(product__in=products, enrolled_on__lte=today)
        .select_related("organisation")
        .order_by("-enrolled_on")
    )
    drafts = {
        draft.product_id: draft
        for draft in KpiDraft.objects.for_user(user, "enter_kpis")
        .filter(product__in=products, quarter_end=quarter_end, submission=None, discarded_at=None)
        .select_related("updated_by")
    }
    attested = _attested(user, products, enrolments)
    wanted = [pk for rows in attested.values() for pk, _ in [row for row in rows if row[1] <= quarter_end][:2]]
    full = KpiSubmission.objects.in_bulk(wanted) if wanted else {}
    is_offered = quarter_end in [quarter.ends_on for quarter in quarters_offered(today)]
    found = {}
    for product in products:
        rows = attested.get(product.pk, [])
        shown = [full[pk] for pk, _ in rows if pk in full]
        held = enrolments.get(product.pk, [])
        figures = _figures(product, organisation, Quarter(quarter_end), drafts.get(product.pk), shown, held, today)
        if is_offered or figures.draft or figures.attested:
            newest = rows[0][1] if rows else None
            found[product.pk] = FirmQuarter(figures, _duty(figures, held, newest, today))
    return found


def _attested(
    user: Reader, products: Sequence[Product], enrolments: dict[int, list[Enrolment]]
) -> dict[int, list[tuple[int, date]]]:
    """Product -> (id, quarter) of what counts and is the firm's own, the latest quarter first."""
    counting = KpiSubmission.objects.filter(
        product__in=products, attested_at__isnull=False, superseded_at=None, voided_at=None
    )
    since = {pk: own_since(user, held) for pk, held in enrolments.items()}
    found: dict[int, list[tuple[int, date]]] = defaultdict(list)
    rows = counting.order_by("product_id", "-quarter_end")
    for pk, product, quarter_end, at in rows.values_list("pk", "product_id", "quarter_end", "attested_at"):
        begun = since.get(product)
        if begun and timezone.localdate(at) >= begun:
            found[product].append((pk, quarter_end))
    return found


def _figures(
    product: Product,
    organisation: Organisation,
    quarter: Quarter,
    draft: KpiDraft | None,
    attested: Sequence[KpiSubmission],
    held: Sequence[Enrolment],
    today: date,
) -> QuarterlyFigures:
    for row in (*attested, *([draft] if draft else [])):
        row.product = product
    return QuarterlyFigures(
        product=product,
        organisation=organisation,
        quarter=quarter,
        draft=draft,
        attested=next((row for row in attested if row.quarter_end == quarter.ends_on), None),
        previous=next((row for row in attested if row.quarter_end < quarter.ends_on), None),
        is_enrolled=bool(held) and (held[0].withdrawn_on is None or held[0].withdrawn_on > today),
    )


def _duty(figures: QuarterlyFigures, held: Sequence[Enrolment], newest: date | None, today: date) -> str:
    """Of several quarters that are owed only the latest counts, as on the page of the quarterly figures."""
    if not figures.is_enrolled:
        return NOT_OWED
    if held[0].suspended_on and held[0].suspended_on <= today:
        return SUSPENDED
    if figures.attested:
        return ATTESTED
    owed = Quarter(newest).next if newest else quarter_of(held[0].enrolled_on)
    if owed.ends_on > min(today, figures.quarter.ends_on):
        return NOT_OWED
    return DUE if owed.due_on >= today else LATE if newest else MISSING


def _by_product(rows: Iterable[Enrolment]) -> dict[int, list[Enrolment]]:
    found: dict[int, list[Enrolment]] = defaultdict(list)
    for row in rows:
        found[row.product_id].append(row)
    return found
