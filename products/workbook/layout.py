"""The columns of the KPI table: one for each field of the questionnaire, known again by code or by heading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from products.questionnaire import SECTIONS, Field, Question

SHEET = "KPIs"
ABOUT_SHEET, DEFINITIONS_SHEET = "How to fill it in", "Definitions"
NOT_DISCLOSED, NOT_APPLICABLE = "not disclosed", "not applicable"
# The lines by which a file says what it is, in the workbook's first sheet and above the table of a CSV.
FIRM_LINE, QUARTER_LINE, MADE_LINE = "Organization", "Quarter ends on", "Made at"


@dataclass(frozen=True, slots=True)
class Column:
    """`code` is "ndc", "product" or the column of a figure, which alone has a question and a field."""

    code: str
    heading: str
    team: str = "Product"
    question: Question | None = None
    field: Field | None = None


NDC, PRODUCT = Column("ndc", "NDC"), Column("product", "Product")


def _figures() -> Iterator[Column]:
    for section in SECTIONS:
        for question in section.questions:
            for field in question.fields:
                yield Column(field.column, _heading(question, field), section.team, question, field)


def _heading(question: Question, field: Field) -> str:
    """Fill rate: units ordered (units)."""
    unit = {"yes or no": "yes or no"}.get(field.kind.value, field.unit) or "date"
    part = "" if len(question.fields) == 1 else f": {field.label[0].lower()}{field.label[1:]}"
    return f"{question.label}{part} ({unit})"


FIGURES = tuple(_figures())
COLUMNS = (NDC, PRODUCT, *FIGURES)
BY_CODE = {column.code: column for column in COLUMNS}


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


_BY_HEADING = {_plain(name): column for column in COLUMNS for name in (column.code, column.heading)}
# People shorten headings: without the unit it is still the one column.
_BY_HEADING |= {_plain(column.heading.rpartition(" (")[0]): column for column in FIGURES}
# Names of before, as workbooks that were downloaded then have them.
_BY_HEADING |= {
    "safety stock held days of demand": BY_CODE["safety_stock_days"],
    "safety stock held": BY_CODE["safety_stock_days"],
    "depreciated equipment": BY_CODE["equipment_depreciated_share"],
}
_BY_HEADING |= {"ndc code": NDC, "product ndc": NDC, "product name": PRODUCT}


def column_of(text: str) -> Column | None:
    """The column that a cell of the head names by its code or heading, in whatever case and spacing."""
    return _BY_HEADING.get(_plain(text))


def letter_of(number: int) -> str:
    """28 -> AB, as spreadsheets name their columns."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
