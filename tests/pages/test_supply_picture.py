"""The geometry of the supply chain: widths are shares, backups are dashed, nothing overlaps."""

import re
from itertools import pairwise

from ratings.queries.explained import NodeFigure, StageFigure
from ratings.views.supply_picture import FLOW, WIDTH, supply_picture


def node(name: str, share: float) -> NodeFigure:
    return NodeFigure(1, name, "api", "India", share, True, False, 3.1, None)


def stage(code: str, *nodes: NodeFigure) -> StageFigure:
    return StageFigure(code, code, 0.1, None, None, list(nodes))


def thickness(path: str) -> float:
    found = re.search(r"v([\d.]+)", path)
    assert found
    return float(found.group(1))


def test_the_flows_between_two_stages_carry_all_of_the_supply() -> None:
    picture = supply_picture(
        [stage("api", node("A", 0.6), node("B", 0.4)), stage("fdf", node("C", 0.5), node("D", 0.5))]
    )
    assert picture
    assert len(picture.flows) == 4
    assert abs(sum(thickness(flow.path) for flow in picture.flows) - FLOW) < 0.3


def test_a_backup_is_a_dashed_line_without_width() -> None:
    picture = supply_picture([stage("api", node("A", 1), node("B", 0)), stage("fdf", node("C", 1), node("D", 0))])
    assert picture
    assert [flow.is_backup for flow in picture.flows] == [False, True, True]


def test_boxes_of_a_column_do_not_touch_and_stay_inside() -> None:
    long = "A very long name of an establishment that makes active ingredients"
    stages = [
        stage(code, *(node(long, 0.25) for _ in range(4))) for code in ("ksm", "api", "fdf", "packaging", "testing")
    ]
    picture = supply_picture(stages)
    assert picture
    for x in {box.x for box in picture.boxes}:
        column = [box for box in picture.boxes if box.x == x]
        assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(column))
    assert all(box.x >= 0 and box.x + box.width <= WIDTH for box in picture.boxes)
    assert all(box.y >= 0 and box.y + box.height <= picture.height for box in picture.boxes)


def test_a_long_name_is_wrapped_and_never_cut() -> None:
    long = "Bhorvani Ahmedabad Active Pharmaceutical Ingredient Works 3"
    picture = supply_picture([stage(code, node(long, 1)) for code in ("ksm", "api", "fdf", "packaging", "testing")])
    assert picture
    assert all(" ".join(line for _, line in box.name_lines) == long for box in picture.boxes)


def test_stages_without_nodes_have_no_column() -> None:
    picture = supply_picture([stage("ksm"), stage("api", node("A", 1))])
    assert picture
    assert [label for _, label in picture.heads] == ["api"]
    assert supply_picture([stage("api")]) is None
