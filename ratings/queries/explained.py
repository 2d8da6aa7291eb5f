"""The figures behind a rating: every domain, indicator, stage and establishment, what was reported and what it cost.

These shapes hold only what their reader may see: of an establishment whose levels the reader may not read, that it
supplies the product as the manufacturer reported it, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from products.models import SupplyNode
from qmm.countries import country_name
from qmm.models import Establishment
from ratings import figures
from ratings.figures import known
from ratings.layout import HEAD_WIDTH, NODE_WIDTH, Explanation, unpack_explanation, unpack_inputs
from ratings.models import RatingSnapshot
from ratings.queries.losses import Losses, shown_losses
from ratings.queries.sight import EVERYTHING, Sight, hides_levels
from ratings.scoring import INDICATORS, STAGES, EffectiveInputs, Methodology, load_methodology, unpack_country
from ratings.scoring.indicators import Evidence
from ratings.scoring.rules import QMM
from ratings.scoring.supply import API, FDF, SupplyFacts, supply_facts

STAGE_LABELS = dict(SupplyNode.Stage.choices)
SHORT_STAGE_LABELS = {**STAGE_LABELS, "api": "API"}


@dataclass(frozen=True, slots=True)
class IndicatorFigure:
    code: str
    label: str
    weight: float
    reported: str
    is_disclosed: bool
    points: float | None  # None where it does not apply
    loss: float | None

    @property
    def remedy(self) -> str:
        return INDICATORS[self.code].remedy


@dataclass(frozen=True, slots=True)
class NodeFigure:
    """One establishment at one stage, as it was when the snapshot was computed.

    Without `shows_maturity` there is no level, no loss and no word of an official action.
    """

    establishment_id: int
    name: str
    stage: str
    country: str
    share: float  # of the stage, adding up to 1
    is_qualified: bool
    under_action: bool
    level: float | None
    loss: float | None
    shows_maturity: bool = True

    @property
    def is_backup(self) -> bool:
        return self.share == 0

    @property
    def is_source(self) -> bool:
        return self.is_qualified and not self.under_action

    @property
    def qmm_points(self) -> float | None:
        return None if self.level is None else self.level * 20

    @property
    def qmm(self) -> str:
        """QMM on the 0 to 100 scale of the score, as the supply chain shows it; "" where it is not for the reader."""
        if not self.shows_maturity:
            return ""
        return "not assessed" if self.level is None else f"QMM {figures.plain(self.qmm_points or 0, 0)}"


@dataclass(frozen=True, slots=True)
class StageFigure:
    code: str
    label: str
    weight: float  # of the QMM domain; 0 for key starting materials
    value: float | None
    loss: float | None
    nodes: list[NodeFigure] = field(default_factory=list)
    hidden_actions: int = 0  # qualified nodes under an official action that the reader may not be told of

    @property
    def shows_maturity(self) -> bool:
        return all(node.shows_maturity for node in self.nodes)

    @property
    def source_count(self) -> int:
        """Qualified establishments without an open official action, whether the reader may know which or not."""
        return len(self.sources) - self.hidden_actions

    @property
    def sources(self) -> list[NodeFigure]:
        return [node for node in self.nodes if node.is_source]


@dataclass(frozen=True, slots=True)
class DomainFigure:
    code: str
    label: str
    weight: float
    value: float | None
    coverage: float | None
    loss: float | None
    indicators: list[IndicatorFigure]


@dataclass(frozen=True, slots=True)
class FiguresView:
    methodology: Methodology
    score: float | None
    exact: float | None
    coverage: float
    qmm_coverage: float | None  # None where levels are hidden
    domains: list[DomainFigure]
    stages: list[StageFigure]
    hides_levels: bool = False  # a site that counts in the score belongs to another firm than the reader's
    site_grants: tuple[int, ...] = ()  # by which levels of other firms' sites are told here

    @property
    def nodes(self) -> list[NodeFigure]:
        return [node for stage in self.stages for node in stage.nodes]

    @property
    def points_lost(self) -> float:
        return sum(domain.loss or 0 for domain in self.domains)

    @property
    def costliest(self) -> list[IndicatorFigure]:
        """The indicators that cost most, the costliest first; three at most."""
        found = [item for domain in self.domains for item in domain.indicators if (item.loss or 0) >= 0.05]
        return sorted(found, key=lambda item: -(item.loss or 0))[:3]


def establishment_ids(snapshots: Iterable[RatingSnapshot]) -> set[int]:
    """The establishments that these snapshots were computed from."""
    return {int(number) for snapshot in snapshots for number in snapshot.inputs[HEAD_WIDTH + 1 :: NODE_WIDTH]}


def establishment_names(ids: Iterable[int]) -> dict[int, str]:
    """One query. A snapshot outlives a deleted establishment: its number must do where the name is gone."""
    names = dict(Establishment.objects.filter(pk__in=list(ids)).values_list("pk", "name"))
    return {number: names.get(number, f"Establishment {number}") for number in ids}


def effective_inputs(snapshot: RatingSnapshot) -> EffectiveInputs:
    return unpack_inputs(snapshot.product_id, snapshot.prior_band, snapshot.inputs)


def explain(snapshot: RatingSnapshot, names: Mapping[int, str], sight: Sight = EVERYTHING) -> FiguresView:
    """The snapshot's arrays with the names of its methodology and of its establishments, as far as `sight` goes."""
    methodology = load_methodology(snapshot.methodology)
    inputs = effective_inputs(snapshot)
    explanation = unpack_explanation(snapshot.explanation, len(methodology.indicators))
    with np.errstate(all="ignore"):
        supply = supply_facts(inputs, methodology)
        values = _measured(inputs, supply, methodology)
    losses = shown_losses(explanation, snapshot.score, methodology, inputs)

    figures_of = [
        IndicatorFigure(
            code=rule.code,
            label=INDICATORS[rule.code].label,
            weight=rule.weight,
            reported=_reported(rule.code, inputs, supply, values[rule.code]),
            is_disclosed=known(values[rule.code]) is not None or known(explanation.indicators[column]) is None,
            points=known(explanation.indicators[column]),
            loss=known(losses.indicators[column]),
        )
        for column, rule in enumerate(methodology.indicators)
    ]
    stages = _stages(inputs, supply, explanation, losses, methodology, names, sight)
    is_masked = hides_levels(inputs, methodology, sight.maturity)
    return FiguresView(
        methodology=methodology,
        score=snapshot.score,
        exact=snapshot.exact,
        coverage=snapshot.coverage,
        qmm_coverage=None if is_masked else snapshot.qmm_coverage,
        domains=[
            DomainFigure(
                code=domain.code,
                label=domain.label,
                weight=domain.weight,
                value=None if is_masked and domain.code == QMM else known(explanation.domains[place]),
                coverage=None if is_masked and domain.code == QMM else known(explanation.domain_coverage[place]),
                loss=known(losses.domains[place]),
                indicators=[figures_of[column] for column in methodology.indicators_of(domain.code)],
            )
            for place, domain in enumerate(methodology.domains)
        ],
        stages=stages,
        hides_levels=is_masked,
        site_grants=sight.grants_used(node.establishment_id for stage in stages for node in stage.nodes),
    )


def _measured(inputs: EffectiveInputs, supply: SupplyFacts, methodology: Methodology) -> dict[str, float]:
    evidence = Evidence(inputs.kpis, supply, methodology)
    return {rule.code: float(INDICATORS[rule.code].measure(evidence)[0]) for rule in methodology.indicators}


def _reported(code: str, inputs: EffectiveInputs, supply: SupplyFacts, value: float) -> str:
    """What the manufacturer reported; for indicators read from the supply nodes, what was counted there."""
    if code == "backup_api_suppliers" and known(value) is not None:
        count, countries = int(supply.sources[0, API]), int(supply.api_countries[0])
        where = f" in {countries} {'country' if countries == 1 else 'countries'}" if countries else ""
        return f"{count} qualified {'source' if count == 1 else 'sources'}{where}"
    if code == "manufacturing_redundancy" and known(value) is not None:
        count = int(supply.sources[0, FDF])
        lines = figures.answer("qualified_lines", inputs.kpis[0])
        with_lines = f", {figures.reported('qualified_lines', lines)}" if figures.is_disclosed(lines) else ""
        return f"{count} qualified {'site' if count == 1 else 'sites'}{with_lines}"
    if code == "domestic_nearshore_share" and known(value) is not None:
        return f"{figures.percent(value)} of supply"
    kpis = [kpi for kpi in INDICATORS[code].kpis if kpi != "qualified_lines"]
    return figures.reported(kpis[0], figures.answer(kpis[0], inputs.kpis[0])) if kpis else figures.NOT_DISCLOSED


def _stages(
    inputs: EffectiveInputs,
    supply: SupplyFacts,
    explanation: Explanation,
    losses: Losses,
    methodology: Methodology,
    names: Mapping[int, str],
    sight: Sight,
) -> list[StageFigure]:
    weights = methodology.qmm.stage_weights
    stages = []
    for number, code in enumerate(STAGES):
        place = methodology.qmm_stages.index(code) if code in weights else None
        rows = [int(row) for row in np.flatnonzero(inputs.node_stage == number)]
        hidden = [row for row in rows if not sight.reads_level(int(inputs.node_establishment_id[row]))]
        # A stage's value, or the losses of the others there, would give away a level that is hidden.
        nodes = [_node(inputs, supply, None if hidden else losses, names, row, row not in hidden) for row in rows]
        stages.append(
            StageFigure(
                code=code,
                label=SHORT_STAGE_LABELS[code],
                weight=weights.get(code, 0.0),
                value=None if place is None or hidden else known(explanation.stage_values[place]),
                loss=None if place is None else known(losses.stages[place]),
                nodes=sorted(nodes, key=lambda node: (-node.share, node.name)),
                # Of a single hidden site even the number would name it: here it counts as it was reported. This
                # spares the firm a mark beside its supplier's name and keeps no secret: what the score is made of
                # stays whole, so the count and points of `backup_api_suppliers` or `manufacturing_redundancy` fall
                # by the source that is closed, and a site with a share of the supply closes the published gate.
                hidden_actions=sum(bool(inputs.node_qualified[row] and inputs.node_oai[row]) for row in hidden)
                if len(hidden) > 1
                else 0,
            )
        )
    return stages


def reported_stages(inputs: EffectiveInputs, names: Mapping[int, str]) -> list[StageFigure]:
    """The supply chain as the manufacturer reported it: no level, no value, no loss, no word of an official action."""
    totals = [float(inputs.node_share[inputs.node_stage == number].sum()) for number in range(len(STAGES))]
    stages = []
    for number, code in enumerate(STAGES):
        nodes = [
            NodeFigure(
                establishment_id=(establishment := int(inputs.node_establishment_id[row])),
                name=names.get(establishment, f"Establishment {establishment}"),
                stage=code,
                country=country_name(unpack_country(int(inputs.node_country[row]))),
                share=float(inputs.node_share[row]) / totals[number] if totals[number] else 0.0,
                is_qualified=bool(inputs.node_qualified[row]),
                under_action=False,
                level=None,
                loss=None,
                shows_maturity=False,
            )
            for row in np.flatnonzero(inputs.node_stage == number)
        ]
        nodes.sort(key=lambda node: (-node.share, node.name))
        stages.append(StageFigure(code, SHORT_STAGE_LABELS[code], 0.0, None, None, nodes))
    return stages


def _node(
    inputs: EffectiveInputs,
    supply: SupplyFacts,
    losses: Losses | None,
    names: Mapping[int, str],
    row: int,
    shows_maturity: bool,
) -> NodeFigure:
    establishment = int(inputs.node_establishment_id[row])
    return NodeFigure(
        establishment_id=establishment,
        name=names.get(establishment, f"Establishment {establishment}"),
        stage=STAGES[int(inputs.node_stage[row])],
        country=country_name(unpack_country(int(inputs.node_country[row]))),
        share=known(supply.node_weight[row]) or 0.0,
        is_qualified=bool(inputs.node_qualified[row]),
        under_action=shows_maturity and bool(inputs.node_oai[row]),
        level=known(inputs.node_level[row]) if shows_maturity else None,
        loss=known(losses.nodes[row]) if losses and len(losses.nodes) > row else None,
        shows_maturity=shows_maturity,
    )
