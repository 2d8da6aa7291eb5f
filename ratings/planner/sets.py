"""The smallest sets of actions that reach the next band, searched by growing size with the real scorer.

A more ambitious target of the same inputs never scores less, so whether any set of a size reaches the band is decided
on the most ambitious target of each input alone; only then are the milder targets tried. Actions on the same input do
not go together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np

from ratings.planner.catalogue import Action, go_together
from ratings.planner.changes import changed
from ratings.planner.gains import Gain, Outcome, outcomes
from ratings.scoring import EffectiveInputs, Methodology

LARGEST = 4  # actions in a set: more is a program of years, not a next step
SHOWN = 5
CHUNK = 4000  # rows scored at once
MOST_SETS = 45_000  # of one size: beyond that the search would outlast the reader's patience, and stops below it
MILDER = 40  # sets whose milder targets are tried


@dataclass(frozen=True, slots=True)
class ActionSet:
    actions: tuple[Action, ...]
    after: Outcome


@dataclass(frozen=True, slots=True)
class SetSearch:
    """`sets`: the first of those of the smallest size that reach `target`, `found` how many were met; with none,
    `best` is what up to `tried` actions reach at the most, and `ceiling` what all that go together do."""

    target: int
    sets: tuple[ActionSet, ...]
    found: int
    size: int
    best: ActionSet | None
    ceiling: Outcome
    tried: int  # every set of up to so many actions was scored


def next_band(now: Outcome, methodology: Methodology) -> int | None:
    """The band above today's, as shown; without a score any band. None at the top."""
    if not now.is_rated:
        return methodology.bands[0].number
    return now.band + 1 if now.band < methodology.bands[-1].number else None


def smallest_sets(
    inputs: EffectiveInputs,
    row: int,
    now: Outcome,
    gains: Sequence[Gain],
    methodology: Methodology,
    efforts: dict[str, int] | None = None,
) -> SetSearch | None:
    """None at the highest band. Open actions count at their worst, so that what is promised holds."""
    target = next_band(now, methodology)
    if target is None:
        return None
    search = _Search(inputs, row, target, methodology, efforts or {})
    gains = [gain for gain in gains if not (now.is_rated and gain.action.is_open)]
    actions = [gain.action for gain in gains]
    candidates = _most_ambitious(gains)
    [ceiling] = search.scored([_together(candidates)]) if candidates else [now]
    best: ActionSet | None = None
    tried = 0
    for size in range(1, min(LARGEST, len(candidates)) + 1):
        if comb(len(candidates), size) > MOST_SETS:
            break
        tried = size
        reaching: list[ActionSet] = []
        for found in search.every(combinations(candidates, size)):
            if search.reaches(found.after):
                reaching.append(found)
            if best is None or _height(found.after) > _height(best.after):
                best = found
        if reaching:
            reaching = search.with_milder(reaching, actions)
            return SetSearch(target, tuple(reaching[:SHOWN]), len(reaching), size, None, ceiling, tried)
    return SetSearch(target, (), 0, 0, best, ceiling, tried)


def _height(outcome: Outcome) -> tuple[float, ...]:
    return (outcome.is_rated, outcome.band, outcome.exact or outcome.coverage)


def _most_ambitious(gains: Sequence[Gain]) -> list[Action]:
    """Without the milder targets of the same inputs, the largest single gain first.

    `gains` come in the order in which they were proposed, milder targets first.
    """
    chosen = [
        (gain, gain.action)
        for place, gain in enumerate(gains)
        if not any(_is_milder(gain, other) for other in gains[place + 1 :])
        and not any(_is_milder(gain, other, strictly=True) for other in gains[:place])
    ]
    chosen.sort(key=lambda pair: _height(pair[0].after), reverse=True)
    return [action for _, action in chosen]


def _is_milder(gain: Gain, other: Gain, *, strictly: bool = False) -> bool:
    """Every input of `gain` lies within those of `other`, which scores at least as much, alone and in every set."""
    if not (gain.action.keys <= other.action.keys and gain.action.is_single_minded and other.action.is_single_minded):
        return False
    own, theirs = _height(gain.after), _height(other.after)
    return theirs > own or (theirs == own and not strictly)


def _together(actions: Sequence[Action]) -> tuple[Action, ...]:
    """As many as go together, in their order."""
    chosen: tuple[Action, ...] = ()
    for action in actions:
        if go_together((*chosen, action)):
            chosen = (*chosen, action)
    return chosen


@dataclass(slots=True)
class _Search:
    inputs: EffectiveInputs
    row: int
    target: int
    methodology: Methodology
    efforts: dict[str, int]

    def reaches(self, outcome: Outcome) -> bool:
        return outcome.is_rated and outcome.band >= self.target

    def scored(self, sets: Sequence[tuple[Action, ...]]) -> list[Outcome]:
        rows = np.full(len(sets), self.row, dtype=np.int64)
        wanted = [[change for action in chosen for change in action.changes] for chosen in sets]
        return outcomes(changed(self.inputs, rows, wanted), self.methodology)

    def every(self, sets: Iterator[tuple[Action, ...]]) -> Iterator[ActionSet]:
        waiting: list[tuple[Action, ...]] = []
        for chosen in sets:
            if go_together(chosen):
                waiting.append(chosen)
            if len(waiting) == CHUNK:
                yield from map(ActionSet, waiting, self.scored(waiting))
                waiting = []
        if waiting:
            yield from map(ActionSet, waiting, self.scored(waiting))

    def with_milder(self, reaching: list[ActionSet], actions: Sequence[Action]) -> list[ActionSet]:
        """The least effort first; then, of each of the first sets, the milder targets that reach the band too."""
        first = sorted(reaching, key=self.order)[:MILDER]
        milder = {
            action.code: [other for other in actions if other.keys <= action.keys]
            for found in first
            for action in found.actions
        }
        tried = {
            frozenset(action.code for action in chosen): chosen
            for found in first
            for chosen in product(*(milder[action.code] for action in found.actions))
        }
        known = {frozenset(action.code for action in found.actions): found for found in reaching}
        new = (chosen for codes, chosen in tried.items() if codes not in known)
        known |= {
            frozenset(action.code for action in found.actions): found
            for found in self.every(new)
            if self.reaches(found.after)
        }
        return sorted(known.values(), key=self.order)

    def order(self, found: ActionSet) -> tuple:
        """Least effort, then least reach beyond what is needed, so that the mildest targets come first."""
        effort = sum(self.efforts.get(action.code, 2) for action in found.actions)
        return (effort, found.after.exact or 0.0, [action.code for action in found.actions])
