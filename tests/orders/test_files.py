"""Files as people have them: which are read, and what each of the others is told. Nothing is kept of a refused one."""

import gzip
import io
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from products.models import OrderUpload
from products.services.order_figures import compute_waiting
from tests.archives import DAMAGED, damaged_archive
from tests.orders.conftest import Firm, columns, uploaded

HEADS = ["Order", "Line", "NDC", "Ordered on", "Shipped on", "Quantity ordered", "Quantity shipped", "Customer"]
ROW = ["A", "1", "99901-101", "2026-07-01", "2026-07-04", "1200", "1200", "Hôpital"]


def table(*rows: list[str], delimiter: str = ",", end: str = "\n") -> str:
    return end.join(delimiter.join(row) for row in (HEADS, *(rows or (ROW,)))) + end


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def book(sheets: dict[str, list[list[Any]]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as made:
        for title, rows in sheets.items():
            sheet = made.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def parts_of(content: bytes, last: str) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = sorted(archive.namelist(), key=lambda name: name == last)
        return {name: archive.read(name).decode() for name in names}


BOOK_ROW = ["A", 1, "99901-101", date(2026, 7, 1), date(2026, 7, 4), 1200, 1200.0, "Hôpital"]
UTF8, CP1252 = table().encode(), table().encode("cp1252")

READ = {
    "plain.csv": UTF8,
    "bom.csv": b"\xef\xbb\xbf" + UTF8,
    "windows.csv": CP1252,
    "semicolons.csv": table(delimiter=";").encode(),
    "tabs.txt": table(delimiter="\t").encode(),
    "bars.csv": table(delimiter="|").encode(),
    "mac.tsv": table(delimiter="\t", end="\r").encode(),
    "crlf.csv": table(end="\r\n").encode(),
    "no-end.csv": UTF8.rstrip(),
    "CAPITALS.CSV": UTF8,
    "blank-lines.csv": b"\n\n" + UTF8 + b"\n,,,,,,,\n\n",
    "sep.csv": b"sep=;\r\n" + table(delimiter=";").encode(),
    "quoted.csv": table([f'"{cell}"' for cell in [*ROW[:-1], 'a, ""b""\nc']]).encode(),
    "extra-blank-cells.csv": UTF8.replace("Hôpital".encode(), "Hôpital,,".encode()),
    "trailing-heads.csv": UTF8.replace(b"Customer", b"Customer,,").replace("Hôpital".encode(), b"H,,"),
    "thousands.csv": UTF8.replace(b"1200", b'"1,200"'),
    "spaces.csv": UTF8.replace(b",", b" , "),
    "packed.csv.gz": gzip.compress(UTF8),
    "packed.zip": zipped(**{"orders.csv": table()}),
    "mac.zip": zipped(**{"__MACOSX/x": "", "orders.csv": table()}),
    "book.xlsx": book({"Orders": [HEADS, BOOK_ROW]}),
    "second-sheet.xlsx": book({"Cover": [], "Title": [["Orders of 2026"]], "Orders": [[], HEADS, [], BOOK_ROW]}),
    "texts.xlsx": book({"Orders": [HEADS, ROW]}),
}
ASK = "Save the order lines as CSV or as an Excel workbook (.xlsx)."
REFUSED = {
    "empty.csv": (b"", "The file is empty. Export the order lines again."),
    "blank.csv": (b"\n\n \n", "blank.csv has only one column."),
    "orders.pdf": (b"%PDF-1.7", "orders.pdf is no CSV and no Excel workbook. Give a file that ends in .csv, .txt"),
    "old.xls": (b"\xd0\xcf\x11\xe0", "old.xls is a spreadsheet of another kind. Save it as .xlsx or as CSV."),
    "document.csv": (b"%PDF-1.7 x", f"document.csv is a PDF document. {ASK}"),
    "renamed.csv": (b"\xd0\xcf\x11\xe0 xyz", f"renamed.csv is an old Excel or Word document. {ASK}"),
    "page.csv": (b"<html><body>", f"page.csv is a web page or XML. {ASK}"),
    "data.txt": (b'{"orders": []}', f"data.txt is JSON. {ASK}"),
    "utf16.csv": (
        table().encode("utf-16"),
        "utf16.csv is UTF-16 text. Save it as “CSV UTF-8” and upload that.",
    ),
    "nul.csv": (UTF8 + b"\0", "nul.csv is not plain text: it holds NUL bytes."),
    "odd.csv": (CP1252 + b"\x81", "odd.csv is neither UTF-8 nor Windows-1252 text."),
    "one-column.csv": (b"Order\nA\nB\n", "one-column.csv has only one column. Separate the columns by commas"),
    "no-heads.csv": (
        b"1,2,2026-07-01,3\n2,2,2026-07-01,3\n",
        "no-heads.csv has no heads: its first line holds figures. Put the names of the columns there.",
    ),
    "wide.csv": (",".join(f"h{at}" for at in range(201)).encode() + b"\n", "wide.csv has 201 columns."),
    "open-quote.csv": (
        UTF8 + b'A,"1,' + UTF8,
        "open-quote.csv cannot be read beyond line 4: a quotation mark is opened and not closed. Correct that line, or "
        "export the order lines again.",
    ),
    "odd-quote.csv": (
        UTF8 + b'A,"1"0,2\n',
        "odd-quote.csv cannot be read beyond line 3: a cell goes on after its closing quotation mark; marks within a "
        "cell are written twice.",
    ),
    "long-cell.csv": (UTF8 + b'"' + b"x" * 140_000, "beyond line 3: a quotation mark is opened and not closed."),
    "cut.csv.gz": (gzip.compress(UTF8 * 50)[:-20], "cut.csv.gz is a damaged gzip file: it is cut off or altered."),
    "cut.zip": (zipped(**{"orders.csv": table()})[:-30], "cut.zip is a damaged or locked zip archive."),
    "two.zip": (
        zipped(**{"a.csv": table(), "b.csv": table()}),
        "two.zip holds 2 files. Put one CSV file into the archive.",
    ),
    "none.zip": (zipped(), "none.zip holds 0 files. Put one CSV file into the archive."),
    "other.zip": (zipped(**{"a.exe": "MZ"}), "other.zip holds a.exe. Put one CSV file into the archive."),
    "cut.xlsx": (book({"A": [HEADS, ROW]})[:-40], "cut.xlsx is a damaged or locked zip archive."),
    "no-sheet.xlsx": (
        book({"A": [], "B": [["one cell"]]}),
        "no-sheet.xlsx has no sheet with heads and lines below them. Check that it is the right workbook.",
    ),
    "broken.xlsx": (
        zipped(**{"[Content_Types].xml": "<Types/>"}),
        "broken.xlsx cannot be read as a workbook: it is damaged, or locked by a password.",
    ),
}


REFUSED |= {
    f"{packing}.zip": (
        damaged_archive(packing, **{"orders.csv": table() * 50}),
        f"{packing}.zip is a damaged or locked zip archive. Pack it again without a password,",
    )
    for packing in DAMAGED
}
REFUSED |= {
    f"{packing}.xlsx": (
        damaged_archive(packing, **parts_of(book({"A": [HEADS, ROW]}), last="xl/worksheets/sheet1.xml")),
        f"{packing}.xlsx cannot be read as a workbook: it is damaged, or locked by a password. Save it again as .xlsx",
    )
    for packing in DAMAGED
}


@pytest.mark.parametrize("name", READ)
def test_it_is_read(firm: Firm, name: str) -> None:
    client = firm.client()
    upload = uploaded(client, SimpleUploadedFile(name, READ[name]))
    assert client.post(f"/order-lines/{upload.pk}/columns/", columns(upload)).status_code == 302
    compute_waiting()
    upload.refresh_from_db()
    assert (upload.state, upload.failure, upload.summary["reasons"]) == ("done", "", [])
    figure = upload.figures.get(quarter_end=None)
    found = (figure.units_complete, figure.units_ordered, figure.order_to_ship_days, figure.orders_shipped)
    assert found == (1200, 1200, 3, 1)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_plain_words(firm: Firm, private_files: Any, name: str) -> None:
    content, message = REFUSED[name]
    response = firm.client().post("/order-lines/new/", {"file": SimpleUploadedFile(name, content)})
    said = " ".join(response.content.decode().split())
    assert response.status_code == 422
    assert message in said
    assert not OrderUpload.objects.exists()
    assert [path for path in private_files.rglob("*") if path.is_file()] == []


def test_a_file_that_is_too_large(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.services.order_upload.LARGEST_UPLOAD", 100)
    response = firm.client().post("/order-lines/new/", {"file": SimpleUploadedFile("big.csv", UTF8)})
    assert "big.csv is larger than 0 MiB. Pack it (.zip or .gz), or split it" in response.content.decode()


def test_a_packed_file_that_unpacks_too_large(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.orders.files.LARGEST_TEXT", 1_000_000)
    given = SimpleUploadedFile("bomb.csv.gz", gzip.compress(b"a" * 2_000_000))
    response = firm.client().post("/order-lines/new/", {"file": given})
    assert "bomb.csv.gz holds more than 0 MiB of text. Split it into several files." in response.content.decode()


def test_a_workbook_with_too_many_lines(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.orders.workbook.MOST_BOOK_LINES", -98)
    given = SimpleUploadedFile("long.xlsx", READ["second-sheet.xlsx"])
    response = firm.client().post("/order-lines/new/", {"file": given})
    assert "long.xlsx has 4 lines on the sheet “Orders”" in response.content.decode()


def test_a_line_number_is_that_of_the_spreadsheet(firm: Firm) -> None:
    """Blank lines and line breaks within a cell are counted as a spreadsheet counts them."""
    client = firm.client()
    rows = ([*ROW[:-1], '"two\nlines"'], [""] * 8, ["B", "1", "99901-101", "soon 1", "", "1", "1", ""])
    upload = uploaded(client, SimpleUploadedFile("x.csv", b"\n" + table(*rows).encode()))
    client.post(f"/order-lines/{upload.pk}/columns/", columns(upload))
    compute_waiting()
    assert list(upload.problems.values_list("line", "value")) == [(5, "soon 1")]
