"""A file's KPI table as answers, product by product, with everything that is wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from dscr.intake.archive import FileRefusedError
from dscr.intake.sheets import Cell, cleaned, read_sheets
from products.ndc import NdcError, readings
from products.questionnaire import QUESTIONS, Field, Question, State
from products.questionnaire.fields import WrongAnswerError
from products.workbook.cells import Meaning, Read, plain_number, read_cell, shown
from products.workbook.layout import NDC, NOT_DISCLOSED, PRODUCT, Column
from products.workbook.report import Problem, of_the_file
from products.workbook.table import About, Table, find_table, read_about

MOST_PROBLEMS = 2_000  # that are kept; beyond, the file is none of ours


@dataclass(frozen=True, slots=True)
class FirmProduct:
    """A product that the firm may report on."""

    pk: int
    ndc: str
    display_ndc: str
    name: str


@dataclass(slots=True)
class ProductRow:
    """`answers`: column or state key -> text, of what the row says; what it leaves blank is not in it.

    `places`: column -> letter and text of its cell, for what is found wrong later.
    """

    row: int
    product: FirmProduct
    answers: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    rows: list[ProductRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    made_at: datetime | None = None
    table: Table | None = None


def read_workbook(content: bytes, firm: Mapping[str, FirmProduct], quarter_end: date, today: date) -> Reading:
    """firm: canonical NDC -> product. Everything wrong is in `problems`; nothing is raised for what people send."""
    found = Reading()
    try:
        sheets = read_sheets(content)
        table = find_table(sheets)
    except FileRefusedError as error:
        found.problems.append(of_the_file(str(error)))
        return found
    found.table, found.problems, found.remarks = table, table.problems, table.remarks
    about = read_about(sheets)
    found.made_at = about.made_at
    _check_quarter(about, quarter_end, found)
    _check_merged(table, found)
    _read_rows(table, firm, today, found)
    if not found.rows and not found.problems:
        found.problems.append(of_the_file("The table holds no product.", "One row for each product"))
    if len(found.problems) > MOST_PROBLEMS:
        del found.problems[MOST_PROBLEMS:]
        found.remarks.append(f"Only the first {MOST_PROBLEMS:,} faults are listed.")
    return found


def _check_quarter(about: About, quarter_end: date, found: Reading) -> None:
    if about.problem:
        found.problems.append(about.problem)
    elif about.quarter_end and about.quarter_end != quarter_end:
        found.problems.append(
            of_the_file(
                f"The file is for the quarter to {about.quarter_end}; you chose the quarter to {quarter_end}.",
                "The template of the quarter, or the other quarter chosen",
            )
        )
    elif not about.quarter_end:
        found.remarks.append(f"The file does not say its quarter; it was read for the quarter to {quarter_end}.")


def _check_merged(table: Table, found: Reading) -> None:
    for top, left, bottom, right, area in table.sheet.merged:
        place = next((place for place in range(left, right + 1) if place in table.columns), 0)
        if place and bottom >= table.first_row:
            problem = table.problem(
                max(top, table.first_row), place, "", f"The cells {area} are merged.", "One cell for each figure"
            )
            found.problems.append(problem)


def _read_rows(table: Table, firm: Mapping[str, FirmProduct], today: date, found: Reading) -> None:
    sheet = table.sheet
    ndc_place = next(place for place, column in table.columns.items() if column is NDC)
    seen: dict[int, int] = {}
    last, blank = table.first_row - 1, 0
    for number, cells in sheet.rows.items():
        known = {place: cell for place, cell in cells.items() if place in table.columns}
        if number < table.first_row or not known:
            continue
        blank += number - last - 1
        last = number
        product = _product(table, number, cells.get(ndc_place), ndc_place, firm, found)
        if product and (first := seen.setdefault(product.pk, number)) != number:
            found.problems.append(
                table.problem(
                    number,
                    ndc_place,
                    cells[ndc_place].value,
                    f"{product.display_ndc} was in row {first} before.",
                    "One row for each product",
                )
            )
        row = _read_row(table, number, known, product, today, found)
        if product and seen[product.pk] == number:
            _check_name(table, row, known, found)
            found.rows.append(row)
    if blank:
        found.remarks.append(f"{blank} blank row{'s were' if blank > 1 else ' was'} passed over.")
    if sheet.hidden_rows and (hidden := [row for row in sheet.hidden_rows if row >= table.first_row]):
        found.remarks.append(f"{len(hidden)} hidden row{'s were' if len(hidden) > 1 else ' was'} read too.")
    if missing := len(firm) - len(seen):
        found.remarks.append(
            f"{missing} of your enrolled products {'are' if missing > 1 else 'is'} not in the file; "
            "nothing changes there."
        )


def _product(
    table: Table, row: int, cell: Cell | None, place: int, firm: Mapping[str, FirmProduct], found: Reading
) -> FirmProduct | None:
    def wrong(said: str, expected: str = "The NDC of an enrolled product, such as 0002-0800") -> None:
        value = None if cell is None else cell.formula or cell.value
        found.problems.append(table.problem(row, place, value, said, expected))

    if cell is None:
        wrong("The row has figures but no NDC.")
        return None
    if cell.formula or cell.is_error or not isinstance(cell.value, str | int | float) or isinstance(cell.value, bool):
        wrong("It holds no NDC as text.")
        return None
    text = cell.value if isinstance(cell.value, str) else plain_number(cell.value)
    text = text.lstrip("'’").strip()  # which our CSV puts before what looks like a formula
    try:
        read = readings(text)
    except NdcError:
        lost = " A spreadsheet may have dropped its zeros." if not isinstance(cell.value, str) else ""
        wrong(f"{shown(text)} is no NDC.{lost}")
        return None
    fitting = {key: firm[key] for reading in read if (key := reading.product) in firm}
    if len(fitting) > 1:
        names = " or ".join(product.display_ndc for product in fitting.values())
        wrong(f"{shown(text)} may be {names}.", "The NDC with its dashes")
        return None
    if not fitting:
        wrong(f"{shown(text)} is not a product that your organization has enrolled.")
        return None
    return next(iter(fitting.values()))


def _check_name(table: Table, row: ProductRow, cells: Mapping[int, Cell], found: Reading) -> None:
    """A row whose NDC and name belong to two products was shifted by sorting a part of the table."""
    place = next((place for place, column in table.columns.items() if column is PRODUCT), 0)
    if place not in cells or not isinstance(cells[place].value, str):
        return
    given = cells[place].value.lstrip("'")
    if _folded(given) != _folded(row.product.name):
        found.problems.append(
            table.problem(
                row.row,
                place,
                given,
                f"The row says {shown(given)}, but {row.product.display_ndc} is {shown(row.product.name)}: a part of "
                "the table may have been sorted or moved alone.",
                "The NDC and the name of one product",
            )
        )


def _folded(name: str) -> str:
    return " ".join(cleaned(name).lstrip("'").casefold().split())


def _read_row(
    table: Table,
    number: int,
    cells: Mapping[int, Cell],
    product: FirmProduct | None,
    today: date,
    found: Reading,
) -> ProductRow:
    row = ProductRow(number, product or FirmProduct(0, "", "", ""))
    places = {column.code: place for place, column in table.columns.items() if column.field}
    reads: dict[str, Read] = {}
    for code, place in places.items():
        column = table.columns[place]
        read = read_cell(cells.get(place), column.field, table.sheet)
        read = _dated(read, column.field, today)
        if read.meaning is Meaning.NOT_APPLICABLE and not column.question.may_not_apply:
            read = Read(Meaning.FIGURE, wrong=f"{shown(cells[place].value)} is no answer to this question.")
        reads[code] = read
        row.places[code] = place
        if read.wrong:
            found.problems.append(_cell_problem(table, number, place, cells[place], read.wrong))
        elif read.remark:
            where = f"{column.heading}, row {number}"
            found.remarks.append(f"{where}: {read.remark}")
    for question in QUESTIONS:
        _answer(table, number, question, {c: reads[c] for c in question.columns if c in reads}, row, cells, found)
    return row


def _dated(read: Read, item: Field, today: date) -> Read:
    if read.wrong or read.meaning is not Meaning.FIGURE:
        return read
    try:
        value = item.read(read.text)
    except WrongAnswerError:
        return read
    if isinstance(value, date) and value > today:
        return Read(Meaning.FIGURE, wrong=f"{value} is in the future.")
    if isinstance(value, date) and value.year < 1990:
        return Read(Meaning.FIGURE, wrong=f"{value} is before 1990.")
    return read


def _answer(
    table: Table,
    number: int,
    question: Question,
    reads: Mapping[str, Read],
    row: ProductRow,
    cells: Mapping[int, Cell],
    found: Reading,
) -> None:
    """Words in one cell of a question answer the whole of it; figures beside them contradict."""
    given = {code: read for code, read in reads.items() if read.meaning is not Meaning.BLANK}
    meanings = {read.meaning for read in given.values()}
    if not given or any(read.wrong for read in given.values()):
        return
    if len(meanings) > 1:
        words = next(read.meaning for read in given.values() if read.meaning is not Meaning.FIGURE)
        code = next(code for code, read in given.items() if read.meaning is not words)
        place = row.places[code]
        said = f"{shown(cells[place].value)} stands beside “{words.value}” for one question, {question.label.lower()}."
        found.problems.append(_cell_problem(table, number, place, cells[place], said))
        return
    meaning = meanings.pop()
    if meaning is Meaning.FIGURE:
        row.answers |= {code: read.text for code, read in given.items()} | {question.state_key: ""}
    else:
        state = State.NOT_DISCLOSED if meaning is Meaning.NOT_DISCLOSED else State.NOT_APPLICABLE
        row.answers[question.state_key] = state.value


def _cell_problem(table: Table, row: int, place: int, cell: Cell, wrong: str) -> Problem:
    return table.problem(row, place, cell.formula or cell.value, wrong, expected_in(table.columns[place]))


def expected_in(column: Column) -> str:
    wanted = column.field.wanted
    also = ", “not applicable”" if column.question.may_not_apply else ""
    return f"{wanted[0].upper()}{wanted[1:]}{also} or “{NOT_DISCLOSED}”"
