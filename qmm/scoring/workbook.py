"""One's form as a workbook for work without any network: levels and notes beside the anchors, and new findings.

A hidden sheet keeps what the form held when the workbook was made: only so an upload can tell what was changed in it
from what was changed on the page since.
"""

import io
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from qmm.models import Finding
from qmm.queries.score_sheet import ScoreSheet
from qmm.rubric import LADDER

LEVELS_SHEET, FINDINGS_SHEET, ABOUT_SHEET, BASE_SHEET = "Levels", "Findings", "About", "As it was"
LEVEL_HEADS = ("Code", "Element", "Level", "Notes", *(f"{number} {name}" for number, name in enumerate(LADDER, 1)))
FINDING_HEADS = ("Number", "Code", "Kind", "What you found", "Evidence")
FORM_LINE = "Form"
SPARE_ROWS = 60  # for new findings
HOW_TO = (
    "Give each element a level from 1 to 5 in the sheet Levels, with notes. The anchors are on the right.",
    "A blank cell changes nothing: what you gave before stays. To take a level back, do so on the page.",
    "Write new findings into the sheet Findings, one a row, with the element’s code and the kind. Leave their number "
    "blank. Those with a number are kept already: change them, and add files, on the page.",
    "Send the file on the page where you got it. First you see, cell by cell, what it would change; nothing is stored "
    "before you say so, and then all of it or nothing.",
    "Where you changed the same text on the page meanwhile, both are shown and you choose.",
    "The file holds your levels. Nobody else may see them before both of you have finished: keep it to yourself.",
)


def workbook_of(sheet: ScoreSheet, made_at: datetime) -> bytes:
    """XLSX."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            "bold": book.add_format({"bold": True}),
            "head": book.add_format({"bold": True, "bg_color": "#E7F0FA", "text_wrap": True, "valign": "top"}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
            "own": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FDF3E3", "border": 1}),
            "level": book.add_format(
                {"bold": True, "valign": "top", "align": "center", "bg_color": "#FDF3E3", "border": 1}
            ),
        }
        _write_levels(book.add_worksheet(LEVELS_SHEET), sheet, formats)
        _write_findings(book.add_worksheet(FINDINGS_SHEET), sheet, formats)
        _write_about(book.add_worksheet(ABOUT_SHEET), sheet, made_at, formats)
        _write_base(book.add_worksheet(BASE_SHEET), sheet)
    return file.getvalue()


def _write_heads(page: Any, heads: tuple[str, ...], widths: tuple[int, ...], formats: dict[str, Any]) -> None:
    for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, head, formats["head"])
    page.freeze_panes(1, 2)


def _write_levels(page: Any, sheet: ScoreSheet, formats: dict[str, Any]) -> None:
    _write_heads(page, LEVEL_HEADS, (7, 26, 8, 60, *[46] * 5), formats)
    for line, item in enumerate(sheet.items, 1):
        page.write_string(line, 0, item.element.code, formats["bold"])
        page.write_string(line, 1, item.element.name, formats["wrapped"])
        if item.level.was:
            page.write_number(line, 2, int(item.level.was), formats["level"])
        else:
            page.write_blank(line, 2, None, formats["level"])
        page.write_string(line, 3, item.notes.was, formats["own"])
        for place, level in enumerate(item.element.levels, 4):
            page.write_string(line, place, level.anchor, formats["wrapped"])
    page.data_validation(
        1,
        2,
        sheet.total,
        2,
        {
            "validate": "list",
            "source": [1, 2, 3, 4, 5],
            "error_title": "No level",
            "error_message": "Give 1 to 5, or leave it blank.",
        },
    )


def _write_findings(page: Any, sheet: ScoreSheet, formats: dict[str, Any]) -> None:
    _write_heads(page, FINDING_HEADS, (8, 8, 16, 90, 50), formats)
    line = 0
    for line, row in enumerate((row for item in sheet.items for row in item.findings), 1):
        page.write_number(line, 0, row.pk)
        for place, text in enumerate((row.element, row.get_kind_display(), row.text, row.evidence), 1):
            page.write_string(line, place, text, formats["wrapped"])
    for spare in range(line + 1, line + 1 + SPARE_ROWS):
        for place in range(1, len(FINDING_HEADS)):
            page.write_blank(spare, place, None, formats["own"])
    last = line + SPARE_ROWS
    codes = [item.element.code for item in sheet.items]
    page.data_validation(line + 1, 1, last, 1, {"validate": "list", "source": codes})
    page.data_validation(line + 1, 2, last, 2, {"validate": "list", "source": [kind.label for kind in Finding.Kind]})


def _write_about(page: Any, sheet: ScoreSheet, made_at: datetime, formats: dict[str, Any]) -> None:
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 100)
    facts = (
        ("Establishment", sheet.assignment.case.establishment.name),
        ("Assessor", str(sheet.assignment.membership.user)),
        ("Rubric", sheet.rubric_version),
        ("Made", f"{made_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
    )
    for line, (name, value) in enumerate(facts):
        page.write_string(line, 0, name, formats["bold"])
        page.write_string(line, 1, value)
    for line, sentence in enumerate(HOW_TO, len(facts) + 1):
        page.write_number(line, 0, line - len(facts), formats["wrapped"])
        page.write_string(line, 1, sentence, formats["wrapped"])


def _write_base(page: Any, sheet: ScoreSheet) -> None:
    page.write_string(0, 0, FORM_LINE)
    page.write_string(0, 1, str(sheet.assignment.pk))
    page.write_string(0, 2, sheet.rubric_version)
    for line, item in enumerate(sheet.items, 1):
        for place, text in enumerate((item.element.code, item.level.was, item.notes.was)):
            page.write_string(line, place, text)
    page.hide()
