"""One rating as a plain document: the fields of `score_portfolio --format json`, in words instead of array positions.

Source: methodology.md, "Explanation: where the points went" and "Output of --format json".
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from .bands import gates_in
from .effective import resolve
from .frames import STAGES, EffectiveInputs
from .portfolio import read_portfolio
from .rules import QMM, Methodology
from .scorer import score_effective
from .table import FAULTY, RATED, STATUS_CODES, ScoreTable

__all__ = ["NO_NODE", "explain", "rate_portfolio"]

NO_NODE = "no node"  # who a stage's loss is put down to when nobody supplies the stage


def rate_portfolio(document: Any, as_of: date | str | None = None) -> list[dict[str, Any]]:
    """The ratings of a decoded portfolio document, in its order; `as_of` replaces the document's own day.

    PortfolioError with every fault if the document is not a sound portfolio.
    """
    portfolio = read_portfolio(document, as_of)
    effective = resolve(portfolio.frames, portfolio.methodology, portfolio.as_of)
    table = score_effective(effective, portfolio.methodology)
    node_names = dict(enumerate(portfolio.feis))
    return [
        {"ndc": ndc, **explain(table, effective, row, portfolio.methodology, node_names)}
        for row, ndc in enumerate(portfolio.ndcs)
    ]


def explain(
    table: ScoreTable, effective: EffectiveInputs, row: int, methodology: Methodology, node_names: Mapping[int, str]
) -> dict[str, Any]:
    """The rating in one row as a document that JSON can hold, all but the `ndc`, which the caller knows.

    `node_names` names establishments by their id (an id without a name is shown as such). Numbers are rounded to 4
    decimals, `exact` to 6. A faulty product has its reasons in `faults` and no figures.
    """
    if table.status[row] == FAULTY:
        return {"status": STATUS_CODES[FAULTY], "faults": table.faults[row]}
    domains = [domain.code for domain in methodology.domains]
    indicators = [rule.code for rule in methodology.indicators]
    rated = table.status[row] == RATED
    return {
        "domains": _named(domains, table.domains[row]),
        "coverage": _rounded(table.coverage[row]),
        "qmm_coverage": _rounded(table.qmm_coverage[row]),
        "indicators": _named(indicators, table.indicators[row]),
        "status": STATUS_CODES[int(table.status[row])],
        "score": _rounded(table.score[row]) if rated else None,
        "exact": _rounded(table.exact[row], 6) if rated else None,
        "band_uncapped": int(table.band_uncapped[row]) if rated else None,
        "band": int(table.band[row]) if rated else None,
        "gates": gates_in(int(table.gates[row])),
        "points_lost": _named(domains, table.domain_losses[row]),
        "points_lost_detail": _detail(table, effective, row, methodology, node_names) if rated else {},
    }


def _detail(
    table: ScoreTable, effective: EffectiveInputs, row: int, methodology: Methodology, node_names: Mapping[int, str]
) -> dict[str, Any]:
    """Each loss is shared out as it is printed, so that the parts add up to what the reader sees above them."""
    detail: dict[str, Any] = {}
    for domain, loss in zip(methodology.domains, table.domain_losses[row], strict=True):
        if domain.code == QMM:
            stages = _shared_as_printed(table.stage_losses[row], loss)
            of_stages = dict(zip(methodology.qmm_stages, stages, strict=True))
            detail[QMM] = _node_losses(table, effective, row, of_stages, node_names)
        else:
            columns = list(methodology.indicators_of(domain.code))
            codes = [methodology.indicators[column].code for column in columns]
            detail[domain.code] = _named(codes, _shared_as_printed(table.indicator_losses[row, columns], loss))
    return detail


def _node_losses(
    table: ScoreTable,
    effective: EffectiveInputs,
    row: int,
    stage_losses: Mapping[str, float],
    node_names: Mapping[int, str],
) -> dict[str, dict[str, float]]:
    """The printed loss of each stage by establishment; a stage that nobody supplies has one entry, `no node`."""
    first, end = np.searchsorted(effective.node_product, [row, row + 1])
    stage_of_node = effective.node_stage[first:end]
    result: dict[str, dict[str, float]] = {}
    for stage, loss in stage_losses.items():
        nodes = first + np.flatnonzero(stage_of_node == STAGES.index(stage))
        ids = [int(establishment) for establishment in effective.node_establishment_id[nodes]]
        names = [node_names.get(establishment, str(establishment)) for establishment in ids]
        parts = table.node_losses[nodes]
        printed = _rounded(loss)
        result[stage] = _named(names, _shared_as_printed(parts, parts.sum(), printed)) if names else {NO_NODE: printed}
    return result


def _shared_as_printed(parts: np.ndarray, whole: float, printed: float | None = None) -> np.ndarray:
    """`parts` of `whole` rescaled to the printed whole."""
    printed = _rounded(whole) if printed is None else printed
    return printed * parts / whole if whole > 0 else parts


def _named(codes: list[str], values: np.ndarray) -> dict[str, float]:
    """Codes with their rounded values; what is NaN does not apply and is left out."""
    return {code: _rounded(value) for code, value in zip(codes, values, strict=True) if not np.isnan(value)}


def _rounded(value: float, decimals: int = 4) -> float:
    return round(float(value), decimals) + 0.0  # no minus zero
