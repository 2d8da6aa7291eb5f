"""Small files of every kind, made by hand."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"
CSV = b"Quarter,Stock\n2026-09-30,41\n"
TXT = b"Stock was counted on September 30.\n"
EXE = b"MZ\x90\x00" + bytes(200)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def office(inner: str, **parts: bytes) -> bytes:
    """A document with the parts that make it one, and more."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", inner: b"<x/>", **parts}.items():
            archive.writestr(name, content)
    return file.getvalue()


XLSX, DOCX = office("xl/workbook.xml"), office("word/document.xml")
SOUND = {
    "a.pdf": PDF,
    "a.png": PNG,
    "a.jpg": JPEG,
    "a.jpeg": JPEG,
    "a.xlsx": XLSX,
    "a.docx": DOCX,
    "a.csv": CSV,
    "a.txt": TXT,
}


def given(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
