"""What a PDF of ours says, read from its bytes: enough for the files that typst writes, and no library."""

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.S)
STREAM = re.compile(rb"(.*?)stream\r?\n(.*)\r?\nendstream", re.S)
LINE = re.compile(rb"\bBT\b(.*?)\bET\b", re.S)
SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)", re.S)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(content: bytes) -> str:
    """All pages, headers and footers among them, with single spaces."""
    return " ".join(texts_of(content))


def texts_of(content: bytes) -> list[str]:
    """Of each page."""
    objects = dict(OBJECT.findall(content))
    return [_text_of(objects, page) for page in _kids(objects)]


def _text_of(objects: dict[bytes, bytes], page: bytes) -> str:
    said: list[str] = []
    fonts = _fonts(objects, page)
    font: dict[int, str] = {}
    for line in LINE.findall(_stream(objects, _one(page, b"Contents"))):
        said.append(" ")
        for name, string in SHOWN.findall(line):
            if name:
                font = fonts[name]
            else:
                said.append(_decoded(string, font))
    return " ".join("".join(said).split())


def pages_of(content: bytes) -> int:
    return len(_kids(dict(OBJECT.findall(content))))


def outline_of(content: bytes) -> list[str]:
    """Headings as bookmarks, in order."""
    objects = dict(OBJECT.findall(content))
    root = next(body for body in objects.values() if b"/Type/Outlines" in body)
    return _titles(objects, _one(root, b"First"))


def _titles(objects: dict[bytes, bytes], number: bytes | None) -> list[str]:
    found = []
    while number:
        body = objects[number]
        title = re.search(rb"/Title\(((?:\\.|[^\\()])*)\)", body)
        found.append(title[1].decode() if title else "")
        found += _titles(objects, _one(body, b"First"))
        number = _one(body, b"Next")
    return found


def _one(body: bytes, name: bytes) -> bytes | None:
    """The number of the object to which `name` refers."""
    found = re.search(rb"/" + name + rb"[ \[]*(\d+) 0 R", body)
    return found[1] if found else None


def _kids(objects: dict[bytes, bytes]) -> list[bytes]:
    tree = next(body for body in objects.values() if b"/Type/Pages" in body)
    kids = re.search(rb"/Kids\[([^\]]*)\]", tree)
    assert kids
    return [objects[number] for number in re.findall(rb"(\d+) 0 R", kids[1])]


def _fonts(objects: dict[bytes, bytes], page: bytes) -> dict[bytes, dict[int, str]]:
    place = _one(page, b"Resources")
    named = re.findall(rb"/(f\d+) (\d+) 0 R", objects[place] if place else page)
    return {name: _signs(_stream(objects, _one(objects[number], b"ToUnicode"))) for name, number in named}


def _stream(objects: dict[bytes, bytes], number: bytes | None) -> bytes:
    found = STREAM.fullmatch(objects[number or b""])
    assert found
    return zlib.decompress(found[2]) if b"FlateDecode" in found[1] else found[2]


def _signs(table: bytes) -> dict[int, str]:
    """Glyph -> what it stands for."""
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _decoded(string: bytes, font: dict[int, str]) -> str:
    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8)]) if code[:1].isdigit() else NAMED.get(code, code)

    raw = ESCAPE.sub(plain, string)
    return "".join(font.get(int.from_bytes(raw[at : at + 2]), "") for at in range(0, len(raw), 2))
