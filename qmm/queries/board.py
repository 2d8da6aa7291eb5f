"""The board: cases by state, those that are late first, and how much each assessor has to do."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone

from dscr.access.scoping import Reader
from qmm.course.steps import OPEN_STATES, Event, State
from qmm.course.words import who_is_next
from qmm.models import AssessmentCase, CaseAssignment
from qmm.queries.cases import COMMENTS_WAIT, LAST_REVIEW

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
        waits = not self.case.closed_on or self.case.state == State.FINAL  # for its improvement plan
        return max(0, (self.today - due_on).days) if due_on and waits else 0

    @property
    def next(self) -> str:
        return who_is_next(self.case.state, self.case.last_review == Event.CONFIRM, not self.case.comments_wait)


@dataclass(frozen=True, slots=True)
class Board:
    tallies: list[Tally]
    page: Page
    rows: list[Row]
    late_plans: int

    @property
    def open(self) -> int:
        return sum(tally.count for tally in self.tallies)

    @property
    def late(self) -> int:
        return sum(tally.late for tally in self.tallies)


def board(
    user: Reader, *, state: str = "", late: bool = False, closed: bool = False, text: str = "", page: str = "1"
) -> Board:
    """Four queries. `state`: one open state; `late`: overdue ones only, also final ones whose improvement plan is;
    `closed`: the ended ones, the newest first."""
    today = timezone.localdate()
    cases = AssessmentCase.objects.for_user(user, "read_cases")
    open_cases, late_plans = cases.filter(closed_on=None), cases.filter(state=State.FINAL, due_on__lt=today)
    counted = {
        row["state"]: row
        for row in (open_cases | late_plans)
        .order_by()
        .values("state")
        .annotate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    }
    tallies = [Tally(one, counted[one]["count"], counted[one]["late"]) for one in OPEN_STATES if one in counted]
    if late and not state:
        open_cases |= late_plans
    rows = (
        cases.exclude(closed_on=None).order_by("-closed_on", "-pk")
        if closed
        else _asked(open_cases, state, late, today)
    )
    for word in "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST].split():
        rows = rows.filter(establishment__name__icontains=word)
    found = Paginator(with_team(rows), ON_PAGE).get_page(page)
    plans = counted[State.FINAL]["late"] if State.FINAL in counted else 0
    return Board(tallies, found, [Row(case, case.team, today) for case in found], plans)


def with_team(rows: QuerySet) -> QuerySet:
    """Cases as a Row wants them: with the establishment, its owner, and `team`."""
    team = CaseAssignment.objects.filter(ended_on=None).order_by("-is_lead", "pk")
    team = team.select_related("membership__user", "membership__organisation")
    rows = rows.annotate(last_review=LAST_REVIEW, comments_wait=COMMENTS_WAIT).select_related("establishment__owner")
    return rows.prefetch_related(Prefetch("assignments", team, to_attr="team"))


def _asked(rows: QuerySet, state: str, late: bool, today: date) -> QuerySet:
    rows = rows.order_by(F("due_on").asc(nulls_last=True), "pk")
    if state in OPEN_STATES:
        rows = rows.filter(state=state)
    return rows.filter(due_on__lt=today) if late else rows
