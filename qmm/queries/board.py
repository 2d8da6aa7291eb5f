"""The board: cases by state, those that are late first, and how much each assessor has to do."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from dscr.access.scoping import Reader
from qmm.course.steps import OPEN_STATES, Event, State
from qmm.course.words import who_is_next
from qmm.models import AssessmentCase, CaseAssignment, CaseEvent

ON_PAGE = 50
LONGEST = 100  # characters of a search


@dataclass(frozen=True, slots=True)
class Tally:
    """Open cases of one state."""

    state: State
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class Row:
    case: AssessmentCase
    team: list[CaseAssignment]
    today: date

    @property
    def days_late(self) -> int:
        due_on = self.case.due_on
        return max(0, (self.today - due_on).days) if due_on and not self.case.closed_on else 0

    @property
    def next(self) -> str:
        return who_is_next(self.case.state, self.case.checked == Event.CONFIRM)


@dataclass(frozen=True, slots=True)
class Board:
    tallies: list[Tally]
    page: Page
    rows: list[Row]

    @property
    def open(self) -> int:
        return sum(tally.count for tally in self.tallies)

    @property
    def late(self) -> int:
        return sum(tally.late for tally in self.tallies)


def board(
    user: Reader, *, state: str = "", late: bool = False, closed: bool = False, text: str = "", page: str = "1"
) -> Board:
    """Four queries. `state`: one open state; `late`: overdue ones only; `closed`: the ended ones, the newest first."""
    today = timezone.localdate()
    cases = AssessmentCase.objects.for_user(user, "read_cases")
    open_cases = cases.filter(closed_on=None)
    counted = {
        row["state"]: row
        for row in open_cases.order_by()
        .values("state")
        .annotate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    }
    tallies = [Tally(one, counted[one]["count"], counted[one]["late"]) for one in OPEN_STATES if one in counted]
    rows = (
        cases.exclude(closed_on=None).order_by("-closed_on", "-pk")
        if closed
        else _asked(open_cases, state, late, today)
    )
    for word in "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST].split():
        rows = rows.filter(establishment__name__icontains=word)
    team = CaseAssignment.objects.filter(ended_on=None).select_related("membership__user").order_by("-is_lead", "pk")
    checks = CaseEvent.objects.filter(case=OuterRef("pk"), event__in=[Event.SEND_DRAFT, Event.CONFIRM]).order_by("-pk")
    rows = rows.annotate(checked=Subquery(checks.values("event")[:1]))
    rows = rows.select_related("establishment__owner").prefetch_related(Prefetch("assignments", team, to_attr="team"))
    found = Paginator(rows, ON_PAGE).get_page(page)
    return Board(tallies, found, [Row(case, case.team, today) for case in found])


def _asked(rows: QuerySet, state: str, late: bool, today: date) -> QuerySet:
    rows = rows.order_by(F("due_on").asc(nulls_last=True), "pk")
    if state in OPEN_STATES:
        rows = rows.filter(state=state)
    return rows.filter(due_on__lt=today) if late else rows
