"""Dates and quantities as order systems write them.

A day is a number of days since 1970-01-01. What is blank, or says in words that there is no date, is MISSING; what
cannot be read is WRONG.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

MISSING, WRONG = -(2**31), -(2**31) + 1  # within int32, before any day
MOST_UNITS = 10**9
_EPOCH = date(1970, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)
_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NAMED = re.compile(r"(\d{1,2})[-/ .]+([A-Za-z]{3,9})[-/ .,]+(\d{4}|\d{2})" + _TIME)
_NAME_FIRST = re.compile(r"([A-Za-z]{3,9})\.? +(\d{1,2}),? +(\d{4})" + _TIME)
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}
_NUMBER = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(\.\d+)?")
_NO = {"", "no", "n", "false", "f", "0", "open", "active", "none", "-"}
_YES = {"yes", "y", "true", "t", "1", "x", "cancelled", "canceled", "cancel"}


def day_of(day: date) -> int:
    return (day - _EPOCH).days


def date_of(day: int) -> date:
    return _EPOCH + timedelta(days=day)


def read_day(text: str, day_first: bool) -> int:
    """A day, MISSING or WRONG. `day_first`: how 03/04/2026 is meant; dots are always day.month.year."""
    text = text.strip()
    if not any(character.isdigit() for character in text):
        return MISSING  # blank, "N/A", "Date Not Captured"
    try:
        return day_of(_date(text, day_first))
    except (ValueError, KeyError, OverflowError):
        return WRONG


def _date(text: str, day_first: bool) -> date:
    if match := _ISO.fullmatch(text) or _PLAIN.fullmatch(text):
        year, month, day = match.groups()
        return date(int(year), int(month), int(day))
    if match := _SLASHED.fullmatch(text):
        first, mark, second, year = match.groups()
        month, day = (second, first) if day_first or mark == "." else (first, second)
        return date(_year(year), int(month), int(day))
    if match := _NAMED.fullmatch(text):
        day, name, year = match.groups()
        return date(_year(year), _MONTHS[name.lower()], int(day))
    if match := _NAME_FIRST.fullmatch(text):
        name, day, year = match.groups()
        return date(int(year), _MONTHS[name.lower()], int(day))
    if match := _SERIAL.fullmatch(text):
        return _EXCEL_EPOCH + timedelta(days=int(match[1]))
    raise ValueError(text)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year > 68 else 2000)


def order_of_dates(texts: Iterable[str]) -> str:
    """What dates like 03/04/2026 tell of their order: "" (there are none), "month", "day", "either", or "both" where
    they contradict each other."""
    found: set[str] = set()
    for text in texts:
        match = _SLASHED.fullmatch(text.strip())
        if not match or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        found.add("day" if first > 12 else "month" if second > 12 else "either")
    if {"day", "month"} <= found:
        return "both"
    return next((word for word in ("day", "month", "either") if word in found), "")


def read_units(text: str) -> int:
    """A whole number of units, MISSING or WRONG. Thousands may be parted by commas or spaces."""
    text = text.strip()
    if not text:
        return MISSING
    match = _NUMBER.fullmatch(text)
    if not match:
        return WRONG
    sign, whole, decimals = match.groups()
    # "1.000" is one unit to some and a thousand to others.
    if decimals and (decimals.strip(".0") or (len(decimals) == 4 and len(whole) <= 3)):
        return WRONG
    units = int(re.sub(r"\D", "", whole))
    return WRONG if (sign and units) or units > MOST_UNITS else units


def read_cancelled(text: str, day_first: bool) -> tuple[bool | None, int]:
    """Whether the line is cancelled (None: cannot be read), and the day, MISSING where none is given."""
    word = text.strip().lower()
    if word in _NO:
        return False, MISSING
    if word in _YES:
        return True, MISSING
    day = read_day(text, day_first)
    return (None, MISSING) if day in (WRONG, MISSING) else (True, day)
