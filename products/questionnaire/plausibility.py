"""What looks unlikely in a questionnaire: unusual sizes, jumps against the last figures, answers that contradict.

A doubt never blocks. The firm changes the figure or answers the doubt with a note, which is kept under its code.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from products.questionnaire.answers import Answers
from products.questionnaire.fields import Field, Kind, Question
from products.questionnaire.questions import FIELDS, QUESTIONS
from products.questionnaire.words import figure, percent, plain

Values = Mapping[str, Any]
Found = tuple[str, str, str]  # question, rule, text
DAYS_A_MONTH = 30.4
HOURS_A_WEEK = 168
RATE_JUMP, SHARE_JUMP, TIMES = 0.10, 0.20, 2.0
MANY = 100  # counts over 12 months that hardly repeat by chance
RULES = ("size", "share", "jump", "repeated", "contradiction")

# Column -> lowest and highest that are usual, as they are stored.
USUAL: dict[str, tuple[float, float]] = {
    "capacity_utilisation_historical": (0.02, 1.0),
    "capacity_utilisation_forecast": (0.02, 1.0),
    "operating_mode_hours_per_week": (20, HOURS_A_WEEK),
    "qualified_lines": (1, 30),
    "days_inventory_on_hand": (1, 730),
    "safety_stock_days": (0, 365),
    "safety_stock_target_days": (0, 365),
    "shelf_life_months": (3, 84),
    "order_to_ship_days": (0, 90),
    "capital_reinvestment_ratio": (0, 10),
    "contribution_margin": (-1, 0.95),
}
LOWEST_RATE = {"fill_rate": 0.5, "on_time_delivery": 0.5}
FEWEST = {"fill_rate": 30, "on_time_delivery": 10, "dual_sourced_materials": 2}
BY_CODE = {question.code: question for question in QUESTIONS}
QUESTION_OF = {column: question.code for question in QUESTIONS for column in question.columns}
ORDER = [f"{question.code}.{rule}" for question in QUESTIONS for rule in RULES]
RATES = [question for question in QUESTIONS if question.is_rate]
PERCENTS = [item for item in FIELDS.values() if item.kind is Kind.PERCENT]
SINGLES = [(question.code, item) for question in QUESTIONS if not question.is_rate for item in question.fields]
NOTE_KEYS = frozenset(ORDER)


@dataclass(frozen=True, slots=True)
class Doubt:
    """`code` is <question>.<rule>: one doubt of each rule a question, with all that it found."""

    code: str
    question: str
    text: str


def doubts(answers: Answers, before: Values | None) -> list[Doubt]:
    """In the order of the questions. `before`: the last attested figures, column -> value."""
    found: dict[str, list[str]] = {}
    for question, rule, text in _found(answers.values, before):
        found.setdefault(f"{question}.{rule}", []).append(text)
    return [Doubt(code, code.partition(".")[0], " ".join(found[code])) for code in ORDER if code in found]


def is_doubted(answers: Answers, before: Values | None, notes: Mapping[str, str]) -> bool:
    """Whether there is a doubt that no note answers; stops at the first. notes: code of a doubt -> note."""
    return any(not _is_noted(f"{question}.{rule}", notes) for question, rule, _ in _found(answers.values, before))


def unanswered_doubts(answers: Answers, before: Values | None, notes: Mapping[str, str]) -> list[Doubt]:
    return [doubt for doubt in doubts(answers, before) if not _is_noted(doubt.code, notes)]


def _is_noted(code: str, notes: Mapping[str, str]) -> bool:
    return bool(notes.get(code, "").strip())


def _found(values: Values, before: Values | None) -> Iterator[Found]:
    for check in CHECKS:
        yield from check(values, {})
    for check in COMPARISONS if before is not None else ():
        yield from check(values, before)


def _sizes(values: Values, _: Values) -> Iterator[Found]:
    for column, (low, high) in USUAL.items():
        value, item = values.get(column), FIELDS[column]
        if value is None or low <= value <= high or _looks_like_a_share(item, value):
            continue
        asked = "more" if value > high else "less"
        usual = figure(item, high if value > high else low)
        yield (
            QUESTION_OF[column],
            "size",
            f"{_named(item)}{figure(item, value)} is {asked} than is usual ({usual}). Is it right?",
        )


def _shares(values: Values, _: Values) -> Iterator[Found]:
    """0.72 typed where 72 was meant."""
    for item in PERCENTS:
        value = values.get(item.column)
        if value is not None and _looks_like_a_share(item, value):
            typed = plain(value * 100, 4)
            yield (
                QUESTION_OF[item.column],
                "share",
                f"{_named(item)}{typed}% is very little. If {plain(value * 10_000, 2)}% was meant, type "
                f"{plain(value * 10_000, 2)}.",
            )


def _looks_like_a_share(item: Field, value: float) -> bool:
    return item.kind is Kind.PERCENT and 0 < abs(value) <= 0.01


def _rates(values: Values, _: Values) -> Iterator[Found]:
    for question in RATES:
        part, whole = (values.get(column) for column in question.columns)
        if not whole or part is None:
            continue
        unit = question.fields[1].unit
        if part / whole < LOWEST_RATE.get(question.code, 0):
            yield (
                question.code,
                "size",
                f"{percent(part / whole)} is unusually low. Are the counts the right way round?",
            )
        if whole < FEWEST.get(question.code, 0):
            yield question.code, "size", f"{whole:,} {unit} are unusually few. Is this the whole window?"
        if question.code == "safety_stock_adherence" and whole != 12:
            yield question.code, "size", f"12 months have 12 month-ends; {whole:,} were counted."


def _contradictions(values: Values, _: Values) -> Iterator[Found]:
    used, hours = values.get("capacity_utilisation_historical"), values.get("operating_mode_hours_per_week")
    if used and hours is not None and used * HOURS_A_WEEK > hours * 1.1:
        yield (
            "operating_mode",
            "contradiction",
            f"Demand of {percent(used)} of round-the-clock capacity takes {plain(used * HOURS_A_WEEK, 0)} hours a "
            f"week; {plain(hours)} are scheduled.",
        )
    stock, safety = values.get("days_inventory_on_hand"), values.get("safety_stock_days")
    shelf = values.get("shelf_life_months")
    if stock is not None and shelf is not None and stock > shelf * DAYS_A_MONTH:
        yield (
            "days_inventory_on_hand",
            "contradiction",
            f"Stock for {plain(stock)} days outlasts the shelf life of {plain(shelf)} months: part of it would expire.",
        )
    if stock is not None and safety is not None and safety > stock:
        yield (
            "safety_stock_days",
            "contradiction",
            f"Safety stock of {plain(safety)} days is part of the inventory, which is {plain(stock)} days.",
        )
    target = values.get("safety_stock_target_days")
    met, ends = values.get("safety_stock_adherence_numerator"), values.get("safety_stock_adherence_denominator")
    if safety is not None and target is not None and ends and met == ends and safety < target:
        yield (
            "safety_stock_adherence",
            "contradiction",
            f"The target was met at every month-end, yet {plain(safety)} days are held of a target of {plain(target)}.",
        )
    yield from _dependent_ticks(values)


def _dependent_ticks(values: Values) -> Iterator[Found]:
    for code, first in (
        ("risk_management_plan", "risk_management_plan_exists"),
        ("emergency_stock_process", "emergency_stock_process_exists"),
    ):
        others = [item.label for item in BY_CODE[code].fields if item.column != first and values.get(item.column)]
        if values.get(first) is False and others:
            yield code, "contradiction", f"“{FIELDS[first].label}” is no, so this counts nothing: {'; '.join(others)}."


def _jumps(values: Values, before: Values) -> Iterator[Found]:
    for question in RATES:
        yield from _rate_jump(question, values, before)
    for code, item in SINGLES:
        now, then = values.get(item.column), before.get(item.column)
        if now is None or then is None or now == then:
            continue
        if _is_jump(item, now, then):
            was = f"was {figure(item, then)} last time and is {figure(item, now)} now"
            yield code, "jump", f"{_named(item) or 'It '}{was}."


def _is_jump(item: Field, now: Any, then: Any) -> bool:
    if item.kind is Kind.TICK:
        return then and not now
    if item.kind is Kind.DATE:
        return now < then
    if item.kind is Kind.PERCENT:
        return abs(now - then) > SHARE_JUMP
    low, high = sorted((now, then))
    return low <= 0 or high / low > TIMES


def _rate_jump(question: Question, values: Values, before: Values) -> Iterator[Found]:
    part, whole = (values.get(column) for column in question.columns)
    then_part, then_whole = (before.get(column) for column in question.columns)
    if not whole or not then_whole or part is None or then_part is None:
        return
    now, then = part / whole, then_part / then_whole
    if abs(now - then) > RATE_JUMP:
        yield question.code, "jump", f"It was {percent(then)} last time and is {percent(now)} now."
    low, high = sorted((whole, then_whole))
    if high >= MANY and high / low > TIMES:
        item = question.fields[1]
        yield question.code, "jump", f"{item.label}: {then_whole:,} last time, {whole:,} now."


def _repeated(values: Values, before: Values) -> Iterator[Found]:
    for question in RATES:
        counts = [values.get(column) for column in question.columns]
        if (counts[1] or 0) >= MANY and counts == [before.get(column) for column in question.columns]:
            yield (
                question.code,
                "repeated",
                "Both counts are exactly those of last time. Over 12 months that hardly happens by chance.",
            )


def _named(item: Field) -> str:
    """The field's own name where its question has several."""
    return f"{item.label}: " if len(BY_CODE[QUESTION_OF[item.column]].fields) > 1 else ""


CHECKS: tuple[Callable[[Values, Values], Iterator[Found]], ...] = (_sizes, _shares, _rates, _contradictions)
COMPARISONS: tuple[Callable[[Values, Values], Iterator[Found]], ...] = (_jumps, _repeated)
