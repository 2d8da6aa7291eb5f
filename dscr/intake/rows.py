"""From a file's text to its rows, each with its line number; a row that does not fit is reported and skipped."""

import csv
import re
from collections import namedtuple
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from dscr.intake.files import ENCODING_NAMES, FileError, FileKind, decodes, read_content
from dscr.intake.report import Report

Record = tuple[int, list[str] | str]  # line number, and the cells or what is wrong with the line
# Bytes that the encoding does not know, as "surrogateescape" shows them, and control characters.
NO_TEXT = re.compile("[\udc80-\udcff\x00-\x08\x0e-\x1f\x7f]")
# How many lines one row may run over. Without a bound, each of many unclosed quotes would read the file to its end.
LONGEST_RECORD = 200
OPEN_QUOTE = "a quote that does not end where a cell ends"
CONTROL_BYTES = bytes({*range(0x09), *range(0x0E, 0x20), 0x7F})


class RowError(ValueError):
    """The row cannot be used. reason: the same words for every such row. text: what this row says."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.reason, self.text = reason, text


class SourceFile:
    """A file of a kind, opened and its header checked: iterate `rows` for what is in it.

    Raises FileError when made, for a file that is not of this kind.
    """

    def __init__(self, path: str | Path, kind: FileKind) -> None:
        self.path, self.kind = Path(path), kind
        content = read_content(self.path, kind)
        self._is_odd = not decodes(content, kind.encoding) or content != content.translate(None, CONTROL_BYTES)
        self._lines = content.splitlines(keepends=True)
        self._records = self._quoted_records() if kind.quoted else self._plain_records()
        self._width, self._pick = self._header()

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def rows(self, report: Report, advance: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
        """(line number, named tuple of the needed columns), white space at both ends of a cell gone. Once only.

        `advance` is told the line reached, from time to time.
        """
        make = namedtuple("Row", self.kind.columns)._make
        width, pick, count = self._width, self._pick, 0
        for line, cells in self._records:
            count += 1
            if not count % 2000:
                advance(line)
            if isinstance(cells, str):
                report.reject(self.kind.title, line, cells)
            elif len(cells) != width:
                problem = "too few fields" if len(cells) < width else "too many fields"
                report.reject(self.kind.title, line, problem, f"{len(cells)} instead of {width}")
            else:
                yield line, make([cell.strip() for cell in pick(cells)])
        advance(self.line_count)
        report.read(self.kind.title, self.path.name, count)

    def _header(self) -> tuple[int, Callable[[list[str]], tuple[str, ...]]]:
        line, header = next(self._records, (0, []))
        if isinstance(header, str):
            raise FileError(f"{self.path} cannot be read: in its header, line {line}, there is {header}.")
        names = [_heading(name) for name in header]
        wanted = {heading: _heading(heading) for heading in self.kind.columns.values()}
        missing = [heading for heading, name in wanted.items() if name not in names]
        if missing:
            raise FileError(
                f"{self.path} is not {self.kind.title}: {_listed(missing, 'column', 'is', 'are')} missing. "
                f"Its header, line {line}, begins with {' | '.join(name.strip()[:40] for name in header[:4])}. "
                f"Check the file and the order of the arguments ({self.kind.source})."
            )
        twice = [heading for heading, name in wanted.items() if names.count(name) > 1]
        if twice:
            raise FileError(
                f"{self.path} cannot be read: {_listed(twice, 'column', 'stands', 'stand')} in its header more than "
                "once. Remove or rename the other one."
            )
        return len(names), itemgetter(*(names.index(name) for name in wanted.values()))

    def _plain_records(self) -> Iterator[Record]:
        """One line, one row; a quote is a character like any other."""
        encoding, delimiter = self.kind.encoding, self.kind.delimiter
        for number, content in enumerate(self._lines, 1):
            text = content.decode(encoding, "surrogateescape").rstrip("\r\n")
            if self._is_odd and NO_TEXT.search(text):
                yield number, self._no_text
            elif text.strip():
                yield number, text.split(delimiter)

    def _quoted_records(self) -> Iterator[Record]:
        """Rows of a CSV file, whose cells may hold line breaks; the number is that of a row's first line.

        A quote that is never closed would swallow what follows: such a line is given up alone, reading goes on after.
        """
        position = start = 0

        def feed() -> Iterator[str]:
            nonlocal position
            while position < min(len(self._lines), start + LONGEST_RECORD):
                position += 1
                yield self._lines[position - 1].decode(self.kind.encoding, "surrogateescape")

        reader, width = csv.reader(feed(), delimiter=self.kind.delimiter, strict=True), None
        while True:
            start, problem = position, ""
            try:
                cells = next(reader, None)
                if cells is None:
                    return
                if position > start + 1 and width not in (None, len(cells)):
                    problem = OPEN_QUOTE
            except csv.Error as error:
                too_long = "field larger" in str(error)
                problem = f"a cell of over {csv.field_size_limit():,} characters" if too_long else OPEN_QUOTE
            if problem:
                yield start + 1, problem
                position = start + 1
                reader = csv.reader(feed(), delimiter=self.kind.delimiter, strict=True)
            elif any(cell.strip() for cell in cells):
                width = width or len(cells)
                odd = self._is_odd and any(NO_TEXT.search(cell) for cell in cells)
                yield start + 1, self._no_text if odd else cells

    @property
    def _no_text(self) -> str:
        return f"bytes that are no {ENCODING_NAMES[self.kind.encoding]} text"


def _heading(name: str) -> str:
    return " ".join(name.split()).casefold()


def _listed(names: list[str], noun: str, one: str, many: str) -> str:
    return f"the {noun} {names[0]} {one}" if len(names) == 1 else f"the {noun}s {', '.join(names)} {many}"
