"""A workbook weighed before it is opened: what it unpacks to, how many cells it has, how far its ranges reach.

openpyxl builds every cell of a merged or linked range, so that a few bytes could fill the memory of a server.
"""

import io
import re
import zipfile

from openpyxl.utils.cell import range_boundaries

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
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_RANGES = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s([^>]*)>")
_REF = re.compile(rb"""\bref\s*=\s*["']([^"']*)["']""")  # of whatever namespace
_XML = (".xml", ".rels", ".vml")


class FileRefusedError(Exception):
    """The file as a whole cannot be used; the message says why and what to do."""


def damaged() -> FileRefusedError:
    return FileRefusedError(f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}")


def weigh(content: bytes) -> None:
    """FileRefusedError for an archive that is no workbook, or too heavy to be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _weigh(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
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
        if name.startswith(("xl/media/", "xl/vbaProject")):
            continue
        part = archive.read(name)
        if name.endswith(_XML) and b"\0" in part[:200]:
            raise ValueError  # UTF-16, which no spreadsheet writes: what follows could not be seen
        if b"<!DOCTYPE" in part:
            raise FileRefusedError(f"The workbook declares a document type, which no spreadsheet does. {SAVE_AS}")
        cells += len(_CELL.findall(part)) + sum(_reach(found) for found in _RANGES.findall(part))
    if cells > MOST_CELLS:
        raise FileRefusedError(
            f"The workbook has {cells:,} cells, with merged and linked ones; at most {MOST_CELLS:,} are read. Copy the "
            "table into a new workbook and send that."
        )


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
