"""A file is what it holds, not what it is called."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dscr.evidence import kinds
from dscr.evidence.kinds import recognized
from dscr.evidence.names import clean_name
from dscr.evidence.storing import MIB, evidence_check, evidence_kept
from dscr.intake import private_files
from dscr.intake.files import FileError
from tests.archives import DAMAGED, damaged_archive
from tests.evidence.files import CSV, DOCX, EXE, HTML, JPEG, PDF, PNG, SOUND, TXT, XLSX, given, office


@pytest.mark.parametrize(("name", "content"), SOUND.items())
def test_every_kind_is_recognized_by_its_content(name: str, content: bytes) -> None:
    for written in (name, name.upper(), f"figures.exe.{name}"):
        assert name[1:] in recognized(io.BytesIO(content), written).endings


def test_text_may_be_windows_1252_or_carry_a_mark() -> None:
    assert recognized(io.BytesIO("Gewähr".encode("cp1252")), "a.txt") == kinds.TXT
    assert recognized(io.BytesIO("\ufeffa,b\n".encode()), "a.csv") == kinds.CSV


def lying_bomb() -> bytes:
    """A part that declares a few bytes and unpacks to many."""
    content = bytearray(office("word/document.xml", **{"word/big.xml": bytes(5_000_000)}))
    size = (5_000_000).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(content)


HOSTILE = {
    "an exe called PDF": ("report.pdf", EXE, "report.pdf is no PDF: its content is a Windows program. Give a file of"),
    "a web page called PDF": ("report.pdf", HTML, "is no PDF: its content is a web page or XML."),
    "a web page called CSV": ("a.csv", HTML, "is no CSV: its content is a web page or XML."),
    "a drawing with script": ("a.txt", b"\n <svg onload=alert(1)>", "is no text: its content is a web page or XML."),
    "HTML in the name": ("report.pdf.html", PDF, "report.pdf.html is of a kind that is not taken."),
    "no ending": ("report", PDF, "report is of a kind that is not taken."),
    "a program by its ending": ("setup.exe", EXE, "setup.exe is of a kind that is not taken."),
    "a picture called PDF": (
        "a.pdf",
        PNG,
        "a.pdf is by its content another kind: PNG picture. Give it the ending .png.",
    ),
    "a workbook called DOCX": ("a.docx", XLSX, "another kind: Excel workbook. Give it the ending .xlsx."),
    "an archive": ("a.xlsx", office("other.xml"), "is an archive and neither an Excel workbook nor a Word document."),
    "macros": ("a.xlsx", office("xl/workbook.xml", **{"xl/vbaProject.bin": b"x"}), "a.xlsx holds macros."),
    "a cut PDF": ("a.pdf", PDF[:40], "something else, or is damaged"),
    "a cut picture": ("a.png", PNG[:30], "something else, or is damaged"),
    "a cut archive": ("a.docx", DOCX[:60], "a.docx is damaged and cannot be read."),
    "a bomb that lies": ("a.docx", lying_bomb(), "a.docx is damaged and cannot be read."),
    "NUL in text": ("a.csv", b"a,b\n1,\0\n", "is no CSV: its content is something else, or is damaged."),
    "a script called TXT": ("a.txt", b"#!/bin/sh\nrm -r /\n", "is no text: its content is a script."),
    "an old Excel file": ("a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(99), "an old Excel or Word document"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_something_else_is_refused_in_plain_words(hostile: str) -> None:
    name, content, said = HOSTILE[hostile]
    with pytest.raises(FileError) as refused:
        recognized(io.BytesIO(content), name)
    assert said in str(refused.value)


@pytest.mark.parametrize("packing", DAMAGED)
def test_a_damaged_packing_is_refused(packing: str) -> None:
    content = damaged_archive(packing, **{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>" * 200})
    with pytest.raises(FileError, match=r"^a.docx is damaged and cannot be read. Open it, save it again, and send"):
        recognized(io.BytesIO(content), "a.docx")


def test_a_zip_bomb_is_refused_by_what_it_declares() -> None:
    bomb = office("word/document.xml", **{f"word/{number}.xml": bytes(20 * MIB) for number in range(8)})
    assert len(bomb) < MIB
    with pytest.raises(FileError, match=r"a.docx unpacks to 160 MB in 10 parts; at most 150 MB in 5,000 parts"):
        recognized(io.BytesIO(bomb), "a.docx")


def test_a_locked_document_is_refused() -> None:
    content = bytearray(DOCX)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(sign, at + 1)) >= 0:
            content[at + offset] |= 1
    with pytest.raises(FileError, match="protected by a password"):
        recognized(io.BytesIO(bytes(content)), "a.docx")


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\secret\\figures.pdf", "figures.pdf"),
        ('a"; filename="b.exe".pdf', "a filename= b.exe.pdf"),
        ("a\r\nX-Evil: 1.pdf", "a X-Evil 1.pdf"),
        ("fdp\u202egnp.pdf", "fdp gnp.pdf"),
        ("<script>.pdf", "script.pdf"),
        (".pdf", "file.pdf"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("Größe 1.csv", "Größe 1.csv"),
    ],
)
def test_names_are_made_harmless(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_sizes_and_numbers_are_limited(settings: Any) -> None:
    settings.EVIDENCE_MOST_MIB, settings.EVIDENCE_MOST_FILES = 1, 2
    with pytest.raises(FileError, match=r"a.pdf is empty. Choose it again."):
        evidence_check([given("a.pdf", b"")])
    with pytest.raises(FileError, match=r"a.txt is larger than 1 MiB."):
        evidence_check([given("a.txt", b"a" * (MIB + 1))])
    assert evidence_check([given("a.txt", b"a" * MIB)])[0] == ("a.txt", kinds.TXT)
    with pytest.raises(FileError, match=r"At most 2 files are taken, and 1 is here already."):
        evidence_check([given("a.txt", TXT), given("b.txt", TXT)], already=1)
    assert evidence_check([], already=9) == []


def test_all_are_kept_or_none(settings: Any, tmp_path: Path) -> None:
    settings.PRIVATE_FILES = tmp_path
    stored = lambda: [path for path in tmp_path.rglob("*") if path.is_file()]  # noqa: E731
    with pytest.raises(FileError), evidence_kept([given("a.pdf", PDF), given("b.pdf", EXE)], "x"):
        pass
    assert stored() == []
    with pytest.raises(ZeroDivisionError), evidence_kept([given("a.pdf", PDF)], "x"):
        raise ZeroDivisionError
    assert stored() == []
    with evidence_kept([given("../a.pdf", PDF), given("b.jpg", JPEG), given("c.csv", CSV)], "x") as kept:
        assert [(one.name, one.kind.code, one.stored.size) for one in kept] == [
            ("a.pdf", "pdf", len(PDF)),
            ("b.jpg", "jpeg", len(JPEG)),
            ("c.csv", "csv", len(CSV)),
        ]
    assert [path.read_bytes() for path in stored()].count(PDF) == 1
    path = private_files.path_of(kept[0].stored.name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "a.pdf" not in str(path)
    assert zipfile.is_zipfile(io.BytesIO(XLSX))
