"""The workbook that a firm fills in: its own products, one quarter, and what it said last."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import xlsxwriter

from dscr.audit.export import STARTS_A_FORMULA
from products.questionnaire import SECTIONS, Field, Kind, State
from products.questionnaire.fields import WrongAnswerError
from products.workbook.layout import (
    ABOUT_SHEET,
    COLUMNS,
    DEFINITIONS_SHEET,
    FIGURES,
    FIRM_LINE,
    MADE_LINE,
    NOT_APPLICABLE,
    NOT_DISCLOSED,
    QUARTER_LINE,
    SHEET,
    Column,
)
from products.workbook.reading import FirmProduct

TEAMS_ROW, CODES_ROW, HEAD_ROW, FIRST_ROW = range(4)  # from 0; the codes are hidden
_SPARE_ROWS = 20  # below the products, with the same checks
_WORDS = {State.NOT_DISCLOSED.value: NOT_DISCLOSED, State.NOT_APPLICABLE.value: NOT_APPLICABLE}
_GROUNDS = ("#E7F0FA", "#EEF5EA", "#FDF3E3", "#F3ECF8", "#E8F4F4", "#F0F0F0")
HOW_TO = (
    "One row for each product, one column for each figure. Fill in what your team knows and leave the rest blank.",
    f"A blank cell changes nothing. To withhold an answer, write “{NOT_DISCLOSED}” in all cells of its question.",
    f"“{NOT_APPLICABLE}” is an answer for disruption notices alone: there was no disruption to announce.",
    "Rates are asked as two counts, such as 97,500 of 100,000 units; the program computes the rate.",
    "Percentages are written as they are said: 72 or 72% for seventy-two percent.",
    "Dates are written year-month-day, such as 2026-03-31. None may be in the future.",
    "Write figures, not formulas, and merge no cells. Text, colors and columns of your own are not read.",
    "Rows and columns may be moved, sorted and left out. Keep NDC and product together in their row.",
    "The cells hold what you said last: your open draft, else your last attested figures. Check every one.",
    "Send the file on the page where you got it. First you get a report of every fault, and what the file would change "
    "in your answers and scores; nothing is stored before you say so.",
)


@dataclass(frozen=True, slots=True)
class Template:
    """products, and product id -> what the firm said last (column or state key -> text)."""

    firm: str
    quarter_end: date
    made_at: datetime
    products: Sequence[FirmProduct]
    last: Mapping[int, Mapping[str, str]]

    @property
    def about(self) -> list[tuple[str, str]]:
        made = self.made_at.astimezone(UTC)
        return [
            (FIRM_LINE, self.firm),
            (QUARTER_LINE, self.quarter_end.isoformat()),
            (MADE_LINE, f"{made:%Y-%m-%d %H:%M:%S} UTC"),
        ]

    def cells(self, product: FirmProduct) -> Iterator[Any]:
        """What stands in the row: text, number or date, None for blank."""
        texts = self.last.get(product.pk, {})
        yield from (product.display_ndc, product.name)
        for column in FIGURES:
            word = _WORDS.get(texts.get(column.question.state_key, ""))
            yield word or _value(column.field, texts.get(column.code, ""))


def _value(item: Field, text: str) -> Any:
    """Numbers as numbers; a draft's text that is no answer yet stays text, to be corrected."""
    try:
        value = item.read(text)
    except WrongAnswerError:
        return text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, date):
        return value
    return float(item.written(value)) if isinstance(value, float) else value


def harmless(cell: Any) -> Any:
    """Text that begins like a formula would be one in a spreadsheet; an apostrophe prevents it. Numbers stay."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_A_FORMULA):
        return f"'{cell}"
    if isinstance(cell, float):
        return format(Decimal(str(cell)).normalize() + 0, "f")
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else cell


def csv_template(template: Template) -> str:
    """UTF-8 with the mark by which Excel knows it: what the file is, an empty line, codes, headings, products."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerows([map(harmless, line) for line in template.about])
    writer.writerow([])
    writer.writerow([column.code for column in COLUMNS])
    writer.writerow([column.heading for column in COLUMNS])
    writer.writerows([map(harmless, template.cells(product)) for product in template.products])
    return text.getvalue()


def xlsx_template(template: Template) -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = _formats(book)
        sheet = book.add_worksheet(SHEET)
        _write_about(book.add_worksheet(ABOUT_SHEET), template, formats)
        _write_definitions(book.add_worksheet(DEFINITIONS_SHEET), formats)
        _write_head(book, sheet, formats)
        for line, product in enumerate(template.products, FIRST_ROW):
            for place, cell in enumerate(template.cells(product)):
                _write(sheet, line, place, cell, formats)
        last = FIRST_ROW + len(template.products) + _SPARE_ROWS
        for place, column in enumerate(COLUMNS):
            if column.field:
                sheet.data_validation(FIRST_ROW, place, last, place, _validation(column, place))
        sheet.freeze_panes(FIRST_ROW, 2)
        sheet.autofilter(HEAD_ROW, 0, FIRST_ROW + max(len(template.products), 1) - 1, len(COLUMNS) - 1)
    return file.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    return {
        "bold": book.add_format({"bold": True}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
        "product": book.add_format({"num_format": "@", "bg_color": "#F0F0F0"}),
        "code": book.add_format({"font_color": "#71767A", "font_size": 8}),
    }


def _write(sheet: Any, line: int, place: int, cell: Any, formats: Mapping[str, Any]) -> None:
    if place < 2:
        sheet.write_string(line, place, cell, formats["product"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, place, cell, formats["day"])
    elif isinstance(cell, int | float):
        sheet.write_number(line, place, cell)
    elif cell:
        sheet.write_string(line, place, cell)


def _write_head(book: xlsxwriter.Workbook, sheet: Any, formats: Mapping[str, Any]) -> None:
    place = 0
    for ground, (team, columns) in zip(_GROUNDS, groupby(COLUMNS, lambda column: column.team), strict=False):
        look = {"bg_color": ground, "bold": True, "border": 1, "border_color": "#A9AEB1"}
        team_format = book.add_format(look)
        head_format = book.add_format(look | {"text_wrap": True, "valign": "top"})
        for number, column in enumerate(columns):
            sheet.write_string(TEAMS_ROW, place, team if number == 0 else "", team_format)
            sheet.write_string(CODES_ROW, place, column.code, formats["code"])
            sheet.write_string(HEAD_ROW, place, column.heading, head_format)
            is_day = bool(column.field) and column.field.kind is Kind.DATE
            width = {"ndc": 14, "product": 34}.get(column.code, 15)
            sheet.set_column(place, place, width, formats["day"] if is_day else None)
            place += 1
    sheet.set_row(CODES_ROW, None, None, {"hidden": True})
    sheet.set_row(HEAD_ROW, 78)


def _validation(column: Column, place: int) -> dict[str, Any]:
    """What Excel checks while somebody types; the words for “not disclosed” are always allowed."""
    item, question = column.field, column.question
    words = [NOT_DISCLOSED, *([NOT_APPLICABLE] if question.may_not_apply else [])]
    wanted = f"{item.wanted[0].upper()}{item.wanted[1:]}"
    rule: dict[str, Any] = {
        "input_title": item.label[:32],
        "input_message": f"{question.definition[:150]}{'…' if len(question.definition) > 150 else ''} {wanted}."[:255],
        "error_title": "Not read here",
        "error_message": f"{wanted}, or {' or '.join(words)}."[:255],
    }
    if item.kind is Kind.TICK:
        return rule | {"validate": "list", "source": ["yes", "no", *words]}
    cell = xlsxwriter.utility.xl_rowcol_to_cell(FIRST_ROW, place)
    said = ",".join(f'LOWER(TRIM({cell}))="{word}"' for word in words)
    return rule | {"validate": "custom", "value": f"=OR(AND(ISNUMBER({cell}),{_bounds(item, cell)}),{said})"}


def _bounds(item: Field, cell: str) -> str:
    if item.kind is Kind.DATE:
        return f"{cell}>=DATE(1990,1,1),{cell}<=TODAY()"
    low, high = item.bounds
    parts = [f"{cell}>={low:g}"]
    if high is not None:
        # 0.72 shown as 72% is read as 72, so a percentage format passes as well.
        parts.append(f"{cell}<={high:g}")
    if item.kind in (Kind.COUNT, Kind.WHOLE):
        parts.append(f"{cell}=INT({cell})")
    return ",".join(parts)


def _write_about(sheet: Any, template: Template, formats: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    for line, (name, value) in enumerate(template.about):
        sheet.write_string(line, 0, name, formats["bold"])
        sheet.write_string(line, 1, value, formats["text"])
    line = len(template.about) + 1
    sheet.write_string(line, 0, "How to fill it in", formats["title"])
    for number, sentence in enumerate(HOW_TO, 1):
        sheet.write_number(line + number, 0, number, formats["wrapped"])
        sheet.write_string(line + number, 1, sentence, formats["wrapped"])


def _write_definitions(sheet: Any, formats: Mapping[str, Any]) -> None:
    heads = ("Team", "Question", "Figure", "Unit", "Expected", "Definition", "Formula", "Window", "Exclusions")
    heads = (*heads, "Example")
    for place, (head, width) in enumerate(zip(heads, (24, 24, 28, 16, 34, 60, 40, 30, 45, 40), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, head, formats["bold"])
    rows = [
        (
            section.team,
            question.label,
            item.label,
            item.unit,
            item.wanted,
            question.definition,
            question.formula,
            question.window,
            f"{question.exclusions} {question.lines}".strip(),
            question.example,
        )
        for section in SECTIONS
        for question in section.questions
        for item in question.fields
    ]
    for line, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            sheet.write_string(line, place, text, formats["wrapped"])
    sheet.freeze_panes(1, 2)
