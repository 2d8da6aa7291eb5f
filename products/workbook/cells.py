"""One cell as the text that the questionnaire reads, or why it cannot be one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from enum import Enum

from dscr.intake.sheets import Cell, Sheet
from products.questionnaire import Field, Kind
from products.questionnaire.fields import WrongAnswerError, read_number
from products.services.kpi_draft import LONGEST_ANSWER

_NUMBERS = (Kind.COUNT, Kind.WHOLE, Kind.AMOUNT, Kind.PERCENT)
_WITHHELD = {"nd", "notdisclosed", "undisclosed", "nondisclosed", "notdisc", "withheld", "notreported", "confidential"}
_NOTHING_TO_COUNT = {"na", "notapplicable", "doesnotapply", "napplicable", "notapplic"}
_ALIKE = 0.84  # how near a word must be to “not disclosed” to be a misspelling of it
_SHOWN = 40


class Meaning(Enum):
    BLANK = "blank"
    FIGURE = "figure"
    NOT_DISCLOSED = "not disclosed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Read:
    """A text that `Field.read` takes, or `wrong`: what is wrong with the cell. `remark` is worth a second look."""

    meaning: Meaning
    text: str = ""
    wrong: str = ""
    remark: str = ""


def shown(value: object) -> str:
    text = str(value)
    return f"“{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}”"


def plain_number(value: float) -> str:
    """As a spreadsheet shows it: 15 digits, none of the binary dust behind them."""
    return format(Decimal(format(value, ".15g")).normalize() + 0, "f")


def read_cell(cell: Cell | None, item: Field, sheet: Sheet) -> Read:
    if cell is None:
        return Read(Meaning.BLANK)
    if cell.formula:
        return _wrong(f"It holds a formula ({cell.formula[:_SHOWN]}); write the figure itself.")
    if cell.is_error:
        return _wrong(f"It holds the error {cell.value}.")
    if isinstance(cell.value, str):
        if cell.value.startswith("="):
            return _wrong(f"It holds a formula ({cell.value[:_SHOWN]}); write the figure itself.")
        if re.fullmatch(r"#[A-Z0-9/]+[!?]?", cell.value):
            return _wrong(f"It holds the error {cell.value}.")
        meaning = _in_words(cell.value)
        if meaning:
            return Read(meaning)
    read = (_date if item.kind is Kind.DATE else _tick if item.kind is Kind.TICK else _number)(cell, item, sheet)
    return read if read.wrong else _checked(read, item)


def _in_words(text: str) -> Meaning | None:
    """“not disclosed” in any spelling, and “not applicable”."""
    letters = re.sub(r"[^a-z]", "", text.casefold())
    if any(character.isdigit() for character in text):
        return None
    if letters in _WITHHELD or SequenceMatcher(None, letters, "notdisclosed").ratio() >= _ALIKE:
        return Meaning.NOT_DISCLOSED
    return Meaning.NOT_APPLICABLE if letters in _NOTHING_TO_COUNT else None


def _wrong(said: str) -> Read:
    return Read(Meaning.FIGURE, wrong=said)


def _number(cell: Cell, item: Field, sheet: Sheet) -> Read:
    value = cell.value
    if isinstance(value, bool):
        return _wrong(f"It holds {'yes' if value else 'no'} where a number is asked.")
    if isinstance(value, date):
        return _wrong(f"It holds a date ({value}); a spreadsheet may have turned a figure into it.")
    if isinstance(value, str):
        return _number_as_text(value, item, sheet)
    if cell.is_percent and item.kind is not Kind.PERCENT:
        return _wrong(f"It holds a percentage ({plain_number(value * 100)}%).")
    text = plain_number(value * 100 if cell.is_percent else value)
    return Read(Meaning.FIGURE, text, remark="" if cell.is_percent else _small_share(item, text))


def _number_as_text(text: str, item: Field, sheet: Sheet) -> Read:
    if re.fullmatch(r"[-–—?.]+", text):
        return _wrong(f"{shown(text)} does not say whether the figure is missing or withheld.")
    if "%" in text and item.kind is not Kind.PERCENT:
        return _wrong(f"It holds a percentage ({shown(text)}).")
    if sheet.separator == ";" and re.fullmatch(r"[+-]?\d{1,3},\d{3} ?%?", text):
        point = text.replace(",", ".")
        return _wrong(f"{shown(text)} may be {text.replace(',', '')} or {point}; write it without a comma.")
    return Read(Meaning.FIGURE, text, remark="" if "%" in text else _small_share(item, text))


def _small_share(item: Field, text: str) -> str:
    """0.72 in a column of percent is nearly always 72%."""
    try:
        small = item.kind is Kind.PERCENT and 0 < abs(read_number(text)) <= 1
    except WrongAnswerError:
        return ""
    return f"{text} was read as {text}%, not as {plain_number(float(text) * 100)}%." if small else ""


def _tick(cell: Cell, item: Field, sheet: Sheet) -> Read:
    if isinstance(cell.value, bool):
        return Read(Meaning.FIGURE, "yes" if cell.value else "no")
    return Read(Meaning.FIGURE, str(cell.value) if isinstance(cell.value, str) else _as_text(cell))


def _as_text(cell: Cell) -> str:
    return str(cell.value) if isinstance(cell.value, date) else plain_number(cell.value)


def _date(cell: Cell, item: Field, sheet: Sheet) -> Read:
    value = cell.value
    if isinstance(value, date):
        return Read(Meaning.FIGURE, value.isoformat())
    if isinstance(value, bool):
        return _wrong(f"It holds {'yes' if value else 'no'} where a date is asked.")
    if isinstance(value, int | float):
        day = sheet.date_of(value)
        return Read(Meaning.FIGURE, day.isoformat()) if day else _wrong(f"{plain_number(value)} is no date.")
    if re.fullmatch(r"\d{5}", value, re.ASCII) and (day := sheet.date_of(int(value))):
        return Read(Meaning.FIGURE, day.isoformat())
    if slashed := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", value, re.ASCII):
        return _slashed(value, *map(int, slashed.groups()))
    return Read(Meaning.FIGURE, value)


def _slashed(text: str, first: int, second: int, year: int) -> Read:
    """Spreadsheets write dates into a CSV as their country does: 3/31/2026 is clear, 3/4/2026 is not."""
    if first <= 12 and second <= 12 and first != second:
        return _wrong(
            f"{shown(text)} may be {year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}; "
            "write year-month-day."
        )
    month, day = (first, second) if first <= 12 else (second, first)
    return Read(Meaning.FIGURE, f"{year}-{month:02}-{day:02}")


def _checked(read: Read, item: Field) -> Read:
    if len(read.text) > LONGEST_ANSWER:
        return _wrong(f"{shown(read.text)} is too long.")
    try:
        item.read(read.text)
    except WrongAnswerError:
        return _wrong(_COMPLAINTS[item.kind](read.text, item))
    return read


def _no_number(text: str, item: Field) -> str:
    try:
        number = read_number(text.removesuffix("%").strip())
    except WrongAnswerError:
        return f"{shown(text)} is not a number."
    low, high = item.bounds
    if number < Decimal(str(low)) or (high is not None and number > Decimal(str(high))):
        return f"{shown(text)} is out of range."
    return f"{shown(text)} is not a whole number." if number % 1 else f"{shown(text)} is too large."


_COMPLAINTS: dict[Kind, Callable[[str, Field], str]] = dict.fromkeys(_NUMBERS, _no_number) | {
    Kind.TICK: lambda text, item: f"{shown(text)} is neither yes nor no.",
    Kind.DATE: lambda text, item: f"{shown(text)} is not a date written as year-month-day.",
}
