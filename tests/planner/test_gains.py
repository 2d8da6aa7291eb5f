"""The catalogue is closed and complete, and what it promises is what the scorer gives."""

from collections import Counter

import numpy as np
import pytest

from ratings.planner.catalogue import KINDS, KINDS_OF_SUPPLY, KindCode
from ratings.planner.changes import Kpi, NewNode, changed
from ratings.planner.gains import plans
from ratings.planner.kpi_actions import worst_and_best
from ratings.scoring import INDICATORS, RATED, load_methodology, pack_country
from ratings.scoring.explain import rate_portfolio
from ratings.scoring.questionnaire import KPI_BY_CODE
from ratings.scoring.scorer import score_effective
from ratings.worked_example.product_example import portfolio_document
from tests.planner.products import inputs_of, random_portfolio

METHOD = load_methodology("2026.1")


@pytest.fixture(scope="module")
def planned():  # type: ignore[no-untyped-def]
    _, inputs = random_portfolio()
    return plans(inputs, METHOD, frozenset(), {})


def test_every_kind_is_documented_and_proposed_somewhere(planned) -> None:  # type: ignore[no-untyped-def]
    assert set(KINDS) == set(KindCode)
    assert all(kind.meaning and kind.changes and kind.target for kind in KINDS.values())
    proposed = Counter(gain.action.kind for plan in planned for gain in plan.proposed)
    assert set(KINDS) - set(proposed) == set()


def test_every_indicator_can_be_acted_on(planned) -> None:  # type: ignore[no-untyped-def]
    acted = {gain.action.indicator for plan in planned for gain in plan.proposed if not gain.action.is_open}
    assert {rule.code for rule in METHOD.indicators} - acted == set()
    read_from_nodes = {code for code in INDICATORS if not INDICATORS[code].kpis} | {"manufacturing_redundancy"}
    assert set(KINDS_OF_SUPPLY) == read_from_nodes


def test_codes_are_unique_within_a_product(planned) -> None:  # type: ignore[no-untyped-def]
    for plan in planned:
        codes = [gain.action.code for gain in plan.proposed]
        assert len(codes) == len(set(codes))


def test_every_promise_holds_by_the_way_of_the_portfolio_file(planned) -> None:  # type: ignore[no-untyped-def]
    """Each action written into a portfolio document, read back and rated as the command rates it."""
    portfolio, inputs = random_portfolio()
    chosen = [(plan, gain) for plan in planned[::5] for gain in plan.proposed]
    rows = np.array([plan.row for plan, _ in chosen])
    after = changed(inputs, rows, [gain.action.changes for _, gain in chosen])
    for place, (_, gain) in enumerate(chosen):
        document = portfolio_document(_one(after, place), "99901-101", "2026-11-01", portfolio.methodology, {})
        [rating] = rate_portfolio(document)
        assert rating["score"] == pytest.approx(gain.after.score, abs=0.05) if gain.after.is_rated else True
        assert (rating["status"] == "rated") == gain.after.is_rated
        assert tuple(rating["gates"]) == gain.after.gates
        assert (rating["band"] or 0) == gain.after.band


def _one(inputs, row):  # type: ignore[no-untyped-def]
    from dataclasses import fields

    nodes = inputs.node_product == row
    parts = {
        item.name: getattr(inputs, item.name)[nodes if item.name.startswith("node_") else slice(row, row + 1)]
        for item in fields(inputs)
    }
    return type(inputs)(**parts | {"node_product": np.zeros(nodes.sum(), dtype=np.int32)})


def test_nothing_gains_more_than_the_first(planned) -> None:  # type: ignore[no-untyped-def]
    for plan in planned:
        if not plan.now.is_rated:
            continue
        closed = [gain.exact or 0 for gain in plan.proposed if not gain.action.is_open]
        first = plan.gains[0].exact or 0 if plan.gains else 0.05
        assert max(closed, default=0) <= first + 1e-9
        assert [gain.exact for gain in plan.gains] == sorted((gain.exact for gain in plan.gains), reverse=True)


def test_the_base_of_a_plan_is_the_score_of_today(planned) -> None:  # type: ignore[no-untyped-def]
    _, inputs = random_portfolio()
    table = score_effective(inputs, METHOD)
    for plan in planned:
        assert plan.now.is_rated == (table.status[plan.row] == RATED)
        assert plan.now.exact is None or plan.now.exact == pytest.approx(table.exact[plan.row])


def test_what_is_withheld_is_offered_between_its_worst_and_its_best(planned) -> None:  # type: ignore[no-untyped-def]
    found = [gain for plan in planned for gain in plan.proposed if gain.action.is_open and plan.now.is_rated]
    assert len(found) > 100
    for gain in found:
        assert gain.best is not None
        assert gain.before.exact - 1e-9 <= gain.after.exact <= gain.best.exact + 1e-9  # type: ignore[operator]


def test_the_worst_figures_earn_what_withholding_earns() -> None:
    for rule in METHOD.indicators:
        for code in INDICATORS[rule.code].kpis:
            if code == "qualified_lines":
                continue
            kpi = KPI_BY_CODE[code]
            values = [
                {field.column: value for field, value in zip(kpi.fields, figures, strict=True)}
                for figures in worst_and_best(rule, kpi)
            ]
            worst, best = (_points(rule.code, item) for item in values)
            assert worst == rule.lowest_points, code
            assert best == (100 if rule.ticks else max(points for _, points in rule.curve)), code


def _points(indicator: str, figures: dict[str, float]) -> float:
    table = score_effective(inputs_of(_plain_nodes(), **figures), METHOD)
    return float(table.indicators[0, [rule.code for rule in METHOD.indicators].index(indicator)])


def _plain_nodes() -> list[tuple]:
    return [(stage, 1, 1.0, True, pack_country("IND"), 3.0, False) for stage in (1, 2, 3, 4)]


def test_targets_are_goalposts_reached_by_the_least_change() -> None:
    inputs = inputs_of(_plain_nodes(), fill_rate_numerator=905, fill_rate_denominator=999)
    [plan] = plans(inputs, METHOD, frozenset(), {})
    wanted = {gain.action.code: gain.action.changes for gain in plan.proposed}
    assert wanted["next_goalpost:fill_rate"] == (Kpi("fill_rate_numerator", 950.0),)  # 949 of 999 are below 95%
    assert wanted["top_goalpost:fill_rate"] == (Kpi("fill_rate_numerator", 980.0),)
    assert wanted["next_material:dual_sourced_materials"] == (Kpi("dual_sourced_materials_numerator", 4.0),)
    assert wanted["next_goalpost:capacity_utilisation"] == (Kpi("capacity_utilisation_forecast", 0.85),)
    assert wanted["backup_new_country"] == (NewNode(1, pack_country("USA")),)
    assert wanted["backup_same_country"] == (NewNode(1, pack_country("IND")),)


def test_changed_copies_leave_the_original_alone() -> None:
    inputs = inputs_of(_plain_nodes())
    before = inputs.kpis.copy(), inputs.node_share.copy()
    plans(inputs, METHOD, frozenset(), {})
    assert np.array_equal(before[0], inputs.kpis, equal_nan=True)
    assert np.array_equal(before[1], inputs.node_share)
