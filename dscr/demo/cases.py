"""Assessments on their way: cases in every state, some of them late, and who was given them."""

from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from dscr.access.demo_accounts import DOMAIN
from dscr.access.models import Membership
from dscr.access.roles import Role
from dscr.demo.accounts import OTHER_MAKER
from dscr.demo.calendar import Calendar
from dscr.demo.dice import dice, monday
from dscr.demo.sites import PAIR_PLANT, Places, Site
from qmm.course.steps import PATH
from qmm.models import AssessmentCase, CaseAssignment, Rubric

State = AssessmentCase.State
# State -> (days since the request, days until its step is due; negative is late, days until the visit).
COURSE = (
    (State.QUESTIONNAIRE_ISSUED, 48, 9, None),
    (State.SCHEDULED, 118, 16, 30),
    (State.REQUESTED, 6, 24, None),
    (State.REQUESTED, 37, -7, None),
    (State.ACCEPTED, 24, 18, None),
    (State.ORIENTED, 41, 12, None),
    (State.QUESTIONNAIRE_ISSUED, 78, -12, None),
    (State.QUESTIONNAIRE_RETURNED, 88, 5, None),
    (State.IN_PROGRESS, 132, 3, -2),
    (State.SCORING, 150, -4, -18),
    (State.CONSENSUS, 171, 6, -33),
    (State.DRAFT_REPORT, 188, -19, -52),
    (State.FACT_CHECK, 205, 10, -66),
    (State.FINAL, 260, None, -120),
)
UNASSIGNED = (State.REQUESTED,)  # nobody is given a request that is not accepted yet
VISITED = PATH[PATH.index(State.IN_PROGRESS) :]  # by a version of the rubric
SECONDS = ("assessor", "second-assessor")


def build_cases(seed: int, calendar: Calendar, places: Places) -> list[AssessmentCase]:
    """The first is of the published example's plant, the second of the other manufacturer with an account."""
    roll = dice(seed, "cases")
    return [_case(roll, calendar, site, *course) for site, course in zip(_sites(roll, places), COURSE, strict=False)]


def _sites(roll: Random, places: Places) -> list[Site]:
    plant = next(site for site in places.sites if site.fei == PAIR_PLANT)
    first = [plant, places.of(OTHER_MAKER, "fdf")[0]]
    others = [site for site in places.sites if site not in first and site.stage in ("fdf", "api")]
    return first + roll.sample(others, len(COURSE) - len(first))


def _case(
    roll: Random, calendar: Calendar, site: Site, state: State, asked: int, due: int | None, visit: int | None
) -> AssessmentCase:
    asked += roll.randint(0, 5)
    return AssessmentCase(
        establishment=site.establishment,
        state=state,
        requested_on=calendar.ago(asked),
        visit_starts_on=None if visit is None else monday(calendar.ago(-visit)),
        due_on=None if due is None else calendar.ago(-due),
        closed_on=calendar.ago(20) if state == State.FINAL else None,
    )


def create_assignments(cases: list[AssessmentCase]) -> None:
    """Stored cases and accounts: one lead assessor on all of them, two assessors by turns beside her."""
    addresses = {f"{account}@{DOMAIN}": account for account in ("lead-assessor", *SECONDS)}
    memberships = Membership.objects.filter(user__email__in=addresses, role__in=(Role.ASSESSOR, Role.LEAD_ASSESSOR))
    people = {addresses[membership.user.email]: membership for membership in memberships.select_related("user")}
    given = []
    for number, case in enumerate(case for case in cases if case.state not in UNASSIGNED):
        since = case.requested_on + timedelta(days=14)
        for account, is_lead in (("lead-assessor", True), (SECONDS[number % 2], False)):
            given.append(
                CaseAssignment(
                    case=case,
                    membership=people[account],
                    is_lead=is_lead,
                    assigned_on=since,
                    accepted_at=None if case.state == State.ACCEPTED else _noon(since),
                )
            )
    CaseAssignment.objects.bulk_create(given)
    visited = [case.pk for case in cases if case.state in VISITED]
    AssessmentCase.objects.filter(pk__in=visited).update(rubric=Rubric.objects.in_force().first())


def _noon(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(12)))
