"""What a question is made of, and how the text of one field becomes the value that is stored."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache, cached_property

from products.models.kpi_submission import FIGURE_RANGES

_PLAIN = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,3}([ \u00a0\u202f]\d{3})+|\d+)?(\.\d+)?", re.ASCII)
MOST_COUNTED = 10**15  # far beyond any count of units, within what the database holds
MOST_WHOLE = 32_767
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
_SHOWN = 30


class State(StrEnum):
    """How a question is answered. OPEN is not answered yet."""

    OPEN = "open"
    REPORTED = "reported"
    NOT_DISCLOSED = "not_disclosed"
    NOT_APPLICABLE = "not_applicable"


class Kind(Enum):
    """What a field holds, in the words in which an error asks for it."""

    COUNT = "a whole number, such as 1200"
    WHOLE = "a whole number, such as 2"
    AMOUNT = "a number, such as 45.5"
    PERCENT = "a percentage, such as 72 or 72.5"
    TICK = "yes or no"
    DATE = "a date as year-month-day, such as 2026-03-31"


class WrongAnswerError(ValueError):
    """The text cannot be the field's value; the message says what is expected."""


@dataclass(frozen=True, slots=True, eq=False)  # each is one of its kind: by identity it is found fast
class Field:
    """One figure: its column of `KpiSubmission`. PERCENT is written in percent and stored as a share."""

    column: str
    label: str
    kind: Kind
    unit: str = ""
    hint: str = ""
    required: bool = True  # where its question is reported

    @property
    def wanted(self) -> str:
        low, high = self.bounds
        span = f" from {_short(low)} to {_short(high)}" if high is not None and self.kind in RANGED else ""
        what, comma, example = self.kind.value.partition(",")
        return f"{what}{span}{comma}{example}"

    @property
    def bounds(self) -> tuple[float, float | None]:
        """Lowest and highest as it is written (percent where percent are written)."""
        low, high = FIGURE_RANGES.get(self.column, (0, None))
        per = 100 if self.kind is Kind.PERCENT else 1
        return low * per, None if high is None else high * per

    def read(self, text: str) -> int | float | bool | date | None:
        """The value as it is stored, None for blank; WrongAnswerError otherwise."""
        text = text.strip()
        return READERS[self.kind](self, text) if text else None

    def written(self, value: int | float | bool | date | None) -> str:
        """The text that `read` turns into the value."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return value.isoformat()
        number = Decimal(str(value)) * (100 if self.kind is Kind.PERCENT else 1)
        return format(number.normalize() + 0, "f")


@dataclass(frozen=True)
class Question:
    """One question with its fixed definition. `fields` of counts are (numerator, denominator).

    `lines`: how its figure is counted from order lines, by hand or by products/orders/figures.py; "" for any other.
    """

    code: str
    label: str
    definition: str
    formula: str
    window: str
    exclusions: str
    example: str
    fields: tuple[Field, ...]
    may_not_apply: bool = False
    lines: str = ""

    @cached_property
    def is_rate(self) -> bool:
        return len(self.fields) == 2 and all(item.kind is Kind.COUNT for item in self.fields)

    @cached_property
    def state_key(self) -> str:
        return f"{self.code}_state"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(item.column for item in self.fields)


@dataclass(frozen=True, slots=True)
class Section:
    """The part of one functional team."""

    code: str
    team: str
    asks: str
    questions: tuple[Question, ...] = field(default=())


def read_number(text: str) -> Decimal:
    """A number with or without thousands separators (comma or space) and sign; WrongAnswerError otherwise."""
    if text.isascii() and text.isdecimal():
        return Decimal(text)  # as most are
    if not text or not _PLAIN.fullmatch(text) or not any(character.isdigit() for character in text):
        raise WrongAnswerError
    return Decimal(re.sub(r"[,\s\u00a0\u202f]", "", text))


def _number(item: Field, text: str) -> Decimal:
    try:
        number = read_number(text.removesuffix("%").strip() if item.kind is Kind.PERCENT else text)
    except WrongAnswerError:
        raise _wrong(item, text) from None
    low, high = _limits(item)
    if number < low or (high is not None and number > high):
        raise _wrong(item, text)
    return number


@cache
def _limits(item: Field) -> tuple[Decimal, Decimal | None]:
    low, high = item.bounds
    return Decimal(str(low)), None if high is None else Decimal(str(high))


def _whole(item: Field, text: str) -> int:
    if len(text) < 5 and text.isascii() and text.isdecimal() and item.column not in FIGURE_RANGES:
        return int(text)  # as most are
    number = _number(item, text)
    most = MOST_WHOLE if item.kind is Kind.WHOLE else MOST_COUNTED
    if number > most or number % 1:  # in this order: of a number of thirty digits there is no remainder
        raise _wrong(item, text)
    return int(number)


def _share(item: Field, text: str) -> float:
    return float(_number(item, text) / 100)


def _amount(item: Field, text: str) -> float:
    return float(_number(item, text))


def _tick(item: Field, text: str) -> bool:
    said = text.lower()
    if said in _YES or said in _NO:
        return said in _YES
    raise _wrong(item, text)


def _date(item: Field, text: str) -> date:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else _no_date(item, text)
    except ValueError:
        raise _wrong(item, text) from None


def _no_date(item: Field, text: str) -> date:
    raise _wrong(item, text)


def _wrong(item: Field, text: str) -> WrongAnswerError:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return WrongAnswerError(f"Give {item.wanted}. “{shown}” is {'neither' if item.kind is Kind.TICK else 'not one'}.")


def _short(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


RANGED = {Kind.AMOUNT, Kind.PERCENT}
READERS: dict[Kind, Callable[[Field, str], int | float | bool | date]] = {
    Kind.COUNT: _whole,
    Kind.WHOLE: _whole,
    Kind.AMOUNT: _amount,
    Kind.PERCENT: _share,
    Kind.TICK: _tick,
    Kind.DATE: _date,
}
