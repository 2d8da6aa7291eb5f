"""What the inputs of a snapshot say of each node and of each site; records that were merged are one."""

from collections.abc import Mapping
from dataclasses import dataclass

from ratings.scoring import STAGES, EffectiveInputs


@dataclass(frozen=True, slots=True)
class Node:
    share: float
    is_qualified: bool


@dataclass(frozen=True, slots=True)
class Site:
    stage: str  # the first it supplies
    level: float
    country: int
    under_action: bool


def nodes_of(inputs: EffectiveInputs, one: Mapping[int, int]) -> dict[tuple[int, int], Node]:
    """`one`: record -> the record that has its share too, as a merge puts nodes together."""
    found: dict[tuple[int, int], Node] = {}
    for stage, establishment, share, qualified in zip(
        inputs.node_stage, inputs.node_establishment_id, inputs.node_share, inputs.node_qualified, strict=True
    ):
        key = int(stage), one.get(int(establishment), int(establishment))
        node = Node(float(share), bool(qualified))
        if other := found.get(key):
            node = Node(
                min(1.0, round(node.share + other.share, 12)), is_qualified=node.is_qualified or other.is_qualified
            )
        found[key] = node
    return found


def sites_of(inputs: EffectiveInputs, one: Mapping[int, int]) -> dict[int, Site]:
    """Of two records of one site what the one says that stays, where it is there."""
    found: dict[int, Site] = {}
    for establishment, stage, level, country, action in zip(
        inputs.node_establishment_id,
        inputs.node_stage,
        inputs.node_level,
        inputs.node_country,
        inputs.node_oai,
        strict=True,
    ):
        found.setdefault(int(establishment), Site(STAGES[int(stage)], float(level), int(country), bool(action)))
    for goes, stays in one.items():
        if goes in found:
            found.setdefault(stays, found[goes])
            del found[goes]
    return found
