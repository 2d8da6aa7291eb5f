"""The numbers of a methodology as frozen dataclasses. `methodology.py` reads them, `methodology_checks.py` checks them.

Source: methodology.md.
"""

from dataclasses import dataclass

__all__ = [
    "QMM",
    "Band",
    "CoverageRule",
    "Domain",
    "Gate",
    "IndicatorRule",
    "Limits",
    "Methodology",
    "QmmRule",
    "ScoreRule",
    "SupplyRule",
    "Tolerance",
    "ValidityRule",
]

QMM = "qmm"  # the code of the domain that is read from assessments instead of indicators


@dataclass(frozen=True, slots=True)
class Domain:
    code: str
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class IndicatorRule:
    """How one indicator is scored: `curve` holds (value, points) with rising values, flat beyond both ends.

    Answers are a curve over their codes 0, 1, 2, ...; ticks add up to points already, so their curve changes nothing.
    """

    code: str
    domain: str
    weight: float
    curve: tuple[tuple[float, float], ...]
    answers: dict[str, float]
    ticks: dict[str, float]
    required_tick: str

    @property
    def lowest_points(self) -> float:
        """What a withheld indicator counts as."""
        return min(points for _, points in self.curve)

    @property
    def higher_is_better(self) -> bool:
        return self.curve[-1][1] >= self.curve[0][1]


@dataclass(frozen=True, slots=True)
class ScoreRule:
    floor: float
    decimals: int
    guard_decimals: int


@dataclass(frozen=True, slots=True)
class CoverageRule:
    floor: float
    qmm_floor: float


@dataclass(frozen=True, slots=True)
class Tolerance:
    comparison: float
    share_sum: float


@dataclass(frozen=True, slots=True)
class Limits:
    share: tuple[float, float]
    level: tuple[float, float]
    hours_per_week: tuple[float, float]


@dataclass(frozen=True, slots=True)
class QmmRule:
    points_per_level: float
    valid_months: int
    areas: tuple[str, ...]
    stage_weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class ValidityRule:
    """How long dated inputs count, in calendar months; the loader applies it, a portfolio file comes already aged."""

    submission_months: int
    plan_months: int
    qualification_months: int


@dataclass(frozen=True, slots=True)
class SupplyRule:
    default_lines: int
    redundant_lines: int
    backup_new_country: float
    backup_same_country: float
    nearshore: dict[str, float]
    nearshore_stage_weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Band:
    number: int
    label: str
    cut: float


@dataclass(frozen=True, slots=True)
class Gate:
    """A cap on the band. The three thresholds are used by `single_point_of_failure` alone."""

    code: str
    label: str
    reason: str
    caps_at: int
    max_sources: int = 0
    enough_lines: int = 0
    enough_days_of_inventory: float = 0.0


@dataclass(frozen=True, slots=True)
class Methodology:
    """One version of the method. `domains` and `indicators` fix the order of columns in every ScoreTable."""

    version: str
    title: str
    score: ScoreRule
    coverage: CoverageRule
    tolerance: Tolerance
    limits: Limits
    qmm: QmmRule
    validity: ValidityRule
    supply: SupplyRule
    domains: tuple[Domain, ...]  # qmm first
    indicators: tuple[IndicatorRule, ...]
    bands: tuple[Band, ...]  # lowest first
    band_buffer: float
    gates: dict[str, Gate]

    @property
    def qmm_stages(self) -> tuple[str, ...]:
        """The stages that carry QMM weight, in the order of ScoreTable.stage_values."""
        return tuple(self.qmm.stage_weights)

    @property
    def lowest_qmm(self) -> float:
        """QMM points of an establishment that was never assessed."""
        return self.limits.level[0] * self.qmm.points_per_level

    def rule(self, code: str) -> IndicatorRule:
        """The rule of one indicator; KeyError if this methodology does not use it."""
        for rule in self.indicators:
            if rule.code == code:
                return rule
        raise KeyError(code)

    def indicators_of(self, domain: str) -> tuple[int, ...]:
        """Columns of the indicators of a domain; none for qmm."""
        return tuple(column for column, rule in enumerate(self.indicators) if rule.domain == domain)

    def band_label(self, number: int) -> str:
        """The word for a band, "" for 0 (no band)."""
        return next((band.label for band in self.bands if band.number == number), "")
