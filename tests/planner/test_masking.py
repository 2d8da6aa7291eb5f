"""What may not be told of other firms' sites is not told by trying things out."""

from dataclasses import replace
from itertools import permutations

import numpy as np

from ratings.planner.gains import plans
from ratings.planner.masking import masked
from ratings.scoring import load_methodology, pack_country
from ratings.scoring.scorer import score_effective
from ratings.worked_example.product_example import product_example
from tests.planner.products import inputs_of

METHOD = load_methodology("2026.1")


def supplied(acted: tuple[bool, bool, bool], levels: tuple[float, float, float] = (2.0, 3.0, 4.0)):
    """Three hidden API suppliers in three countries with equal shares, and the firm's own plant."""
    countries = [pack_country(code) for code in ("IND", "CHN", "ITA")]
    nodes = [
        (1, site, 1 / 3, True, country, level, action)
        for site, country, level, action in zip((11, 12, 13), countries, levels, acted, strict=True)
    ]
    return inputs_of(nodes + [(stage, 1, 1.0, True, pack_country("USA"), 3.0, False) for stage in (2, 3, 4)])


HIDDEN = frozenset({11, 12, 13})


def test_the_score_stays_as_it_is() -> None:
    given = supplied((False, True, False))
    before, after = (score_effective(item, METHOD) for item in (given, masked(given, HIDDEN)))
    for name in ("exact", "band", "gates", "coverage"):
        assert getattr(before, name) == getattr(after, name)


def test_which_site_is_under_action_makes_no_difference() -> None:
    seen = {masked(supplied(acted), HIDDEN).node_oai.tobytes() for acted in set(permutations((True, False, False)))}
    assert len(seen) == 1


def test_which_hidden_site_is_mature_makes_no_difference_to_any_gain() -> None:
    told = set()
    for levels in permutations((2.0, 3.0, 4.0)):
        [plan] = plans(masked(supplied((False, True, False), levels), HIDDEN), METHOD, HIDDEN, {})
        told.add(tuple((gain.action.code, round(gain.exact or 0, 6)) for gain in plan.proposed))
    assert len(told) == 1


def test_hidden_sites_have_no_levels_and_their_shares_do_not_move() -> None:
    example = product_example(masked(supplied((False,) * 3), HIDDEN), "x", "2026-11-01", METHOD, {}, HIDDEN)
    assert not [name for name in example.controls if name.startswith(("level_1", "action_1")) and name[-2:] != "_1"]
    assert not [name for name in example.controls if name.startswith("share_api")]
    api = next(stage for stage in example.stages if stage.code == "api")
    assert "another firm" in api.note
    open_to_all = product_example(supplied((False,) * 3), "x", "2026-11-01", METHOD, {}, frozenset())
    assert [name for name in open_to_all.controls if name.startswith("share_api")] == ["share_api_11", "share_api_12"]


def test_one_hidden_site_is_under_action_as_it_is() -> None:
    given = supplied((True, True, True))
    assert masked(given, HIDDEN).node_oai.tolist()[:3] == [True] * 3
    assert masked(replace(given, node_oai=np.zeros(6, dtype=bool)), HIDDEN).node_oai.sum() == 0
