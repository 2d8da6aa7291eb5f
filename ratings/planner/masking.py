"""What a manufacturer may not learn of other firms' sites from trying things out.

Their levels go into a score as they are; no action changes one, and shares cannot be moved at a stage where one
counts, so a gain tells of them only what the stage's loss on the product's page tells already. Which of them is under
an official action would show when a backup is added country by country or a share is taken away, so here the actions
lie elsewhere: on the first of the hidden sites for which the product's sources, their countries and its gate, all of
which its page shows, stay as they are.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from ratings.scoring import EffectiveInputs
from ratings.scoring.supply import API, FDF

SLACK = 1e-9
_Facts = tuple[int, int, int, bool]


def masked(inputs: EffectiveInputs, hidden: frozenset[int]) -> EffectiveInputs:
    """The inputs with the same score, from which nothing can be told of a hidden site alone."""
    is_hidden = np.isin(inputs.node_establishment_id, list(hidden))
    concerned = np.unique(inputs.node_product[is_hidden & inputs.node_oai])
    if not len(concerned):
        return inputs
    under_action = inputs.node_oai.copy()
    for row in concerned:
        first, end = np.searchsorted(inputs.node_product, [row, row + 1])
        nodes = np.arange(first, end)
        under_action[nodes] = _moved(inputs, nodes, is_hidden[nodes])
    return replace(inputs, node_oai=under_action)


def _moved(inputs: EffectiveInputs, nodes: np.ndarray, is_hidden: np.ndarray) -> np.ndarray:
    """The actions of one product's nodes, those of hidden ones on the first choice that leaves the facts."""
    given, at = inputs.node_oai[nodes], inputs.node_establishment_id[nodes]
    wanted = _facts(inputs, nodes, given)
    sites, acted = np.unique(at[is_hidden]), np.unique(at[is_hidden & given])
    for chosen in _choices(sites, len(acted)):
        tried = np.where(is_hidden, np.isin(at, chosen), given)
        if _facts(inputs, nodes, tried) == wanted:
            return tried
    raise AssertionError("The true one is among the choices.")


def _choices(sites: np.ndarray, most: int) -> Iterator[tuple[int, ...]]:
    """As few as may be, the lowest ids first: the order depends on nothing that is hidden."""
    for number in range(most + 1):
        yield from combinations(sites.tolist(), number)


def _facts(inputs: EffectiveInputs, nodes: np.ndarray, under_action: np.ndarray) -> _Facts:
    """What the product's page shows: sources of API and of finished dose, countries of the former, the gate."""
    source = inputs.node_qualified[nodes] & ~under_action
    stage = inputs.node_stage[nodes]
    countries = {int(code) for code in inputs.node_country[nodes][source & (stage == API)] if code}
    return (
        int(source[stage == API].sum()),
        int(source[stage == FDF].sum()),
        len(countries),
        bool((under_action & (inputs.node_share[nodes] > SLACK)).any()),
    )
