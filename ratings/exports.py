"""The list of NDCs as a file: the same rows, order and columns as the page, streamed, and safe to open in a
spreadsheet."""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet

from dscr.audit.export import STARTS_A_FORMULA
from products.models import Product
from ratings.columns import Column, Marks, with_columns
from ratings.queries.granted_list import DisclosedFigures

CHUNK = 2_000  # rows read, and lines sent, at a time
READ = (
    "ndc",
    "display_ndc",
    "labeler_name",
    "nonproprietary_name",
    "proprietary_name",
    "molecule",
    "dosage_form",
    "route",
    "strength",
    *(f"rating__{name}" for name in ("status", "score", "band", "coverage", "failed_count", "published_snapshot")),
)


@dataclass(frozen=True, slots=True)
class Export:
    parts: Sequence[QuerySet[Product]]
    columns: Sequence[Column]
    disclosed: DisclosedFigures
    about: Sequence[tuple[str, str]]  # who, when, filters, method, what a rating is about

    @property
    def heads(self) -> list[str]:
        return [head for column in self.columns for head in column.heads]

    def rows(self) -> Iterator[list[Any]]:
        """Cells of text, number, date or None; read from a cursor of the server, so that memory does not grow."""
        marks = Marks(self.columns)
        for part in self.parts:
            for product in with_columns(part, self.columns).only(*READ).iterator(chunk_size=CHUNK):
                self.disclosed.mark(marks.mark(product))
                yield [cell for column in self.columns for cell in column.cells(product)]


class _Line:
    """What csv writes to: hands each line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def harmless(cell: Any) -> Any:
    """Text that begins like a formula would be one in a spreadsheet; an apostrophe prevents it. Numbers stay."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_A_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else cell


def csv_lines(export: Export) -> Iterator[str]:
    """UTF-8 with the mark by which Excel knows it; what the file is, an empty line, the heads, the rows."""
    writer = csv.writer(_Line())
    lines = ["\ufeff", *(writer.writerow([harmless(cell) for cell in line]) for line in export.about)]
    lines += [writer.writerow([]), writer.writerow(export.heads)]
    for cells in export.rows():
        lines.append(writer.writerow([harmless(cell) for cell in cells]))
        if len(lines) >= CHUNK:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def xlsx_file(export: Export) -> IO[bytes]:
    """A temporary file that is gone once closed; one row at a time is in memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response that sends it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("NDCs")
        sheet.freeze_panes(1, 1)
        for place, head in enumerate(export.heads):
            sheet.set_column(place, place, 34 if place == 0 else 18)
            sheet.write_string(0, place, head, bold)
        for line, cells in enumerate(export.rows(), 1):
            for place, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(line, place, cell, day)
                elif isinstance(cell, int | float):
                    sheet.write_number(line, place, cell)
                elif cell:
                    sheet.write_string(line, place, cell)
        about = book.add_worksheet("About")
        about.set_column(0, 0, 20)
        about.set_column(1, 1, 90)
        for line, (name, value) in enumerate(export.about):
            about.write_string(line, 0, name, bold)
            about.write_string(line, 1, value)
    file.seek(0)
    return file
