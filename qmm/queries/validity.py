"""How long the assessments of establishments hold, and which expire next."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from dscr.access.scoping import Reader
from qmm.models import Assessment, AssessmentCase, Establishment, Inspection
from qmm.services.validity import expired_before, last_day, months_after

ON_PAGE = 50
MONTHS = (12, 6, 1)  # of the list: expires within


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """An establishment with its newest assessment's day and whether an official action is open."""

    establishment: Establishment
    assessed_on: date | None
    under_action: bool


def site_standings(user: Reader) -> list[SiteStanding]:
    """Establishments whose maturity the reader may read, the never and the longest ago assessed first; one query."""
    newest = Assessment.objects.filter(establishment=OuterRef("pk"), voided_at=None).order_by("-completed_on")
    actions = Inspection.objects.filter(
        establishment=OuterRef("pk"), voided_at=None, classification="OAI", resolved_on=None
    )
    sites = (
        Establishment.objects.for_user(user, "read_maturity")
        .standing()
        .annotate(assessed_on=Subquery(newest.values("completed_on")[:1]), under_action=Exists(actions))
    )
    sites = sites.order_by(F("assessed_on").asc(nulls_first=True), "name", "pk")
    return [SiteStanding(site, site.assessed_on, site.under_action) for site in sites]


def counting(rows: QuerySet[Assessment], today: date) -> QuerySet[Assessment]:
    """Of `rows` the newest of each standing establishment, up to today; which of two of one day does not matter to
    when it ends."""
    made = Assessment.objects.filter(establishment=OuterRef("establishment"), voided_at=None, completed_on__lte=today)
    later = Q(completed_on__gt=OuterRef("completed_on")) | Q(
        completed_on=OuterRef("completed_on"), pk__gt=OuterRef("pk")
    )
    return rows.filter(
        ~Exists(made.filter(later)), voided_at=None, completed_on__lte=today, establishment__merged_into=None
    )


def ending_within(rows: QuerySet[Assessment], today: date, months: int) -> QuerySet[Assessment]:
    """Of `rows` those that count today and no longer do so in that many months, the first to end first."""
    until = months_after(today, months) + timedelta(days=1)
    ending = rows.filter(completed_on__gte=expired_before(today), completed_on__lt=expired_before(until))
    return counting(ending, today).order_by("completed_on", "pk")


@dataclass(frozen=True, slots=True)
class Ending:
    """An assessment that ends within a year. `case`: of which it came; `next_case`: under way, to take its place; both
    as far as the reader reads them."""

    assessment: Assessment
    case: AssessmentCase | None
    next_case: AssessmentCase | None
    today: date

    @property
    def last_day(self) -> date:
        return last_day(self.assessment.completed_on)

    @property
    def days_left(self) -> int:
        return (self.last_day - self.today).days


@dataclass(frozen=True, slots=True)
class EndingList:
    page: Page
    rows: list[Ending]


def ending_list(user: Reader, *, months: int = 12, page: str = "1") -> EndingList:
    """Those that the reader may read, imported ones too; three queries."""
    today = timezone.localdate()
    rows = ending_within(Assessment.objects.for_user(user, "read_establishments"), today, months)
    rows = rows.select_related("establishment__owner", "imported")
    found = Paginator(rows, ON_PAGE).get_page(page)
    listed = list(found.object_list)
    under_way = Q(closed_on=None, establishment__in=[row.establishment_id for row in listed])
    cases = AssessmentCase.objects.for_user(user, "read_cases").filter(under_way | Q(assessment__in=listed))
    came_of = {case.assessment_id: case for case in cases if case.assessment_id}
    nexts = {case.establishment_id: case for case in cases if case.closed_on is None}
    ending = [Ending(row, came_of.get(row.pk), nexts.get(row.establishment_id), today) for row in listed]
    return EndingList(found, ending)


def open_case_of(user: Reader, sites: list[int]) -> dict[int, AssessmentCase]:
    """Establishment -> its assessment under way, as far as the reader reads it; one query."""
    rows = AssessmentCase.objects.for_user(user, "read_cases").filter(closed_on=None, establishment__in=sites)
    return {row.establishment_id: row for row in rows}


def ending_count(user: Reader, months: int = 12) -> tuple[int, date | None]:
    """How many end within that many months without another one under way, and the first last day; two queries."""
    rows = ending_within(Assessment.objects.for_user(user, "read_establishments"), timezone.localdate(), months)
    rows = rows.exclude(establishment__in=AssessmentCase.objects.filter(closed_on=None).values("establishment"))
    first = rows.values_list("completed_on", flat=True).first()
    return (rows.count(), last_day(first)) if first else (0, None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The assessment by which an establishment counts today. `case`: the one of this program that led to it."""

    assessment: Assessment
    case: AssessmentCase | None
    last_day: date
    ends_soon: bool


def present_outcome(user: Reader, establishment: Establishment) -> Outcome | None:
    """None where the establishment is unassessed, or the reader may not know; at most two queries."""
    today = timezone.localdate()
    rows = Assessment.objects.for_user(user, "read_establishments").filter(establishment=establishment)
    found = counting(rows.filter(completed_on__gte=expired_before(today)), today).first()
    if found is None:
        return None
    case = AssessmentCase.objects.for_user(user, "read_cases").filter(assessment=found).first()
    until = last_day(found.completed_on)
    return Outcome(found, case, until, until <= months_after(today, MONTHS[0]))
