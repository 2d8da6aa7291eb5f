"""The scorer agrees with the published golden portfolios on every figure, explanation included."""

from typing import Any

import pytest

from ratings.scoring.explain import rate_portfolio

from .portfolios import golden


def differences(actual: Any, expected: Any, path: str = "$") -> list[str]:
    """Where two documents differ by more than the published tolerance."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = sorted({*actual, *expected})
        missing = [f"{path}.{key}: in one only" for key in keys if (key in actual) != (key in expected)]
        both = [key for key in keys if key in actual and key in expected]
        return missing + [d for key in both for d in differences(actual[key], expected[key], f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [
            d for i, pair in enumerate(zip(actual, expected, strict=True)) for d in differences(*pair, f"{path}[{i}]")
        ]
    if isinstance(expected, float) and isinstance(actual, int | float):
        return [] if actual == pytest.approx(expected, abs=1e-4, rel=0) else [f"{path}: {actual} is not {expected}"]
    return [] if actual == expected else [f"{path}: {actual!r} is not {expected!r}"]


@pytest.mark.parametrize("name", ["appendix_b", "edges", "random"])
def test_ratings_agree_with_the_golden_portfolio(name: str):
    assert differences(rate_portfolio(golden(name)), golden(f"{name}.expected")) == []


def test_the_comparison_sees_a_difference():
    expected = golden("appendix_b.expected")
    actual = golden("appendix_b.expected")
    actual[1]["points_lost_detail"]["qmm"]["api"]["3001000002"] += 0.001
    assert differences(actual, expected) == ["$[1].points_lost_detail.qmm.api.3001000002: 3.8792 is not 3.8782"]


def test_as_of_replaces_the_day_of_the_file():
    on_the_day = rate_portfolio(golden("appendix_b"))
    after_all_assessments_expired = rate_portfolio(golden("appendix_b"), "2029-11-01")
    assert on_the_day[0]["qmm_coverage"] == 1.0
    assert after_all_assessments_expired[0]["status"] == "insufficient_data"
    assert after_all_assessments_expired[0]["points_lost"] == {}
