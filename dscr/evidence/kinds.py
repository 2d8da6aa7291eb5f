"""What a file is by its content. Its name is only asked whether it says the same.

Seven kinds need no library: three begin with a signature, two are zip archives with known parts, two are plain text.
"""

import re
import zipfile
from dataclasses import dataclass
from typing import IO

from dscr.intake.files import DAMAGED_ARCHIVE, FileError

HEAD, TAIL, CHUNK = 2048, 2048, 1 << 20
MOST_UNPACKED = 150 * 1024 * 1024  # bytes of an Office document; 20 MB of scans in one unpack to little more
MOST_PARTS = 5_000


@dataclass(frozen=True, slots=True)
class FileKind:
    code: str
    word: str
    endings: tuple[str, ...]
    content_type: str


PDF = FileKind("pdf", "PDF", (".pdf",), "application/pdf")
PNG = FileKind("png", "PNG picture", (".png",), "image/png")
JPEG = FileKind("jpeg", "JPEG picture", (".jpg", ".jpeg"), "image/jpeg")
XLSX = FileKind(
    "xlsx", "Excel workbook", (".xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
DOCX = FileKind(
    "docx", "Word document", (".docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
)
CSV = FileKind("csv", "CSV", (".csv",), "text/csv")
TXT = FileKind("txt", "text", (".txt",), "text/plain")
KINDS = {kind.code: kind for kind in (PDF, PNG, JPEG, XLSX, DOCX, CSV, TXT)}
BY_ENDING = {ending: kind for kind in KINDS.values() for ending in kind.endings}
ALLOWED = "PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT"

_INNER = (("xl/workbook.xml", XLSX), ("word/document.xml", DOCX))
_MACROS = "vbaProject.bin"
_KNOWN_AS = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a packed file"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|body|script|svg|iframe|\?xml|\?php)", re.IGNORECASE
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f]")  # what no text file holds


def recognized(file: IO[bytes], name: str) -> FileKind:
    """The kind of a file that can be sought in. FileError where it is none of KINDS, or not the one its name says."""
    kind = _kind(file, name)
    if kind.endings != _named(name).endings:
        raise FileError(f"{name} is by its content another kind: {kind.word}. Give it the ending {kind.endings[0]}.")
    return kind


def _named(name: str) -> FileKind:
    """By the last ending alone: figures.pdf.html is a web page."""
    ending = f".{name.lower().rpartition('.')[2]}" if "." in name else ""
    if ending not in BY_ENDING:
        raise FileError(f"{name} is of a kind that is not taken. Give a file of the kind {ALLOWED}.")
    return BY_ENDING[ending]


def _kind(file: IO[bytes], name: str) -> FileKind:
    said = _named(name)
    head, tail = _ends(file)
    if head.startswith(b"%PDF-") and b"%%EOF" in tail:
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and b"IEND" in tail:
        return PNG
    if head.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in tail:
        return JPEG
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(file, name)
    if said in (CSV, TXT) and _is_text(file, head):
        return said
    raise FileError(f"{name} is no {said.word}: its content is {_content(head)}. Give a file of the kind {ALLOWED}.")


def _ends(file: IO[bytes]) -> tuple[bytes, bytes]:
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(0, file.seek(0, 2) - TAIL))
    return head, file.read(TAIL)


def _content(head: bytes) -> str:
    if _MARKUP.match(head):
        return "a web page or XML"
    return next((word for sign, word in _KNOWN_AS if head.startswith(sign)), "something else, or is damaged")


def _is_text(file: IO[bytes], head: bytes) -> bool:
    """UTF-8 or Windows-1252 without control characters, and nothing that a browser would take for a page."""
    if _MARKUP.match(head) or head.startswith(b"#!"):
        return False
    file.seek(0)
    content = file.read()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return not _NO_TEXT.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False


def _office_kind(file: IO[bytes], name: str) -> FileKind:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return _of_parts(archive, name)
    except DAMAGED_ARCHIVE:
        raise FileError(f"{name} is damaged and cannot be read. Open it, save it again, and send that.") from None


def _of_parts(archive: zipfile.ZipFile, name: str) -> FileKind:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    kind = next((kind for inner, kind in _INNER if inner in names and "[Content_Types].xml" in names), None)
    if kind is None:
        raise FileError(f"{name} is an archive and neither an Excel workbook nor a Word document. Send what is in it.")
    if any(part.flag_bits & 1 for part in parts):
        raise FileError(f"{name} is protected by a password. Send it without.")
    if any(part.filename.endswith(_MACROS) for part in parts):
        raise FileError(f"{name} holds macros. Save it without them, and send that.")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise FileError(
            f"{name} unpacks to {unpacked / 1_048_576:,.0f} MB in {len(parts):,} parts; at most "
            f"{MOST_UNPACKED >> 20} MB in {MOST_PARTS:,} parts are taken. Save what matters as a PDF."
        )
    # An archive that unpacks to more than it declares is found out here: zipfile stops, and the checksum is wrong.
    for part in parts:
        with archive.open(part) as opened:
            while opened.read(CHUNK):
                pass
    return kind
