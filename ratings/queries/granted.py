"""What the enrolling firm disclosed of a product: exactly the granted things, as they count in its published rating.

These shapes have no field for points, losses or official actions, which no grant gives away.
"""

from dataclasses import dataclass

import numpy as np

from products.queries.granted import Granted
from products.questionnaire import QUESTIONS
from qmm.models import AREAS, Assessment
from ratings import figures
from ratings.models import RatingSnapshot
from ratings.queries.establishment_detail import AREA_LABELS, AreaLevel
from ratings.queries.explained import (
    StageFigure,
    effective_inputs,
    establishment_ids,
    establishment_names,
    reported_stages,
)
from ratings.queries.sight import Sight
from ratings.scoring import EffectiveInputs

LABELS = {question.code: question.label for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class GrantedFigure:
    code: str
    label: str
    reported: str


@dataclass(frozen=True, slots=True)
class GrantedSite:
    """An assessed establishment of the granting firm in the product's supply chain."""

    name: str
    levels: list[AreaLevel]


@dataclass(frozen=True, slots=True)
class GrantedView:
    """Each list is empty where nothing of its kind is granted."""

    source: Granted
    figures: list[GrantedFigure]
    stages: list[StageFigure]
    sites: list[GrantedSite]


def granted_view(snapshot: RatingSnapshot | None, sight: Sight) -> GrantedView | None:
    """None where nothing is granted of this snapshot. At most two queries."""
    granted = sight.granted
    if snapshot is None or granted is None or not sight.sees_granted(snapshot.as_of):
        return None
    if not (granted.kpis or granted.supply or granted.maturity):
        return None
    inputs = effective_inputs(snapshot)
    names = establishment_names(establishment_ids([snapshot])) if granted.supply else {}
    return GrantedView(
        source=granted,
        figures=granted_figures(inputs, granted.kpis),
        stages=reported_stages(inputs, names) if granted.supply else [],
        sites=_sites(snapshot, inputs, granted.organisation_id) if granted.maturity else [],
    )


def granted_figures(inputs: EffectiveInputs, codes: object) -> list[GrantedFigure]:
    """The values of these questions in the order of the questionnaire, in words, rates with their counts."""
    return [
        GrantedFigure(code, label, figures.reported(code, figures.answer(code, inputs.kpis[0])))
        for code, label in LABELS.items()
        if code in codes
    ]


def _sites(snapshot: RatingSnapshot, inputs: EffectiveInputs, owner_id: int) -> list[GrantedSite]:
    """The levels that count in the snapshot, of the firm's own establishments only: of others' it knows none."""
    counted = inputs.node_establishment_id[~np.isnan(inputs.node_level)]
    rows = Assessment.objects.filter(
        establishment__in=[int(number) for number in np.unique(counted)],
        establishment__owner=owner_id,
        voided_at=None,
        completed_on__lte=snapshot.as_of,
    ).select_related("establishment")
    newest = rows.order_by("establishment_id", "-completed_on", "-pk").distinct("establishment_id")
    sites = [
        GrantedSite(
            row.establishment.name,
            [AreaLevel(AREA_LABELS[area].capitalize(), float(getattr(row, area)), None) for area in AREAS],
        )
        for row in newest
    ]
    return sorted(sites, key=lambda site: site.name)
