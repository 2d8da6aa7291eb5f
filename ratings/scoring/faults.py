"""Products that cannot be scored, with the reason: such a product fails alone, its batch goes on.

The file reader and the forms refuse these inputs before; this is for rows that came in past them, as by raw SQL.
Source: methodology.md, "Bad input".
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .frames import STAGES, EffectiveInputs
from .questionnaire import KPI_COLUMN, KPIS, Field, FieldKind, Kpi
from .rules import Methodology
from .supply import SupplyFacts

__all__ = ["find_faults"]

_Rows = NDArray[np.integer]
_Found = tuple[NDArray, str]  # a mask or row numbers of products, and the reason in plain English


_Faults = Iterator[tuple[_Rows, str]]


def find_faults(effective: EffectiveInputs, supply: SupplyFacts, methodology: Methodology) -> dict[int, list[str]]:
    """Reasons by row of the product, for the products that cannot be scored; empty if all can."""
    reasons: dict[int, list[str]] = {}
    for checks in (_product_faults, _kpi_faults, _node_faults, _stage_faults):
        for rows, reason in checks(effective, supply, methodology):
            for row in np.unique(rows) if len(rows) else ():
                reasons.setdefault(int(row), []).append(reason)
    return reasons


def _product_faults(effective: EffectiveInputs, _: SupplyFacts, methodology: Methodology) -> _Faults:
    best = methodology.bands[-1].number
    wrong = (effective.prior_band < 0) | (effective.prior_band > best)
    yield np.flatnonzero(wrong), f"the prior band is not a band from 1 to {best}"


def _kpi_faults(effective: EffectiveInputs, _: SupplyFacts, methodology: Methodology) -> _Faults:
    for kpi in KPIS:
        for field in kpi.fields:
            values = effective.kpis[:, KPI_COLUMN[field.column]]
            for wrong, reason in _field_faults(kpi, field, values, methodology):
                yield np.flatnonzero(wrong), f"{field.column} {reason}"
        if kpi.is_counts:
            numerator, denominator = (effective.kpis[:, KPI_COLUMN[field.column]] for field in kpi.fields)
            yield np.flatnonzero(numerator > denominator), f"{kpi.code}: the numerator is larger than the denominator"
            if not kpi.may_not_apply:
                nothing = (denominator == 0) & ~(numerator > 0)
                yield np.flatnonzero(nothing), f"{kpi.code}: the denominator is 0"


def _field_faults(kpi: Kpi, field: Field, values: NDArray[np.float64], methodology: Methodology) -> Iterator[_Found]:
    yield np.isinf(values), "is not a finite number"
    finite = np.where(np.isinf(values), np.nan, values)
    if field.kind is FieldKind.HOURS:
        lowest, highest = methodology.limits.hours_per_week
        yield (finite < lowest) | (finite > highest), f"is outside {lowest:g} to {highest:g} hours"
    elif field.kind is FieldKind.ANSWER:
        yield ~np.isnan(finite) & ~np.isin(finite, range(len(kpi.answers))), "is not the code of an answer"
    elif field.kind is FieldKind.TICK:
        yield ~np.isnan(finite) & ~np.isin(finite, (0, 1)), "is neither true nor false"
    elif field.kind is not FieldKind.SIGNED:
        yield finite < 0, "is negative"
    if field.kind is FieldKind.WHOLE:
        yield finite % 1 > 0, "is not a whole number"


def _node_faults(effective: EffectiveInputs, _: SupplyFacts, methodology: Methodology) -> _Faults:
    product = effective.node_product
    share, level, stage = effective.node_share, effective.node_level, effective.node_stage
    lowest, highest = methodology.limits.share
    slack = methodology.tolerance.comparison
    in_range = (share >= lowest - slack) & (share <= highest + slack)
    yield product[~in_range], f"a supply share is not a number from {lowest:g} to {highest:g}"
    lowest, highest = methodology.limits.level
    sound = np.isnan(level) | ((level >= lowest) & (level <= highest))
    yield product[~sound], f"a QMM level of an establishment is outside {lowest:g} to {highest:g}"
    yield product[(stage < 0) | (stage >= len(STAGES))], "a supply node is at an unknown stage"


def _stage_faults(effective: EffectiveInputs, supply: SupplyFacts, methodology: Methodology) -> _Faults:
    slack = methodology.tolerance.share_sum + methodology.tolerance.comparison
    off = supply.has_stage & (np.abs(supply.share_sum - 1.0) > slack)
    establishments, distinct = pd.factorize(effective.node_establishment_id)
    cell_and_site = pd.Series(supply.node_cell * max(len(distinct), 1) + establishments)
    repeated = cell_and_site.duplicated().to_numpy()
    for number, stage in enumerate(STAGES):
        for row in np.flatnonzero(off[:, number]):
            total = supply.share_sum[row, number]
            yield np.array([row]), f"the shares of stage {stage} add up to {total:.4g}, not to 1"
        twice = repeated & (effective.node_stage == number)
        yield effective.node_product[twice], f"an establishment appears twice at stage {stage}"
