"""The smallest sets that reach the next band, held against every combination there is."""

from itertools import combinations

import numpy as np
import pytest

from ratings.planner.catalogue import go_together
from ratings.planner.changes import changed
from ratings.planner.gains import outcomes, plans
from ratings.planner.sets import LARGEST, next_band, smallest_sets
from ratings.scoring import load_methodology
from tests.planner.products import random_portfolio

METHOD = load_methodology("2026.1")
BRUTE = 3  # the largest size that is tried in full here


@pytest.mark.parametrize("row", range(0, 150, 15))
def test_no_smaller_set_reaches_the_band_and_those_found_do(row: int) -> None:
    _, inputs = random_portfolio()
    plan = _plan(row)
    search = smallest_sets(inputs, row, plan.now, plan.proposed, METHOD)
    target = next_band(plan.now, METHOD)
    if search is None:
        assert target is None
        return
    actions = [gain.action for gain in plan.proposed if not (plan.now.is_rated and gain.action.is_open)]
    reached = _smallest_by_brute_force(inputs, row, actions, target)
    if search.found:
        assert reached is None or search.size == reached
        assert reached is not None or search.size > BRUTE
        again = _scored(inputs, row, [item.actions for item in search.sets])
        assert again == [item.after for item in search.sets]
        assert all(item.after.is_rated and item.after.band >= search.target for item in search.sets)
        assert all(len(item.actions) == search.size and go_together(item.actions) for item in search.sets)
    else:
        assert reached is None
        assert search.tried <= LARGEST


def _plan(row: int):  # type: ignore[no-untyped-def]
    _, inputs = random_portfolio()
    return plans(inputs, METHOD, frozenset(), {})[row]


def _smallest_by_brute_force(inputs, row, actions, target):  # type: ignore[no-untyped-def]
    for size in range(1, BRUTE + 1):
        sets = [chosen for chosen in combinations(actions, size) if go_together(chosen)]
        for start in range(0, len(sets), 5000):
            if any(item.is_rated and item.band >= target for item in _scored(inputs, row, sets[start : start + 5000])):
                return size
    return None


def _scored(inputs, row, sets):  # type: ignore[no-untyped-def]
    rows = np.full(len(sets), row, dtype=np.int64)
    return outcomes(changed(inputs, rows, [[c for a in chosen for c in a.changes] for chosen in sets]), METHOD)
