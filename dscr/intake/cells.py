"""Reading single cells as people and spreadsheets write them."""

import re
from datetime import date

from dscr.intake.rows import RowError

US_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})")


def us_date(text: str, column: str) -> date | None:
    """A date M/D/YY (of this century) or MM/DD/YYYY; None for a blank cell. RowError for anything else."""
    if not text:
        return None
    if match := US_DATE.fullmatch(text):
        month, day, year = match.groups()
        try:
            return date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
        except ValueError:
            pass
    raise RowError(f"{column} is no date such as 12/31/2025", text)


def is_garbled(text: str) -> bool:
    """Whether UTF-8 was once read as Windows-1252 in it, as in "SandozÂ®"."""
    try:
        return not text.isascii() and text.encode("cp1252").decode("utf-8") != text
    except UnicodeError:
        return False
