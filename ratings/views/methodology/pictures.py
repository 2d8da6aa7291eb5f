"""What static/js/curves.js draws of a methodology. The same figures stand in a table below each picture."""

import math
from typing import Any

from ratings import figures
from ratings.scoring import Methodology
from ratings.scoring.rules import IndicatorRule
from ratings.views.chart_data import bands as band_ranges

MEAN_STEP = 10  # of the two sliders: every pair is worked out here
TAIL = 0.12  # how far the flat ends of a curve are drawn, of its width


def weights(methodology: Methodology) -> dict[str, Any]:
    return {
        "rows": [
            {"label": domain.label, "value": domain.weight, "text": figures.percent(domain.weight, 0)}
            for domain in methodology.domains
        ]
    }


def curve(rule: IndicatorRule, scale: list[tuple[str, str]], highest: float) -> dict[str, Any]:
    """Straight lines between the goalposts and flat beyond them, up to the highest value that there can be."""
    (first, first_points), (last, last_points) = rule.curve[0], rule.curve[-1]
    tail = (last - first) * TAIL
    left = max(first - tail, min(first, 0.0))
    right = max(last, min(last + tail, highest))
    return {
        "from": left,
        "to": right,
        "line": [[left, first_points], *map(list, rule.curve), [right, last_points]],
        "posts": [
            {"value": value, "points": points, "label": words, "text": text}
            for (value, points), (words, text) in zip(rule.curve, scale, strict=True)
        ],
    }


def steps(rule: IndicatorRule, scale: list[tuple[str, str]]) -> dict[str, Any]:
    values = (rule.answers or rule.ticks).values()
    sign = "+" if rule.ticks else ""
    return {
        "most": 100,
        "rows": [
            {"label": figures.first_up(words), "value": value, "text": f"{sign}{text}"}
            for value, (words, text) in zip(values, scale, strict=True)
        ],
    }


def bands(methodology: Methodology) -> dict[str, Any]:
    buffer = methodology.band_buffer
    return {
        "unit": "",
        "parts": band_ranges(methodology),
        "zones": [[band.cut - buffer, band.cut + buffer] for band in methodology.bands[1:]],
    }


def coverage(methodology: Methodology) -> dict[str, Any]:
    floor = methodology.coverage.floor * 100
    return {
        "unit": "%",
        "parts": [
            {"label": "No score", "from": 0, "to": floor, "number": None},
            {"label": "Rated", "from": floor, "to": 100, "number": 3},
        ],
        "zones": [],
    }


def mean_grid(methodology: Methodology) -> dict[str, Any]:
    """Two domains of equal weight: plain and geometric mean of every pair of values, as text."""
    values = range(0, 101, MEAN_STEP)
    return {
        "step": MEAN_STEP,
        "plain": [[figures.points((a + b) / 2) for b in values] for a in values],
        "geometric": [[figures.points(geometric(methodology, a, b)) for b in values] for a in values],
    }


def geometric(methodology: Methodology, *values: float) -> float:
    """The geometric mean of domains of equal weight, each counted as at least the floor."""
    floored = [max(value, methodology.score.floor) for value in values]
    return math.prod(floored) ** (1 / len(floored))
