"""The inputs of an example: one for each figure that an indicator reads, in ranges that the method gives."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ratings import figures

_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{0,6})?|\.\d{1,6}", re.ASCII)
_SHOWN = 20  # characters of a wrong value that are worth showing
_MOST_NAMED = 8  # choices that a message spells out


class WrongValueError(ValueError):
    """A value that an input cannot take; the message names the input and what it allows."""


@dataclass(frozen=True, slots=True)
class Control:
    """An input by the name of its query parameter. `rest` is its value in the example as it stands."""

    name: str
    label: str
    rest: str
    subject: str = ""  # what an error calls it, where the label alone would not do

    @property
    def called(self) -> str:
        return self.subject or self.label

    def _wrong(self, allowed: str, text: str) -> WrongValueError:
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        found = f"“{shown}” is not one" if text.strip() else "it is empty"
        return WrongValueError(f"{self.called}: {allowed}; {found}.")


@dataclass(frozen=True, slots=True)
class Number(Control):
    """A slider with a field for the exact figure. `per` is 100 where percent are shown and a share is stored."""

    kind: ClassVar[str] = "number"
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(100)
    step: Decimal = Decimal(1)
    unit: str = ""
    per: int = 1
    whole: bool = False
    counted: bool = False  # of a fixed whole, which is `high`

    def read(self, text: str) -> str:
        """The number as it is written in addresses; WrongValueError outside the range."""
        value = Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None
        if value is None or not self.low <= value <= self.high or (self.whole and value % 1):
            raise self._wrong(f"give {self.allowed}", text)
        return written(value)

    @property
    def lowest(self) -> str:
        return written(self.low)

    @property
    def highest(self) -> str:
        return written(self.high)

    @property
    def beside(self) -> str:
        """What stands behind the field: "days", "of 12 materials"."""
        return f"of {figures.plain(float(self.high))} {self.unit}" if self.counted else self.unit

    @property
    def allowed(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low, high = (figures.plain(float(bound)) for bound in (self.low, self.high))
        return f"{kind} from {low} to {high}{'' if self.unit == '%' else ' '}{self.unit}".rstrip()

    def stored(self, text: str) -> float | int:
        """What the portfolio document holds for it."""
        value = Decimal(text) / self.per
        return int(value) if self.whole else float(value)


@dataclass(frozen=True, slots=True)
class Choice(Control):
    """One of a few answers: (value in addresses, words)."""

    kind: ClassVar[str] = "choice"
    choices: tuple[tuple[str, str], ...] = ()

    def read(self, text: str) -> str:
        if text not in dict(self.choices):
            few = len(self.choices) <= _MOST_NAMED
            named = f"one of {', '.join(words for _, words in self.choices)}" if few else "one from the list"
            raise self._wrong(f"choose {named}", text)
        return text


@dataclass(frozen=True, slots=True)
class Tick(Control):
    """A box: "1" is ticked, "0" is not."""

    kind: ClassVar[str] = "tick"

    def read(self, text: str) -> str:
        if text not in ("0", "1"):
            raise self._wrong("give 1 for yes or 0 for no", text)
        return text


AnyControl = Number | Choice | Tick


def written(value: Decimal) -> str:
    """12, 2.5, 98200: without needless zeros."""
    return format(value.normalize() + 0, "f")
