"""Workbooks and CSVs as people send them: each passes, or fails with exactly these messages and stores nothing."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from products.models import KpiDraft, KpiSubmission, WorkbookFile
from products.services.workbook import upload_write
from products.workbook.layout import COLUMNS
from tests.workbook.maker import CSV_FIRST, FIRST, FULL, LETTER, QUARTER, Firm, csv_text, put, saved, xlsx

Change = Callable[[Worksheet, Workbook], Any]
Fault = tuple[str, str]  # cell, what is wrong; "" for the file
FILL = LETTER["fill_rate_numerator"]


def cell(code: str, row: int = FIRST) -> str:
    return f"{LETTER[code]}{row}"


def assert_refused(firm: Firm, content: bytes, *faults: Fault, name: str = "kpis.xlsx") -> list[dict[str, Any]]:
    before = KpiDraft.objects.count(), KpiSubmission.objects.count()
    upload = firm.send(content, name)
    assert [(f"{p['column']}{p['row'] or ''}", p["wrong"]) for p in upload.problems] == list(faults)
    assert upload.state == "refused"
    assert upload.plan == []
    assert (KpiDraft.objects.count(), KpiSubmission.objects.count()) == before
    assert not WorkbookFile.objects.filter(upload=upload).exists()
    return upload.problems


def assert_read(firm: Firm, content: bytes, name: str = "kpis.xlsx", **answers: str) -> list[str]:
    """Passes, and the first product's draft then says `answers`; the remarks on the file."""
    upload = firm.send(content, name)
    assert upload.problems == []
    assert upload.state == "ready"
    assert KpiDraft.objects.count() == 0, "nothing is stored by the check"
    upload_write(upload, user=firm.editor, keep={})
    stored = KpiDraft.objects.get(product=firm.products[0]).answers
    assert {key: stored.get(key, "") for key in answers} == answers
    return upload.remarks


# --- Files that pass ------------------------------------------------------------------------------------------------

BLANKED: dict[str, tuple[Change, dict[str, str]]] = {
    "as it was made": (lambda sheet, book: None, {"fill_rate_numerator": "97500", "contribution_margin": "-12.5"}),
    "percent format": (put("capacity_utilisation_historical", 0.72, number_format="0%"), {"capacity_utilisation_historical": "72"}),  # noqa: E501
    "percent format with digits": (put("contribution_margin", -0.1255, number_format="0.00%"), {"contribution_margin": "-12.55"}),  # noqa: E501
    "percent sign": (put("equipment_depreciated_share", "45 %"), {"equipment_depreciated_share": "45 %"}),
    "thousands by comma": (put("fill_rate_numerator", "97,500"), {"fill_rate_numerator": "97,500"}),
    "thousands by space": (put("fill_rate_numerator", "97 500"), {"fill_rate_numerator": "97 500"}),
    "thousands by no-break space": (put("fill_rate_numerator", "97\u00a0500"), {"fill_rate_numerator": "97\u00a0500"}),
    "number as text": (put("qualified_lines", " 4 "), {"qualified_lines": "4"}),
    "zero-width space": (put("qualified_lines", "\u200b4"), {"qualified_lines": "4"}),
    "float of a whole": (put("fill_rate_numerator", 97500.0), {"fill_rate_numerator": "97500"}),
    "binary dust": (put("order_to_ship_days", 0.1 + 0.2), {"order_to_ship_days": "0.3"}),
    "date as a number": (put("risk_management_plan_reviewed_on", 46063, number_format="General"), {"risk_management_plan_reviewed_on": "2026-02-10"}),  # noqa: E501
    "date with time": (put("risk_management_plan_reviewed_on", datetime(2026, 2, 10, 12)), {"risk_management_plan_reviewed_on": "2026-02-10"}),  # noqa: E501
    "date as text": (put("risk_management_plan_reviewed_on", "2026-02-10"), {"risk_management_plan_reviewed_on": "2026-02-10"}),  # noqa: E501
    "date with slashes, clear": (put("risk_management_plan_reviewed_on", "2/20/2026"), {"risk_management_plan_reviewed_on": "2026-02-20"}),  # noqa: E501
    "true": (put("risk_management_plan_exists", True), {"risk_management_plan_exists": "yes"}),
    "no in capitals": (put("risk_management_plan_exists", "NO"), {"risk_management_plan_exists": "NO"}),
    "one for yes": (put("risk_management_plan_exists", 1), {"risk_management_plan_exists": "1"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BLANKED)
def test_it_is_read(firm: Firm, name: str) -> None:
    change, answers = BLANKED[name]
    assert assert_read(firm, xlsx(firm.template(), change), **answers) == []


@pytest.mark.parametrize(
    "word", ["not disclosed", "Not Disclosed", "NOT-DISCLOSED", "n.d.", "ND", "undisclosed", "not disclossed", "n/d"]
)
def test_not_disclosed_in_any_spelling(firm: Firm, word: str) -> None:
    assert_read(firm, xlsx(firm.template(), put("shelf_life_months", word)), shelf_life_months_state="not_disclosed")


@pytest.mark.parametrize("word", ["not applicable", "N/A", "n.a.", "does not apply"])
def test_not_applicable_where_it_is_allowed(firm: Firm, word: str) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        for part in ("numerator", "denominator"):
            sheet[cell(f"disruption_notice_rate_{part}")] = word

    assert_read(firm, xlsx(firm.template(), change), disruption_notice_rate_state="not_applicable")


def test_a_date_of_a_workbook_that_counts_from_1904(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        book.epoch = datetime(1904, 1, 1)
        sheet[cell("risk_management_plan_reviewed_on")] = 44601
        sheet[cell("risk_management_plan_reviewed_on")].number_format = "General"
        for row in (FIRST + 1, FIRST + 2):
            sheet[cell("risk_management_plan_reviewed_on", row)] = None

    assert_read(firm, xlsx(firm.template(), change), risk_management_plan_reviewed_on="2026-02-10")


def test_blank_rows_and_cells(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.insert_rows(FIRST + 1, 3)
        sheet[cell("shelf_life_months")] = None

    remarks = assert_read(firm, xlsx(firm.template(), change), shelf_life_months="", shelf_life_months_state="")
    assert remarks == ["3 blank rows were passed over."]


def test_columns_in_another_order(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        rows = [
            [(cell.value, cell.number_format) for cell in row][::-1] for row in sheet.iter_rows(max_col=len(COLUMNS))
        ]
        for number, row in enumerate(rows, 1):
            for place, (value, number_format) in enumerate(row, 1):
                sheet.cell(number, place).value = value
                sheet.cell(number, place).number_format = number_format

    assert assert_read(firm, xlsx(firm.template(), change), fill_rate_numerator="97500", qualified_lines="3") == []


def test_columns_known_by_heading_alone(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.delete_rows(1, 2)
        sheet.row_dimensions[2].hidden = False
        sheet[f"{FILL}1"] = "  fill RATE: units shipped complete on first order"

    assert assert_read(firm, xlsx(firm.template(), change), fill_rate_numerator="97500") == []


def test_unknown_missing_and_nameless_columns_are_named(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.delete_cols(COLUMNS.index(next(c for c in COLUMNS if c.code == "shelf_life_months")) + 1)
        sheet.cell(3, len(COLUMNS)).value = "Comments"
        sheet.cell(FIRST, len(COLUMNS)).value = "=1+1"
        sheet.cell(FIRST, len(COLUMNS) + 2).value = "stray"

    assert assert_read(firm, xlsx(firm.template(), change), shelf_life_months="") == [
        "1 column is missing; answers stay as they are there: Shelf life (months).",
        "Not part of the questionnaire and not read: “Comments” (AF).",
        "Columns without a heading were not read: AH.",
    ]


def test_products_left_out_hidden_rows_and_other_sheets_are_named(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.delete_rows(FIRST + 2)
        sheet.row_dimensions[FIRST + 1].hidden = True
        book.create_sheet("Notes")["A1"] = "ours"
        hidden = book.create_sheet("Lists")
        hidden["A1"], hidden.sheet_state = "yes", "hidden"

    assert assert_read(firm, xlsx(firm.template(), change)) == [
        "The sheets “Notes” and “Lists” (hidden) were not read.",
        "1 hidden row was read too.",
        "1 of your enrolled products is not in the file; nothing changes there.",
    ]


@pytest.mark.parametrize("ndc", ["99911-101", "099911-0101", "99911010101", "NDC 99911-101-01", "999110101 "])
def test_an_ndc_in_another_form(firm: Firm, ndc: str) -> None:
    assert_read(firm, xlsx(firm.template(), put("ndc", ndc)), fill_rate_numerator="97500")


def test_a_share_that_may_be_a_percentage_is_remarked(firm: Firm) -> None:
    remarks = assert_read(firm, xlsx(firm.template(), put("capacity_utilisation_historical", 0.72)))
    assert remarks == ["Capacity utilization: last 12 months (%), row 4: 0.72 was read as 0.72 %, not as 72 %."]


def test_a_file_that_does_not_say_its_quarter(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        del book["How to fill it in"]

    remarks = assert_read(firm, xlsx(firm.template(), change))
    assert remarks == [f"The file does not say its quarter; it was read for the quarter to {QUARTER}."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_in_any_encoding_and_with_any_separator(firm: Firm, encoding: str, separator: str) -> None:
    firm.products[1].nonproprietary_name = "bétamine"
    firm.products[1].save()
    content = csv_text(firm.template(), separator=separator).encode(encoding)
    assert assert_read(firm, content, "kpis.csv", fill_rate_numerator="97500", contribution_margin="-12.5") == []


def test_a_csv_that_says_its_separator(firm: Firm) -> None:
    content = "sep=;\n" + csv_text(firm.template(), separator=";")
    assert assert_read(firm, content.encode(), "kpis.csv", fill_rate_numerator="97500") == []


def test_a_csv_named_as_a_workbook(firm: Firm) -> None:
    assert assert_read(firm, csv_text(firm.template()).encode(), "kpis.xlsx", qualified_lines="3") == []


def test_not_disclosed_written_in_one_cell_of_a_question(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet[cell("fill_rate_numerator")] = "not disclosed"
        sheet[cell("fill_rate_denominator")] = None

    assert_read(firm, xlsx(firm.template(), change), fill_rate_state="not_disclosed", fill_rate_numerator="")


# --- Cells that fail ------------------------------------------------------------------------------------------------

TOMORROW = date.today() + timedelta(days=2)
WRONG: dict[str, tuple[str, Any, str]] = {
    "formula": ("fill_rate_numerator", "=SUM(A1:A2)", "It holds a formula (=SUM(A1:A2)); write the figure itself."),
    "error": ("fill_rate_numerator", "#DIV/0!", "It holds the error #DIV/0!."),
    "text": ("fill_rate_numerator", "about 97500", "“about 97500” is not a number."),
    "number with unit": ("safety_stock_days", "60 days", "“60 days” is not a number."),
    "not whole": ("fill_rate_numerator", 97500.5, "“97500.5” is not a whole number."),
    "negative count": ("fill_rate_numerator", -5, "“-5” is out of range."),
    "too large": ("qualified_lines", 40_000, "“40000” is too large."),
    "hours beyond the week": ("operating_mode_hours_per_week", 169, "“169” is out of range."),
    "percent beyond 100": ("equipment_depreciated_share", 101, "“101” is out of range."),
    "decimal comma": ("safety_stock_days", "60,5", "“60,5” is not a number."),
    "European thousands": ("fill_rate_numerator", "97.500.000", "“97.500.000” is not a number."),
    "percentage of units": ("fill_rate_numerator", "97%", "It holds a percentage (“97%”)."),
    "date in a number": ("fill_rate_numerator", date(2026, 3, 5), "It holds a date (2026-03-05); a spreadsheet may have turned a figure into it."),  # noqa: E501
    "true in a number": ("fill_rate_numerator", True, "It holds yes where a number is asked."),
    "dash": ("safety_stock_days", "—", "“—” does not say whether the figure is missing or withheld."),
    "not applicable where it is not": ("shelf_life_months", "n/a", "“n/a” is no answer to this question."),
    "neither yes nor no": ("risk_management_plan_exists", "planned", "“planned” is neither yes nor no."),
    "two for yes": ("risk_management_plan_exists", 2, "“2” is neither yes nor no."),
    "unclear date": ("risk_management_plan_reviewed_on", "3/4/2026", "“3/4/2026” may be 2026-03-04 or 2026-04-03; write year-month-day."),  # noqa: E501
    "no date": ("risk_management_plan_reviewed_on", "last spring", "“last spring” is not a date written as year-month-day."),  # noqa: E501
    "day that is none": ("risk_management_plan_reviewed_on", "2026-02-30", "“2026-02-30” is not a date written as year-month-day."),  # noqa: E501
    "serial that is no date": ("risk_management_plan_tested_on", 12, "12 is no date."),
    "yes for a date": ("risk_management_plan_tested_on", True, "It holds yes where a date is asked."),
    "old date": ("risk_management_plan_tested_on", "1989-12-31", "1989-12-31 is before 1990."),
    "future date": ("risk_management_plan_tested_on", TOMORROW, f"{TOMORROW} is in the future."),
    "more than all": ("fill_rate_numerator", 100_001, "Units shipped complete on first order (100,001) cannot exceed units ordered (100,000)."),  # noqa: E501
    "nothing to count": ("fill_rate_denominator", 0, "Units ordered must be 1 or more. If there is nothing to count, answer “not disclosed”."),  # noqa: E501
    "words beside a figure": ("fill_rate_denominator", "not disclosed", "“97500” stands beside “not disclosed” for one question, fill rate."),  # noqa: E501
}  # fmt: skip
AT = {"words beside a figure": "fill_rate_numerator"}


@pytest.mark.parametrize("name", WRONG)
def test_a_cell_is_named_with_what_is_wrong(firm: Firm, name: str) -> None:
    code, value, wrong = WRONG[name]
    problems = assert_refused(firm, xlsx(firm.template(), put(code, value)), (cell(AT.get(name, code)), wrong))
    assert problems[0]["sheet"] == "KPIs"
    assert problems[0]["heading"] == next(c.heading for c in COLUMNS if c.code == AT.get(name, code))
    assert problems[0]["expected"].endswith(" or “not disclosed”")


def test_what_is_expected_is_said_in_full(firm: Firm) -> None:
    (problem,) = assert_refused(
        firm,
        xlsx(firm.template(), put("operating_mode_hours_per_week", 169)),
        (cell("operating_mode_hours_per_week"), "“169” is out of range."),
    )
    assert problem == {
        "sheet": "KPIs",
        "row": 4,
        "column": "G",
        "heading": "Operating mode (hours per week)",
        "found": "169",
        "wrong": "“169” is out of range.",
        "expected": "A number, such as 45.5 from 0 to 168 or “not disclosed”",
    }


def test_every_fault_of_a_file_is_told_at_once(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        put("qualified_lines", "x", FIRST + 2)(sheet, book)
        put("fill_rate_numerator", "y")(sheet, book)
        put("qualified_lines", "=A1")(sheet, book)

    assert_refused(
        firm,
        xlsx(firm.template(), change),
        (cell("qualified_lines"), "It holds a formula (=A1); write the figure itself."),
        (cell("fill_rate_numerator"), "“y” is not a number."),
        (cell("qualified_lines", FIRST + 2), "“x” is not a number."),
    )


def test_a_percentage_by_format_where_none_is_asked(firm: Firm) -> None:
    change = put("safety_stock_days", 0.6, number_format="0%")
    assert_refused(firm, xlsx(firm.template(), change), (cell("safety_stock_days"), "It holds a percentage (60 %)."))


def test_merged_cells(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.merge_cells(f"{FILL}{FIRST}:{FILL}{FIRST + 1}")

    area = f"{FILL}4:{FILL}5"
    assert_refused(firm, xlsx(firm.template(), change), (f"{FILL}4", f"The cells {area} are merged."))


@pytest.mark.parametrize(
    ("ndc", "wrong"),
    [
        ("99912-404", "“99912-404” is not a product that your organization has enrolled."),
        ("12345-678", "“12345-678” is not a product that your organization has enrolled."),
        ("12", "“12” is no NDC."),
        (23450303, "“23450303” is not a product that your organization has enrolled."),
        (2345, "“2345” is no NDC. A spreadsheet may have dropped its zeros."),
        ("=A5", "It holds no NDC as text."),
        (None, "The row has figures but no NDC."),
    ],
)
def test_a_row_whose_product_is_not_known(firm: Firm, ndc: Any, wrong: str) -> None:
    assert_refused(firm, xlsx(firm.template(), put("ndc", ndc)), ("A4", wrong))


def test_a_product_twice(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet["A5"], sheet["B5"] = sheet["A4"].value, sheet["B4"].value

    assert_refused(firm, xlsx(firm.template(), change), ("A5", "99911-101 was in row 4 before."))


def test_a_part_of_the_table_sorted_alone(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet["A4"], sheet["A5"] = sheet["A5"].value, sheet["A4"].value

    moved = "a part of the table may have been sorted or moved alone."
    assert_refused(
        firm,
        xlsx(firm.template(), change),
        ("B4", f"The row says “alphamine”, but 99911-202 is “betamine”: {moved}"),
        ("B5", f"The row says “betamine”, but 99911-101 is “alphamine”: {moved}"),
    )


def test_a_column_twice(firm: Firm) -> None:
    def change(sheet: Worksheet, book: Workbook) -> None:
        sheet.cell(3, len(COLUMNS) + 1).value = "Qualified lines"

    said = "The column “Qualified lines (lines)” appears twice, in H and AG."
    assert_refused(firm, xlsx(firm.template(), change), ("AG3", said))


def test_a_heading_that_contradicts_its_code(firm: Firm) -> None:
    said = "The column is headed “Shelf life (months)” but its code is qualified_lines."
    assert_refused(firm, xlsx(firm.template(), put("qualified_lines", "Shelf life", 3)), ("H3", said))


# --- Files that fail ------------------------------------------------------------------------------------------------


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


# --- CSV cells that fail --------------------------------------------------------------------------------------------

PLACE = {column.code: place for place, column in enumerate(COLUMNS)}


@pytest.mark.parametrize(
    ("separator", "code", "text", "wrong"),
    [
        (";", "fill_rate_numerator", "97,500", "“97,500” may be 97500 or 97.500; write it without a comma."),
        (";", "safety_stock_days", "60,5", "“60,5” is not a number."),
        (",", "fill_rate_numerator", "=1+1", "It holds a formula (=1+1); write the figure itself."),
        (",", "risk_management_plan_reviewed_on", "03/04/2026", "“03/04/2026” may be 2026-03-04 or 2026-04-03; write year-month-day."),  # noqa: E501
        (",", "disruption_notice_rate_numerator", "#N/A", "It holds the error #N/A."),
        (",", "fill_rate_numerator", "0" * 70 + "1", f"“{'0' * 40}…” is too long."),
        (",", "qualified_lines", "-", "“-” does not say whether the figure is missing or withheld."),
    ],
)  # fmt: skip
def test_a_cell_of_a_csv(firm: Firm, separator: str, code: str, text: str, wrong: str) -> None:
    def change(lines: list[list[str]]) -> None:
        lines[CSV_FIRST - 1][PLACE[code]] = text

    content = csv_text(firm.template(), change, separator).encode()
    (problem,) = assert_refused(firm, content, (cell(code, CSV_FIRST), wrong), name="kpis.csv")
    assert problem["sheet"] == ""


def test_dates_as_a_spreadsheet_writes_them_into_a_csv(firm: Firm) -> None:
    def change(lines: list[list[str]]) -> None:
        lines[CSV_FIRST - 1][PLACE["risk_management_plan_reviewed_on"]] = "2/20/2026"
        lines[CSV_FIRST][PLACE["risk_management_plan_reviewed_on"]] = "46063"

    content = csv_text(firm.template(), change).encode()
    assert assert_read(firm, content, "kpis.csv", risk_management_plan_reviewed_on="2026-02-20") == []
    second = KpiDraft.objects.get(product=firm.products[1])
    assert second.answers["risk_management_plan_reviewed_on"] == "2026-02-10"


def test_the_template_is_read_back_as_it_was_made(firm: Firm) -> None:
    """Every answer, by either kind of file; a template that nobody filled in changes nothing."""
    for content in (xlsx(firm.template()), csv_text(firm.template()).encode()):
        upload = firm.send(content)
        assert upload.problems == upload.remarks == []
        said = [{key: now for key, (_, now) in part["set"].items() if now} for part in upload.plan]
        assert said == [FULL, FULL, FULL]
        assert [part["open"] for part in upload.plan] == [[], [], []]
    again = load_workbook(io.BytesIO(xlsx(firm.template({}))))
    upload = firm.send(saved(again))
    assert [part["changes"] for part in upload.plan] == [[], [], []]
