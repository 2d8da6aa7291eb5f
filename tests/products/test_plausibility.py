"""Rates with their intervals, answers in words, and what looks unlikely."""

from datetime import date

import pytest

from products.questionnaire import QUESTIONS, read_answers
from products.questionnaire.plausibility import NOTE_KEYS, doubts
from products.questionnaire.rates import wilson
from products.questionnaire.words import in_words

TODAY = date(2026, 11, 20)
BY_CODE = {question.code: question for question in QUESTIONS}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (19, 20, 0.7639, 0.9911),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (9_500, 10_000, 0.9456, 0.9541),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_wilson(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (2, 1), (-1, 3)])
def test_wilson_of_no_share(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(part, whole)


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [
        (
            "fill_rate",
            {"fill_rate_numerator": 97_500, "fill_rate_denominator": 100_000},
            "97.5% (97,500 of 100,000 units)",
        ),
        ("fill_rate", {}, "not disclosed"),
        (
            "disruption_notice_rate",
            {"disruption_notice_rate_numerator": 0, "disruption_notice_rate_denominator": 0},
            "not applicable: no disruptions",
        ),
        ("qualified_lines", {"qualified_lines": 1}, "1\u00a0line"),
        ("contribution_margin", {"contribution_margin": -0.125}, "\u221212.5%"),
        (
            "risk_management_plan",
            {"risk_management_plan_exists": True, "risk_management_plan_tested_on": date(2026, 3, 1)},
            "A written plan exists: yes; Last test, actions closed: March 1, 2026",
        ),
    ],
)
def test_answers_in_words(code: str, values: dict, words: str) -> None:
    assert in_words(BY_CODE[code], values) == words


def found(texts: dict[str, str], before: dict | None = None) -> dict[str, str]:
    return {doubt.code: doubt.text for doubt in doubts(read_answers(texts, TODAY), before)}


@pytest.mark.parametrize(
    ("texts", "before", "code", "text"),
    [
        (
            {"capacity_utilisation_historical": "0.72", "capacity_utilisation_forecast": "70"},
            None,
            "capacity_utilisation.share",
            "Last 12 months: 0.72% is very little. If 72% was meant, type 72.",
        ),
        (
            {"contribution_margin": "-0.3"},
            None,
            "contribution_margin.share",
            "\u22120.3% is very little. If \u221230% was meant, type \u221230.",
        ),
        (
            {"capacity_utilisation_historical": "104", "capacity_utilisation_forecast": "70"},
            None,
            "capacity_utilisation.size",
            "Last 12 months: 104% is more than is usual (100%). Is it right?",
        ),
        (
            {"shelf_life_months": "2"},
            None,
            "shelf_life_months.size",
            "2\u00a0months is less than is usual (3\u00a0months). Is it right?",
        ),
        (
            {"fill_rate_numerator": "40", "fill_rate_denominator": "100"},
            None,
            "fill_rate.size",
            "40% is unusually low. Are the counts the right way round?",
        ),
        (
            {"fill_rate_numerator": "19", "fill_rate_denominator": "20"},
            None,
            "fill_rate.size",
            "20 units are unusually few. Is this the whole window?",
        ),
        (
            {"safety_stock_adherence_numerator": "3", "safety_stock_adherence_denominator": "4"},
            None,
            "safety_stock_adherence.size",
            "12 months have 12 month-ends; 4 were counted.",
        ),
        (
            {
                "capacity_utilisation_historical": "72",
                "capacity_utilisation_forecast": "70",
                "operating_mode_hours_per_week": "80",
            },
            None,
            "operating_mode.contradiction",
            "Demand of 72% of round-the-clock capacity takes 121 hours a week; 80 are scheduled.",
        ),
        (
            {"days_inventory_on_hand": "400", "shelf_life_months": "12"},
            None,
            "days_inventory_on_hand.contradiction",
            "Stock for 400 days outlasts the shelf life of 12 months: part of it would expire.",
        ),
        (
            {"safety_stock_days": "60", "days_inventory_on_hand": "45"},
            None,
            "safety_stock_days.contradiction",
            "Safety stock of 60 days is part of the inventory, which is 45 days.",
        ),
        (
            {
                "safety_stock_days": "60",
                "safety_stock_target_days": "90",
                "safety_stock_adherence_numerator": "12",
                "safety_stock_adherence_denominator": "12",
            },
            None,
            "safety_stock_adherence.contradiction",
            "The target was met at every month-end, yet 60 days are held of a target of 90.",
        ),
        (
            {"risk_management_plan_exists": "no", "risk_management_plan_reviewed_on": "2026-01-01"},
            None,
            "risk_management_plan.contradiction",
            "“A written plan exists” is no, so this counts nothing: Last review.",
        ),
        (
            {"fill_rate_numerator": "80", "fill_rate_denominator": "100"},
            {"fill_rate_numerator": 95, "fill_rate_denominator": 100},
            "fill_rate.jump",
            "It was 95% last time and is 80% now.",
        ),
        (
            {"fill_rate_numerator": "950", "fill_rate_denominator": "1000"},
            {"fill_rate_numerator": 95, "fill_rate_denominator": 100},
            "fill_rate.jump",
            "Units ordered: 100 last time, 1,000 now.",
        ),
        (
            {"fill_rate_numerator": "95", "fill_rate_denominator": "100"},
            {"fill_rate_numerator": 95, "fill_rate_denominator": 100},
            "fill_rate.repeated",
            "Both counts are exactly those of last time. Over 12 months that hardly happens by chance.",
        ),
        (
            {"days_inventory_on_hand": "30"},
            {"days_inventory_on_hand": 90.0},
            "days_inventory_on_hand.jump",
            "It was 90\u00a0days last time and is 30\u00a0days now.",
        ),
        (
            {"risk_management_plan_exists": "no"},
            {"risk_management_plan_exists": True},
            "risk_management_plan.jump",
            "A written plan exists: was yes last time and is no now.",
        ),
    ],
)
def test_what_looks_unlikely(texts: dict[str, str], before: dict | None, code: str, text: str) -> None:
    assert found(texts, before) == {code: text}
    assert code in NOTE_KEYS


@pytest.mark.parametrize(
    ("texts", "before"),
    [
        ({}, None),
        (
            {
                "capacity_utilisation_historical": "72",
                "capacity_utilisation_forecast": "75",
                "operating_mode_hours_per_week": "120",
            },
            None,
        ),
        (
            {"days_inventory_on_hand": "90", "shelf_life_months": "24", "safety_stock_days": "45"},
            {"days_inventory_on_hand": 60.0},
        ),
        (
            {"fill_rate_numerator": "980", "fill_rate_denominator": "1000"},
            {"fill_rate_numerator": 940, "fill_rate_denominator": 990},
        ),
        ({"shelf_life_months": "many"}, {"shelf_life_months": 24.0}),
    ],
)
def test_what_is_usual_is_not_doubted(texts: dict[str, str], before: dict | None) -> None:
    assert found(texts, before) == {}
