"""What assessors and inspectors found at the sites, and when: most of what moves a history."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from dscr.demo.calendar import Calendar
from dscr.demo.dice import day_between, dice, friday, within
from dscr.demo.sites import Places, Site
from qmm.models import AREAS, Assessment, Inspection

VALID_DAYS = 1096  # 36 months, near enough to place a date before or after the end
# How a site takes part in assessments, and how often: key starting materials carry no QMM weight, so few volunteer.
WAYS = ("renewed", "first", "expiring", "expired", "never")
CHANCES = {
    "fdf": (54, 30, 5, 4, 7),
    "api": (42, 32, 6, 6, 14),
    "packaging": (45, 25, 5, 10, 15),
    "testing": (45, 25, 5, 10, 15),
    "ksm": (0, 15, 0, 0, 85),
}
OPEN_ACTIONS, RESOLVED_ACTIONS = 4, 6


def build_assessments(seed: int, calendar: Calendar, places: Places) -> list[Assessment]:
    found = []
    for site in places.sites:
        if site.is_of_the_pair:
            continue
        roll = dice(seed, "assessments", site.fei)
        way = roll.choices(WAYS, CHANCES[site.stage])[0]
        if site.character in ("strong", "solid") and way in ("expired", "never") and site.stage == "fdf":
            way = "renewed"  # firms that do well keep their own plants assessed
        found += [_assessment(roll, calendar, site, day) for day in _days(roll, calendar, way)]
    return found


def _days(roll: Random, calendar: Calendar, way: str) -> list[date]:
    match way:
        case "renewed":
            newest = calendar.ago(roll.uniform(20, 560))
            return [newest - timedelta(days=roll.randint(500, 1000)), newest]
        case "first":
            return [calendar.ago(roll.uniform(15, 700))]
        case "expiring":
            return [calendar.ago(VALID_DAYS - roll.uniform(5, 70))]
        case "expired":
            return [calendar.ago(VALID_DAYS + roll.uniform(10, 450))]
    return []


def _assessment(roll: Random, calendar: Calendar, site: Site, day: date) -> Assessment:
    level = site.maturity - site.drift * (1 - calendar.progress(day))
    return Assessment(
        establishment=site.establishment,
        completed_on=friday(day),
        **{area: _level(level + roll.gauss(0, 0.25)) for area in AREAS},
    )


def _level(value: float) -> Decimal:
    """A mean of four elements' levels: quarters."""
    return Decimal(round(within(value, 1, 5) * 4)) / 4


def build_inspections(seed: int, calendar: Calendar, places: Places) -> list[Inspection]:
    inspected = [site for site in places.sites if not site.is_of_the_pair]
    found = []
    actions = _official_actions(seed, calendar, inspected)
    for site in inspected:
        roll = dice(seed, "inspections", site.fei)
        if action := actions.get(site):
            found.append(action)
        elif roll.random() > (0.85 if site.stage in ("fdf", "api") else 0.4):
            continue
        # Ordinary inspections come before an official action, so that the action is the latest word.
        newest = (action.ended_on if action else calendar.today) - timedelta(days=roll.randint(80, 900))
        for day in (newest, newest - timedelta(days=roll.randint(600, 1100))):
            outcome = roll.choices(("NAI", "VAI"), (5, 1) if site.maturity > 3.5 else (2, 3))[0]
            found.append(Inspection(establishment=site.establishment, classification=outcome, ended_on=friday(day)))
    return found


def _official_actions(seed: int, calendar: Calendar, sites: list[Site]) -> dict[Site, Inspection]:
    """Official actions meet the less mature plants, and two API works whose customers feel it."""
    roll = dice(seed, "official actions")
    candidates = [site for site in sites if site.stage == "fdf" and site.maturity < 3.7]
    chosen = roll.sample(candidates, OPEN_ACTIONS + RESOLVED_ACTIONS - 2)
    chosen += roll.sample([site for site in sites if site.stage == "api" and site.maturity < 3.6], 2)
    roll.shuffle(chosen)
    actions = {}
    for number, site in enumerate(chosen):
        is_open = number < OPEN_ACTIONS
        ended = friday(calendar.ago(roll.uniform(30, 330) if is_open else roll.uniform(330, 620)))
        resolved = None if is_open else friday(day_between(roll, ended + timedelta(120), ended + timedelta(290)))
        actions[site] = Inspection(
            establishment=site.establishment, classification="OAI", ended_on=ended, resolved_on=resolved
        )
    return actions
