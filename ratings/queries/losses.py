"""Lost points as a page shows them: to one decimal, and every group adding up to what stands above it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ratings import figures
from ratings.layout import Explanation
from ratings.scoring import STAGES, EffectiveInputs, Methodology
from ratings.scoring.rules import QMM


@dataclass(frozen=True, slots=True)
class Losses:
    """In the order of the explanation; NaN where nothing applies."""

    domains: list[float]
    indicators: list[float]
    stages: list[float]
    nodes: list[float]


def shown_losses(
    explanation: Explanation, score: float | None, methodology: Methodology, inputs: EffectiveInputs
) -> Losses:
    """Domains add up to 100 less the score, indicators and stages to their domain, establishments to their stage."""
    exact = [
        [float(loss) for loss in column]
        for column in (
            explanation.domain_losses,
            explanation.indicator_losses,
            explanation.stage_losses,
            explanation.node_losses,
        )
    ]
    if score is None:
        return Losses(*exact)
    domains = figures.shared_out(exact[0], 100 - score)
    parts = Losses(domains, *exact[1:])
    for domain, shown in zip(methodology.domains, domains, strict=True):
        _share(parts.indicators, methodology.indicators_of(domain.code), shown)
        if domain.code == QMM:
            _share(parts.stages, range(len(parts.stages)), shown)
    for stage, shown in zip(methodology.qmm_stages, parts.stages, strict=True):
        _share(parts.nodes, np.flatnonzero(inputs.node_stage == STAGES.index(stage)), shown)
    return parts


def _share(losses: list[float], places: Iterable[int], shown: float) -> None:
    """Rounds the losses at these places, in place."""
    chosen = [int(place) for place in places]
    for place, loss in zip(chosen, figures.shared_out([losses[place] for place in chosen], shown), strict=True):
        losses[place] = loss
