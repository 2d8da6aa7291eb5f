"""Applying time: which assessment and which inspection of an establishment count on a day.

Source: methodology.md, "QMM domain" and "From the supply nodes".
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from .dates import add_months
from .frames import CLASSIFICATIONS, EffectiveInputs, Frames
from .rules import Methodology

__all__ = ["establishment_levels", "establishments_under_action", "resolve"]

_OAI = CLASSIFICATIONS.index("OAI")


def resolve(frames: Frames, methodology: Methodology, as_of: date) -> EffectiveInputs:
    """What decides the results on `as_of`: the establishments' facts of that day, carried to the nodes."""
    at = frames.node_establishment
    return EffectiveInputs(
        product_ids=frames.product_ids,
        prior_band=frames.prior_band,
        in_shortage=frames.in_shortage,
        kpis=frames.kpis,
        node_product=frames.node_product,
        node_stage=frames.node_stage,
        node_establishment_id=frames.establishment_ids[at],
        node_share=frames.node_share,
        node_qualified=frames.node_qualified,
        node_country=frames.country[at],
        node_level=establishment_levels(frames, methodology, as_of)[at],
        node_oai=establishments_under_action(frames, as_of)[at],
    )


def establishment_levels(frames: Frames, methodology: Methodology, as_of: date) -> NDArray[np.float64]:
    """Mean QMM level [E] of the latest valid assessment (two on one day: the lower mean); NaN = unassessed.

    An assessment with a level outside its limits gives -inf, so that its products fail with a reason.
    """
    today = np.datetime64(as_of, "D")
    completed = frames.assessment_completed_on
    valid_until = add_months(completed, methodology.qmm.valid_months)
    counts = np.flatnonzero((completed <= today) & (today <= valid_until))

    lowest, highest = methodology.limits.level
    levels = frames.assessment_levels[counts]
    sound = ((levels >= lowest) & (levels <= highest)).all(axis=1)
    mean = np.where(sound, levels.mean(axis=1), -np.inf)
    latest, chosen = _last_of_each(frames.assessment_establishment[counts], completed[counts], -mean)

    result = np.full(len(frames.establishment_ids), np.nan)
    result[latest] = mean[chosen]
    return result


def establishments_under_action(frames: Frames, as_of: date) -> NDArray[np.bool_]:
    """Whether the latest inspection [E] is OAI and not resolved; on one day OAI counts before VAI before NAI."""
    today = np.datetime64(as_of, "D")
    ended = np.flatnonzero(frames.inspection_ended_on <= today)
    outcome = frames.inspection_class[ended]
    unresolved = ~(frames.inspection_resolved_on[ended] <= today)  # NaT compares as False
    latest, chosen = _last_of_each(
        frames.inspection_establishment[ended], frames.inspection_ended_on[ended], outcome, unresolved
    )
    result = np.zeros(len(frames.establishment_ids), dtype=bool)
    result[latest] = (outcome[chosen] == _OAI) & unresolved[chosen]
    return result


def _last_of_each(group: NDArray, *keys: NDArray) -> tuple[NDArray, NDArray]:
    """The groups that occur, and for each the position of its last row when ordered by `keys`, first key first."""
    order = np.lexsort((*reversed(keys), group))
    ordered = group[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)]
    return ordered[is_last], order[is_last]
