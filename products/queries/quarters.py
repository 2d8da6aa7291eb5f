"""Which quarters' figures may be given, and what one reader may see of a product's quarter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import Scope
from dscr.access.scoping import Reader, may, scope_of
from products.models import Enrolment, KpiDraft, KpiSubmission, Product
from products.queries.due import Quarter, last_quarter

QUARTERS_BACK = 8


@dataclass(frozen=True, slots=True)
class QuarterlyFigures:
    """One product and quarter. `attested` counts for the quarter; `previous` for the latest quarter before it that is
    on record. `organisation` is whose draft it is or would be."""

    product: Product
    organisation: Organisation | None
    quarter: Quarter
    draft: KpiDraft | None
    attested: KpiSubmission | None
    previous: KpiSubmission | None
    is_enrolled: bool
    joined_later: bool = False  # than the quarter, whose figures are welcome and not owed

    @property
    def compared(self) -> KpiSubmission | None:
        """What the draft is a change of: the submission that it corrects, or the last quarter's. What looks unlikely is
        judged beside `previous` alone, for a correction repeats most of what it corrects."""
        return self.attested or self.previous


def quarters_offered(today: date) -> list[Quarter]:
    """Those that have ended, the latest first."""
    quarters = [last_quarter(today)]
    while len(quarters) < QUARTERS_BACK:
        quarters.append(last_quarter(quarters[-1].ends_on - timedelta(days=1)))
    return quarters


def quarterly_figures(user: Reader, ndc: str, quarter_end: date) -> QuarterlyFigures | None:
    """None where the product, or the quarter, does not exist for this reader. Four queries."""
    product = Product.objects.for_user(user, "read_figures").filter(ndc=ndc).first()
    if product is None:
        return None
    today = timezone.localdate()
    enrolments = enrolments_of(product, today)
    drafts = KpiDraft.objects.for_user(user, "read_figures").filter(
        product=product, quarter_end=quarter_end, submission=None, discarded_at=None
    )
    draft = drafts.select_related("organisation", "updated_by").order_by("-updated_at").first()
    counting = (
        submissions_of(user, product, enrolments)
        .filter(superseded_at=None, voided_at=None, quarter_end__lte=quarter_end)
        .select_related("attested_by")
    )
    found = list(counting.order_by("-quarter_end")[:2])
    for row in (*found, *([draft] if draft else [])):
        row.product = product
    attested = next((row for row in found if row.quarter_end == quarter_end), None)
    if draft is None and attested is None and quarter_end not in [q.ends_on for q in quarters_offered(today)]:
        return None
    return QuarterlyFigures(
        product=product,
        organisation=draft.organisation if draft else _organisation(user, enrolments),
        quarter=Quarter(quarter_end),
        draft=draft,
        attested=attested,
        previous=next((row for row in found if row.quarter_end < quarter_end), None),
        is_enrolled=bool(enrolments) and (enrolments[0].withdrawn_on is None or enrolments[0].withdrawn_on > today),
        joined_later=bool(enrolments) and enrolments[-1].enrolled_on > quarter_end,
    )


def enrolments_of(product: Product, today: date) -> list[Enrolment]:
    """Those that have begun, the latest first."""
    begun = Enrolment.objects.filter(product=product, enrolled_on__lte=today)
    return list(begun.select_related("organisation").order_by("-enrolled_on"))


def submissions_of(user: Reader, product: Product, enrolments: Sequence[Enrolment]) -> QuerySet[KpiSubmission]:
    """The product's attested submissions that this reader may see.

    A firm that took the product over does not see what the firm before it had attested.
    """
    attested = KpiSubmission.objects.for_user(user, "read_figures").filter(product=product, attested_at__isnull=False)
    if scope_of(user, "read_figures") == Scope.ALL:
        return attested
    since = own_since(user, enrolments)
    return attested.filter(attested_at__date__gte=since) if since else attested.none()


def may_enter(user: Reader) -> bool:
    return may(user, "enter_kpis")


def _organisation(user: Reader, enrolments: Sequence[Enrolment]) -> Organisation | None:
    if may_enter(user):
        return user.membership.organisation
    return enrolments[0].organisation if enrolments else None


def own_since(user: Reader, enrolments: Sequence[Enrolment]) -> date | None:
    """The first day of the firm's own enrolment and of those right before it without another firm between."""
    return held_since(user.membership.organisation_id, enrolments)


def held_since(organisation: int, enrolments: Sequence[Enrolment]) -> date | None:
    since = None
    for enrolment in enrolments:
        if enrolment.organisation_id != organisation:
            break
        since = enrolment.enrolled_on
    return since


def attested_of(organisation: int, products: Iterable[int], quarter_end: date) -> dict[int, KpiSubmission]:
    """Product -> what counts for the quarter and the firm itself attested; one query, two where there is any."""
    counting = KpiSubmission.objects.filter(
        product__in=products, quarter_end=quarter_end, attested_at__isnull=False, superseded_at=None, voided_at=None
    )
    found = {row.product_id: row for row in counting}
    begun = Enrolment.objects.filter(product__in=found, enrolled_on__lte=timezone.localdate()) if found else []
    held: dict[int, list[Enrolment]] = {}
    for enrolment in sorted(begun, key=lambda row: row.enrolled_on, reverse=True):
        held.setdefault(enrolment.product_id, []).append(enrolment)
    since = {product: held_since(organisation, rows) for product, rows in held.items()}
    return {
        product: row
        for product, row in found.items()
        if (first := since.get(product)) and timezone.localdate(row.attested_at) >= first
    }
