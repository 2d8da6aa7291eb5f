"""Getting at the rows of a file of order lines: CSV, plain or packed, or a workbook.

A file that cannot be used raises `FileError`: what is wrong, and what to do about it.
"""

import codecs
import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from dscr.intake.files import DAMAGED_ARCHIVE, GZIP, SIGNATURES, FileError
from products.orders.heads import checked_heads
from products.orders.workbook import book_rows, book_shape, is_workbook

MIB = 1 << 20
LARGEST_UPLOAD = 300 * MIB
LARGEST_TEXT = 600 * MIB  # unpacked
MOST_LINES = 1_000_000
PREVIEW, SAMPLE = 20, 2_000  # rows shown, and rows from which formats are guessed
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
SEP_LINE = re.compile(r"sep=(.)", re.IGNORECASE)
OTHER_FORMATS = [entry for entry in SIGNATURES if not entry[0].startswith(b"PK")]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is to be read. kind: csv or xlsx; packing: "", gzip or zip; head: which line holds the heads, from 1;
    lines: how many follow it, counted roughly (a line break within quotes counts too)."""

    kind: str
    packing: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    head: int = 1
    heads: tuple[str, ...] = ()
    lines: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Self:
        sequences = {name: tuple(given[name]) for name in ("heads", "other_sheets")}
        return cls(**{**given, **sequences})

    @property
    def in_words(self) -> str:
        if self.kind == "xlsx":
            return f"Workbook, sheet “{self.sheet}”"
        packed = {"gzip": ", packed by gzip", "zip": ", in a zip archive"}.get(self.packing, "")
        encoding = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}[self.encoding]
        return f"Text in {encoding}, columns separated by {DELIMITERS[self.delimiter]}{packed}"


Row = list[str]


def inspect(path: Path, name: str) -> tuple[Shape, list[Row]]:
    """How to read the file, and its first SAMPLE rows below the heads."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise FileError(f"{name} is empty. Export the order lines again.")
    if start.startswith(b"PK") and is_workbook(path):
        shape, rows = book_shape(path, name, SAMPLE)
        return Shape(kind="xlsx", **shape), rows
    for signature, what, _ in OTHER_FORMATS:
        if start.lstrip().startswith(signature):
            raise FileError(f"{name} is {what}. Save the order lines as CSV or as an Excel workbook (.xlsx).")
    packing = "gzip" if start.startswith(GZIP) else "zip" if start.startswith(b"PK") else ""
    with unpacked(path, packing, name) as stream:
        encoding, lines = _survey(stream, name)
    with unpacked(path, packing, name) as stream:
        text = io.TextIOWrapper(stream, encoding, newline="").read(64 * 1024)
    delimiter = _delimiter(text, name)
    shape = Shape("csv", packing, encoding, delimiter)
    head, heads = _head(shape, path, name)
    shape = Shape("csv", packing, encoding, delimiter, head=head, heads=heads, lines=max(0, lines - head))
    return shape, [row for chunk in chunks(path, shape, name, SAMPLE, 1) for row in chunk]


def chunks(path: Path, shape: Shape, name: str, size: int, most: int | None = None) -> Iterator[list[Row]]:
    """The rows below the heads, `size` at a time; blank ones too, so that line numbers can be counted."""
    if shape.kind == "xlsx":
        yield from _groups(book_rows(path, name, shape.sheet, shape.head), size, most)
        return
    with unpacked(path, shape.packing, name) as stream:
        reader = _reader(stream, shape)
        try:
            for _ in islice(reader, shape.head):
                pass
            yield from _groups(reader, size, most)
        except csv.Error as error:
            raise FileError(
                f"{name} cannot be read beyond line {reader.line_num:,}: {_plainly(error)}. Correct that line, or "
                "export the order lines again."
            ) from None


@contextmanager
def unpacked(path: Path, packing: str, name: str) -> Iterator[IO[bytes]]:
    """The bytes of the text within; FileError where the packing is damaged or holds something else."""
    try:
        if packing == "gzip":
            with gzip.open(path) as stream:
                yield stream
        elif packing == "zip":
            with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, name)) as member:
                yield member
        else:
            with path.open("rb") as plain:
                yield plain
    except DAMAGED_ARCHIVE:
        if not packing:
            raise
        if packing == "gzip":
            raise FileError(f"{name} is a damaged gzip file: it is cut off or altered. Upload it again.") from None
        raise FileError(
            f"{name} is a damaged or locked zip archive. Pack it again without a password, or upload the CSV itself."
        ) from None


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [
        item for item in archive.infolist() if not item.is_dir() and not item.filename.startswith(("__MACOSX/", "."))
    ]
    if len(members) != 1:
        raise FileError(f"{name} holds {len(members)} files. Put one CSV file into the archive.")
    if not members[0].filename.lower().endswith((".csv", ".txt", ".tsv")):
        raise FileError(f"{name} holds {members[0].filename[:80]}. Put one CSV file into the archive.")
    return members[0]


def _survey(stream: IO[bytes], name: str) -> tuple[str, int]:
    """One pass over all of it: the encoding, and how many lines there are."""
    is_utf8, feeds, returns, size, end = True, 0, 0, 0, b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    while part := stream.read(MIB):
        if not size and part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise FileError(f"{name} is UTF-16 text. Save it as “CSV UTF-8” and upload that.")
        size, end = size + len(part), part[-1:]
        if size > LARGEST_TEXT:
            raise FileError(f"{name} holds more than {LARGEST_TEXT // MIB} MiB of text. Split it into several files.")
        if b"\0" in part:
            raise FileError(f"{name} is not plain text: it holds NUL bytes. Save it as “CSV UTF-8” and upload that.")
        feeds, returns = feeds + part.count(b"\n"), returns + part.count(b"\r")
        if is_utf8:
            try:
                decoder.decode(part)
            except UnicodeDecodeError:
                is_utf8 = False
        if not is_utf8 and NOT_CP1252.search(part):
            raise FileError(f"{name} is neither UTF-8 nor Windows-1252 text. Save it as “CSV UTF-8” and upload that.")
    if not size:
        raise FileError(f"{name} is empty. Export the order lines again.")
    lines = (feeds or returns) + (end not in b"\r\n")
    if lines > MOST_LINES * 2:
        raise too_many_lines(name)
    return "utf-8-sig" if is_utf8 else "cp1252", lines


def too_many_lines(name: str) -> FileError:
    return FileError(f"{name} has more than {MOST_LINES:,} lines. Split it, for example by product.")


def _delimiter(text: str, name: str) -> str:
    """The one by which the first rows have equally many columns, and the more the better."""
    lines = text.lstrip("\r\n").splitlines()
    if lines and (said := SEP_LINE.fullmatch(lines[0].strip(' "'))) and said[1] in DELIMITERS:
        return said[1]
    best: tuple[int, int] = (0, 0)
    found = ""
    for delimiter in DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 50))
        except csv.Error:
            continue
        rows = [row for row in rows[:-1] or rows if row]  # the last one may be cut off
        width = len(rows[0]) if rows else 0
        if width > 1 and (score := (sum(len(row) == width for row in rows), width)) > best:
            best, found = score, delimiter
    if not found:
        raise FileError(
            f"{name} has only one column. Separate the columns by commas, semicolons or tabs, with one head each."
        )
    return found


def _head(shape: Shape, path: Path, name: str) -> tuple[int, tuple[str, ...]]:
    """The first line that is not blank."""
    start = Shape(shape.kind, shape.packing, shape.encoding, shape.delimiter, head=0)
    for chunk in chunks(path, start, name, SAMPLE, 1):
        for number, row in enumerate(chunk, 1):
            if any(map(str.strip, row)) and not SEP_LINE.fullmatch(shape.delimiter.join(row).strip()):
                return number, checked_heads([cell.strip() for cell in row], name)
    raise FileError(f"{name} is blank. Export the order lines again.")


def _reader(stream: IO[bytes], shape: Shape) -> Any:
    text = io.TextIOWrapper(stream, shape.encoding, newline="")
    return csv.reader(text, delimiter=shape.delimiter, strict=True)  # a quotation mark amiss would swallow lines


def _groups(rows: Iterator[Row], size: int, most: int | None) -> Iterator[list[Row]]:
    taken = 0
    while (most is None or taken < most) and (group := list(islice(rows, size))):
        taken += 1
        yield group


def _plainly(error: csv.Error) -> str:
    if "field limit" in str(error) or "end of data" in str(error):
        return "a quotation mark is opened and not closed"
    return "a cell goes on after its closing quotation mark; marks within a cell are written twice"
