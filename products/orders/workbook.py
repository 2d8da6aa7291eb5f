"""The rows of an Excel workbook as text. The one place that knows the reader of workbooks (calamine)."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from dscr.intake.files import DAMAGED_ARCHIVE, FileError
from products.orders.extent import refuse_wide_apart
from products.orders.heads import checked_heads

MOST_BOOK_LINES = 200_000
LARGEST_BOOK = 600 << 20  # unpacked bytes


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is a workbook; a damaged one is not."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except DAMAGED_ARCHIVE:
        return False


def book_shape(path: Path, name: str, sample: int) -> tuple[dict[str, Any], list[list[str]]]:
    """Sheet, heads and number of lines of the first sheet that holds a table, and its first rows."""
    book = _open(path, name)
    for title in book.sheet_names:
        sheet = _sheet(book, title, name)  # seconds for a large one, so each is read once
        if sheet.height < 2:
            continue
        lines = (sheet.start or (0, 0))[0] + sheet.height
        if lines > MOST_BOOK_LINES + 100:
            raise FileError(
                f"{name} has {lines:,} lines on the sheet “{title}”; up to {MOST_BOOK_LINES:,} are read "
                "from a workbook. Save it as CSV, of which a million lines are read."
            )
        rows = [_texts(row) for row in islice(sheet.iter_rows(), sample + 50)]
        head = next(number for number, row in enumerate(rows, 1) if any(row))
        heads = checked_heads(list(rows[head - 1]), name)
        shape = {
            "sheet": title,
            "other_sheets": tuple(other for other in book.sheet_names if other != title),
            "head": head,
            "heads": heads,
            "lines": lines - head,
        }
        return shape, [row[: len(heads)] for row in rows[head : head + sample]]
    raise FileError(f"{name} has no sheet with heads and lines below them. Check that it is the right workbook.")


def book_rows(path: Path, name: str, title: str, head: int) -> Iterator[list[str]]:
    """The rows below the heads, as wide as these."""
    sheet = _sheet(_open(path, name), title, name)
    rows = iter(sheet.iter_rows())
    heads = [list(_texts(row)) for row in islice(rows, head)][-1]
    while heads and not heads[-1]:
        heads.pop()
    width = len(heads)
    for row in rows:
        texts = _texts(row)
        yield texts if any(texts[width:]) else texts[:width]


def _open(path: Path, name: str) -> CalamineWorkbook:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_BOOK:
                raise FileError(f"{name} is larger than {LARGEST_BOOK >> 20} MiB unpacked. Save it as CSV.")
            refuse_wide_apart(archive, name)
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, *DAMAGED_ARCHIVE):
        raise _damaged(name) from None


def _sheet(book: CalamineWorkbook, title: str, name: str) -> CalamineSheet:
    """Unpacked only here, so that damage is found here too."""
    try:
        return book.get_sheet_by_name(title)
    except (CalamineError, *DAMAGED_ARCHIVE):
        raise _damaged(name) from None


def _damaged(name: str) -> FileError:
    return FileError(
        f"{name} cannot be read as a workbook: it is damaged, or locked by a password. Save it again as .xlsx without "
        "one, or as CSV."
    )


def _texts(row: list[Any]) -> list[str]:
    return [cell if type(cell) is str else _text(cell) for cell in row]


def _text(cell: Any) -> str:
    """As the cell would be typed; a date as year-month-day."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell).strip()
