"""Assessment cases on their way, as far as a reader may see them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from dscr.access.scoping import Reader
from qmm.models import AssessmentCase, CaseAssignment


@dataclass(frozen=True, slots=True)
class OpenCase:
    case: AssessmentCase
    leads: bool  # whether the reader leads it
    today: date

    @property
    def is_late(self) -> bool:
        return self.days_late > 0

    @property
    def days_late(self) -> int:
        return (self.today - self.case.due_on).days if self.case.due_on else 0


def open_cases(user: Reader, only_late: bool = False) -> list[OpenCase]:
    """The longest overdue first, those without a due date last; one query."""
    today = timezone.localdate()
    leads = CaseAssignment.objects.filter(
        case=OuterRef("pk"), membership=user.membership, is_lead=True, ended_on__isnull=True
    )
    cases = (
        AssessmentCase.objects.for_user(user, "read_cases")
        .filter(Q(due_on__lt=today) if only_late else Q(), closed_on=None)
        .annotate(leads=Exists(leads))
        .select_related("establishment")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )
    return [OpenCase(case, case.leads, today) for case in cases]
