"""How figures are written on pages: units kept with their number, a true minus, "not disclosed" in words."""

import math
from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from products.drug_names import drug_name as drug_name
from products.drug_names import strength as strength
from products.questionnaire import words
from products.questionnaire.words import plain as plain
from ratings.scoring.frames import KPI_FIELDS
from ratings.scoring.questionnaire import KPI_BY_CODE

NBSP, MINUS = "\u00a0", "\u2212"
NOT_DISCLOSED = "not disclosed"
NO_DISRUPTION = "no disruption"

LABELS = {"qualified_lines": "Qualified lines", "safety_stock_target_days": "Safety stock target"}
PLAN_WORDS = ("no plan", "written", "reviewed within 12 months", "tested within 12 months")
EMERGENCY_WORDS = {
    "process_exists": "written process",
    "allocation_rule": "allocation rule",
    "contact_24_7": "contact around the clock",
    "tested_12m": "tested within 12 months",
    "ships_within_24h": "ships within 24 hours",
}
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
ACRONYMS = ("ANDA", "NDA", "BLA", "OTC", "IND", "FDA")
CARDINALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def known(value: object) -> float | None:
    """The number, or None for NaN and for anything that is no number, such as a template's missing variable."""
    return float(value) if isinstance(value, int | float) and not math.isnan(value) else None


def points(value: float | None) -> str:
    """A score, a value or points, to one decimal."""
    return "" if known(value) is None else f"{value:.1f}".replace("-", MINUS)


def loss(value: float | None) -> str:
    """Lost points with a true minus; what rounds to nothing is a plain 0."""
    if known(value) is None:
        return ""
    return "0" if abs(value) < 0.05 else f"{MINUS}{value:.1f}"


def signed(points: float | None) -> str:
    """A gain: +3.3, −0.4 or 0, to one decimal."""
    if known(points) is None:
        return ""
    if abs(points) < 0.05:
        return "0"
    return f"{'+' if points > 0 else MINUS}{abs(points):.1f}"


def percent(share: float | None, decimals: int = 1) -> str:
    return "" if known(share) is None else words.percent(share, decimals)


def floored(share: float) -> float:
    """To whole percents, rounded down, so that 59.7% does not read as the 60% that a score needs."""
    return math.floor(share * 100 + 1e-6) / 100


def coverage(share: float | None) -> str:
    """How much is known of what applies, or of the sites' QMM: written so on every page."""
    return "" if known(share) is None else percent(floored(share), 0)


def level(value: float | None) -> str:
    """A QMM level, 1 to 5."""
    return "not assessed" if known(value) is None else plain(value, 2)


def in_words(number: int) -> str:
    return CARDINALS[number] if 0 <= number < len(CARDINALS) else f"{number:,}"


def ordinal(number: int) -> str:
    if number < len(ORDINALS):
        return ORDINALS[number]
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """a; a and b; a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def day(on: date) -> str:
    """March 3, 2026."""
    return f"{on:%B} {on.day}, {on.year}"


def ago(at: datetime, now: datetime | None = None) -> str:
    """As static/js/rating.js keeps it: "3 s ago", "5 min ago", "2 h ago", then the date."""
    seconds = max(0, int(((now or timezone.now()) - at).total_seconds()))
    if seconds < 60:
        return f"{seconds}{NBSP}s ago"
    if seconds < 3600:
        return f"{seconds // 60}{NBSP}min ago"
    if seconds < 86400:
        return f"{seconds // 3600}{NBSP}h ago"
    return f"on {day(timezone.localdate(at))}"


def span(seconds: float) -> str:
    """How long something has waited."""
    if seconds < 60:
        return f"{plain(seconds, 1)}{NBSP}s"
    return f"{int(seconds // 60)}{NBSP}min" if seconds < 3600 else f"{int(seconds // 3600)}{NBSP}h"


def category(text: str) -> str:
    """UNAPPROVED DRUG OTHER as "Unapproved drug other"; acronyms stay."""
    return first_up(" ".join(word if word in ACRONYMS else word.lower() for word in text.split()))


def shared_out(parts: Sequence[float], total: float) -> list[float]:
    """Parts to one decimal that add up to `total`: rounded down, then a tenth more where most was cut (NaN stays)."""
    tenths = [math.nan if math.isnan(part) else round(part * 10, 6) for part in parts]
    shown = [value if math.isnan(value) else float(math.floor(value)) for value in tenths]
    given = [place for place, value in enumerate(tenths) if value > 0]
    missing = round(total * 10 - sum(shown[place] for place in given))
    given.sort(key=lambda place: tenths[place] - shown[place], reverse=True)
    for place in given[: max(missing, 0)]:
        shown[place] += 1
    return [value / 10 for value in shown]


def answer(code: str, kpis: Sequence[float]) -> tuple[float, ...]:
    """The figures of one question, in the order of its fields."""
    return tuple(float(kpis[KPI_FIELDS.index(field.column)]) for field in KPI_BY_CODE[code].fields)


def is_disclosed(figures: Sequence[float]) -> bool:
    return not all(math.isnan(value) for value in figures)


def reported(code: str, figures: Sequence[float]) -> str:
    """The answer to one question in words, as a reader would write it."""
    if not is_disclosed(figures):
        return NOT_DISCLOSED
    if KPI_BY_CODE[code].is_counts:
        return _counted(figures[0], figures[1])
    if code == "capacity_utilisation":
        past, ahead = (NOT_DISCLOSED if math.isnan(value) else percent(value) for value in figures)
        return f"past {past}, forecast {ahead}"
    if code == "emergency_stock_process":
        words = [EMERGENCY_WORDS[field.name] for field in KPI_BY_CODE[code].fields]
        return joined([word for word, value in zip(words, figures, strict=True) if value > 0]) or "no process"
    return _single(code, figures[0])


def _counted(numerator: float, denominator: float) -> str:
    if denominator == 0:
        return NO_DISRUPTION
    return f"{percent(numerator / denominator)} ({plain(numerator)} of {plain(denominator)})"


def _single(code: str, value: float) -> str:
    if code == "risk_management_plan":
        return PLAN_WORDS[int(value)]
    if code in ("equipment_depreciated_share", "contribution_margin"):
        return percent(value)
    unit = {
        "operating_mode": "hours a week",
        "qualified_lines": "line" if value == 1 else "lines",
        "shelf_life_months": "months",
        "capital_reinvestment_ratio": "× depreciation",
    }.get(code, "day" if value == 1 else "days")
    return f"{plain(value)}{NBSP}{unit}"
