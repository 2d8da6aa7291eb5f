"""Files that are no table of figures, or one that nobody should open, fail with one message and store nothing."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from dscr.intake.archive import weigh
from tests.archives import DAMAGED, damaged_archive
from tests.workbook.corpus import assert_refused
from tests.workbook.maker import FIRST, QUARTER, Firm, csv_text, saved, xlsx


def test_the_template_of_another_quarter(firm: Firm) -> None:
    older = QUARTER.replace(year=QUARTER.year - 1)
    said = f"The file is for the quarter to {older}; you chose the quarter to {QUARTER}."
    assert_refused(firm, xlsx(firm.template(quarter_end=older)), ("", said))


def test_a_quarter_that_cannot_be_read(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        book["How to fill it in"]["B2"] = "last one"

    assert_refused(firm, xlsx(firm.template(), change), ("B2", "The quarter cannot be read."))


def test_a_hidden_table(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.sheet_state = "hidden"
        book.active = 1

    said = "The sheet “KPIs” with the figures is hidden. Unhide it and send it again."
    assert_refused(firm, xlsx(firm.template(), change), ("", said))


def test_two_tables(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        book.copy_worksheet(sheet)

    said = "The sheets “KPIs” and “KPIs Copy” each hold a KPI table. Leave one of them."
    assert_refused(firm, xlsx(firm.template(), change), ("", said))


def test_a_table_without_ndcs(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.delete_cols(1)

    said = "The KPI table has no column “NDC”, so that nothing says which product a row is about. Add it."
    assert_refused(firm, xlsx(firm.template(), change), ("", said))


def test_a_table_without_products(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.delete_rows(FIRST, 50)

    assert_refused(firm, xlsx(firm.template(), change), ("", "The table holds no product."))


NO_HEAD = (
    "head of a KPI table: a row with “NDC” and the headings of the figures. Use the template; its table is on the "
    "sheet “KPIs”."
)
SAVE_AS = "Save it as Excel Workbook (.xlsx) or as CSV, and send that."


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def other_workbook() -> bytes:
    book = Workbook()
    book.active["A1"] = "Minutes of a meeting"
    return saved(book)


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


STRANGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "The file is empty."),
    "blanks": (lambda: b" \r\n", "The file is empty."),
    "another workbook": (other_workbook, f"The file has no {NO_HEAD}"),
    "another table": (lambda: b"a,b,c\n1,2,3\n", f"The file has no {NO_HEAD}"),
    "old Excel": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), f"The file is an Excel 97-2003 workbook (.xls). {SAVE_AS}"),
    "password": (
        locked,
        "The workbook is protected by a password. Take the password off (File, Info, Protect Workbook) and send it "
        "again.",
    ),
    "Word": (lambda: archive(word__document_xml=b"<w/>"), f"The file is a Word document. {SAVE_AS}"),
    "binary workbook": (lambda: archive(xl__workbook_bin=b"x"), f"The file is an Excel binary workbook (.xlsb). {SAVE_AS}"),  # noqa: E501
    "OpenDocument": (lambda: archive(content_xml=b"<x/>"), f"The file is an OpenDocument file. {SAVE_AS}"),
    "a zip": (
        lambda: archive(kpis_csv=b"a"),
        "The file is a zip archive and no workbook. Unpack it and send the workbook in it.",
    ),
    "PDF": (lambda: b"%PDF-1.7\n", f"The file is a PDF document, no workbook. {SAVE_AS}"),
    "web page": (lambda: b"<!doctype html><p>Sign in", f"The file is a web page or XML, no workbook. {SAVE_AS}"),
    "JSON": (lambda: b'{"a": 1}', f"The file is JSON, no workbook. {SAVE_AS}"),
    "image": (lambda: b"\x89PNG\r\n\x1a\n", f"The file is an image, no workbook. {SAVE_AS}"),
    "bytes": (lambda: bytes(range(256)) * 4, f"The file is neither a workbook nor a text table. {SAVE_AS}"),
    "cut off": (lambda: other_workbook()[:2000], f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}"),  # noqa: E501
    "no XML in it": (
        lambda: archive(xl__workbook_xml=b"nonsense"),
        f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}",
    ),
    "entities": (
        lambda: archive(xl__workbook_xml=b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'),
        f"The workbook declares a document type, which no spreadsheet does. {SAVE_AS}",
    ),
    "zip bomb": (
        lambda: archive(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=bytes(60 * 1024 * 1024)),
        "The workbook unpacks to 60 MB in 2 parts; at most 40 MB in 2,000 parts are read. Copy the table into a new "
        "workbook and send that.",
    ),
    "open quotation": (
        lambda: b'NDC,qualified_lines\n"99911-101,3\n',
        "The file is no CSV that can be read: near line 2, unexpected end of data. Check the quotation marks.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_cannot_be_used(firm: Firm, name: str) -> None:
    make, said = STRANGE[name]
    assert_refused(firm, make(), ("", said), name="kpis.xlsx")


def test_an_archive_that_lies_about_its_size(firm: Firm) -> None:
    """It says that it unpacks to 100 bytes: reading stops there, and the checksum is wrong."""
    bomb = bytearray(archive(xl__workbook_xml=bytes(50 * 1024 * 1024)))
    at = bomb.rindex(b"PK\x01\x02")
    bomb[at + 24 : at + 28] = struct.pack("<I", 100)
    said = f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}"
    assert_refused(firm, bytes(bomb), ("", said))


def test_an_archive_under_a_password(firm: Firm) -> None:
    content = bytearray(archive(xl__workbook_xml=b"<x/>"))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert_refused(firm, bytes(content), ("", "The file is protected by a password. Send it without."))


@pytest.mark.parametrize("element", ["mergeCell", "hyperlink"])
def test_a_range_that_would_fill_the_memory(firm: Firm, element: str) -> None:
    part = f'<worksheet><{element}s><{element} ref="A1:XFD1048576"/></{element}s></worksheet>'.encode()
    content = archive(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=part)
    said = (
        "The workbook has 17,179,869,184 cells, with merged and linked ones; at most 400,000 are read. Copy the table "
        "into a new workbook and send that."
    )
    assert_refused(firm, content, ("", said))


@pytest.mark.parametrize(
    "part",
    [
        b'<worksheet><mergeCells><mergeCell ref="A1:&#88;FD1048576"/></mergeCells></worksheet>',
        b'<worksheet><mergeCells><mergeCell x=">" ref="A1:XFD1048576"/></mergeCells></worksheet>',
        '<worksheet><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'.encode("utf-16"),
    ],
)
def test_a_range_that_hides_how_far_it_reaches(firm: Firm, part: bytes) -> None:
    content = archive(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=part)
    assert_refused(firm, content, ("", f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}"))


MERGED = '<worksheet><mergeCells><mergeCell ref="A1:XFD100"/></mergeCells></worksheet>'


@pytest.mark.parametrize("name", ["xl__media__sheet1_xml", "xl__vbaProject_bin", "xl__worksheets__sheet1_png"])
@pytest.mark.parametrize("prefix", ["", "a-b.c:"])
def test_a_range_in_a_part_of_another_name(firm: Firm, name: str, prefix: str) -> None:
    """Relations may call any part a sheet."""
    content = archive(xl__workbook_xml=b"<x/>", **{name: MERGED.replace("mergeCell ", f"{prefix}mergeCell ").encode()})
    said = "The workbook has 1,638,400 cells, with merged and linked ones; at most 400,000 are read. Copy the table"
    assert_refused(firm, content, ("", f"{said} into a new workbook and send that."))


@pytest.mark.parametrize(
    "part", [MERGED.encode("utf-16"), MERGED.encode("utf-16-be"), b" \n" + MERGED.encode("utf-16-le")]
)
@pytest.mark.parametrize("name", ["xl__worksheets__sheet1_bin", "xl__media__image1_png"])
def test_a_range_in_utf_16_under_another_name(firm: Firm, name: str, part: bytes) -> None:
    content = archive(xl__workbook_xml=b"<x/>", **{name: part})
    assert_refused(firm, content, ("", f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}"))


def test_a_picture_is_no_hindrance(firm: Firm) -> None:
    """It is weighed as everything is, and NUL bytes are its right."""
    png = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
    file = io.BytesIO(xlsx(firm.template()))
    with zipfile.ZipFile(file, "a") as book:
        book.writestr("xl/media/image1.png", png)
    weigh(file.getvalue())


@pytest.mark.parametrize("packing", DAMAGED)
def test_a_damaged_packing(firm: Firm, packing: str) -> None:
    content = damaged_archive(packing, **{"xl/workbook.xml": "<x/>" * 200})
    assert_refused(firm, content, ("", f"The workbook is damaged and cannot be read. Open it in Excel. {SAVE_AS}"))


def test_a_cell_at_the_far_end(firm: Firm) -> None:
    """One stray cell in the last column is told, and costs no time."""

    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet["XFD1048576"] = "x"

    said = (
        "Sheet “KPIs” is too large: at most 300 columns and 400,000 filled cells are read. Delete what does not belong "
        "to the table."
    )
    assert_refused(firm, xlsx(firm.template(), change), ("", said))


def test_too_many_rows(firm: Firm) -> None:
    lines = csv_text(firm.template()) + "99911-101,alphamine,1\n" * 2_100
    said = "The file has 2,101 filled rows; at most 2,100 are read. Send the products in several files."
    assert_refused(firm, lines.encode(), ("", said), name="kpis.csv")
