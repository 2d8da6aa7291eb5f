"""Getting at the text of a file that somebody downloaded, renamed, unpacked, re-saved or broke.

A file that cannot be used at all raises `FileError`: one plain sentence of what is wrong and where, one of what to do.
"""

import codecs
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 600 * 1024 * 1024  # unpacked bytes; ten times the largest file that is expected
CHUNK = 1 << 20

GZIP = b"\x1f\x8b"
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Unpack it, or save the sheet as text"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "Save it as text"),
    (b"%PDF", "a PDF document", "Download the text file"),
    (b"{", "JSON", "Download the text file"),
    (b"<", "a web page or XML", "Download the file itself; the server may have sent an error page"),
)
UTF_16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
# What Python says of an archive that is cut off, altered, locked or packed in a way it does not know; an OSError is
# bzip2's and gzip's word for it.
DAMAGED_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,  # zipfile, of a compression it does not know
    OSError,
    RuntimeError,
    ValueError,
)
ENCODING_NAMES = {"cp1252": "Windows-1252", "utf-8": "UTF-8"}


class FileError(Exception):
    """The file as a whole cannot be used; the message is for the person who gave it."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file must look like.

    name: the command's argument. title: what to call it. source: where it comes from. columns: our name of each
    column that is needed -> its heading. encoding: "cp1252" or "utf-8". quoted: whether cells may stand in double
    quotes and so hold delimiters and line breaks.
    """

    name: str
    title: str
    source: str
    columns: Mapping[str, str]
    encoding: str
    delimiter: str
    quoted: bool


def read_content(path: Path, kind: FileKind) -> bytes:
    """The file's bytes, unpacked, without a byte order mark, known to be text in the kind's encoding.

    Rows with a few odd bytes are left to the reader of rows; FileError where the file as a whole is something else.
    """
    content = _unpacked(path, kind).removeprefix(codecs.BOM_UTF8)
    if not content.strip():
        raise FileError(f"{path} is empty. Download {kind.title} again ({kind.source}).")
    _refuse_other_formats(path, content, kind)
    _refuse_other_encodings(path, content, kind)
    return content


def _unpacked(path: Path, kind: FileKind) -> bytes:
    wanted = f"Give the path of {kind.title} ({kind.source})."
    if path.is_dir():
        raise FileError(f"{path} is a folder, not a file. {wanted}")
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
    except FileNotFoundError:
        raise FileError(f"{path} does not exist. {wanted}") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}. {wanted}") from None
    named_packed = path.suffix.lower() == ".gz"
    if named_packed and not packed and path.stat().st_size:
        raise FileError(f"{path} is not gzip, although its name ends in .gz. Rename it, or download it again.")
    if packed and not named_packed:
        raise FileError(f"{path} is gzip, although its name does not end in .gz. Rename it to {path.name}.gz.")
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            return _limited(path, stream)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FileError(f"{path} is a damaged gzip file: it is cut off or altered. Download it again.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}. {wanted}") from None


def _limited(path: Path, stream) -> bytes:
    parts, size = [], 0
    while part := stream.read(CHUNK):
        size += len(part)
        if size > SIZE_LIMIT:
            raise FileError(f"{path} holds more than {SIZE_LIMIT >> 20} MiB of text. Check that it is the right file.")
        parts.append(part)
    return b"".join(parts)


def _refuse_other_formats(path: Path, content: bytes, kind: FileKind) -> None:
    if content.startswith(UTF_16_OR_32):
        raise _wrong_encoding(path, "it is UTF-16 or UTF-32", kind)
    start = content[:64].lstrip()
    for signature, name, advice in SIGNATURES:
        if start.startswith(signature):
            raise FileError(f"{path} is {name}, not {kind.title}. {advice} ({kind.source}).")
    if (at := content.find(b"\0")) >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise FileError(
            f"{path} is not plain text: line {line} holds NUL bytes. It is UTF-16 without a byte order mark, or "
            f"damaged. Download it again, or save it as {ENCODING_NAMES[kind.encoding]} text."
        )


def _refuse_other_encodings(path: Path, content: bytes, kind: FileKind) -> None:
    """Text in another encoding would be stored garbled without an error, so it is told apart by what can be proved.

    Text with a Windows-1252 letter is practically never valid UTF-8, and the other way round UTF-8 bytes often are
    valid Windows-1252. Single odd lines in a file that is otherwise right are rejected as rows.
    """
    if content.isascii():
        return
    if kind.encoding == "cp1252":
        if decodes(content, "utf-8"):
            raise _wrong_encoding(path, f"it is UTF-8 ({_first_line(content, 'ascii')})", kind)
        return
    if decodes(content, kind.encoding):
        return
    foreign = [line for line in content.splitlines() if not line.isascii()]
    odd = [line for line in foreign if not decodes(line, kind.encoding)]
    if len(odd) * 2 > len(foreign):
        raise _wrong_encoding(path, f"it is not UTF-8 ({_first_line(content, kind.encoding)})", kind)


def _wrong_encoding(path: Path, finding: str, kind: FileKind) -> FileError:
    wanted = ENCODING_NAMES[kind.encoding]
    return FileError(
        f"{path} is in the wrong encoding: {finding}, and {kind.title} is {wanted}. "
        f"Use the file as downloaded, or save it as {wanted} text."
    )


def _first_line(content: bytes, encoding: str) -> str:
    lines = content.splitlines()
    return next(f"see line {number}" for number, line in enumerate(lines, 1) if not decodes(line, encoding))


def decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
