"""Rounding, bands, the buffer and the caps."""

import numpy as np
import pytest

from ratings.scoring import load_methodology
from ratings.scoring.bands import buffered_band, capped_band, gates_in, plain_band, published_score

METHODOLOGY = load_methodology("2026.1")


@pytest.mark.parametrize(
    ("exact", "score"),
    [(64.45, 64.5), (64.4499999, 64.4), (64.45 - 1e-12, 64.5), (84.95, 85.0), (84.949, 84.9), (0.25, 0.3), (100, 100)],
)
def test_scores_are_rounded_half_up_after_the_dust_is_gone(exact, score):
    assert published_score([exact, np.nan], METHODOLOGY).tolist() == pytest.approx([score, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("score", "band"),
    [(100, 5), (85, 5), (84.9, 4), (70, 4), (69.9, 3), (55, 3), (54.9, 2), (40, 2), (39.9, 1), (10, 1), (np.nan, 0)],
)
def test_a_band_begins_at_its_cut(score, band):
    assert plain_band([score], METHODOLOGY).tolist() == [band]


@pytest.mark.parametrize(
    ("score", "prior", "band"),
    [
        (85.0, 0, 5),
        (86.9, 4, 4),
        (87.0, 4, 5),
        (83.0, 5, 5),
        (82.9, 5, 4),
        (67.4, 5, 3),
        (71.9, 3, 3),
        (72.0, 3, 4),
        (90.0, 1, 5),
        (86.0, 3, 4),  # two bands up by the cut, one by the buffer
        (38.0, 2, 2),
        (37.9, 2, 1),
        (np.nan, 4, 0),
    ],
)
def test_a_band_moves_only_past_the_buffer(score, prior, band):
    assert buffered_band([score], [prior], METHODOLOGY).tolist() == [band]


def test_gates_cap_the_band_and_nothing_else():
    bands = np.array([5, 5, 5, 1, 5], dtype=np.int8)
    gates = np.array([0, 1, 4, 7, 3])
    assert capped_band(bands, gates, METHODOLOGY).tolist() == [5, 3, 2, 1, 3]
    assert gates_in(0b101) == ["active_shortage", "single_point_of_failure"]
