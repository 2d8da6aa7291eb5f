"""The PDF: tagged, the same bytes for the same contents, and what was typed stands in it as text."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from qmm.report.contents import ElementPart, FindingPart, Report
from qmm.report.pdf import BOX, UNSHOWN, pdf_of
from qmm.report.peers import Peers, Spread
from qmm.rubric import read
from qmm.rubric.shipped import shipped
from tests.pdf_text import outline_of, pages_of, text_of, texts_of
from tests.report.conftest import HOSTILE
from tests.report.test_words import report


def whole(text: str = "Seen and heard.", level: int = 3, **more: object) -> Report:
    """With all elements of the rubric at one level."""
    found, spread = report(**more), Spread(2.5, 3.0, 3.5)

    def part(element) -> ElementPart:
        rungs = {rung.number: rung for rung in element.levels}
        name, code = element.name, element.code
        return ElementPart(code, name, text, level, rungs[level], rungs.get(level + 1), 2, spread)

    areas = [
        replace(area, elements=[part(element) for element in section.elements], peers=spread)
        for area, section in zip(found.areas, read(shipped()), strict=True)
    ]
    findings = [FindingPart("critical_gap", "MC1", "Quality culture and leadership", text, "SOP-12")]
    return replace(found, areas=areas, findings=findings, peers=Peers(date(2026, 11, 23), 7))


def test_it_is_tagged_titled_and_has_its_headings() -> None:
    content = pdf_of(whole())
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part"):
        assert mark in content, mark
    headings = outline_of(content)
    assert headings[:5] == [
        "Quality management maturity",
        "Practice areas",
        "Findings",
        "Critical gaps",
        "Management commitment to quality",
    ]
    assert len(headings) == 3 + 1 + 5 + 20 + 1
    text = text_of(content)
    assert text.count("What the next level looks like") == 20
    assert "Report of the QMM assessment of Halden Plant 2" in text
    assert "Completed November 2, 2026, valid until November 2, 2029" in text
    assert "60.0 of 100" in text
    assert "4 Proactive." in text


def test_the_highest_level_has_no_next_one() -> None:
    text = text_of(pdf_of(whole(level=5)))
    assert text.count("This is the highest level.") == 20


def test_what_was_typed_is_text_and_never_markup() -> None:
    text = text_of(pdf_of(whole(HOSTILE)))
    assert text.count(HOSTILE) == 21
    assert "root:" not in text


def test_the_same_contents_give_the_same_bytes() -> None:
    first, second, other = (hashlib.sha256(pdf_of(whole(text))).digest() for text in ("Seen.", "Seen.", "Unseen."))
    assert first == second
    assert first != other


def test_signs_without_a_font_stand_as_boxes_and_the_file_says_so() -> None:
    text = text_of(pdf_of(whole("看见 ≥ 3 → heard \x07 😀")))
    assert f"{BOX}{BOX} ≥ 3 → heard {BOX}" in text
    assert UNSHOWN in text
    assert UNSHOWN not in text_of(pdf_of(whole("≥ 3 → heard")))


@pytest.mark.parametrize("typed", ["a\u0489\u0301\u0327\u0489 b", "ﬁ \u200b \u202e x", "\ue000 \ud7ff", "\u0378"])
def test_no_sign_keeps_a_report_from_being_set(typed: str) -> None:
    assert pdf_of(whole(typed)).startswith(b"%PDF-")


def test_a_draft_says_so_on_every_page() -> None:
    content = pdf_of(whole(is_draft=True, completed_on=None))
    text = text_of(content)
    # Besides the header of each page it stands under the title and in the notice.
    assert text.count("Draft, not final") == pages_of(content) + 2


def test_invented_data_say_so() -> None:
    assert "Firms, sites and figures are invented." in text_of(pdf_of(whole(is_synthetic=True)))
    assert "invented" not in text_of(pdf_of(whole()))


@pytest.mark.parametrize("lines", [18, 25, 32])
def test_no_heading_of_findings_stands_alone_at_the_foot_of_a_page(lines: int) -> None:
    found = whole()
    place = replace(found.place, address="1 Plant Road, behind the old mill " * lines)
    [rest] = [
        text.split("Findings", 1)[1] for text in texts_of(pdf_of(replace(found, place=place))) if "Findings" in text
    ]
    assert "Seen and heard." in rest


def test_without_levels_by_element_it_says_what_is_known() -> None:
    text = text_of(pdf_of(report("2.750", "3.250", "2.833", "2.667", "3.667")))
    assert "Levels by element are not known of this assessment" in text
    assert "Too few other organizations" in text
