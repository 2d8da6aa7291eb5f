"""The rules of a methodology in rows and sentences: maturity, means, bands, gates."""

from dataclasses import dataclass

from ratings import figures
from ratings.queries.explained import SHORT_STAGE_LABELS
from ratings.scoring import Methodology
from ratings.scoring.rules import Band, Gate
from ratings.views.methodology.pictures import geometric

# The ladder of maturity, level 1 first, each with what a site at that level does.
LEVELS = (
    ("Reactive", "acts when something fails"),
    ("Developing", "practices exist, but unevenly"),
    ("Defined", "documented and applied consistently"),
    ("Proactive", "uses its data to prevent failures"),
    ("Optimizing", "anticipates, compares itself and shares"),
)
AREA_WORDS = {"advanced_pqs": "advanced pharmaceutical quality system"}
PAIRS = ((90, 90), (90, 50), (90, 10), (50, 50))


@dataclass(frozen=True, slots=True)
class Level:
    number: int
    label: str
    words: str
    points: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two domains of equal weight, their plain mean, and what the score takes."""

    first: int
    second: int
    plain: float
    geometric: float


@dataclass(frozen=True, slots=True)
class BandRow:
    """A band with where it starts and ends, and what the buffer makes of that."""

    band: Band
    top: float
    rises_from: float | None  # a product below enters the band from here
    falls_below: float | None  # a product of the band leaves it below here


@dataclass(frozen=True, slots=True)
class GateRow:
    gate: Gate
    band_label: str


def practice_areas(methodology: Methodology) -> list[str]:
    return [AREA_WORDS.get(area, area.replace("_", " ")) for area in methodology.qmm.areas]


def levels(methodology: Methodology) -> list[Level]:
    per_level = methodology.qmm.points_per_level
    return [Level(number, *words, number * per_level) for number, words in enumerate(LEVELS, 1)]


def stages(methodology: Methodology) -> list[tuple[str, float]]:
    return [(SHORT_STAGE_LABELS[code], weight) for code, weight in methodology.qmm.stage_weights.items()]


def stage_weights(methodology: Methodology) -> str:
    """API 35%, finished dose 45% and so on, by the names that the product page has."""
    rows = [(label if label.isupper() else label.lower(), weight) for label, weight in stages(methodology)]
    return figures.joined([f"{label} {figures.percent(weight, 0)}" for label, weight in rows])


def pairs(methodology: Methodology) -> list[Pair]:
    return [Pair(a, b, (a + b) / 2, geometric(methodology, a, b)) for a, b in PAIRS]


def band_rows(methodology: Methodology) -> list[BandRow]:
    """Highest band first."""
    buffer, lowest = methodology.band_buffer, methodology.bands[0]
    tops = [band.cut for band in methodology.bands[1:]] + [100.0]
    rows = [
        BandRow(band, top, *((None, None) if band is lowest else (band.cut + buffer, band.cut - buffer)))
        for band, top in zip(methodology.bands, tops, strict=True)
    ]
    return rows[::-1]


def bands_sentence(methodology: Methodology) -> str:
    """The scale in words, for who does not see it."""
    lowest, *others = methodology.bands
    rising = figures.joined([f"{band.label} from {figures.plain(band.cut)}" for band in others])
    return f"Of 100 points, a score below {figures.plain(others[0].cut)} is {lowest.label}; then come {rising}."


def buffer_sentence(methodology: Methodology) -> str:
    """The buffer told of the second highest band."""
    above, own, below = methodology.bands[:-4:-1]
    rises, falls = above.cut + methodology.band_buffer, own.cut - methodology.band_buffer
    return (
        f"A product that is {own.label} becomes {above.label} only at {figures.points(rises)} and {below.label} only "
        f"below {figures.points(falls)}."
    )


def gate_rows(methodology: Methodology) -> list[GateRow]:
    return [GateRow(gate, methodology.band_label(gate.caps_at)) for gate in methodology.gates.values()]
