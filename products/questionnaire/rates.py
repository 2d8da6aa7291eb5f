"""A rate from counts, and how far it can be trusted: the Wilson score interval."""

from math import sqrt

Z_95 = 1.959963984540054  # two-sided 95%


def wilson(part: int, whole: int, z: float = Z_95) -> tuple[float, float]:
    """Lower and upper bound (0..1) of the share behind `part` of `whole`; ValueError unless 0 <= part <= whole > 0."""
    if not 0 <= part <= whole or whole == 0:
        raise ValueError(f"{part} of {whole} is no share.")
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    reach = z * sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)
