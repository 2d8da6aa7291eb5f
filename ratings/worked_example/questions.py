"""The questions of one product of the example, with the inputs that answer them, domain by domain."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ratings import figures
from ratings.scoring import INDICATORS, Methodology
from ratings.scoring.questionnaire import KPIS, Field, FieldKind, Kpi
from ratings.scoring.rules import IndicatorRule
from ratings.worked_example.controls import AnyControl, Choice, Number, Tick, written

MOST_LINES = 5  # qualified lines that the slider offers; more change nothing
ROOM = Decimal("1.25")  # a slider goes a quarter beyond its curve, so that the flat end can be felt
WHOLE = 100  # of which something is counted where the product has no count yet
FIELD_LABELS = {"historical": "Last 12 months", "forecast": "Next 12 months"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the questionnaire. `withheld` and `none` are boxes that set its inputs aside."""

    kpi: Kpi
    label: str
    indicator: str
    domain: str
    controls: tuple[AnyControl, ...]
    withheld: Tick
    none: Tick | None

    @property
    def code(self) -> str:
        return self.kpi.code

    @property
    def all_controls(self) -> tuple[AnyControl, ...]:
        return (*self.controls, self.withheld, *([self.none] if self.none else []))


def questions(document: dict[str, Any], place: int, methodology: Methodology) -> list[Question]:
    """Every question that some indicator of the methodology reads, in the order of the domains."""
    found = []
    for rule in methodology.indicators:
        item = INDICATORS[rule.code]
        found += [_question(kpi, rule, document, place, methodology) for kpi in KPIS if kpi.code in item.kpis]
    return found


def is_share(code: str) -> bool:
    """Whether an indicator's unit is a share, which pages write in percent."""
    return INDICATORS[code].unit.startswith("share of")


def _question(
    kpi: Kpi, rule: IndicatorRule, document: dict[str, Any], place: int, methodology: Methodology
) -> Question:
    label = figures.LABELS.get(kpi.code, INDICATORS[rule.code].label)
    answer = document["products"][place]["kpis"].get(kpi.code, {"state": "not_disclosed"})
    state = answer.get("state")
    whole = _denominator(kpi, document, place) if kpi.is_counts else 0
    asked = kpi.fields[:1] if kpi.is_counts else kpi.fields  # of counts the first moves, the second stays
    controls = tuple(_control(kpi, field, rule, answer, label, whole, methodology) for field in asked)
    none = None
    if kpi.may_not_apply:
        none = Tick(
            f"{kpi.code}_none", "No disruption in 12 months", _ticked(state == "not_applicable"), f"{label}, none"
        )
    withheld = Tick(
        f"{kpi.code}_withheld", "Not disclosed", _ticked(state == "not_disclosed"), f"{label}, not disclosed"
    )
    return Question(kpi, label, rule.code, rule.domain, controls, withheld, none)


def _ticked(value: object) -> str:
    return "1" if value else "0"


def _denominator(kpi: Kpi, document: dict[str, Any], place: int) -> int:
    """What is counted of: the product's own, or where it has nothing to count another product's, or a hundred."""
    own, *others = document["products"][place:] + document["products"][:place]
    wholes = (product["kpis"].get(kpi.code, {}).get("denominator") for product in (own, *others))
    return next((int(whole) for whole in wholes if whole), WHOLE)


def _control(
    kpi: Kpi,
    field: Field,
    rule: IndicatorRule,
    answer: dict[str, Any],
    label: str,
    whole: int,
    methodology: Methodology,
) -> AnyControl:
    given = answer.get(field.name)
    if field.kind is FieldKind.ANSWER:
        words = tuple(zip(kpi.answers, figures.PLAN_WORDS, strict=True))
        return Choice(field.column, label, given or kpi.answers[0], choices=words)
    if field.kind is FieldKind.TICK:
        word = figures.first_up(figures.EMERGENCY_WORDS[field.name])
        return Tick(field.column, word, _ticked(given), f"{label}, {word.lower()}")
    part = FIELD_LABELS.get(field.name, "") if len(kpi.fields) > 1 else ""
    low, high, step, per, unit = _range(kpi, field, rule, whole, methodology)
    rest = Decimal(str(given)) * per if given is not None else high
    low, high = min(low, rest), max(high, rest)  # what is so is always possible
    return Number(
        field.column,
        part or label,
        written(rest),
        f"{label}, {part.lower()}" if part else "",
        low,
        high,
        step,
        unit,
        per,
        field.kind in (FieldKind.COUNT, FieldKind.WHOLE),
        field.kind is FieldKind.COUNT,
    )


def _range(
    kpi: Kpi, field: Field, rule: IndicatorRule, whole: int, methodology: Methodology
) -> tuple[Decimal, Decimal, Decimal, int, str]:
    """(lowest, highest, step of the slider, per, unit) of a figure."""
    zero, one, unit = Decimal(0), Decimal(1), INDICATORS[rule.code].unit
    if field.kind is FieldKind.COUNT:
        return zero, Decimal(whole), Decimal(max(1, whole // 1000)), 1, unit.removeprefix("share of ")
    if field.kind is FieldKind.HOURS:
        low, high = (Decimal(str(limit)) for limit in methodology.limits.hours_per_week)
        return low.normalize() + 0, high.normalize() + 0, one, 1, unit
    if field.kind is FieldKind.WHOLE:
        return zero, Decimal(MOST_LINES), one, 1, "lines"
    if is_share(rule.code):
        return Decimal(-100 if field.kind is FieldKind.SIGNED else 0), Decimal(100), one, 100, "%"
    high = Decimal(str(rule.curve[-1][0])) * ROOM
    step = Decimal("0.05") if high < 10 else Decimal("0.5") if high < 60 else one
    return zero, (high / step).to_integral_value() * step, step, 1, "" if "/" in unit else unit
