"""A workbook whose cells stand far apart is refused before its reader builds what lies between them."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from dscr.intake.files import FileError
from products.models import OrderUpload
from products.orders import extent
from products.orders.extent import refuse_wide_apart
from products.orders.files import inspect
from tests.orders.conftest import Firm
from tests.orders.test_files import BOOK_ROW, HEADS, book, parts_of

SHEET = "xl/worksheets/sheet1.xml"
CELL = "<v>1</v></c>"


def with_sheet(rows: str, path: str = SHEET) -> bytes:
    """A workbook whose only sheet holds these rows, as they stand, in the part `path`."""
    parts = parts_of(book({"Orders": [HEADS]}), last=SHEET)
    head, _, tail = parts.pop(SHEET).partition("<sheetData>")
    parts[path] = head + "<sheetData>" + rows + "</sheetData>" + tail.partition("</sheetData>")[2]
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        "worksheets/sheet1.xml", path.removeprefix("xl/")
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def refused(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises(FileError) as found:
        refuse_wide_apart(archive, "a.xlsx")
    return str(found.value)


def test_texts_that_are_empty_are_counted_before_any_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five bytes each in the file, and an entry of the reader's table in memory."""
    monkeypatch.setattr(extent, "MOST_BOOK_CELLS", 100_000)
    for text in ("<si/>", "<x:si/>", "<si><t></t></si>"):
        content = with_sheet(f'<row r="1"><c r="A1">{CELL}</row>')
        with zipfile.ZipFile(buffer := io.BytesIO(content), "a") as archive:
            archive.writestr("xl/strings.xml", f"<sst>{text * 100_001}</sst>")
        assert refused(buffer.getvalue()).startswith("a.xlsx has more than 100,000 texts")


@pytest.mark.parametrize("path", [SHEET, "xl/media/image1.png"])
def test_two_cells_at_opposite_corners(firm: Firm, private_files: Path, path: str) -> None:
    rows = f'<row r="1"><c r="A1">{CELL}</row><row r="1048576"><c r="XFD1048576">{CELL}</row>'
    given = SimpleUploadedFile("far.xlsx", with_sheet(rows, path))
    response = firm.client().post("/order-lines/new/", {"file": given})
    assert response.status_code == 422
    assert (
        "far.xlsx has a sheet of 1,048,576 lines and 16,384 columns, counted to its last cells; up to 12,000,000 cells "
        "are read from a workbook. Delete what stands apart from the table, or save the sheet as CSV."
    ) in " ".join(response.content.decode().split())
    assert not OrderUpload.objects.exists()
    assert [path for path in private_files.rglob("*") if path.is_file()] == []


FAR = {
    "single quotes": f"<row r='1'><c r='A1'>{CELL}</row><row r='20000'><c r='XFD20000'>{CELL}</row>",
    "blanks": f'<row r = "1"><c r ="A1">{CELL}</row><row r= "20000"><c r\n=\t"XFD20000">{CELL}</row>',
    "other attributes before": f'<row r="1"><c s="0"r="A1">{CELL}</row><row r="2"><c s="1"  r="XFD20000">{CELL}</row>',
    "an angle bracket before": f'<row r="1"><c r="A1">{CELL}</row><row r="2"><c x="<" r="XFD20000">{CELL}</row>',
    "small letters": f'<row r="1"><c r="A1">{CELL}</row><row r="20000"><c r="xfd20000">{CELL}</row>',
    "columns without a place": f'<row r="1">{f"<c>{CELL}" * 2_000}</row><row r="20000"><c r="A20000">{CELL}</row>',
    "rows without a place": f'<row r="1"><c r="XFD1">{CELL}</row>{"<row/>" * 2_000}<row><c>{CELL}</row>',
    "a prefix": f'<a-b:row r="1">{f"<a-b:c>{CELL}" * 2_000}</a-b:row><a-b:row r="20000"></a-b:row>',
}


@pytest.mark.parametrize("how", FAR)
@pytest.mark.parametrize("size", [1 << 20, 7])
def test_places_are_found_however_they_are_written(how: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "PART", size)
    assert "Delete what stands apart from the table" in refused(with_sheet(FAR[how]))


@pytest.mark.parametrize("place", ["AAAA1", "A12345678", 'A1" r' + " " * 60 + '="A2'])
def test_places_that_no_spreadsheet_has(place: str) -> None:
    assert "it names cells as no spreadsheet does." in refused(with_sheet(f'<row r="1"><c r="{place}">{CELL}</row>'))


def test_a_long_table_passes_and_a_picture_with_it(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADS)
        for line in range(1, 20_000):
            row: list[Any] = [*BOOK_ROW]
            sheet.write_row(line, 0, row)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.bmp", bytes(3 << 20))
    assert inspect(path, path.name)[0].lines == 19_999
