"""What must hold for any portfolio, whatever its figures (methodology.md, the principles)."""

import copy
import dataclasses
import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.scoring import (
    FAULTY,
    INDICATORS,
    RATED,
    STAGES,
    EffectiveInputs,
    ScoreTable,
    load_methodology,
    resolve,
    score,
    score_effective,
)
from ratings.scoring.explain import rate_portfolio
from ratings.scoring.portfolio import read_portfolio
from ratings.scoring.questionnaire import KPI_BY_CODE, KPI_COLUMN, KPIS

from .portfolios import (
    FEIS,
    portfolios,
    random_answer,
    random_answers,
    random_assessment,
    random_portfolio,
    random_stage,
    rngs,
)

METHODOLOGY = load_methodology("2026.1")
DUST = 1e-9
EMPTY: dict[str, Any] = {"methodology": "2026.1", "as_of": "2026-11-01", "establishments": {}, "products": []}

properties = settings(derandomize=True, deadline=None, max_examples=50, database=None)


def effective_of(document: dict[str, Any]) -> EffectiveInputs:
    portfolio = read_portfolio(document)
    return resolve(portfolio.frames, portfolio.methodology, portfolio.as_of)


def table_of(document: dict[str, Any]) -> ScoreTable:
    return score_effective(effective_of(document), METHODOLOGY)


def assert_never_lower(before: ScoreTable, after: ScoreTable) -> None:
    assert (after.domains >= before.domains - DUST).all()
    both = (before.status == RATED) & (after.status == RATED)
    assert (after.exact[both] >= before.exact[both] - DUST).all()


@properties
@given(portfolios(3))
def test_results_stay_in_their_bounds(document):
    table = table_of(document)
    assert (table.status != FAULTY).all()
    rated = table.status == RATED
    assert ((table.exact[rated] >= 10) & (table.exact[rated] <= 100 + DUST)).all()
    assert np.isin(table.band[rated], range(1, 6)).all()
    assert (table.band <= table.band_uncapped).all()
    assert np.isnan(table.score[~rated]).all()
    assert not table.band[~rated].any()
    assert not table.gates[~rated].any()
    for share in (table.coverage, table.qmm_coverage, table.domain_coverage):
        assert ((share >= 0) & (share <= 1 + DUST)).all()
    points = table.indicators[~np.isnan(table.indicators)]
    assert ((points >= 0) & (points <= 100)).all()


@properties
@given(portfolios(3))
def test_losses_add_up_to_what_is_missing_to_100(document):
    effective = effective_of(document)
    table = score_effective(effective, METHODOLOGY)
    rated = table.status == RATED
    assert table.domain_losses[rated].sum(axis=1) == pytest.approx(100 - table.exact[rated])
    for number, domain in enumerate(METHODOLOGY.domains[1:], start=1):
        columns = list(METHODOLOGY.indicators_of(domain.code))
        parts = np.nansum(table.indicator_losses[np.ix_(rated, columns)], axis=1)
        assert parts == pytest.approx(table.domain_losses[rated, number])
    assert table.stage_losses[rated].sum(axis=1) == pytest.approx(table.domain_losses[rated, 0])
    for position, stage in enumerate(METHODOLOGY.qmm_stages):
        for row in np.flatnonzero(rated):
            at = (effective.node_product == row) & (effective.node_stage == STAGES.index(stage))
            if at.any():
                assert table.node_losses[at].sum() == pytest.approx(table.stage_losses[row, position])


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.code)
@settings(properties, max_examples=20)
@given(rng=rngs)
def test_disclosing_a_kpi_never_lowers_the_score(kpi, rng):
    withheld = random_portfolio(rng)
    disclosed = copy.deepcopy(withheld)
    withheld["products"][0]["kpis"][kpi.code] = {"state": "not_disclosed"}
    disclosed["products"][0]["kpis"][kpi.code] = random_answer(rng, kpi)
    before, after = table_of(withheld), table_of(disclosed)
    assert_never_lower(before, after)
    assert (after.coverage >= before.coverage - DUST).all()


@pytest.mark.parametrize("stage", STAGES)
@settings(properties, max_examples=40)
@given(rng=rngs)
def test_disclosing_a_supply_stage_never_lowers_the_score(stage, rng):
    withheld = random_portfolio(rng)
    product = withheld["products"][0]
    product["nodes"] = [node for node in product["nodes"] if node["stage"] != stage]
    disclosed = copy.deepcopy(withheld)
    disclosed["products"][0]["nodes"] += random_stage(rng, stage, least=1)
    assert_never_lower(table_of(withheld), table_of(disclosed))


@properties
@given(portfolios(2), st.sampled_from(FEIS), st.sampled_from(["USA", "CAN", "IND", "IRL"]))
def test_disclosing_a_country_never_lowers_the_score(withheld, fei, country):
    disclosed = copy.deepcopy(withheld)
    withheld["establishments"][fei]["country"] = None
    disclosed["establishments"][fei]["country"] = country
    assert_never_lower(table_of(withheld), table_of(disclosed))


@properties
@given(portfolios(2), st.sampled_from(FEIS), rngs)
def test_a_first_assessment_never_lowers_the_score(without, fei, rng):
    assessed = copy.deepcopy(without)
    without["establishments"][fei]["qmm"] = []
    assessed["establishments"][fei]["qmm"] = [random_assessment(rng)]
    assert_never_lower(table_of(without), table_of(assessed))


def better_figures(kpis: np.ndarray, code: str, step: float) -> np.ndarray:
    """A copy of the figures with one disclosed answer moved towards the better end of its curve."""
    kpi, better = KPI_BY_CODE[code], kpis.copy()
    rule = METHODOLOGY.rule("manufacturing_redundancy" if code == "qualified_lines" else code)
    for field in kpi.fields:
        column = better[:, KPI_COLUMN[field.column]]
        if kpi.is_counts:
            if field.name == "numerator":
                column[:] = np.minimum(column + step, better[:, KPI_COLUMN[f"{code}_denominator"]])
        elif rule.ticks:
            column[:] = np.where(np.isnan(column), np.nan, 1)
        elif rule.answers or code == "qualified_lines":
            column[:] = np.minimum(column + 1, 3)
        else:
            column[:] = column + step if rule.higher_is_better else np.maximum(column - step, 0)
    return better


@pytest.mark.parametrize("code", sorted({code for item in INDICATORS.values() for code in item.kpis}))
@settings(properties, max_examples=20)
@given(rng=rngs, step=st.floats(0, 50))
def test_a_better_figure_never_lowers_the_score(code, rng, step):
    document = random_portfolio(rng)
    document["products"][0]["kpis"] = random_answers(rng)
    effective = effective_of(document)
    better = dataclasses.replace(effective, kpis=better_figures(effective.kpis, code, step))
    assert_never_lower(score_effective(effective, METHODOLOGY), score_effective(better, METHODOLOGY))


@properties
@given(portfolios(3))
def test_better_supply_never_lowers_the_score(document):
    effective = effective_of(document)
    before = score_effective(effective, METHODOLOGY)
    qualified = dataclasses.replace(effective, node_qualified=np.ones_like(effective.node_qualified))
    resolved = dataclasses.replace(effective, node_oai=np.zeros_like(effective.node_oai))
    matured = dataclasses.replace(effective, node_level=np.minimum(effective.node_level + 0.5, 5))
    for better in (qualified, resolved, matured):
        assert_never_lower(before, score_effective(better, METHODOLOGY))


@properties
@given(portfolios(3), rngs)
def test_the_order_of_rows_changes_nothing(document, shuffler: random.Random):
    shuffled = copy.deepcopy(document)
    shuffler.shuffle(shuffled["products"])
    for product in shuffled["products"]:
        shuffler.shuffle(product["nodes"])
    feis = list(shuffled["establishments"].items())
    shuffler.shuffle(feis)
    shuffled["establishments"] = dict(feis)
    for _, establishment in feis:
        shuffler.shuffle(establishment["qmm"])
        shuffler.shuffle(establishment["inspections"])
    by_ndc = {rating["ndc"]: rating for rating in rate_portfolio(shuffled)}
    for rating in rate_portfolio(document):
        other = by_ndc[rating["ndc"]]
        assert other["score"] == rating["score"]
        assert other["exact"] == pytest.approx(rating["exact"], abs=2e-6)
        assert (other["status"], other["band"], other["gates"]) == (rating["status"], rating["band"], rating["gates"])
        assert other["points_lost"] == pytest.approx(rating["points_lost"], abs=2e-4)


@properties
@given(portfolios())
def test_splitting_a_packaging_site_between_two_alike_changes_nothing(document):
    elsewhere = [node for node in document["products"][0]["nodes"] if node["stage"] != "packaging"]
    whole = {"stage": "packaging", "fei": FEIS[0], "share": 1, "qualified": True}
    document["products"][0]["nodes"] = [*elsewhere, whole]
    split = copy.deepcopy(document)
    split["establishments"]["3009999999"] = copy.deepcopy(split["establishments"][FEIS[0]])
    halves = [{**whole, "share": 0.25}, {**whole, "share": 0.75, "fei": "3009999999"}]
    split["products"][0]["nodes"] = [*elsewhere, *halves]
    before, after = table_of(document), table_of(split)
    np.testing.assert_allclose(after.exact, before.exact, atol=DUST)
    np.testing.assert_allclose(after.domain_losses, before.domain_losses, atol=DUST)
    assert (after.band == before.band).all()
    assert (after.gates == before.gates).all()


def only(effective: EffectiveInputs, row: int) -> EffectiveInputs:
    """The inputs of one product, as a snapshot would keep them."""
    of_product = effective.node_product == row
    names = [field.name for field in dataclasses.fields(effective)]
    parts = {n: getattr(effective, n)[of_product if n.startswith("node_") else slice(row, row + 1)] for n in names}
    return EffectiveInputs(**{**parts, "node_product": np.zeros(of_product.sum(), dtype=np.int32)})


def assert_same_row(table: ScoreTable, row: int, other: ScoreTable, other_row: int) -> None:
    for field in dataclasses.fields(table):
        if field.name not in ("faults", "node_losses"):
            ours, theirs = getattr(table, field.name)[row], getattr(other, field.name)[other_row]
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name)


@properties
@given(portfolios(4))
def test_every_number_can_be_recomputed_from_the_inputs_of_one_product_alone(document):
    effective = effective_of(document)
    table = score_effective(effective, METHODOLOGY)
    for row in range(4):
        alone = score_effective(only(effective, row), METHODOLOGY)
        assert_same_row(table, row, alone, 0)
        np.testing.assert_array_equal(alone.node_losses, table.node_losses[effective.node_product == row])


def test_an_empty_portfolio_has_an_empty_table():
    table = score(read_portfolio(EMPTY).frames, METHODOLOGY, date(2026, 11, 1))
    assert len(table.status) == 0
    assert table.domains.shape == (0, len(METHODOLOGY.domains))


SPOILED_FIGURES = {
    "fill_rate_numerator": (1e9, "fill_rate: the numerator is larger than the denominator"),
    "on_time_delivery_denominator": (0, "on_time_delivery"),
    "dual_sourced_materials_numerator": (-1, "dual_sourced_materials_numerator is negative"),
    "operating_mode_hours_per_week": (169, "operating_mode_hours_per_week is outside 0 to 168 hours"),
    "days_inventory_on_hand": (np.inf, "days_inventory_on_hand is not a finite number"),
    "qualified_lines": (1.5, "qualified_lines is not a whole number"),
    "risk_management_plan": (4, "risk_management_plan is not the code of an answer"),
    "emergency_stock_process_exists": (2, "emergency_stock_process_exists is neither true nor false"),
}
SPOILED_NODES = {
    "node_share": (0.7, "the shares of stage api add up to 1.2, not to 1"),
    "node_level": (5.5, "a QMM level of an establishment is outside 1 to 5"),
    "node_stage": (9, "a supply node is at an unknown stage"),
    "node_establishment_id": (1, "an establishment appears twice at stage api"),
}


def spoil(effective: EffectiveInputs, what: str) -> tuple[EffectiveInputs, str]:
    """Product 1 of 3 made unfit for scoring in one way."""
    if what in SPOILED_FIGURES:
        value, reason = SPOILED_FIGURES[what]
        kpis = effective.kpis.copy()
        kpis[1, KPI_COLUMN[what]] = value
        return dataclasses.replace(effective, kpis=kpis), reason
    value, reason = SPOILED_NODES[what]
    first, second = np.flatnonzero(effective.node_product == 1)[:2]
    column = getattr(effective, what).copy()
    column[first] = column[second] if what == "node_establishment_id" else value
    return dataclasses.replace(effective, **{what: column}), reason


@pytest.mark.parametrize("what", [*SPOILED_FIGURES, *SPOILED_NODES])
@settings(properties, max_examples=8)
@given(rng=rngs)
def test_a_faulty_product_fails_alone_with_its_reason(what, rng):
    document = random_portfolio(rng, 3)
    sound_nodes = [n for n in document["products"][1]["nodes"] if n["stage"] != "api"]
    apis = [{"stage": "api", "fei": fei, "share": 0.5, "qualified": True} for fei in FEIS[:2]]
    document["products"][1]["nodes"] = apis + sound_nodes
    document["products"][1]["kpis"] = random_answers(rng)
    effective = effective_of(document)
    spoiled, reason = spoil(effective, what)
    before, after = score_effective(effective, METHODOLOGY), score_effective(spoiled, METHODOLOGY)
    assert list(after.faults) == [1]
    assert any(reason in fault for fault in after.faults[1]), after.faults
    assert after.status[1] == FAULTY
    assert np.isnan(after.exact[1])
    assert np.isnan(after.domains[1]).all()
    for row in (0, 2):
        assert_same_row(before, row, after, row)


def test_arrays_that_do_not_fit_together_are_refused():
    effective = effective_of(EMPTY)
    with pytest.raises(ValueError, match="kpis"):
        score_effective(dataclasses.replace(effective, kpis=np.zeros((0, 3))), METHODOLOGY)
    with pytest.raises(ValueError, match="in_shortage has 1 rows"):
        score_effective(dataclasses.replace(effective, in_shortage=np.zeros(1, dtype=bool)), METHODOLOGY)
