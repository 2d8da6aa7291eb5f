"""Actions on who supplies the product: sources, sites' quality management, and where things are made."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ratings import figures
from ratings.planner.catalogue import Action, KindCode
from ratings.planner.changes import Kpi, Level, Move, NewNode, Qualify, Resolve
from ratings.scoring import STAGES, Methodology, pack_country
from ratings.scoring.questionnaire import KPI_COLUMN
from ratings.scoring.supply import API, FDF

# Where a backup is imagined that may be anywhere: with no share its country counts only as new or not new.
PLACES = ("USA", "CAN", "MEX", "DEU", "ITA", "IRL", "IND", "CHN")
MOVED = 0.25  # of a stage's supply
NEARER_STAGES = ("ksm", "api", "fdf", "packaging")
STAGE_WORDS = {
    "ksm": "key starting material",
    "api": "API",
    "fdf": "finished dose",
    "packaging": "packaging",
    "testing": "testing",
}
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Node:
    stage: int
    establishment: int
    share: float
    is_qualified: bool
    country: int
    level: float  # NaN = not assessed, or not for the reader
    under_action: bool
    is_hidden: bool  # another firm's site: its maturity and its official actions are not for the reader

    @property
    def is_source(self) -> bool:
        return self.is_qualified and not self.under_action


@dataclass(frozen=True, slots=True)
class Supply:
    """The nodes of one product as its maker may see them; `names` of establishments by id."""

    nodes: tuple[Node, ...]
    names: dict[int, str]

    def at(self, stage: int) -> list[Node]:
        return [node for node in self.nodes if node.stage == stage]

    def name(self, establishment: int) -> str:
        return self.names.get(establishment, f"Establishment {establishment}")


def supply_actions(supply: Supply, kpis: np.ndarray, methodology: Methodology) -> Iterator[Action]:
    yield from _backups(supply)
    yield from _finished_dose(supply, kpis, methodology)
    yield from _qualifications(supply)
    yield from _sites(supply, methodology)
    yield from _nearer(supply, methodology)
    for stage in sorted({*methodology.qmm_stages, *methodology.supply.nearshore_stage_weights}, key=STAGES.index):
        if not supply.at(STAGES.index(stage)):
            yield _name_stage(stage, methodology)


def _backups(supply: Supply) -> Iterator[Action]:
    nodes = supply.at(API)
    if not nodes:
        return
    indicator, count = "backup_api_suppliers", _suppliers(len([node for node in nodes if node.is_qualified]))
    more = _suppliers(len([node for node in nodes if node.is_qualified]) + 1)
    taken = {node.country for node in nodes}
    sources = [node.country for node in nodes if node.is_source and node.country]
    if sources:
        yield Action(
            KindCode.BACKUP_SAME_COUNTRY,
            KindCode.BACKUP_SAME_COUNTRY,
            "Add a backup API supplier in the same country",
            count,
            more,
            (NewNode(API, min(sources)),),
            indicator,
        )
    new = next((code for code in map(pack_country, PLACES) if code not in taken), 0)
    if new:
        yield Action(
            KindCode.BACKUP_NEW_COUNTRY,
            KindCode.BACKUP_NEW_COUNTRY,
            "Add a backup API supplier in a new country",
            count,
            f"{more}, one country more",
            (NewNode(API, new),),
            indicator,
        )


def _suppliers(number: int) -> str:
    return f"{number} qualified {'supplier' if number == 1 else 'suppliers'}"


def _finished_dose(supply: Supply, kpis: np.ndarray, methodology: Methodology) -> Iterator[Action]:
    nodes, indicator = supply.at(FDF), "manufacturing_redundancy"
    given = float(kpis[KPI_COLUMN["qualified_lines"]])
    lines = methodology.supply.default_lines if math.isnan(given) else given
    wanted = methodology.supply.redundant_lines
    if lines < wanted:
        yield Action(
            KindCode.SECOND_LINE,
            KindCode.SECOND_LINE,
            f"Qualify a {figures.ordinal(wanted)} finished-dose line",
            figures.reported("qualified_lines", (float(lines),)),
            figures.reported("qualified_lines", (float(wanted),)),
            (Kpi("qualified_lines", float(wanted)),),
            indicator,
            "qualified_lines",
        )
    if not nodes:
        return
    number = len([node for node in nodes if node.is_qualified])
    place = next((code for code in map(pack_country, PLACES)), 0)
    yield Action(
        KindCode.FURTHER_FDF,
        KindCode.FURTHER_FDF,
        f"Add a {figures.ordinal(number + 1)} finished-dose site",
        f"{number} qualified {'site' if number == 1 else 'sites'}",
        f"{number + 1} qualified {'site' if number == 0 else 'sites'}",
        (NewNode(FDF, place),),
        indicator,
    )


def _qualifications(supply: Supply) -> Iterator[Action]:
    for stage, indicator in ((API, "backup_api_suppliers"), (FDF, "manufacturing_redundancy")):
        for node in supply.at(stage):
            if not node.is_qualified:
                yield Action(
                    f"{KindCode.QUALIFY}:{STAGES[stage]}:{node.establishment}",
                    KindCode.QUALIFY,
                    f"Qualify {supply.name(node.establishment)} for the {STAGE_WORDS[STAGES[stage]]}",
                    "not qualified",
                    "qualified",
                    (Qualify(stage, node.establishment),),
                    indicator,
                )


def _sites(supply: Supply, methodology: Methodology) -> Iterator[Action]:
    """Of the sites whose levels the reader may read. Hidden ones are their owners' to improve."""
    seen = set()
    highest = methodology.limits.level[1]
    counts = {STAGES.index(stage) for stage in methodology.qmm_stages}
    for node in supply.nodes:
        if node.is_hidden or node.establishment in seen:
            continue
        seen.add(node.establishment)
        site, name = node.establishment, supply.name(node.establishment)
        if node.under_action:
            yield Action(
                f"{KindCode.RESOLVE}:{site}",
                KindCode.RESOLVE,
                f"Resolve the official action at {name}",
                "under an official action",
                "resolved",
                (Resolve(site),),
            )
        if not any(
            other.establishment == site and other.share > SLACK and other.stage in counts for other in supply.nodes
        ):
            continue
        if math.isnan(node.level):
            yield Action(
                f"{KindCode.ASSESS}:{site}",
                KindCode.ASSESS,
                f"Have {name} assessed",
                "not assessed",
                "what the assessment finds",
                (Level(site, methodology.limits.level[0]),),
                at_best=(Level(site, highest),),
            )
        elif node.level < highest - SLACK:
            yield from _levels(site, name, node.level, methodology)


def _levels(site: int, name: str, level: float, methodology: Methodology) -> Iterator[Action]:
    """One area up by one level is sure to be possible while the mean leaves a whole level of room."""
    highest, step = methodology.limits.level[1], 1 / len(methodology.qmm.areas)
    before, target = f"level {figures.level(level)}", min(math.floor(level + SLACK) + 1.0, highest)
    if level <= highest - 1 + SLACK:
        yield Action(
            f"{KindCode.AREA}:{site}",
            KindCode.AREA,
            f"Raise one practice area of {name} by one level",
            before,
            f"level {figures.level(level + step)}",
            (Level(site, level + step),),
        )
        if abs(level + step - target) <= SLACK:
            return
    yield Action(
        f"{KindCode.LEVEL}:{site}",
        KindCode.LEVEL,
        f"Raise {name} to level {figures.level(target)}",
        before,
        f"level {figures.level(target)}",
        (Level(site, target),),
    )


def _nearer(supply: Supply, methodology: Methodology) -> Iterator[Action]:
    """Only where every level of the stage is the reader's to know, or none counts: moving shares would tell them."""
    near = {pack_country(country) for country in methodology.supply.nearshore}
    for stage in NEARER_STAGES:
        nodes = supply.at(STAGES.index(stage))
        far = [node for node in nodes if node.country not in near and node.share > SLACK]
        if not far or (stage in methodology.qmm.stage_weights and any(node.is_hidden for node in nodes)):
            continue
        giver = max(far, key=lambda node: (node.share, -node.establishment))
        home = pack_country("USA")
        takers = [node for node in nodes if node.country == home and node.is_qualified]
        takers = takers or [node for node in nodes if node.country in near and node.is_qualified]
        taker = max(takers, key=lambda node: (node.share, -node.establishment), default=None)
        share = min(MOVED, giver.share)
        words, to = STAGE_WORDS[stage], supply.name(taker.establishment) if taker else "a new site in the United States"
        move = Move(STAGES.index(stage), giver.establishment, taker.establishment if taker else None, share)
        level = giver.level if stage in methodology.qmm.stage_weights else math.nan
        new = NewNode(STAGES.index(stage), home, share, is_qualified=True, level=level)
        yield Action(
            f"{KindCode.NEARER}:{stage}",
            KindCode.NEARER,
            f"Make more of the {words} near",
            f"{figures.percent(giver.share, 0)} from {supply.name(giver.establishment)}",
            f"{figures.percent(share, 0)} of the {words} moves to {to}",
            (move,) if taker else (move, new),
            "domestic_nearshore_share",
        )


def _name_stage(stage: str, methodology: Methodology) -> Action:
    number = STAGES.index(stage)
    best = NewNode(number, pack_country("USA"), 1.0, is_qualified=True, level=methodology.limits.level[1])
    return Action(
        f"{KindCode.NAME_STAGE}:{stage}",
        KindCode.NAME_STAGE,
        f"Name who supplies the {STAGE_WORDS[stage]}",
        "nobody named",
        "your true suppliers",
        (NewNode(number, 0, 1.0, is_qualified=False),),
        "" if stage in methodology.qmm.stage_weights else "domestic_nearshore_share",
        at_best=(best,),
    )
