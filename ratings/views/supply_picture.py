"""The supply chain as a picture: stages from left to right, the width of a flow is its share, dashed is a backup.

Plain SVG coordinates, computed here, so that the picture needs no script, prints, and scales; its list by stage stands
beside it for phones and screen readers.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ratings import figures
from ratings.queries.explained import NodeFigure, StageFigure

WIDTH, TOP, GAP = 1120, 34, 16
FLOW = 44  # the width of all of a stage's supply
LINE, PADDING = 17, 12
BOX_WIDTHS = {1: 260, 2: 250, 3: 236, 4: 206, 5: 176}


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    name_lines: list[tuple[float, str]]  # (baseline, text)
    detail_lines: list[tuple[float, str]]
    node: NodeFigure

    @property
    def text_x(self) -> float:
        return self.x + PADDING

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Flow:
    path: str
    is_backup: bool


@dataclass(frozen=True, slots=True)
class SupplyPicture:
    width: int
    height: float
    heads: list[tuple[float, str]]
    boxes: list[Box]
    flows: list[Flow]


def supply_picture(stages: Sequence[StageFigure]) -> SupplyPicture | None:
    given = [stage for stage in stages if stage.nodes]
    if not given:
        return None
    width = BOX_WIDTHS[len(given)]
    step = (WIDTH - 2 - width) / max(len(given) - 1, 1)
    columns = [_column(stage.nodes, 1 + place * step, width) for place, stage in enumerate(given)]
    tallest = max(column[-1].y + column[-1].height for column in columns)
    columns = [_centered(column, tallest) for column in columns]
    flows: list[Flow] = []
    for left, right in pairwise(columns):
        flows += _flows(left, right, right is columns[-1])
    return SupplyPicture(
        width=WIDTH,
        height=tallest + 2,
        heads=[(1 + place * step, stage.label) for place, stage in enumerate(given)],
        boxes=[box for column in columns for box in column],
        flows=sorted(flows, key=lambda flow: flow.is_backup),
    )


def _column(nodes: Sequence[NodeFigure], x: float, width: float) -> list[Box]:
    boxes: list[Box] = []
    y = float(TOP)
    letters = int((width - 2 * PADDING) / 7.4)
    for node in nodes:
        name = textwrap.wrap(node.name, letters, max_lines=4, placeholder=" …") or [node.name]
        details = textwrap.wrap(_detail(node).replace("\u00a0", "~"), letters, max_lines=3, placeholder=" …")
        details = [line.replace("~", "\u00a0").rstrip("·\u00a0") for line in details]
        baseline = y + PADDING + 12
        name_lines = [(baseline + LINE * row, line) for row, line in enumerate(name)]
        detail_lines = [(baseline + LINE * (len(name) + row) + 1, line) for row, line in enumerate(details)]
        height = max(2 * PADDING + LINE * (len(name) + len(details)) - 2, FLOW + 8)
        boxes.append(Box(x, y, width, height, name_lines, detail_lines, node))
        y += height + GAP
    return boxes


def _detail(node: NodeFigure) -> str:
    nb = figures.NBSP
    parts = [node.country, "backup" if node.is_backup else figures.percent(node.share), node.qmm.replace(" ", nb)]
    parts = [part for part in parts if part]
    if not node.is_qualified:
        parts.append(f"not{nb}qualified")
    if node.under_action:
        parts.append(f"official{nb}action{nb}open")
    return f"{nb}· ".join(parts)


def _centered(column: list[Box], tallest: float) -> list[Box]:
    down = (tallest - column[-1].y - column[-1].height) / 2
    return [
        Box(
            box.x,
            box.y + down,
            box.width,
            box.height,
            [(y + down, text) for y, text in box.name_lines],
            [(y + down, text) for y, text in box.detail_lines],
            box.node,
        )
        for box in column
    ]


def _flows(left: list[Box], right: list[Box], is_last: bool) -> list[Flow]:
    """Every supplier of a stage feeds every supplier of the next in proportion to both shares."""
    leaving = {id(box): box.middle - FLOW * box.node.share / 2 for box in left}
    arriving = {id(box): box.middle - FLOW * box.node.share / 2 for box in right}
    flows = []
    for start in left:
        for end in right:
            thick = FLOW * start.node.share * end.node.share
            if thick <= 0:
                continue
            flows.append(Flow(_ribbon(start, leaving[id(start)], end, arriving[id(end)], max(thick, 0.8)), False))
            leaving[id(start)] += thick
            arriving[id(end)] += thick
    flows += [Flow(_line(box, right[0]), True) for box in left if box.node.is_backup]
    if is_last:
        flows += [Flow(_line(left[0], box), True) for box in right if box.node.is_backup]
    return flows


def _ribbon(start: Box, y1: float, end: Box, y2: float, thick: float) -> str:
    x1, x2 = start.x + start.width, end.x
    half = (x1 + x2) / 2
    return (
        f"M{x1:.1f} {y1:.1f}C{half:.1f} {y1:.1f} {half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}v{thick:.1f}"
        f"C{half:.1f} {y2 + thick:.1f} {half:.1f} {y1 + thick:.1f} {x1:.1f} {y1 + thick:.1f}Z"
    )


def _line(start: Box, end: Box) -> str:
    x1, x2 = start.x + start.width, end.x
    half = (x1 + x2) / 2
    y1, y2 = start.middle, end.middle
    return f"M{x1:.1f} {y1:.1f}C{half:.1f} {y1:.1f} {half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
