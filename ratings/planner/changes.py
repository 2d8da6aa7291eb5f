"""Changed copies of effective inputs: what an action would alter, applied to a whole batch at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ratings.scoring import EffectiveInputs
from ratings.scoring.questionnaire import KPI_COLUMN


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of the questionnaire gets a value; `column` is one of KPI_FIELDS."""

    column: str
    value: float

    @property
    def key(self) -> tuple:
        return ("kpi", self.column)


@dataclass(frozen=True, slots=True)
class Qualify:
    """A node that is there becomes qualified."""

    stage: int
    establishment: int

    @property
    def key(self) -> tuple:
        return ("qualified", self.stage, self.establishment)


@dataclass(frozen=True, slots=True)
class Move:
    """Part of a stage's supply, in shares as given, goes from one node to another; to None: to the new node there."""

    stage: int
    giver: int
    taker: int | None
    share: float

    @property
    def key(self) -> tuple:
        return ("shares", self.stage)


@dataclass(frozen=True, slots=True)
class NewNode:
    """A further establishment at a stage, a backup where `share` is 0. `level` NaN is not assessed."""

    stage: int
    country: int
    share: float = 0.0
    is_qualified: bool = True
    level: float = float("nan")

    @property
    def key(self) -> tuple:
        return ("new", self.stage)


@dataclass(frozen=True, slots=True)
class Level:
    """The mean QMM level of an establishment, wherever it supplies the product."""

    establishment: int
    value: float

    @property
    def key(self) -> tuple:
        return ("level", self.establishment)


@dataclass(frozen=True, slots=True)
class Resolve:
    """The official action at an establishment is over."""

    establishment: int

    @property
    def key(self) -> tuple:
        return ("action", self.establishment)


Change = Kpi | Qualify | Move | NewNode | Level | Resolve


def keys_of(changes: Sequence[Change]) -> frozenset[tuple]:
    """The inputs that are changed; actions that share one do not go together."""
    return frozenset(change.key for change in changes)


def changed(base: EffectiveInputs, rows: NDArray[np.int64], changes: Sequence[Sequence[Change]]) -> EffectiveInputs:
    """One product for each of `rows` (products of `base`) with that entry's changes; they keep their order."""
    counts = np.bincount(base.node_product, minlength=len(base.product_ids))
    firsts = np.cumsum(counts) - counts
    sizes = counts[rows]
    starts = np.cumsum(sizes) - sizes
    product = np.repeat(np.arange(len(rows), dtype=np.int32), sizes)
    source = np.arange(sizes.sum()) - np.repeat(starts - firsts[rows], sizes)
    copies = _taken(base, rows, source, product)
    editor = _Editor(copies, starts, sizes)
    for place, wanted in enumerate(changes):
        for change in wanted:
            editor.apply(place, change)
    return editor.finished()


def _taken(
    base: EffectiveInputs, rows: NDArray[np.int64], nodes: NDArray[np.int64], product: NDArray[np.int32]
) -> dict[str, NDArray]:
    """Copies of the named rows and nodes by the name of the field."""
    taken = {}
    for item in fields(base):
        column = getattr(base, item.name)
        taken[item.name] = column[nodes if item.name.startswith("node_") else rows]
    return taken | {"node_product": product}


class _Editor:
    """Applies changes in place; new nodes are kept apart and sorted in at the end."""

    def __init__(self, copies: dict[str, NDArray], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
        self.copies = copies
        self.starts, self.ends = starts.tolist(), (starts + sizes).tolist()
        self.kpis: list[tuple[int, int, float]] = []
        self.new: list[tuple[int, NewNode]] = []

    def apply(self, place: int, change: Change) -> None:
        if isinstance(change, Kpi):
            self.kpis.append((place, KPI_COLUMN[change.column], change.value))
        elif isinstance(change, NewNode):
            self.new.append((place, change))
        else:
            nodes = slice(self.starts[place], self.ends[place])
            at_site = self.copies["node_establishment_id"][nodes]
            if isinstance(change, Level):
                self.copies["node_level"][nodes][at_site == change.establishment] = change.value
            elif isinstance(change, Resolve):
                self.copies["node_oai"][nodes][at_site == change.establishment] = False
            elif isinstance(change, Qualify):
                here = (at_site == change.establishment) & (self.copies["node_stage"][nodes] == change.stage)
                self.copies["node_qualified"][nodes][here] = True
            else:
                self._move(nodes, at_site, change)

    def _move(self, nodes: slice, at_site: NDArray, change: Move) -> None:
        stage, share = self.copies["node_stage"][nodes] == change.stage, self.copies["node_share"][nodes]
        share[stage & (at_site == change.giver)] -= change.share
        if change.taker is not None:
            share[stage & (at_site == change.taker)] += change.share

    def finished(self) -> EffectiveInputs:
        if self.kpis:
            rows, columns, values = zip(*self.kpis, strict=True)
            self.copies["kpis"][list(rows), list(columns)] = values
        if self.new:
            self._sort_in()
        return EffectiveInputs(**self.copies)

    def _sort_in(self) -> None:
        """A new node has a negative id of its own, by stage: no establishment of the register is meant."""
        places = np.array([place for place, _ in self.new], dtype=np.int32)
        nodes = [node for _, node in self.new]
        added = {
            "node_product": places,
            "node_stage": [node.stage for node in nodes],
            "node_establishment_id": [-1 - node.stage for node in nodes],
            "node_share": [node.share for node in nodes],
            "node_qualified": [node.is_qualified for node in nodes],
            "node_country": [node.country for node in nodes],
            "node_level": [node.level for node in nodes],
            "node_oai": [False] * len(nodes),
        }
        order = np.argsort(np.concatenate([self.copies["node_product"], places]), kind="stable")
        for name, values in added.items():
            column = self.copies[name]
            self.copies[name] = np.concatenate([column, np.asarray(values, dtype=column.dtype)])[order]
