"""Workbooks and CSVs as people send them, which are read: with these answers, and with these remarks."""

import io
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from products.models import KpiDraft
from products.workbook.layout import COLUMNS
from tests.workbook.corpus import FILL, PLACE, Change, assert_read, cell
from tests.workbook.maker import CSV_FIRST, FIRST, FULL, QUARTER, Firm, csv_text, put, saved, xlsx

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
    assert remarks == ["Capacity utilization: last 12 months (%), row 4: 0.72 was read as 0.72%, not as 72%."]


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
