"""Where dots and bands stand on the line from level 1 to 5, for the page; the table beside them has their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from qmm.report.contents import AreaPart, Report
from qmm.report.peers import Spread
from qmm.report.sentences import number, signed
from qmm.rubric import LADDER

LEFT, WIDTH = 10.0, 220.0  # of level 1, and from there to level 5, in a picture 240 wide
TICKS = [(step, LEFT + WIDTH * (step - 1) / 4) for step in range(1, 6)]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture and its table. Positions are None where there is nothing to draw."""

    anchor: str  # of the part of the page about it, "" where there is none
    name: str
    level: str
    word: str
    at: float | None
    before_at: float | None
    band_at: float | None
    band_width: float
    median_at: float | None
    change: str
    peers: str  # "3.1, 2.8 to 3.4": median and middle half


@dataclass(frozen=True, slots=True)
class Picture:
    """A column of which no row knows anything is left out."""

    rows: Sequence[Row]

    @property
    def has_change(self) -> bool:
        return any(row.change for row in self.rows)

    @property
    def has_peers(self) -> bool:
        return any(row.peers for row in self.rows)


def areas_picture(report: Report) -> Picture:
    rows = [
        _row(
            area.prefix if area.elements else "",
            area.label,
            (float(area.level), number(area.level, 2), area.word) if area.level is not None else None,
            float(area.before) if area.before is not None else None,
            signed(area.change, 2) if area.change is not None else "",
            area.peers,
        )
        for area in report.areas
    ]
    return Picture(rows)


def elements_picture(area: AreaPart) -> Picture:
    rows = [
        _row(
            element.code,
            f"{element.code} {element.name}",
            (element.level, str(element.level), LADDER[element.level - 1]) if element.level else None,
            element.before,
            _moved(element.level, element.before),
            element.peers,
        )
        for element in area.elements
    ]
    return Picture(rows)


def _row(
    anchor: str,
    name: str,
    level: tuple[float, str, str] | None,
    before: float | None,
    change: str,
    peers: Spread | None,
) -> Row:
    return Row(
        anchor=anchor,
        name=name,
        level=level[1] if level else "–",
        word=level[2] if level else "",
        at=_at(level[0]) if level else None,
        before_at=_at(before) if before is not None else None,
        band_at=_at(peers.low) if peers else None,
        band_width=round(max(WIDTH * (peers.high - peers.low) / 4, 2), 1) if peers else 0,
        median_at=_at(peers.median) if peers else None,
        change=change,
        peers=f"{peers.median}, {peers.low} to {peers.high}" if peers else "",
    )


def _at(level: float) -> float:
    return round(LEFT + WIDTH * (level - 1) / 4, 1)


def _moved(level: int | None, before: int | None) -> str:
    if not level or not before:
        return ""
    moved = level - before
    return f"+{moved}" if moved > 0 else f"−{-moved}" if moved else "0"
