"""The rating: effective inputs and a methodology in, a table of results out. No clock, no database, no product's loop.

Source: methodology.md, "KPI domains" and "Score, status, band".
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from .bands import buffered_band, capped_band, gate_bits, published_score
from .effective import resolve
from .faults import find_faults
from .frames import EffectiveInputs, Frames
from .indicators import INDICATORS, Evidence, Indicator
from .losses import share_out
from .qmm import QmmResult, rate_qmm
from .questionnaire import KPI_BY_CODE, KPI_FIELDS
from .rules import QMM, Methodology
from .supply import supply_facts
from .table import FAULTY, INSUFFICIENT, RATED, ScoreTable

__all__ = ["score", "score_effective"]

_Array = NDArray[np.float64]


def score(frames: Frames, methodology: Methodology, as_of: date) -> ScoreTable:
    """Rates every product of `frames` as of a day. A product that cannot be scored fails alone (`faults`)."""
    return score_effective(resolve(frames, methodology, as_of), methodology)


def score_effective(effective: EffectiveInputs, methodology: Methodology) -> ScoreTable:
    """Rates every product from exactly the inputs that decide its result.

    ValueError if the arrays do not fit together; a product whose figures are wrong is FAULTY instead.
    """
    _check_shapes(effective)
    with np.errstate(all="ignore"):  # faulty products may divide by 0; their results are blanked below
        return _score(effective, methodology)


def _score(effective: EffectiveInputs, methodology: Methodology) -> ScoreTable:
    supply = supply_facts(effective, methodology)
    faults = find_faults(effective, supply, methodology)
    evidence = Evidence(effective.kpis, supply, methodology)
    qmm = rate_qmm(effective, supply, methodology)
    points, disclosed = _indicator_points(evidence)
    domains, domain_coverage = _domain_values(points, disclosed, qmm, methodology)

    weights = np.array([domain.weight for domain in methodology.domains])
    coverage = (domain_coverage * weights).sum(axis=1)
    floored = np.maximum(domains, methodology.score.floor)
    mean = np.exp((np.log(floored) * weights).sum(axis=1))

    status = _status(coverage, qmm.coverage, faults, methodology)
    faulty, rated = status == FAULTY, status == RATED
    exact = _blank(mean, ~rated)
    published = published_score(exact, methodology)
    gates = np.where(rated, gate_bits(effective, evidence), 0)
    band_uncapped = buffered_band(published, effective.prior_band, methodology)
    losses = share_out(mean, floored, points, qmm, supply, methodology)
    return ScoreTable(
        status=status,
        score=published,
        exact=exact,
        band_uncapped=band_uncapped,
        band=capped_band(band_uncapped, gates, methodology),
        gates=gates,
        coverage=_blank(coverage, faulty),
        qmm_coverage=_blank(qmm.coverage, faulty),
        domains=_blank(domains, faulty),
        domain_coverage=_blank(domain_coverage, faulty),
        indicators=_blank(points, faulty),
        disclosed=disclosed & ~faulty[:, np.newaxis],
        stage_values=_blank(qmm.stage_values, faulty),
        domain_losses=_blank(losses.domains, ~rated),
        indicator_losses=_blank(losses.indicators, ~rated),
        stage_losses=_blank(losses.stages, ~rated),
        node_losses=_blank(losses.nodes, ~rated[effective.node_product]),
        faults=faults,
    )


def _indicator_points(evidence: Evidence) -> tuple[_Array, NDArray[np.bool_]]:
    """Points [P, I], NaN where an indicator does not apply, and which indicators are disclosed [P, I]."""
    rules = evidence.methodology.indicators
    points = np.empty((len(evidence.kpis), len(rules)))
    disclosed = np.empty(points.shape, dtype=bool)
    for column, rule in enumerate(rules):
        item = INDICATORS[rule.code]
        value = item.measure(evidence)
        values_at, points_at = zip(*rule.curve, strict=True)
        known = ~np.isnan(value)
        interpolated = np.interp(value, values_at, points_at)
        points[:, column] = np.where(known, interpolated, rule.lowest_points)
        points[_does_not_apply(item, evidence), column] = np.nan
        disclosed[:, column] = known
    return points, disclosed


def _does_not_apply(item: Indicator, evidence: Evidence) -> NDArray[np.bool_]:
    """0 of 0, where the question allows it: there was nothing to count."""
    result = np.zeros(len(evidence.kpis), dtype=bool)
    for kpi in (KPI_BY_CODE[code] for code in item.kpis):
        if kpi.may_not_apply:
            result |= np.all([evidence.figure(field.column) == 0 for field in kpi.fields], axis=0)
    return result


def _domain_values(
    points: _Array, disclosed: NDArray[np.bool_], qmm: QmmResult, methodology: Methodology
) -> tuple[_Array, _Array]:
    """Values and coverages [P, D]: weighted means over the indicators that apply."""
    values = np.empty((len(points), len(methodology.domains)))
    coverages = np.empty_like(values)
    for number, domain in enumerate(methodology.domains):
        if domain.code == QMM:
            values[:, number], coverages[:, number] = qmm.value, qmm.coverage
            continue
        columns = list(methodology.indicators_of(domain.code))
        applies = ~np.isnan(points[:, columns])
        weights = np.array([methodology.indicators[column].weight for column in columns]) * applies
        total = weights.sum(axis=1)
        values[:, number] = (weights * np.nan_to_num(points[:, columns])).sum(axis=1) / total
        coverages[:, number] = (weights * disclosed[:, columns]).sum(axis=1) / total
    return values, coverages


def _status(
    coverage: _Array, qmm_coverage: _Array, faults: dict[int, list[str]], methodology: Methodology
) -> NDArray[np.int8]:
    rule, slack = methodology.coverage, methodology.tolerance.comparison
    enough = (coverage >= rule.floor - slack) & (qmm_coverage >= rule.qmm_floor - slack)
    status = np.where(enough, RATED, INSUFFICIENT).astype(np.int8)
    status[list(faults)] = FAULTY
    return status


def _blank(values: _Array, where: NDArray[np.bool_]) -> _Array:
    return np.where(where.reshape(-1, *[1] * (values.ndim - 1)), np.nan, values)


def _check_shapes(effective: EffectiveInputs) -> None:
    products, nodes = len(effective.product_ids), len(effective.node_product)
    for name in effective.__dataclass_fields__:
        rows = nodes if name.startswith("node_") else products
        if len(getattr(effective, name)) != rows:
            raise ValueError(f"{name} has {len(getattr(effective, name))} rows, expected {rows}")
    if effective.kpis.shape[1:] != (len(KPI_FIELDS),):
        raise ValueError(f"kpis has {effective.kpis.shape[1:]} columns, expected {len(KPI_FIELDS)}")
    row = effective.node_product
    if nodes and (row[0] < 0 or row[-1] >= products or np.any(row[1:] < row[:-1])):
        raise ValueError("node_product must be rows of products in non-decreasing order")
