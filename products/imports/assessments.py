"""A spreadsheet of earlier QMM assessments, read cell by cell; nothing is stored here.

It lives with the workbooks of products because their reader of sheets does; what is stored is qmm's.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from openpyxl.utils import get_column_letter

from dscr.evidence.names import clean_name
from dscr.intake.archive import FileRefusedError
from dscr.intake.sheets import MOST_BYTES, Cell, Sheet, read_sheets, too_large
from products.workbook.cells import plain_number
from products.workbook.report import Problem, listed, of_the_file
from qmm.models import AREAS, Assessment, Rubric
from qmm.rubric.fields import AREA_OF_PREFIX, in_order
from qmm.services.assessment_import import ON_RECORD, ImportedRow, days_taken, sites_by_number

AREA_LABELS = {area: str(Assessment._meta.get_field(area).verbose_name) for area in AREAS}
HEADS = {
    "fei": "fei",
    "fei number": "fei",
    "duns": "duns",
    "duns number": "duns",
    "completed on": "completed_on",
    "date": "completed_on",
    "assessor firm": "assessed_by",
    "assessor": "assessed_by",
} | {key: area for area, label in AREA_LABELS.items() for key in (area, area.replace("_", " "), label.lower())}
NUMBERS = {"fei": (re.compile(r"\d{7}|\d{10}"), "7 or 10 digits"), "duns": (re.compile(r"\d{9}"), "9 digits")}
HEAD_WITHIN, MOST_ROWS, LONGEST_FIRM = 15, 2_000, 200
EARLIEST = date(2010, 1, 1)
STEP = Decimal("0.001")


@dataclass(slots=True)
class Reading:
    """`rows` are what would be stored; with any problem nothing is. `lines`: the row of the file of each."""

    rows: list[ImportedRow] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: our name of each column, or the code of an element -> its place."""

    sheet: Sheet
    head: int
    columns: dict[str, int]
    heads: dict[int, str]

    def problem(self, row: int, name: str, cell: Cell | None, wrong: str, expected: str) -> Problem:
        place = self.columns.get(name, 1)
        found = "" if cell is None else str(cell.formula or cell.value)
        return Problem(
            self.sheet.name, row, get_column_letter(place), self.heads.get(place, ""), found[:60], wrong, expected
        )


def read_file(file: UploadedFile, today: date) -> tuple[str, str, Reading]:
    """Of a file that somebody sent: its name, made harmless, the SHA-256 of its bytes ("" of one that is too large to
    be read), and what it says."""
    name = clean_name(file.name or "")
    if (file.size or 0) > MOST_BYTES:
        return name, "", Reading(problems=[of_the_file(too_large(file.size or 0))])
    file.seek(0)
    content = file.read()
    return name, hashlib.sha256(content).hexdigest(), read_assessments(content, today)


def read_assessments(content: bytes, today: date) -> Reading:
    """Everything wrong is in `problems`; nothing is raised for what people send. Four queries at most."""
    found = Reading()
    rubric = Rubric.objects.in_force().first()
    codes = in_order(rubric.kept_texts) if rubric else []
    try:
        table = _table(read_sheets(content), codes)
    except FileRefusedError as error:
        found.problems.append(of_the_file(str(error)))
        return found
    given = {number: cells for number, cells in table.sheet.rows.items() if number > table.head and cells}
    if not given:
        found.problems.append(of_the_file("The table holds no assessment.", "One row for each assessment"))
    if len(given) > MOST_ROWS:
        found.problems.append(of_the_file(f"It holds {len(given):,} rows; at most {MOST_ROWS:,} are read at once."))
        return found
    reader = _Reader(table, codes, today, found)
    numbers = {number: reader.numbers(number, cells) for number, cells in given.items()}
    sites = sites_by_number(pair for pairs in numbers.values() for pair in pairs)
    taken = days_taken(sites.values())
    for number, cells in given.items():
        row = reader.row(number, cells, numbers[number], sites)
        if row:
            reader.check_day(number, cells, row, taken)
            found.rows.append(row)
            found.lines.append(number)
    return found


def _table(sheets: list[Sheet], codes: list[str]) -> Table:
    """The first sheet with a row of heads; its columns are found by name, in any order."""
    for sheet in sheets:
        for number, cells in list(sheet.rows.items())[:HEAD_WITHIN]:
            heads = {place: str(cell.value) for place, cell in cells.items() if isinstance(cell.value, str)}
            named = [(_named(text, codes), place) for place, text in heads.items()]
            columns = {name: place for name, place in reversed(named) if name}
            if "completed_on" in columns and ("fei" in columns or "duns" in columns):
                twice = [name for name in columns if sum(name == other for other, _ in named) > 1]
                if twice:
                    raise FileRefusedError(f"Two columns are headed “{heads[columns[twice[0]]]}”. Delete one of them.")
                _refuse_incomplete(columns, codes)
                return Table(sheet, number, columns, heads)
    raise FileRefusedError(
        "No row of headings was found. Give FEI or DUNS, Completed on, Assessor firm, and either the five practice "
        "areas or all elements, each as the heading of a column."
    )


def _named(text: str, codes: list[str]) -> str:
    plain = " ".join(text.replace("_", " ").lower().split())
    code = text.strip().upper()
    return HEADS.get(plain, code if code in codes else "")


def _refuse_incomplete(columns: dict[str, int], codes: list[str]) -> None:
    areas = [area for area in AREAS if area in columns]
    elements = [code for code in codes if code in columns]
    missing = []
    if areas and elements:
        raise FileRefusedError("The table has practice areas and elements. Give the ones or the others.")
    if "assessed_by" not in columns:
        missing.append("Assessor firm")
    if areas or not elements:
        missing += [AREA_LABELS[area].capitalize() for area in AREAS if area not in columns]
    else:
        missing += [code for code in codes if code not in columns]
    if missing:
        what = "columns" if len(missing) > 1 else "a column"
        raise FileRefusedError(f"The table lacks {what}: {listed(missing, 25)}.")


class _Reader:
    def __init__(self, table: Table, codes: list[str], today: date, found: Reading) -> None:
        self.table, self.today, self.found = table, today, found
        self.codes = [code for code in codes if code in table.columns]
        self.seen: dict[tuple[int, date], int] = {}

    def cell(self, cells: dict[int, Cell], name: str) -> Cell | None:
        return cells.get(self.table.columns.get(name, 0))

    def wrong(self, row: int, name: str, cell: Cell | None, said: str, expected: str) -> None:
        self.found.problems.append(self.table.problem(row, name, cell, said, expected))

    def numbers(self, row: int, cells: dict[int, Cell]) -> list[tuple[str, str]]:
        pairs = []
        for scheme, (shape, expected) in NUMBERS.items():
            cell = self.cell(cells, scheme)
            if cell is None:
                continue
            text = self.text(cell).replace("-", "").replace(" ", "")
            if cell.formula or not shape.fullmatch(text):
                self.wrong(row, scheme, cell, f"It is no {scheme.upper()} number.", expected)
            else:
                pairs.append((scheme, text))
        if not pairs and self.cell(cells, "fei") is None and self.cell(cells, "duns") is None:
            name = "fei" if "fei" in self.table.columns else "duns"
            self.wrong(row, name, None, "The row names no establishment.", "An FEI or a DUNS number")
        return pairs

    def row(
        self, row: int, cells: dict[int, Cell], pairs: list[tuple[str, str]], sites: dict[tuple[str, str], int]
    ) -> ImportedRow | None:
        before = len(self.found.problems)
        known = {sites[pair] for pair in pairs if pair in sites}
        for scheme, value in pairs:
            if (scheme, value) not in sites:
                said = f"No establishment has the {scheme.upper()} number {value}."
                self.wrong(row, scheme, self.cell(cells, scheme), said, "A number that is on record")
        if len(known) > 1:
            cell = self.cell(cells, "duns")
            self.wrong(row, "duns", cell, "It belongs to another establishment than the FEI.", "Both of one")
        day, firm = self.day(row, cells), self.firm(row, cells)
        elements = {code: self.element(row, code, cells) for code in self.codes}
        areas = [] if self.codes else [self.area(row, area, cells) for area in AREAS]
        if not known or len(self.found.problems) > before or day is None:
            return None
        whole = {code: level for code, level in elements.items() if level is not None}
        levels = tuple(str(level) for level in (_means(whole) if whole else areas))
        return ImportedRow(known.pop(), day, firm, levels, whole)

    def day(self, row: int, cells: dict[int, Cell]) -> date | None:
        cell = self.cell(cells, "completed_on")
        value: Any = None if cell is None or cell.formula else cell.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = self.table.sheet.date_of(value)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, date):
            self.wrong(row, "completed_on", cell, "It is no date." if cell else "The date is missing.", "2025-03-31")
            return None
        if value > self.today or value < EARLIEST:
            said = "The date lies in the future." if value > self.today else "There were no QMM assessments that early."
            self.wrong(row, "completed_on", cell, said, f"A day from {EARLIEST} to {self.today}")
            return None
        return value

    def firm(self, row: int, cells: dict[int, Cell]) -> str:
        cell = self.cell(cells, "assessed_by")
        text = "" if cell is None or cell.formula or cell.is_error else self.text(cell)
        if not text or len(text) > LONGEST_FIRM:
            said = "It is too long." if text else "Who assessed is missing."
            self.wrong(row, "assessed_by", cell, said, f"A name of at most {LONGEST_FIRM} characters")
        return text

    def area(self, row: int, area: str, cells: dict[int, Cell]) -> Decimal:
        level = self.level(self.cell(cells, area))
        if level is None or level != level.quantize(STEP):
            said = "The level is missing." if self.cell(cells, area) is None else "It is no level."
            self.wrong(row, area, self.cell(cells, area), said, "A number from 1 to 5, at most three decimals")
        return level or Decimal(1)

    def element(self, row: int, code: str, cells: dict[int, Cell]) -> int | None:
        level = self.level(self.cell(cells, code))
        if level is None or level != level.to_integral_value():
            said = "The level is missing." if self.cell(cells, code) is None else "It is no level of an element."
            self.wrong(row, code, self.cell(cells, code), said, "1, 2, 3, 4 or 5")
            return None
        return int(level)

    def level(self, cell: Cell | None) -> Decimal | None:
        if cell is None or cell.formula or cell.is_error or cell.is_percent or isinstance(cell.value, bool):
            return None
        try:
            level = Decimal(self.text(cell))
        except InvalidOperation:
            return None
        return level if level.is_finite() and 1 <= level <= 5 else None

    def text(self, cell: Cell) -> str:
        value = cell.value
        return plain_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)

    def check_day(self, row: int, cells: dict[int, Cell], given: ImportedRow, taken: set[tuple[int, date]]) -> None:
        key = (given.site, given.completed_on)
        first = self.seen.setdefault(key, row)
        cell = self.cell(cells, "completed_on")
        if first != row:
            said = f"Row {first} gives an assessment of this establishment and day already."
            self.wrong(row, "completed_on", cell, said, "One row for each assessment")
        if key in taken:
            self.wrong(row, "completed_on", cell, ON_RECORD, "Leave the row out, or void the other one first")


def _means(elements: dict[str, int]) -> list[Decimal]:
    """Of each area's elements, all of the same weight, as the methodology has it."""
    means = []
    for prefix in AREA_OF_PREFIX:
        levels = [level for code, level in elements.items() if code.startswith(prefix)]
        means.append((Decimal(sum(levels)) / len(levels)).quantize(STEP, ROUND_HALF_UP))
    return means
