"""Assessment cases on their way, as far as a reader may see them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from dscr.access.scoping import Reader
from qmm.course.steps import Event, State
from qmm.models import AssessmentCase, CaseAssignment, CaseEvent, FactComment

# Of a case: whether its draft was last sent to the establishment, or reviewed there; null before.
LAST_REVIEW = Subquery(
    CaseEvent.objects.filter(case=OuterRef("pk"), event__in=[Event.SEND_DRAFT, Event.CONFIRM])
    .order_by("-pk")
    .values("event")[:1]
)
# Whether a comment on its draft waits for an answer.
COMMENTS_WAIT = Exists(FactComment.objects.filter(case=OuterRef("pk"), answered_at=None))


@dataclass(frozen=True, slots=True)
class OpenCase:
    case: AssessmentCase
    leads: bool  # whether the reader leads it
    is_confirmed: bool  # whether the establishment has finished its review of the draft
    today: date

    @property
    def is_late(self) -> bool:
        return self.days_late > 0

    @property
    def days_late(self) -> int:
        return (self.today - self.case.due_on).days if self.case.due_on else 0


def open_cases(user: Reader, only_late: bool = False) -> list[OpenCase]:
    """The longest overdue first, those without a due date last; one query. `only_late`: also final ones whose
    improvement plan is."""
    today = timezone.localdate()
    leads = CaseAssignment.objects.filter(
        case=OuterRef("pk"), membership=user.membership, is_lead=True, ended_on__isnull=True
    )
    under_way = Q(closed_on=None)
    cases = (
        AssessmentCase.objects.for_user(user, "read_cases")
        .filter(Q(due_on__lt=today) & (under_way | Q(state=State.FINAL)) if only_late else under_way)
        .annotate(leads=Exists(leads), last_review=LAST_REVIEW)
        .select_related("establishment")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )
    return [OpenCase(case, case.leads, case.last_review == Event.CONFIRM, today) for case in cases]
