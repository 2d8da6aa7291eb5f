"""Where the KPI table is in a file: its sheet, its head, its columns, and what the file says of itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from dscr.intake.archive import FileRefusedError
from dscr.intake.sheets import Cell, Sheet
from products.workbook.layout import (
    ABOUT_SHEET,
    DEFINITIONS_SHEET,
    FIGURES,
    MADE_LINE,
    NDC,
    PRODUCT,
    QUARTER_LINE,
    SHEET,
    Column,
    column_of,
    letter_of,
)
from products.workbook.report import Problem, listed

_HEAD_WITHIN = 40  # rows from the top


@dataclass(slots=True)
class Table:
    """`columns`: place -> Column. `first_row` is the row below the head."""

    sheet: Sheet
    columns: dict[int, Column]
    first_row: int
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def problem(self, row: int, place: int, found: object, wrong: str, expected: str) -> Problem:
        heading = self.columns[place].heading if place in self.columns else ""
        text = "" if found is None else str(found)[:60]
        return Problem(self.sheet.name, row, letter_of(place) if place else "", heading, text, wrong, expected)


@dataclass(frozen=True, slots=True)
class About:
    """What the file says it is; None where it does not say."""

    quarter_end: date | None
    made_at: datetime | None
    problem: Problem | None = None


def find_table(sheets: list[Sheet]) -> Table:
    """FileRefusedError where there is none, or more than one."""
    heads = {sheet.name: found for sheet in sheets if (found := _head_row(sheet))}
    seen = [sheet for sheet in sheets if not sheet.is_hidden and sheet.name in heads]
    if not seen:
        hidden = [sheet.name for sheet in sheets if sheet.is_hidden and sheet.name in heads]
        if hidden:
            raise FileRefusedError(f"The sheet “{hidden[0]}” with the figures is hidden. Unhide it and send it again.")
        raise FileRefusedError(_no_table(sheets))
    if len(seen) > 1:
        names = listed([f"“{sheet.name}”" for sheet in seen])
        raise FileRefusedError(f"The sheets {names} each hold a KPI table. Leave one of them.")
    table = _table(seen[0], heads[seen[0].name])
    others = [sheet for sheet in sheets if sheet is not seen[0] and sheet.name not in (ABOUT_SHEET, DEFINITIONS_SHEET)]
    if filled := [f"“{sheet.name}”{' (hidden)' if sheet.is_hidden else ''}" for sheet in others if sheet.rows]:
        named = f"sheets {listed(filled)} were" if len(filled) > 1 else f"sheet {filled[0]} was"
        table.remarks.append(f"The {named} not read.")
    return table


def read_about(sheets: list[Sheet]) -> About:
    """From the workbook's first sheet, or the lines above a CSV's table."""
    said: dict[str, tuple[Sheet, int, Cell]] = {}
    for sheet in sheets:
        if sheet.name not in ("", ABOUT_SHEET):
            continue
        for number, row in list(sheet.rows.items())[:_HEAD_WITHIN]:
            name = row[1].value if 1 in row else None
            if name in (QUARTER_LINE, MADE_LINE) and 2 in row:
                said.setdefault(name, (sheet, number, row[2]))
    quarter = _said_date(said.get(QUARTER_LINE))
    problem = None
    if QUARTER_LINE in said and quarter is None:
        sheet, number, cell = said[QUARTER_LINE]
        problem = Problem(
            sheet.name,
            number,
            "B",
            QUARTER_LINE,
            str(cell.value)[:60],
            "The quarter cannot be read.",
            "The last day of a quarter, such as 2026-09-30",
        )
    return About(quarter, _said_time(said.get(MADE_LINE)), problem)


def _said_date(said: tuple[Sheet, int, Cell] | None) -> date | None:
    value = said[2].value if said else None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _said_time(said: tuple[Sheet, int, Cell] | None) -> datetime | None:
    value = said[2].value if said else None
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC) if isinstance(value, str) else None
    except ValueError:
        return None


def _head_row(sheet: Sheet) -> int:
    """The first row that names the NDC and a figure, or three figures; 0 for none."""
    for number, row in list(sheet.rows.items())[:_HEAD_WITHIN]:
        named = set(_named(row.values()))
        if len(named - {NDC, PRODUCT}) >= (1 if NDC in named else 3):
            return number
    return 0


def _named(cells: Iterable[Cell]) -> list[Column]:
    found = (column_of(cell.value) for cell in cells if isinstance(cell.value, str))
    return [column for column in found if column]


def _no_table(sheets: list[Sheet]) -> str:
    names = [f"“{sheet.name}”" for sheet in sheets if sheet.name]
    where = f"None of the sheets {listed(names)} has a" if len(names) > 1 else "The file has no"
    return (
        f"{where} head of a KPI table: a row with “NDC” and the headings of the figures. Use the template; its table "
        f"is on the sheet “{SHEET}”."
    )


def _table(sheet: Sheet, head: int) -> Table:
    """The head may have two rows, codes and headings; a column is known by either."""
    rows = [head]
    while rows[-1] + 1 in sheet.rows and len(_named(sheet.rows[rows[-1] + 1].values())) >= 2:
        rows.append(rows[-1] + 1)
    table = Table(sheet, {}, rows[-1] + 1)
    unknown: dict[int, str] = {}
    for place in sorted({place for row in rows for place in sheet.rows[row]}):
        cells = [(row, sheet.rows[row][place]) for row in rows if place in sheet.rows[row]]
        texts = [(row, str(cell.value)) for row, cell in cells if cell.value is not None]
        named = {column: None for _, text in texts if (column := column_of(text))}
        if len(named) > 1:
            first, second = list(named)[:2]
            table.problems.append(
                table.problem(
                    rows[-1],
                    place,
                    texts[-1][1],
                    f"The column is headed “{second.heading}” but its code is {first.code}.",
                    f"“{first.heading}”, or the code {second.code}",
                )
            )
        elif named:
            _name(table, rows[-1], place, next(iter(named)))
        elif texts:
            unknown[place] = texts[-1][1]
    _note_columns(table, unknown)
    return table


def _name(table: Table, row: int, place: int, column: Column) -> None:
    twin = next((other for other, known in table.columns.items() if known is column), None)
    if twin is None:
        table.columns[place] = column
        return
    table.problems.append(
        table.problem(
            row,
            place,
            column.heading,
            f"The column “{column.heading}” appears twice, in {letter_of(twin)} and {letter_of(place)}.",
            "Each column once",
        )
    )


def _note_columns(table: Table, unknown: dict[int, str]) -> None:
    known = set(table.columns.values())
    if NDC not in known:
        raise FileRefusedError(
            "The KPI table has no column “NDC”, so that nothing says which product a row is about. Add it."
        )
    missing = [column.heading for column in FIGURES if column not in known]
    if missing:
        table.remarks.append(
            f"{len(missing)} column{'s are' if len(missing) > 1 else ' is'} missing; answers stay as they are there: "
            f"{listed(missing, 6)}."
        )
    if unknown:
        named = [f"“{text[:40]}” ({letter_of(place)})" for place, text in unknown.items()]
        table.remarks.append(f"Not part of the questionnaire and not read: {listed(named, 6)}.")
    stray = sorted(
        {place for row, cells in table.sheet.rows.items() if row >= table.first_row for place in cells}
        - set(table.columns)
        - set(unknown)
    )
    if stray:
        table.remarks.append(f"Columns without a heading were not read: {listed(list(map(letter_of, stray)), 6)}.")
