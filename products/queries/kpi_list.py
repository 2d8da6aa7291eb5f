"""A firm's enrolled products and how far the figures of the last quarter are with each."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import Enrolment, KpiDraft, KpiSubmission, Product
from products.queries.due import DUE, LATE, MISSING, Quarter, last_quarter, quarter_of
from products.questionnaire import QUESTIONS

ATTESTED, SUSPENDED, COMING = "attested", "suspended", "coming"
WORDS = {
    MISSING: "Nothing attested yet",
    LATE: "Late",
    DUE: "Due",
    COMING: "Due after the quarter",
    ATTESTED: "Attested",
    SUSPENDED: "Suspended",
}
SHOWN = ("ndc", "display_ndc", "nonproprietary_name", "proprietary_name", "dosage_form", "is_synthetic")
ORDER = (MISSING, LATE, DUE, COMING, ATTESTED, SUSPENDED)


@dataclass(frozen=True, slots=True)
class KpiRow:
    """`quarter`: the last one that can be filled in, or attested last; `owed`: the one of COMING, which has not ended.
    `draft` and `answered`: of its open draft, and how many of its questions are answered; None without one."""

    product: Product
    state: str
    quarter: Quarter
    newest: Quarter | None
    draft: int | None
    answered: int | None
    owed: Quarter | None = None

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def total(self) -> int:
        return len(QUESTIONS)

    @property
    def awaits(self) -> bool:
        """Attestation: everything is answered."""
        return self.answered == self.total


def kpi_rows(user: Reader, today: date | None = None) -> list[KpiRow]:
    """What presses most first. Two queries with the user's membership."""
    today = today or timezone.localdate()
    last = last_quarter(today)
    counting = KpiSubmission.objects.filter(
        product=OuterRef("product"), attested_at__isnull=False, superseded_at=None, voided_at=None
    )
    enrolled = (
        Enrolment.objects.for_user(user, "enter_kpis")
        .filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), enrolled_on__lte=today)
        .annotate(
            newest=counting.order_by().values("product").annotate(newest=Max("quarter_end")).values("newest"),
            is_attested=Exists(counting.filter(quarter_end=last.ends_on)),
        )
        .select_related("product")
        .only("enrolled_on", "suspended_on", *(f"product__{name}" for name in SHOWN))
    )
    drafts = KpiDraft.objects.for_user(user, "enter_kpis").filter(submission=None, discarded_at=None)
    found = drafts.values_list("product", "quarter_end", "pk", "answered")
    of_draft = {(product, day): (pk, answered) for product, day, pk, answered in found}
    rows = []
    for enrolment in enrolled:
        state, quarter, newest = _state(enrolment, last, today)
        draft, answered = of_draft.get((enrolment.product_id, quarter.ends_on), (None, None))
        owed = _owed(enrolment) if state == COMING else None
        rows.append(KpiRow(enrolment.product, state, quarter, newest, draft, answered, owed))
    rows.sort(key=lambda row: (ORDER.index(row.state), row.product.nonproprietary_name.lower(), row.product.ndc))
    return rows


def _state(enrolment: Enrolment, last: Quarter, today: date) -> tuple[str, Quarter, Quarter | None]:
    """The state, the quarter to fill in (of several that are owed the latest, which is what counts), the newest one."""
    newest = Quarter(enrolment.newest) if enrolment.newest else None
    if enrolment.suspended_on and enrolment.suspended_on <= today:
        return SUSPENDED, last, newest
    if newest and newest.ends_on >= last.ends_on:
        return ATTESTED, newest, newest
    owed = _owed(enrolment)
    if owed.ends_on >= today:
        return COMING, last, newest
    state = DUE if owed.due_on >= today else LATE if newest else MISSING
    return state, last, newest


def _owed(enrolment: Enrolment) -> Quarter:
    return Quarter(enrolment.newest).next if enrolment.newest else quarter_of(enrolment.enrolled_on)
