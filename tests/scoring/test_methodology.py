"""The published methodology is what the specification says, and a broken one is refused."""

from importlib import resources

import pytest

from ratings.scoring import INDICATORS, MethodologyError, available_versions, load_methodology
from ratings.scoring.methodology import parse_methodology
from ratings.scoring.questionnaire import KPI_BY_CODE

TEXT = (resources.files("ratings.scoring") / "methodologies" / "2026.1.toml").read_text(encoding="utf-8")


def test_the_published_methodology_loads():
    methodology = load_methodology("2026.1")
    assert available_versions() == ("2026.1",)
    assert methodology.domains[0].label == "QMM of establishments"
    assert [band.label for band in methodology.bands] == ["Very low", "Low", "Moderate", "High", "Very high"]
    assert methodology.band_label(0) == ""
    assert load_methodology("2026.1") is methodology


def test_every_indicator_is_used_and_explained():
    methodology = load_methodology("2026.1")
    assert [rule.code for rule in methodology.indicators] == list(INDICATORS)
    for item in INDICATORS.values():
        assert all((item.label, item.unit, item.team, item.definition.endswith("."), item.remedy.endswith(".")))
        assert all(code in KPI_BY_CODE for code in item.kpis)


def test_withheld_counts_as_the_lowest_points_of_its_own_table():
    rules = {rule.code: rule.lowest_points for rule in load_methodology("2026.1").indicators}
    assert {code: points for code, points in rules.items() if points} == {
        "operating_mode": 10,
        "manufacturing_redundancy": 10,
        "domestic_nearshore_share": 30,
    }


BROKEN = {
    "domain weights": ('weight = 0.40\n', 'weight = 0.41\n', "domain weights must add up to 1"),
    "indicator weights": ("weight = 0.25\ncurve = [[0, 0], [30", "weight = 0.26\ncurve = [[0, 0], [30", "of inventory"),
    "stage weights": ("fdf = 0.45", "fdf = 0.40", "QMM stage weights must add up to 1"),
    "unknown stage": ("testing = 0.10", "tasting = 0.10", "unknown tasting"),
    "goalposts out of order": ("[[15, 0], [60, 45]", "[[60, 0], [15, 45]", "days_inventory_on_hand: goalposts"),
    "points up and down": ("[[15, 0], [60, 45]", "[[15, 90], [60, 45]", "must only rise or only fall"),
    "points above 100": ("[24, 80], [36, 100]", "[24, 80], [36, 101]", "from 0 to 100"),
    "band out of order": ("from = 70.0", "from = 90.0", "band cuts"),
    "band missing": ('    { number = 3, label = "Moderate", from = 55.0 },\n', "", "without a gap"),
    "lowest band": ('"Very low", from = 0.0', '"Very low", from = 5.0', "must start at 0"),
    "buffer too wide": ("buffer = 2.0", "buffer = 8.0", "band buffer"),
    "gate missing": ("[gates.active_shortage]", "[gates.shortage]", "gates must be"),
    "gate beyond bands": ("caps_at = 2", "caps_at = 6", "caps at a band that does not exist"),
    "unknown indicator": ("indicators.fill_rate]", "indicators.filling]", "unknown indicator filling"),
    "misspelled key": ("valid_months", "valid_month", "valid_month"),
    "missing key": ("qmm_floor = 0.50\n", "", "qmm_floor"),
    "missing table": ("[tolerance]", "[tolerances]", "'tolerance' is missing"),
    "text for a number": ("valid_months = 36", 'valid_months = "36"', "valid_months"),
    "text for a weight": ("api = 0.35, fdf = 0.45", 'api = "0.35", fdf = 0.45', "str"),
    "answers out of order": ("none = 0, exists = 40", "exists = 40, none = 0", "expected the answers none, exists"),
    "tick missing": ("tested_12m = 20, ", "", "expected the ticks"),
    "ticks below 100": ("tested_12m = 20", "tested_12m = 10", "must add up to 100"),
    "two scales": ("answers = {", "curve = [[0, 0], [1, 100]]\nanswers = {", "expected one of curve"),
    "area missing": ('"employee_engagement"]', "]", "QMM areas"),
    "country of two letters": ("USA = 1.0", "US = 1.0", "alpha-3"),
    "floor": ("floor = 10.0", "floor = 0.0", "score floor"),
    "highest level": ("points_per_level = 20.0", "points_per_level = 25.0", "worth 100 points"),
    "version": ('version = "2026.1"', 'version = "2026.2"', "says version 2026.2"),
    "no TOML": ("[score]", "[score", "not a TOML file"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_methodology_is_refused(case: str):
    old, new, words = BROKEN[case]
    assert old in TEXT
    with pytest.raises(MethodologyError) as caught:
        parse_methodology(TEXT.replace(old, new, 1), "2026.1")
    assert words in "; ".join(caught.value.problems)


def test_qmm_must_be_strictly_the_largest_domain():
    equal = TEXT.replace("weight = 0.40\n", "weight = 0.26\n", 1).replace("weight = 0.12\n", "weight = 0.26\n", 1)
    with pytest.raises(MethodologyError, match="strictly the largest") as caught:
        parse_methodology(equal, "2026.1")
    assert len(caught.value.problems) == 1


def test_all_problems_are_listed():
    broken = (
        TEXT.replace("fdf = 0.45", "fdf = 0.40").replace("buffer = 2.0", "buffer = 8.0").replace("= 0.60", "= 1.60")
    )
    with pytest.raises(MethodologyError) as caught:
        parse_methodology(broken, "2026.1")
    assert len(caught.value.problems) == 3


def test_an_unknown_version_is_refused_by_name():
    with pytest.raises(MethodologyError, match=r"methodology 1999\.9: unknown; available: 2026\.1"):
        load_methodology("1999.9")
