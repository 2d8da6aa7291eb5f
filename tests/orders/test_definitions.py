"""What counts, in the same words wherever somebody answers: the questionnaire, the page of figures, the workbook."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from products.questionnaire import QUESTIONS
from tests.home.conftest import main_words
from tests.orders.conftest import Firm, computed_upload

LINE = "A1,1,99901-101,2026-01-05,2026-01-10,2026-01-06,2026-01-09,100,100,"
FROM_LINES = [question for question in QUESTIONS if question.lines]


@pytest.fixture
def editor(firm: Firm) -> Client:
    return firm.client()


def test_three_figures_come_from_lines() -> None:
    assert [question.code for question in FROM_LINES] == ["fill_rate", "on_time_delivery", "order_to_ship_days"]


def test_the_page_of_figures_says_them_openly(editor: Client) -> None:
    upload = computed_upload(editor, LINE)
    html = editor.get(f"/order-lines/{upload.pk}/").content.decode()
    text = main_words(html)
    for question in FROM_LINES:
        for said in (question.definition, question.lines, question.exclusions):
            assert said in text
    assert '<details class="as-table" open>' in html


@pytest.mark.parametrize(("section", "codes"), [("demand_and_supply", [0]), ("logistics", [1, 2])])
def test_the_help_of_the_questionnaire_says_the_same(
    firm: Firm, editor: Client, section: str, codes: list[int]
) -> None:
    text = main_words(editor.get(f"/products/{firm.vial.ndc}/kpis/2026-09-30/?section={section}").content.decode())
    for place in codes:
        assert FROM_LINES[place].lines in text


def test_so_does_the_workbook(editor: Client) -> None:
    book = load_workbook(io.BytesIO(editor.get("/kpis/workbooks/template.xlsx").content))
    cells = {str(cell.value) for row in book["Definitions"].iter_rows() for cell in row}
    for question in FROM_LINES:
        assert f"{question.exclusions} {question.lines}" in cells
