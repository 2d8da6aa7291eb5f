"""Simulated assessors: sites of known maturity, and levels as people with a known leniency give them."""

import numpy as np

from qmm.agreement.figures import Levels

ELEMENTS = tuple(f"PQ{number}" for number in range(1, 21))


def simulated(cases: int, leniency: list[float], *, noise: float = 0.5, seed: int = 1, missing: float = 0.0) -> Levels:
    """Each assessment by two assessors drawn at random, ids 1 to len(leniency)."""
    dice = np.random.default_rng(seed)
    people = np.stack([dice.choice(len(leniency), 2, replace=False) for _ in range(cases)])
    truth = np.clip(dice.normal(3, 1, (cases, 1)) + dice.normal(0, 0.5, (cases, len(ELEMENTS))), 1, 5)
    seen = truth[:, :, None] + np.array(leniency)[people][:, None, :]
    given = np.clip(np.rint(seen + dice.normal(0, noise, seen.shape)), 1, 5).astype(np.int8)
    given[dice.random(given.shape) < missing] = 0
    return Levels(given, people.astype(np.int64) + 1, ELEMENTS)
