"""How far the sheets of a workbook reach, told before its reader builds every cell between the corners.

Two cells at opposite corners are a kilobyte in the file and 17 billion cells in memory. What the sheet declares as its
dimension may lie, so the places of the cells themselves are read; and of every part, since relations may name any.
"""

import re
import zipfile

from dscr.intake.files import FileError

MOST_BOOK_CELLS = 12_000_000  # 200,000 lines of 60 columns; some 420 MB in memory
PART = 1 << 20
LONGEST_TAG = 1 << 20
OVERLAP = 200  # bytes; more than a place with the blanks that are allowed
_PLACE = re.compile(rb' r="([A-Za-z0-9]*)"')  # as every spreadsheet writes it; quick, as it begins plainly
_ODD_PLACE = re.compile(rb"""\br\s{0,50}=\s{0,50}["']([A-Za-z0-9]*)["']""")
_BLANK = re.compile(rb"r\s+=")
_BLANKS = re.compile(rb"\br\s{51}")
_LETTERS, _DIGITS = (re.sub(kind, b"", bytes(range(128))) for kind in (rb"[^A-Za-z]", rb"[^0-9]"))
# Cells and rows that do not begin with their place stand beside or below the one before. Two patterns, as a literal
# start makes the first one fast.
_NEXT_CELL = re.compile(rb'<c(?=[\s>/])(?! r=")')
_NEXT_ROW = re.compile(rb'<row(?=[\s>/])(?! r=")')
_PREFIXED = re.compile(rb'<[^\s<>/:]+:(c|row)(?=[\s>/])(?! r=")')
_ROW = re.compile(rb"<(?:[^\s<>/:]+:)?row(?=[\s>/])")
_MOST_LETTERS, _MOST_DIGITS = 3, 7  # of XFD1048576


def refuse_wide_apart(archive: zipfile.ZipFile, name: str) -> None:
    """FileError where lines times columns of a part, its cells, or the texts that cells share, are more than
    MOST_BOOK_CELLS."""
    for item in archive.infolist():
        extent = _Extent(name)
        with archive.open(item) as part:
            rest = b""
            while read := part.read(PART):
                piece = rest + read
                cut = piece.rfind(b"<")
                if len(piece) - max(cut, 0) > LONGEST_TAG:  # a picture, or one tag that is far too long
                    cut = len(piece) - OVERLAP
                    extent.refuse_blanks(piece)
                rest = piece[max(cut, 0) :]
                extent.add(piece[: max(cut, 0)])
            extent.add(rest)


class _Extent:
    """Of one part, as it is read: never less than what the reader of workbooks will make of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cells = self.lines = self.columns = 0
        self.next_rows = self.run = self.longest_run = self.texts = 0

    def add(self, piece: bytes) -> None:
        self.texts += piece.count(b"<si") + piece.count(b":si")  # empty ones are five bytes each, and more in memory
        if self.texts > MOST_BOOK_CELLS:
            raise FileError(
                f"{self.name} has more than {MOST_BOOK_CELLS:,} texts; up to as many are read from a workbook. Save "
                "the sheet as CSV."
            )
        places = b" ".join(self._places(piece))
        self.cells += places.count(b" ") + 1
        letters, digits = set(places.translate(None, _DIGITS).split()), set(places.translate(None, _LETTERS).split())
        self.columns = max(self.columns, *map(self._column, letters), 0)
        self.lines = max(self.lines, *map(self._line, digits), 0)
        self._add_next(piece)
        lines, columns = self.lines + self.next_rows, max(1, self.columns + self.longest_run)
        if lines * columns > MOST_BOOK_CELLS or self.cells > 2 * MOST_BOOK_CELLS:
            raise FileError(
                f"{self.name} has a sheet of {lines:,} lines and {columns:,} columns, counted to its last cells; up to "
                f"{MOST_BOOK_CELLS:,} cells are read from a workbook. Delete what stands apart from the table, or save "
                "the sheet as CSV."
            )

    def refuse_blanks(self, piece: bytes) -> None:
        if _BLANKS.search(piece):
            raise self._odd()

    def _places(self, piece: bytes) -> list[bytes]:
        if piece.count(b"r=") == piece.count(b' r="') and not _BLANK.search(piece):
            return _PLACE.findall(piece)
        self.refuse_blanks(piece)
        return _ODD_PLACE.findall(piece)

    def _add_next(self, piece: bytes) -> None:
        found = _PREFIXED.findall(piece) if b":c" in piece or b":row" in piece else []
        prefixed = bool(found)
        self.next_rows += len(_NEXT_ROW.findall(piece)) + found.count(b"row")
        if not prefixed and not self.run and not _NEXT_CELL.search(piece):
            return
        for at, row in enumerate(_ROW.split(piece)):
            cells = len(_NEXT_CELL.findall(row)) + (_PREFIXED.findall(row).count(b"c") if prefixed else 0)
            self.run = cells + (0 if at else self.run)
            self.cells += cells
            self.longest_run = max(self.longest_run, self.run)

    def _column(self, letters: bytes) -> int:
        if len(letters) > _MOST_LETTERS:
            raise self._odd()
        number = 0
        for letter in letters.upper():
            number = number * 26 + letter - 64
        return number

    def _line(self, digits: bytes) -> int:
        if len(digits) > _MOST_DIGITS:
            raise self._odd()
        return int(digits)

    def _odd(self) -> FileError:
        return FileError(
            f"{self.name} cannot be read as a workbook: it names cells as no spreadsheet does. Open it in Excel and "
            "save it again as .xlsx, or as CSV."
        )
