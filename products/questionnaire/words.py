"""Answers in words, as a reader would write them: "97.5% (97,500 of 100,000 units)"."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from products.questionnaire.fields import Field, Kind, Question
from products.questionnaire.rates import wilson

NBSP, MINUS = "\u00a0", "\u2212"
NOT_DISCLOSED, NOT_APPLICABLE = "not disclosed", "not applicable"


def plain(value: float, decimals: int = 2) -> str:
    """With thousands separators and without needless zeros."""
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("0" if text in ("-0", "") else text).replace("-", MINUS)


def percent(share: float, decimals: int = 1) -> str:
    """As everywhere in the program: 97.5%."""
    return f"{plain(share * 100, decimals)}%"


def day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"


def in_words(question: Question, values: Mapping[str, Any] | Any) -> str:
    """values: column -> value as it is stored, or a submission that has them; None is not disclosed."""
    read = values.get if isinstance(values, Mapping) else lambda column: getattr(values, column)
    given = [read(column) for column in question.columns]
    if all(value is None for value in given):
        return NOT_DISCLOSED
    if question.is_rate:
        return _rate(question, *given)
    if len(given) == 1:
        return figure(question.fields[0], given[0])
    parts = [(item, value) for item, value in zip(question.fields, given, strict=True) if value is not None]
    return "; ".join(f"{item.label}: {figure(item, value)}" for item, value in parts)


def figure(item: Field, value: Any) -> str:
    """One field with its unit."""
    if value is None:
        return NOT_DISCLOSED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day(value)
    if item.kind is Kind.PERCENT:
        return percent(value)
    unit = item.unit.removesuffix("s") if value == 1 and item.unit in ("lines", "days", "months") else item.unit
    return f"{plain(value)}{NBSP}{unit}".strip()


def sources_in_words(sources: Mapping[str, Mapping[str, Any]], columns: Iterable[str]) -> list[str]:
    """Where the figures of these columns came from, if they were not typed; each source once."""
    given = [sources[column] for column in columns if sources.get(column)]
    said = [source.get("text") or f"{source.get('kind', '')} {source.get('file', '')}".strip() for source in given]
    return list(dict.fromkeys(said))


def interval(part: int, whole: int) -> str:
    """19 of 20: 95%; by the counts alone it may lie anywhere from 76.4% to 99.1%."""
    low, high = wilson(part, whole)
    low_shown, high_shown = (f"{share * 100:.1f}%" for share in (low, high))
    return f"95% confidence interval: {low_shown} to {high_shown}"


def _rate(question: Question, part: int | None, whole: int | None) -> str:
    if part is None or whole is None:
        return NOT_DISCLOSED
    if whole == 0:
        return f"{NOT_APPLICABLE}: no {question.fields[1].unit}"
    return f"{percent(part / whole)} ({part:,} of {whole:,} {question.fields[1].unit})"
