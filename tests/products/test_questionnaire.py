"""What is typed into the questionnaire, as it is read."""

from datetime import date

import pytest

from products.models import KpiSubmission
from products.questionnaire import FIELDS, QUESTIONS, State, read_answers, texts_of
from ratings.scoring.questionnaire import KPIS

TODAY = date(2026, 11, 20)


def test_it_asks_for_every_figure_that_the_method_reads_and_no_other() -> None:
    assert {question.code for question in QUESTIONS} == {kpi.code for kpi in KPIS}
    names = {field.name for field in KpiSubmission._meta.fields}
    assert set(FIELDS) <= names
    assert {kpi.code for kpi in KPIS if kpi.may_not_apply} == {
        question.code for question in QUESTIONS if question.may_not_apply
    }


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("fill_rate_numerator", "97,500", 97_500),
        ("fill_rate_numerator", "97 500", 97_500),
        ("fill_rate_numerator", " 97500 ", 97_500),
        ("capacity_utilisation_historical", "72", 0.72),
        ("capacity_utilisation_historical", "72.5 %", 0.725),
        ("contribution_margin", "-12.5%", -0.125),
        ("days_inventory_on_hand", "45.5", 45.5),
        ("qualified_lines", "2", 2),
        ("risk_management_plan_exists", "Yes", True),
        ("risk_management_plan_exists", "no", False),
        ("risk_management_plan_reviewed_on", "2026-02-10", date(2026, 2, 10)),
        ("fill_rate_numerator", "", None),
    ],
)
def test_a_figure_is_read_and_written_back(column: str, text: str, value: object) -> None:
    field = FIELDS[column]
    assert field.read(text) == value
    assert field.read(field.written(value)) == value


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("fill_rate_numerator", "12.5", "Give a whole number, such as 1200. “12.5” is not one."),
        ("fill_rate_numerator", "1,5", "Give a whole number, such as 1200. “1,5” is not one."),
        ("fill_rate_numerator", "-1", "Give a whole number, such as 1200. “-1” is not one."),
        ("days_inventory_on_hand", "NaN", "Give a number from 0 to 100,000, such as 45.5. “NaN” is not one."),
        ("days_inventory_on_hand", "1e9", "Give a number from 0 to 100,000, such as 45.5. “1e9” is not one."),
        (
            "operating_mode_hours_per_week",
            "169",
            "Give a number from 0 to 168, such as 45.5. “169” is not one.",
        ),
        ("qualified_lines", "abc", "Give a whole number, such as 2. “abc” is not one."),
        (
            "equipment_depreciated_share",
            "101",
            "Give a percentage from 0 to 100, such as 72 or 72.5. “101” is not one.",
        ),
        ("risk_management_plan_exists", "perhaps", "Give yes or no. “perhaps” is neither."),
        (
            "risk_management_plan_reviewed_on",
            "10/02/2026",
            "Give a date as year-month-day, such as 2026-03-31. “10/02/2026” is not one.",
        ),
        ("risk_management_plan_reviewed_on", "2026-11-21", "Give a date that is not in the future; 2026-11-21 is."),
    ],
)
def test_what_cannot_be_read_says_what_is_wanted(column: str, text: str, message: str) -> None:
    found = read_answers({column: text}, TODAY)
    assert found.problems == {column: message}
    assert found.values[column] is None


def test_counts_are_checked_together() -> None:
    more = read_answers({"fill_rate_numerator": "11", "fill_rate_denominator": "10"}, TODAY)
    assert more.problems == {
        "fill_rate_numerator": "Units shipped complete on first order (11) cannot exceed units ordered (10)."
    }
    none = read_answers({"fill_rate_numerator": "0", "fill_rate_denominator": "0"}, TODAY)
    assert none.problems == {
        "fill_rate_denominator": "Units ordered must be 1 or more. If there is nothing to count, answer “not disclosed”."  # noqa: E501
    }
    half = read_answers({"fill_rate_numerator": "3"}, TODAY)
    assert (half.problems, half.states["fill_rate"]) == ({}, State.OPEN)


def test_only_disruptions_can_be_not_applicable() -> None:
    texts = {"disruption_notice_rate_state": "not_applicable", "fill_rate_state": "not_applicable"}
    found = read_answers(texts, TODAY)
    assert found.states["disruption_notice_rate"] is State.NOT_APPLICABLE
    assert found.values["disruption_notice_rate_denominator"] == 0
    assert found.problems == {
        "fill_rate_state": "Fill rate can be reported or not disclosed; “not_applicable” is neither."
    }


def test_a_submission_gives_the_texts_that_would_give_it_again() -> None:
    given = KpiSubmission(
        fill_rate_numerator=97_500,
        fill_rate_denominator=100_000,
        capacity_utilisation_historical=0.725,
        contribution_margin=-0.125,
        risk_management_plan_exists=True,
        risk_management_plan_tested_on=date(2025, 11, 4),
        disruption_notice_rate_numerator=0,
        disruption_notice_rate_denominator=0,
    )
    found = read_answers(texts_of(given), TODAY)
    assert found.problems == {}
    assert found.values == {column: getattr(given, column) for column in FIELDS}
    assert found.states["shelf_life_months"] is State.NOT_DISCLOSED
    assert found.open == ["capacity_utilisation"], "one of its two figures is missing"
