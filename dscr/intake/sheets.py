"""A file that somebody sent, as sheets of cells; what cannot be used at all raises FileRefusedError.

XLSX by openpyxl with styles and formulas as they stand: only so a formula, a merged cell or a percent format can be
named. What a file unpacks to is weighed before any of it is parsed.
"""

import csv
import io
import re
import warnings
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet.worksheet import Worksheet

from dscr.intake.archive import MOST_CELLS, SAVE_AS, FileRefusedError, damaged, weigh

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 2_100  # of a sheet, with anything in them
MOST_COLUMNS = 300
_OTHER_FILES = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"<", "a web page or XML"),
    (b"{", "JSON"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """`value`: text, number, bool, date or None for an error. `is_percent`: 0.72 is shown as 72%."""

    value: Any
    formula: str = ""
    is_percent: bool = False
    is_error: bool = False


@dataclass(slots=True)
class Sheet:
    """Rows and columns count from 1, as they are shown; blank cells are left out. `name` is empty for a CSV."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int, str]] = field(default_factory=list)  # top, left, bottom, right, "B5:B7"
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    counts_from_1904: bool = False
    separator: str = ""  # of a CSV

    def date_of(self, serial: float) -> date | None:
        """The day that a spreadsheet's number stands for, where it is one from 1990 to 2100."""
        if not 31_000 <= serial <= 73_051:
            return None
        epoch = datetime(1904, 1, 1) if self.counts_from_1904 else datetime(1899, 12, 30)
        day = from_excel(serial, epoch)
        return day.date() if isinstance(day, datetime) else None


def read_sheets(content: bytes, *, keeps_lines: bool = False) -> list[Sheet]:
    """By what the file holds, whatever its name says. keeps_lines: the line breaks within a cell of XLSX."""
    if not content.strip():
        raise FileRefusedError("The file is empty.")
    if len(content) > MOST_BYTES:
        raise FileRefusedError(too_large(len(content)))
    if content.startswith(b"PK"):
        return _read_xlsx(content, keeps_lines)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileRefusedError(
                "The workbook is protected by a password. Take the password off (File, Info, Protect Workbook) and "
                "send it again."
            )
        raise FileRefusedError(f"The file is an Excel 97-2003 workbook (.xls). {SAVE_AS}")
    return [_read_csv(content)]


def too_large(size: int) -> str:
    return (
        f"The file is {size / 1_048_576:.1f} MB; at most {MOST_BYTES >> 20} MB are read. Take out pictures and sheets "
        "that are not needed."
    )


def cleaned(text: str, *, keeps_lines: bool = False) -> str:
    """Without what cannot be seen: zero-width and control characters, no-break spaces at the ends."""
    kept = "\u00a0\n" if keeps_lines else "\u00a0"
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", text.replace("\r\n", "\n"))
    text = "".join(character if character.isprintable() or character in kept else " " for character in text)
    return text.strip().strip("\u00a0 ")


# --- XLSX -----------------------------------------------------------------------------------------------------------


def _read_xlsx(content: bytes, keeps_lines: bool) -> list[Sheet]:
    weigh(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that are not read here, such as pictures
        try:
            book = load_workbook(io.BytesIO(content), keep_links=False)
        except Exception:  # openpyxl raises whatever its parts raise
            raise damaged() from None
    is_1904 = book.epoch.year == 1904
    sheets = [_sheet(sheet, is_1904, keeps_lines) for sheet in book.worksheets]
    if not sheets:
        raise FileRefusedError("The workbook holds no sheet with cells.")
    return sheets


def _sheet(found: Worksheet, is_1904: bool, keeps_lines: bool) -> Sheet:
    sheet = Sheet(found.title, is_hidden=found.sheet_state != "visible", counts_from_1904=is_1904)
    cells = 0
    # Only cells that are there: a single one at the far end would make iter_rows build a billion.
    for (row, column), given in found._cells.items():
        cell = _cell(given, keeps_lines)
        if cell is None:
            continue
        cells += 1
        if column > MOST_COLUMNS or cells > MOST_CELLS:
            raise FileRefusedError(
                f"Sheet “{found.title}” is too large: at most {MOST_COLUMNS} columns and {MOST_CELLS:,} filled cells "
                "are read. Delete what does not belong to the table."
            )
        sheet.rows.setdefault(row, {})[column] = cell
    _refuse_long(sheet)
    sheet.rows = dict(sorted(sheet.rows.items()))
    sheet.merged = [
        (area.min_row, area.min_col, area.max_row, area.max_col, area.coord) for area in found.merged_cells.ranges
    ]
    sheet.hidden_rows = {row for row, line in found.row_dimensions.items() if line.hidden and row in sheet.rows}
    return sheet


def _refuse_long(sheet: Sheet) -> None:
    if len(sheet.rows) > MOST_ROWS:
        where = f"Sheet “{sheet.name}”" if sheet.name else "The file"
        raise FileRefusedError(
            f"{where} has {len(sheet.rows):,} filled rows; at most {MOST_ROWS:,} are read. Send the products in "
            "several files."
        )


def _cell(given: SheetCell, keeps_lines: bool) -> Cell | None:
    value = given.value
    if value is None or not hasattr(given, "data_type"):  # the rest of a merged cell
        return None
    if given.data_type == "f":
        text = str(getattr(value, "text", None) or value)
        return Cell(None, formula=text if text.startswith("=") else f"={text}")
    if given.data_type == "e":
        return Cell(str(value), is_error=True)
    if isinstance(value, str):
        text = cleaned(value, keeps_lines=keeps_lines)
        return Cell(text) if text else None
    if isinstance(value, bool | int | float):
        return Cell(value, is_percent="%" in (given.number_format or ""))
    if isinstance(value, datetime):
        return Cell(value.date())
    return Cell(value if isinstance(value, date) else str(value))


# --- CSV ------------------------------------------------------------------------------------------------------------


def _read_csv(content: bytes) -> Sheet:
    for signature, kind in _OTHER_FILES:
        if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(signature):
            raise FileRefusedError(f"The file is {kind}, no workbook. {SAVE_AS}")
    text = _decoded(content)
    if not text.strip():
        raise FileRefusedError("The file is empty.")  # but for the mark of its encoding, say
    lines = text.splitlines(keepends=True)
    told = re.fullmatch(r"sep=(.)", lines[0].strip()) if lines else None
    separator = told.group(1) if told else _separator(lines)
    sheet = Sheet("", separator=separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, given in enumerate(reader, 1):
            texts = {place: cleaned(text) for place, text in enumerate(given, 1)}
            row = {place: Cell(text) for place, text in texts.items() if text}
            if row and not (told and number == 1):
                sheet.rows[number] = row
            if len(given) > MOST_COLUMNS:
                raise FileRefusedError(f"Line {number} has {len(given):,} cells; at most {MOST_COLUMNS} are read.")
            if len(sheet.rows) > MOST_ROWS:
                _refuse_long(sheet)
    except csv.Error as error:
        raise FileRefusedError(
            f"The file is no CSV that can be read: near line {reader.line_num}, {error}. Check the quotation marks."
        ) from None
    return sheet


def _decoded(content: bytes) -> str:
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if is_utf_16 else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefusedError(f"The file is neither a workbook nor a text table. {SAVE_AS}")


def _separator(lines: list[str]) -> str:
    """The one that the longest of the first lines has most of: that is the head of the table."""
    head = max(lines[:40], key=lambda line: max(map(line.count, ",;\t")))
    return max(",;\t", key=head.count)
