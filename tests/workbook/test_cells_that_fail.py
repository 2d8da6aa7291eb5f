"""A cell that cannot be read is named with what is wrong and what is expected, and the file stores nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from products.workbook.layout import COLUMNS
from tests.workbook.corpus import FILL, PLACE, assert_refused, cell
from tests.workbook.maker import CSV_FIRST, FIRST, Firm, csv_text, put, xlsx

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
        "expected": "A number from 0 to 168, such as 45.5 or “not disclosed”",
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
    assert_refused(firm, xlsx(firm.template(), change), (cell("safety_stock_days"), "It holds a percentage (60%)."))


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
