"""Intervals hold what they promise; a lenient assessor is found, and nobody else."""

import numpy as np
import pytest

from qmm.agreement.coefficients import kappa_of
from qmm.agreement.drift import NOTABLE, drifts, mean_drift, t_quantile
from qmm.agreement.figures import drifts_of, figures_of_groups, figures_of_pairs
from qmm.agreement.intervals import intervals
from tests.agreement.panel import ELEMENTS, simulated

EVERY = {"overall": list(ELEMENTS)}


def test_the_same_levels_give_the_same_interval() -> None:
    levels = simulated(30, [0] * 6)
    assert figures_of_groups(levels, EVERY) == figures_of_groups(levels, EVERY)


def test_an_interval_surrounds_its_figure_and_narrows_with_more_assessments() -> None:
    few, many = (figures_of_groups(simulated(cases, [0] * 8), EVERY)["overall"] for cases in (20, 320))
    for figure in (few, many):
        for found in (figure.alpha, figure.kappa, figure.icc):
            assert found.low < found.value < found.high
    ratio = (few.alpha.high - few.alpha.low) / (many.alpha.high - many.alpha.low)
    assert 2.5 < ratio < 6.5  # sixteen times as many: a quarter


def test_nine_of_ten_intervals_hold_the_true_value() -> None:
    """Of all assessments that there could be: 40 of a thousand, eighty times."""
    every = simulated(1_000, [0] * 8, seed=5)
    truth = figures_of_groups(every, EVERY, resamples=2)["overall"].kappa.value
    dice = np.random.default_rng(6)
    held = 0
    for _ in range(80):
        chosen = np.zeros(1_000, dtype=bool)
        chosen[dice.choice(1_000, 40, replace=False)] = True
        kappa = figures_of_groups(every.of(chosen), EVERY, resamples=300)["overall"].kappa
        held += kappa.low <= truth <= kappa.high
    assert 70 <= held <= 80


def test_resampling_draws_assessments_not_elements() -> None:
    """Twenty equal elements of one visit are worth one: the interval is that of one element a visit."""
    one = np.zeros((12, 1, 5, 5))
    for case, (a, b) in enumerate(np.random.default_rng(2).integers(0, 5, (12, 2))):
        one[case, 0, a, b] = 1
    ends = [intervals(table, {"kappa": kappa_of})["kappa"] for table in (one, 20 * one)]
    assert ends[0] == pytest.approx(ends[1])


def test_fewer_than_five_assessments_have_no_interval() -> None:
    figure = figures_of_groups(simulated(4, [0, 0, 0]), EVERY)["overall"]
    assert figure.alpha.value is not None
    assert (figure.alpha.low, figure.alpha.high) == (None, None)


def test_missing_levels_count_for_nothing_and_elements_never_scored_are_left_out() -> None:
    levels = simulated(40, [0] * 5, missing=0.3)
    levels.levels[:, 2] = 0
    found = figures_of_groups(levels, {"first": ["PQ1"], "third": ["PQ3"], "unknown": ["MC1"]})
    assert list(found) == ["first"]
    assert found["first"].items == int((levels.levels[:, 0] > 0).all(axis=1).sum()) < 40


def test_a_lenient_assessor_is_found_and_nobody_else() -> None:
    """The partners of a lenient one do not look strict."""
    found = {each.assessor: each for each in drifts_of(simulated(120, [0.6, 0, 0, 0, 0, 0, 0, 0]))}
    lenient = [each.assessor for each in found.values() if each.low > 0 and each.drift >= NOTABLE]
    strict = [each.assessor for each in found.values() if each.high < 0 and each.drift <= -NOTABLE]
    assert (lenient, strict) == ([1], [])
    # Against the mean of eight, of which she is one: 0.6 less 0.6 / 8.
    assert found[1].low < 0.525 < found[1].high
    assert sum(each.drift for each in found.values()) == pytest.approx(0, abs=1e-9)


def test_drift_of_three_by_hand() -> None:
    """1 gives half a level more than 2, and 2 as much as 3: 1 is a third above the mean, the others a sixth below."""
    first, second = [1] * 5 + [2] * 5 + [3] * 5, [2] * 5 + [3] * 5 + [1] * 5
    found = drifts(first, second, [0.5] * 5 + [0] * 5 + [-0.5] * 5, [20] * 15)
    assert [each.drift for each in found] == pytest.approx([1 / 3, -1 / 6, -1 / 6])
    assert [(each.assessments, each.partners) for each in found] == [(10, 2)] * 3
    assert all(each.high - each.low < 1e-6 for each in found)  # they never waver


def test_two_who_worked_with_nobody_else_share_their_difference() -> None:
    found = drifts([1] * 6, [2] * 6, [0.4, 0.6, 0.5, 0.4, 0.6, 0.5], [20] * 6)
    assert [each.drift for each in found] == pytest.approx([0.25, -0.25])
    assert [each.partners for each in found] == [1, 1]


def test_a_newcomer_has_no_interval_and_costs_nobody_theirs() -> None:
    found = drifts([1, 1, 1, 1, 1, 1, 3], [2, 2, 2, 2, 2, 2, 1], [0.1, 0.2, 0, 0.1, 0.2, 0, 1], [20] * 7)
    assert [each.low is None for each in found] == [False, False, True]


def test_two_circles_joined_by_one_assessment_leave_its_two_without_an_interval() -> None:
    first, second = [1, 2, 3] * 4 + [4, 5, 6] * 4 + [1], [2, 3, 1] * 4 + [5, 6, 4] * 4 + [4]
    gaps = [0.1, 0.0, -0.1, 0.2, -0.1, 0.0] * 4 + [1]
    found = drifts(first, second, gaps, [20] * 25)
    assert [each.assessor for each in found if each.low is None] == [1, 4]


def test_against_a_reference() -> None:
    mean, low, high = mean_drift([1, 0, 0, 1, 0, 1])
    assert mean == 0.5
    assert (low, high) == pytest.approx((0.5 - 0.57482, 0.5 + 0.57482), abs=1e-4)  # t(5) 2.570582 × 0.547723 / √6
    assert mean_drift([1, 0, 1, 0]) == (0.5, None, None)


@pytest.mark.parametrize(("freedom", "expected"), [(4, 2.776445), (9, 2.262157), (30, 2.042272), (10_000, 1.960201)])
def test_the_quantile_of_student(freedom: int, expected: float) -> None:
    assert t_quantile(freedom) == pytest.approx(expected, abs=1e-3)


def test_pairs_are_the_same_whoever_led() -> None:
    levels = simulated(60, [0, 0.5, 0])
    turned = simulated(60, [0, 0.5, 0])
    object.__setattr__(turned, "levels", levels.levels[:, :, ::-1])
    object.__setattr__(turned, "assessors", levels.assessors[:, ::-1])
    one, other = list(figures_of_pairs(levels)), list(figures_of_pairs(turned))
    assert [(a, b) for a, b, _ in one] == [(1, 2), (1, 3), (2, 3)]
    assert one == other
    assert sum(figure.assessments for _, _, figure in one) == 60
