"""The published vector, missing values, and the libraries that compute the same, where they are installed."""

import numpy as np
import pytest

from qmm.agreement.coefficients import (
    alpha_of,
    both_ways,
    icc_one_way_of,
    intraclass,
    kappa_of,
    ordinal_alpha,
    pair_table,
    quadratic_kappa,
)

A = [3, 4, 2, 5, 3, 1, 4, 3, 2, 4]
B = [3, 4, 3, 5, 3, 2, 4, 3, 2, 5]
D = [2, 4, 2, 4, 3, 1, 4, 4, 2, 4]
NAN = np.nan


def test_the_vector() -> None:
    assert quadratic_kappa(A, B) == pytest.approx(0.8760, abs=1e-4)
    assert ordinal_alpha([A, B, D]) == pytest.approx(0.8622, abs=1e-4)


def test_the_vector_with_missing_values() -> None:
    given = np.array([A, B, D], dtype=float)
    given[2, 3] = given[1, 7] = NAN
    assert ordinal_alpha(given) == pytest.approx(0.8768, abs=1e-4)


def test_intraclass_of_the_vector() -> None:
    assert intraclass(A, B) == pytest.approx(0.887029, abs=1e-6)  # as pingouin 0.6.1 computes it: ICC(A,1)
    assert float(icc_one_way_of(pair_table(A, B))) == pytest.approx(0.885593, abs=1e-6)  # ICC(1,1)


def test_krippendorffs_own_example() -> None:
    """Four observers, twelve units (Krippendorff 2011): 0.815 for ordinal data."""
    given = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
    assert ordinal_alpha(given) == pytest.approx(0.815, abs=5e-4)


def test_items_that_one_of_two_left_out_count_for_nothing() -> None:
    assert quadratic_kappa([*A, NAN, 5], [*B, 1, NAN]) == quadratic_kappa(A, B)
    assert intraclass([*A, NAN, 5], [*B, 1, NAN]) == intraclass(A, B)
    assert ordinal_alpha([[*A, NAN, 5], [*B, 1, NAN]]) == ordinal_alpha([A, B])


def test_no_coefficient_where_it_has_no_meaning() -> None:
    for first, second in (([3, 3, 3], [3, 3, 3]), ([], []), ([NAN, 2], [3, NAN])):
        assert np.isnan(quadratic_kappa(first, second))
        assert np.isnan(intraclass(first, second))
        assert np.isnan(ordinal_alpha([first, second]))


def test_the_ends_of_the_scale() -> None:
    assert quadratic_kappa([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == 1
    assert ordinal_alpha([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]) == 1
    assert intraclass([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == 1
    assert quadratic_kappa([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]) == -1


def test_many_tables_at_once_are_as_each_alone() -> None:
    dice = np.random.default_rng(3)
    tables = dice.integers(0, 9, (4, 3, 5, 5)).astype(float)
    for coefficient in (kappa_of, icc_one_way_of, lambda each: alpha_of(both_ways(each))):
        each = [[float(coefficient(table)) for table in row] for row in tables]
        assert coefficient(tables) == pytest.approx(np.array(each), abs=1e-12)


def test_alpha_is_that_of_the_library() -> None:
    krippendorff = pytest.importorskip("krippendorff")
    dice = np.random.default_rng(7)
    for _ in range(50):
        given = dice.integers(1, 6, (int(dice.integers(2, 6)), 30)).astype(float)
        given[dice.random(given.shape) < 0.2] = NAN
        expected = krippendorff.alpha(given, level_of_measurement="ordinal")
        assert ordinal_alpha(given) == pytest.approx(expected, abs=1e-12)
