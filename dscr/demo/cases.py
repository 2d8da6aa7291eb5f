"""Assessments: those on their way, in every state and some of them late; those that ended early; and those that are
final, whose outcomes are assessments of the portfolio."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from dscr.demo.accounts import OTHER_MAKER
from dscr.demo.calendar import Calendar
from dscr.demo.course import LEADS_TO, Course, days_of, work_day
from dscr.demo.dice import dice, monday, within
from dscr.demo.levels import element_levels
from dscr.demo.sites import PAIR_PLANT, Places, Site
from qmm.course.levels import area_levels
from qmm.course.steps import DAYS_TO_ACCEPT, STEPS, Event, State
from qmm.models import AREAS, Assessment, AssessmentCase, Inspection
from qmm.rubric import in_order
from qmm.rubric.shipped import shipped
from qmm.services.validity import last_day

# The last step taken, and days until the next one is due; negative is late.
UNDER_WAY = (
    (Event.ISSUE, 9),
    (Event.SCHEDULE, 30),
    (Event.REQUEST, 8),
    (Event.REQUEST, -7),
    (Event.ACCEPT, 22),
    (Event.ASSIGN, 12),
    (Event.ORIENT, 4),
    (Event.ISSUE, -12),
    (Event.RETURN, 5),
    (Event.BEGIN, 0),  # this week
    (Event.END_VISIT, -4),
    (Event.END_VISIT, 8),
    (Event.MEET, 4),
    (Event.AGREE, -19),
    (Event.SEND_DRAFT, 10),
    (Event.CONFIRM, 6),
)
# The step that ended it, the last one before, days ago.
ENDED = ((Event.DECLINE, Event.REQUEST, 140), (Event.WITHDRAW, Event.ISSUE, 95), (Event.STOP, Event.RETURN, 310))
ENDS_IN = {Event.DECLINE: State.DECLINED, Event.WITHDRAW: State.WITHDRAWN, Event.STOP: State.STOPPED}
RECENT_DAYS = 400  # a site that was assessed since does not ask again
FINAL = 56  # assessments that get a case of their own, beside one of the published example's plant
OLDEST_DAYS, NEWEST_DAYS = 1000, 12
PLANNED = 0.93  # of the firms send their plan in time


def build_courses(
    seed: int, calendar: Calendar, places: Places, assessments: list[Assessment], inspections: list[Inspection]
) -> list[Course]:
    """The first is of the published example's plant, the second of the other manufacturer with an account.

    An assessment that gets a case then has the means of whole levels.
    """
    roll = dice(seed, "cases")
    under_way, ended = _sites(roll, calendar, places, assessments, inspections)
    courses = [_under_way(seed, calendar, site, *row) for site, row in zip(under_way, UNDER_WAY, strict=True)]
    courses += [_ended(seed, calendar, site, *row) for site, row in zip(ended, ENDED, strict=True)]
    of = {id(site.establishment): site for site in places.sites}
    outcomes = _outcomes(roll, calendar, places, assessments)
    courses += [_final(seed, calendar, of[id(outcome.establishment)], outcome) for outcome in outcomes]
    for number, course in enumerate(courses):
        course.number = number
    return courses


def _sites(
    roll: Random, calendar: Calendar, places: Places, assessments: list[Assessment], inspections: list[Inspection]
) -> tuple[list[Site], list[Site]]:
    """Those of cases under way, which may take part, and of cases that ended: the first may not."""
    last = {id(row.establishment): row for row in sorted(inspections, key=lambda row: row.ended_on)}
    busy = {id(row.establishment) for row in assessments if row.completed_on > calendar.ago(RECENT_DAYS)}
    first = [_plant(places), places.of(OTHER_MAKER, "fdf")[0]]
    others = [
        site
        for site in places.sites
        if site not in first
        and site.stage in ("fdf", "api")
        and id(site.establishment) in last
        and id(site.establishment) not in busy
    ]
    refused = [site for site in others if last[id(site.establishment)].classification == "OAI"]
    able = [site for site in others if site not in refused]
    count = len(UNDER_WAY) - len(first)
    chosen = roll.sample(able, count + len(ENDED) - 1)
    return first + chosen[:count], [(refused or able)[0], *chosen[count:]]


def _plant(places: Places) -> Site:
    return next(site for site in places.sites if site.fei == PAIR_PLANT)


def _under_way(seed: int, calendar: Calendar, site: Site, last: Event, due_in: int) -> Course:
    roll = dice(seed, "case under way", site.fei)
    visit = None
    match last:
        case Event.SCHEDULE:
            visit, on = monday(calendar.today + timedelta(days=due_in)), calendar.ago(12)
        case Event.BEGIN:
            on = monday(calendar.today)
        case Event.ASSIGN:
            on = calendar.ago(30 - due_in - 5)
        case _:
            on = calendar.ago(_days_to_act(last) - due_in)
    days = days_of(roll, last, work_day(on))
    visit = visit or days.get(Event.BEGIN)
    acted = Event.ACCEPT if last == Event.ASSIGN else last
    case = AssessmentCase(
        establishment=site.establishment,
        state=LEADS_TO[last],
        requested_on=days[Event.REQUEST],
        visit_starts_on=visit,
        due_on=visit if last == Event.SCHEDULE else days[acted] + timedelta(days=_days_to_act(acted)),
    )
    return Course(case, days, site.maturity, _agreed(roll, site) if Event.BEGIN in days else {})


def _days_to_act(last: Event) -> int:
    return DAYS_TO_ACCEPT if last == Event.REQUEST else STEPS[last].days or 0


def _ended(seed: int, calendar: Calendar, site: Site, ended: Event, last: Event, days_ago: int) -> Course:
    on = work_day(calendar.ago(days_ago))
    days = days_of(dice(seed, "case that ended", site.fei), last, work_day(on - timedelta(days=8)))
    case = AssessmentCase(
        establishment=site.establishment, state=ENDS_IN[ended], requested_on=days[Event.REQUEST], closed_on=on
    )
    return Course(case, days, site.maturity, ended=(ended, on))


def _outcomes(roll: Random, calendar: Calendar, places: Places, assessments: list[Assessment]) -> list[Assessment]:
    """The example's plant has one that counts no more: what it scores today is fixed."""
    plant = min((row for row in assessments if row.establishment is _plant(places).establishment), key=_done_on)
    fixed = [site.establishment for site in places.sites if site.is_of_the_pair]
    recent = [
        row
        for row in assessments
        if calendar.ago(OLDEST_DAYS) <= row.completed_on <= calendar.ago(NEWEST_DAYS) and row.establishment not in fixed
    ]
    return [plant, *sorted(roll.sample(recent, min(FINAL, len(recent))), key=_done_on)]


def _done_on(outcome: Assessment) -> date:
    return outcome.completed_on


def _final(seed: int, calendar: Calendar, site: Site, outcome: Assessment) -> Course:
    roll = dice(seed, "final case", site.fei, outcome.completed_on)
    agreed = element_levels(roll, in_order(shipped()), {area: getattr(outcome, area) for area in AREAS})
    for area, level in area_levels(agreed).items():
        setattr(outcome, area, level)
    days = days_of(roll, Event.FINALIZE, outcome.completed_on)
    days |= _after(roll, calendar, outcome.completed_on)
    last = list(days)[-1]
    waits = timedelta(days=STEPS[Event.FINALIZE].days or 0)
    case = AssessmentCase(
        establishment=site.establishment,
        state=LEADS_TO[last],
        due_on=outcome.completed_on + waits if last == Event.FINALIZE else None,
        requested_on=days[Event.REQUEST],
        visit_starts_on=days[Event.BEGIN],
        closed_on=outcome.completed_on,
        assessment=outcome,
    )
    return Course(case, days, site.maturity, agreed)


def _after(roll: Random, calendar: Calendar, completed_on: date) -> dict[Event, date]:
    """The plan, which few firms owe, and the end."""
    found, sent_on = {}, work_day(completed_on + timedelta(days=roll.randint(24, 57)))
    if roll.random() < PLANNED and sent_on < calendar.today:
        found[Event.SUBMIT_PLAN] = sent_on
    ends_on = last_day(completed_on) + timedelta(days=1)
    return found | ({Event.EXPIRE: ends_on} if ends_on <= calendar.today else {})


def _agreed(roll: Random, site: Site) -> dict[str, int]:
    areas = {area: Decimal(str(within(site.maturity + roll.gauss(0, 0.25), 1, 5))) for area in AREAS}
    return element_levels(roll, in_order(shipped()), areas)
