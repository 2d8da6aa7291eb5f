"""Walking a decoded JSON document while collecting every fault with its JSON path.

A reader gives None for a value that is at fault; the fault is recorded once, so callers need not ask again.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = ["Cursor", "Fault", "JsonObject", "PortfolioError", "decode"]

_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHOWN = 40  # characters of a wrong value that are worth showing


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place of the document, and what was expected there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class PortfolioError(ValueError):
    """A portfolio that cannot be rated; `faults` lists everything that is wrong with it, in its order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


class JsonObject(dict[str, Any]):
    """A decoded object that remembers the keys which the text gives more than once."""

    repeated: tuple[str, ...] = ()


def decode(text: str) -> Any:
    """Decodes JSON text; PortfolioError with one fault that names line and column if it is not JSON."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    except RecursionError:
        message = "not a portfolio: nested too deeply"
    except ValueError as error:  # a number of thousands of digits
        message = f"not JSON that can be read: {error}"
    raise PortfolioError([Fault("$", message)])


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    decoded = JsonObject(pairs)
    if len(decoded) < len(pairs):
        times = Counter(key for key, _ in pairs)
        decoded.repeated = tuple(key for key, count in times.items() if count > 1)
    return decoded


_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value of the document with its path and the list that collects the faults."""

    value: Any
    path: str
    faults: list[Fault]

    @property
    def is_absent(self) -> bool:
        return self.value is _ABSENT

    def fault(self, message: str) -> None:
        """Records a fault at this place."""
        self.faults.append(Fault(self.path, message))

    def expect(self, expected: str) -> None:
        """Records that the value is not what was expected; an absent one was recorded where it is missing."""
        if not self.is_absent:
            self.fault(f"expected {expected}, found {_shown(self.value)}")

    def child(self, key: str) -> "Cursor":
        step = f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key)}]"
        value = self.value.get(key, _ABSENT) if isinstance(self.value, dict) else _ABSENT
        return Cursor(value, self.path + step, self.faults)

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Cursor"]:
        """The named fields of an object, all of them, absent ones too; faults for missing, repeated, unknown ones."""
        known = (*required, *optional)
        is_object = self._is_object()
        children = {key: self.child(key) for key in known}
        if is_object:
            for key in self.value:
                if key not in known:
                    self.child(key).fault(f"unknown field; expected {', '.join(known)}")
            for key in required:
                if key not in self.value:
                    children[key].fault("missing field")
        return children

    def entries(self) -> Iterator[tuple[str, "Cursor"]]:
        """The entries of an object whose keys are not fixed."""
        if self._is_object():
            for key in self.value:
                yield key, self.child(key)

    def items(self) -> Iterator["Cursor"]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.expect("a list")
            return
        for position, value in enumerate(self.value):
            yield Cursor(value, f"{self.path}[{position}]", self.faults)

    def _is_object(self) -> bool:
        if not isinstance(self.value, dict):
            self.expect("an object")
            return False
        for key in getattr(self.value, "repeated", ()):
            self.child(key).fault("the key appears more than once; expected once")
        return True

    def number(
        self, lowest: float = -math.inf, highest: float = math.inf, slack: float = 0.0, whole: bool = False
    ) -> float | None:
        """A finite number within the limits; true and false are not numbers."""
        expected = _range_words(lowest, highest, whole)
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.expect(expected)
            return None
        try:
            number = float(self.value)
        except OverflowError:
            self.expect(f"{expected} of ordinary size")
            return None
        outside = not (lowest - slack <= number <= highest + slack)
        if not math.isfinite(number) or outside or (whole and not number.is_integer()):
            self.expect(expected)
            return None
        return number

    def text(self) -> str | None:
        """Printable and not blank: line breaks and half characters would spoil what is printed later."""
        if isinstance(self.value, str) and self.value.strip() and self.value.isprintable():
            return self.value
        self.expect("a text of printable characters")
        return None

    def boolean(self) -> bool | None:
        if isinstance(self.value, bool):
            return self.value
        self.expect("true or false")
        return None

    def one_of(self, words: Sequence[str]) -> str | None:
        if isinstance(self.value, str) and self.value in words:
            return self.value
        self.expect(f"one of {', '.join(words)}")
        return None

    def day(self, or_null: bool = False) -> date | None:
        """A calendar day written YYYY-MM-DD."""
        if or_null and self.value is None:
            return None
        try:
            if isinstance(self.value, str) and _DAY.fullmatch(self.value):
                return date.fromisoformat(self.value)
        except ValueError:
            pass  # such as 30 February
        self.expect("a date as YYYY-MM-DD" + (" or null" if or_null else ""))
        return None


def _range_words(lowest: float, highest: float, whole: bool) -> str:
    kind = "a whole number" if whole else "a number"
    if math.isfinite(highest):
        return f"{kind} from {lowest:g} to {highest:g}"
    return f"{kind}, {lowest:g} or more" if math.isfinite(lowest) else kind


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # an integer too long to print
        return "a very long number"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
