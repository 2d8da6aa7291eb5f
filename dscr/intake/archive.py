"""A workbook weighed before it is opened: what it unpacks to, how many cells it has, how far its ranges reach.

openpyxl builds every cell of a merged or linked range, so that a few bytes could fill the memory of a server.
"""

import codecs
import io
import re
import zipfile

from openpyxl.utils.cell import range_boundaries

from dscr.intake.files import DAMAGED_ARCHIVE

MOST_UNPACKED = 40 * 1024 * 1024  # bytes; a workbook of 2,000 products is 8 MB unpacked
MOST_PARTS = 2_000
MOST_CELLS = 400_000
SAVE_AS = "Save it as Excel Workbook (.xlsx) or as CSV, and send that."
_OTHER_ZIPS = (
    ("xl/workbook.bin", "an Excel binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("Index/Document.iwa", "an Apple Numbers document"),
    ("content.xml", "an OpenDocument file"),
)
# Of whatever namespace, and so of whatever prefix.
_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?c[\s>/]")
_RANGES = re.compile(rb"<(?:[^\s<>/:]+:)?(?:mergeCell|hyperlink)\s([^>]*)>")
_REF = re.compile(rb"""\bref\s*=\s*["']([^"']*)["']""")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?[\0\s]*<")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FileRefusedError(Exception):
    """The file as a whole cannot be used; the message says why and what to do."""


def damaged() -> FileRefusedError:
    return FileRefusedError(f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}")


def weigh(content: bytes) -> None:
    """FileRefusedError for an archive that is no workbook, or too heavy to be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _weigh(archive)
    except DAMAGED_ARCHIVE:
        raise damaged() from None


def _weigh(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("The file is protected by a password. Send it without.")
    # An archive cannot unpack to more than it declares: zipfile stops there and finds the checksum wrong.
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise FileRefusedError(
            f"The workbook unpacks to {unpacked / 1_048_576:,.0f} MB in {len(parts):,} parts; at most "
            f"{MOST_UNPACKED >> 20} MB in {MOST_PARTS:,} parts are read. Copy the table into a new workbook and send "
            "that."
        )
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        for name, kind in _OTHER_ZIPS:
            if name in names:
                raise FileRefusedError(f"The file is {kind}. {SAVE_AS}")
        raise FileRefusedError("The file is a zip archive and no workbook. Unpack it and send the workbook in it.")
    cells = 0
    for name in names:
        part = archive.read(name)  # of whatever name: relations may call any part a sheet
        if _is_veiled(part):
            raise ValueError
        if b"<!DOCTYPE" in part:
            raise FileRefusedError(f"The workbook declares a document type, which no spreadsheet does. {SAVE_AS}")
        cells += len(_CELL.findall(part)) + sum(_reach(found) for found in _RANGES.findall(part))
    if cells > MOST_CELLS:
        raise FileRefusedError(
            f"The workbook has {cells:,} cells, with merged and linked ones; at most {MOST_CELLS:,} are read. Copy the "
            "table into a new workbook and send that."
        )


def _is_veiled(part: bytes) -> bool:
    """Whether it is XML in UTF-16, which no spreadsheet writes: its cells could not be counted."""
    return part.startswith(_UTF_16) or (b"\0" in part and _XML.match(part) is not None)


def _reach(attributes: bytes) -> int:
    """Cells of a merged or linked range; what does not say so plainly is not written by a spreadsheet."""
    refs = [ref.decode("ascii") for ref in _REF.findall(attributes)]
    if not refs:
        raise ValueError
    areas = []
    for ref in refs:
        left, top, right, bottom = range_boundaries(ref)
        if None in (left, top, right, bottom):
            raise ValueError
        areas.append((right - left + 1) * (bottom - top + 1))
    return max(areas)
