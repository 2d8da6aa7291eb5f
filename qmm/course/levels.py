"""What the consensus comes to: an area's level is the mean of its elements' levels (methodology 2026.1)."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from qmm.rubric.fields import AREAS, area_of

THOUSANDTH = Decimal("0.001")


def area_levels(levels: Mapping[str, int]) -> dict[str, Decimal]:
    """Element code -> agreed level 1..5; area -> mean, to three places. ValueError where an area has no element."""
    given: dict[str, list[int]] = {area.code: [] for area in AREAS}
    for element, level in levels.items():
        given[area_of(element).code].append(level)
    empty = [area.label for area in AREAS if not given[area.code]]
    if empty:
        raise ValueError(f"No level is agreed in {', '.join(empty)}.")
    return {
        area: (Decimal(sum(found)) / len(found)).quantize(THOUSANDTH, ROUND_HALF_UP) for area, found in given.items()
    }
