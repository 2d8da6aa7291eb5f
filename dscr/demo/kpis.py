"""Eight quarters of KPI submissions: figures that follow the firm's steadiness, its setbacks and what it withholds."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from dscr.demo.calendar import QUARTERS, Calendar
from dscr.demo.dice import dice, within
from dscr.demo.directory import Item
from dscr.demo.tables import CHARACTERS, TRENDS
from products.models import KpiSubmission

# Figure -> (its area, value at steadiness 0, value at steadiness 1, decimals).
FIGURES = {
    "capacity_utilisation_historical": ("capacity", 1.0, 0.50, 2),
    "days_inventory_on_hand": ("inventory", 10, 185, 0),
    "safety_stock_days": ("inventory", 4, 150, 0),
    "order_to_ship_days": ("delivery", 17, 1.5, 1),
    "equipment_depreciated_share": ("investment", 0.88, 0.32, 2),
    "capital_reinvestment_ratio": ("investment", 0.25, 1.85, 2),
    "contribution_margin": ("investment", -0.02, 0.48, 2),
}
# Rate -> (its area, rate at steadiness 0, at 1, smallest and largest denominator).
RATES = {
    "dual_sourced_materials": ("sourcing", 0.05, 1.0, 6, 20),
    "safety_stock_adherence": ("inventory", 0.45, 1.0, 12, 12),
    "fill_rate": ("delivery", 0.80, 0.995, 2_000, 240_000),
    "on_time_delivery": ("delivery", 0.75, 0.99, 80, 3_000),
}
HOURS = (168, 144, 120, 120, 96, 80)
SHELF_LIVES = (12, 18, 24, 24, 36)
PLAN, EMERGENCY = "risk_management_plan", "emergency_stock"
# What is disclosed or withheld as one; finance answers least often.
QUESTIONS = {
    "dual_sourced_materials": 1.0,
    "capacity_utilisation": 1.2,
    "operating_mode_hours_per_week": 0.4,
    "qualified_lines": 0.4,
    "days_inventory_on_hand": 0.6,
    "safety_stock": 0.8,
    "fill_rate": 0.5,
    "on_time_delivery": 0.5,
    "order_to_ship_days": 0.8,
    "equipment_depreciated_share": 2.0,
    "capital_reinvestment_ratio": 2.0,
    "contribution_margin": 3.5,
    PLAN: 0.7,
    EMERGENCY: 0.8,
    "disruption_notice_rate": 0.8,
}
SECRETIVE = 0.85
STATEMENT = "These figures are complete and correct to the best of my knowledge."
TITLES = ("Vice President, Supply Chain", "Head of Supply Planning", "Director, Quality and Supply")
NAMES = ("R. Almeida", "J. Whitcombe", "S. Raman", "M. Okafor", "L. Ferrante", "T. Nakagawa", "C. Dufresne")


def build_submissions(
    seed: int, calendar: Calendar, items: list[Item]
) -> tuple[list[KpiSubmission], list[KpiSubmission]]:
    """(those that count, those that a later one superseded)."""
    counting, superseded = [], []
    for item in items:
        if item.is_of_the_pair or item.part == "new":
            continue
        roll = dice(seed, "corrections", item.ndc)
        answers = Answers(seed, calendar, item)
        for quarter_end in _quarters(calendar, item):
            signed = attested(roll, calendar, quarter_end)
            submission = KpiSubmission(
                product=item.product, quarter_end=quarter_end, **answers.of(quarter_end), **signed
            )
            counting.append(submission)
            if roll.random() < 0.03:
                superseded.append(corrected(submission))
    return counting, superseded


def _quarters(calendar: Calendar, item: Item) -> Iterator[date]:
    last = QUARTERS // 2 - 1 if item.part == "expired" else QUARTERS
    for number, quarter_end in enumerate(calendar.quarter_ends):
        left = item.enrolment.withdrawn_on or item.enrolment.suspended_on
        if number <= last and item.enrolment.enrolled_on <= quarter_end and not (left and left <= quarter_end):
            yield quarter_end


def attested(roll: Random, calendar: Calendar, quarter_end: date) -> dict[str, Any]:
    """Who signed, two to five weeks after the quarter or by now."""
    day = min(quarter_end + timedelta(days=roll.randint(12, 36)), calendar.today)
    return {
        "attested_at": timezone.make_aware(datetime.combine(day, time(9, roll.randint(0, 59)))),
        "attestor_name": roll.choice(NAMES),
        "attestor_title": roll.choice(TITLES),
        "attestation": STATEMENT,
    }


def corrected(submission: KpiSubmission) -> KpiSubmission:
    """The version before a correction: it had forgotten some orders and the test of the stock process."""
    fields = {
        field.attname: getattr(submission, field.attname)
        for field in KpiSubmission._meta.concrete_fields
        if field.name not in ("id", "product", "superseded_by", "created_at")
    }
    earlier = KpiSubmission(product=submission.product, **fields)
    earlier.attested_at -= timedelta(days=3)
    earlier.superseded_at = submission.attested_at
    earlier.superseded_by = submission
    earlier.emergency_stock_tested_on = None
    if earlier.fill_rate_numerator:
        earlier.fill_rate_numerator -= earlier.fill_rate_numerator // 50
    return earlier


class Answers:
    """One product's answers, quarter by quarter: lasting differences between its areas, and small news each quarter."""

    def __init__(self, seed: int, calendar: Calendar, item: Item) -> None:
        self.calendar, self.item = calendar, item
        self.lasting = dice(seed, "kpi", item.ndc)
        self.news = dice(seed, "news", item.ndc)
        areas = ("sourcing", "capacity", "inventory", "delivery", "investment", "continuity")
        self.area = {area: self.lasting.gauss(0, 0.1) for area in areas}
        self.own = {name: self.lasting.gauss(0, 0.07) for name in (*FIGURES, *RATES, PLAN, EMERGENCY, "lines")}
        self.size = {name: self.lasting.uniform(0, 1) ** 3 for name in RATES}
        self.target = 10 * self.lasting.randint(3, 12)
        self.shelf_life = SHELF_LIVES[self._step("lines", len(SHELF_LIVES), item.steadiness)]
        self.withheld_until = dict(self._withheld())

    def of(self, quarter_end: date) -> dict[str, Any]:
        answers: dict[str, Any] = {"shelf_life_months": self.shelf_life, "safety_stock_target_days": self.target}
        for name, (area, at_worst, at_best, decimals) in FIGURES.items():
            level = self._level(area, name, quarter_end)
            answers[name] = round(at_worst + (at_best - at_worst) * level, decimals)
        answers["capacity_utilisation_forecast"] = round(
            answers["capacity_utilisation_historical"] + self.news.uniform(-0.02, 0.05), 2
        )
        for name, (area, at_worst, at_best, smallest, largest) in RATES.items():
            total = round(smallest + (largest - smallest) * self.size[name] * self.news.uniform(0.95, 1))
            rate = at_worst + (at_best - at_worst) * self._level(area, name, quarter_end)
            answers |= {f"{name}_numerator": round(total * rate), f"{name}_denominator": total}
        steady = self._level("capacity", "lines", quarter_end, news=0)
        answers["operating_mode_hours_per_week"] = HOURS[self._step("lines", len(HOURS), steady)]
        answers["qualified_lines"] = 1 if steady < 0.45 else 2 if steady < 0.75 else 3
        answers |= self._plan(quarter_end) | self._emergency(quarter_end) | self._notices(quarter_end)
        return self._disclosed(answers, quarter_end)

    def _level(self, area: str, name: str, on: date, news: float = 0.02) -> float:
        """Steadiness of one figure: today's, less what the trend has added since, less what went wrong lately."""
        trend = TRENDS[self.item.maker.trend] * (1 - self.calendar.progress(on))
        level = self.item.steadiness - trend + self.area[area] + self.own[name] + self.news.gauss(0, 1) * news
        if area in ("inventory", "delivery"):
            level -= sum(self._dent(on, broke) for broke in self.item.setbacks)
        return within(level, 0, 1)

    @staticmethod
    def _dent(on: date, broke: date) -> float:
        """A broken supply stays in the trailing twelve months, fading."""
        months = (on - broke).days / 30.4
        return 0.3 * (1 - months / 12) if 0 <= months < 12 else 0.0

    def _step(self, name: str, steps: int, level: float) -> int:
        return round(within(level + self.own[name], 0, 1) * (steps - 1))

    def _plan(self, on: date) -> dict[str, Any]:
        level = self._level("continuity", PLAN, on, news=0)
        yearly = on - timedelta(days=15 + int(self.own[PLAN] * 200) % 60)
        return {
            f"{PLAN}_exists": level > 0.12,
            f"{PLAN}_reviewed_on": yearly if level > 0.4 else None,
            f"{PLAN}_tested_on": yearly if level > 0.68 else None,
        }

    def _emergency(self, on: date) -> dict[str, Any]:
        level = self._level("continuity", EMERGENCY, on, news=0)
        return {
            f"{EMERGENCY}_process_exists": level > 0.15,
            f"{EMERGENCY}_allocation_rule": level > 0.35,
            f"{EMERGENCY}_contact_24_7": level > 0.3,
            f"{EMERGENCY}_tested_on": on - timedelta(days=40) if level > 0.65 else None,
            f"{EMERGENCY}_ships_within_24h": level > 0.55,
        }

    def _notices(self, on: date) -> dict[str, Any]:
        """Most have had no disruption: 0 of 0."""
        recent = [broke for broke in self.item.setbacks if broke <= on <= broke + timedelta(days=365)]
        total = 2 * len(recent) + self.news.choices((0, 1, 2), (14, 3, 1))[0]
        announced = sum(self.news.random() < 0.3 + 0.7 * self.item.steadiness for _ in range(total))
        return {"disruption_notice_rate_numerator": announced, "disruption_notice_rate_denominator": total}

    def _withheld(self) -> Iterator[tuple[str, date | None]]:
        """Questions that this product does not answer: until a quarter, or (None) to this day."""
        for question, reluctance in QUESTIONS.items():
            chance = CHARACTERS[self.item.maker.character].withholds * reluctance
            if self.item.part == "secretive":
                chance = SECRETIVE
            if self.lasting.random() < chance:
                opens_up = self.item.part != "secretive" and self.lasting.random() < 0.35
                yield question, self.lasting.choice(self.calendar.quarter_ends[1:]) if opens_up else None

    def _disclosed(self, answers: dict[str, Any], on: date) -> dict[str, Any]:
        withheld = tuple(name for name, until in self.withheld_until.items() if until is None or on < until)
        return {name: None if withheld and name.startswith(withheld) else value for name, value in answers.items()}
