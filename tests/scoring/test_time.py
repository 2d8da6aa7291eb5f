"""Which assessment and which inspection count on a day, and calendar months."""

from datetime import date

import numpy as np
import pytest

from ratings.scoring import add_months, load_methodology
from ratings.scoring.effective import establishment_levels, establishments_under_action
from ratings.scoring.portfolio import read_portfolio

from .portfolios import AREAS

METHODOLOGY = load_methodology("2026.1")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2023-11-01", 36, "2026-11-01"),
        ("2024-02-29", 36, "2027-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-10-31", 13, "2024-11-30"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-12-15", 0, "2024-12-15"),
        ("NaT", 36, "NaT"),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_the_month(day, months, expected):
    shifted = add_months(np.array([day, day], dtype="datetime64[D]"), months)
    assert shifted.dtype == np.dtype("datetime64[D]")
    assert [str(value) for value in shifted] == [expected, expected]


def frames_with(qmm=(), inspections=()):
    document = {
        "methodology": "2026.1",
        "as_of": "2026-11-01",
        "establishments": {
            "3001000001": {
                "country": None,
                "qmm": [{"completed_on": day, "areas": dict.fromkeys(AREAS, level)} for day, level in qmm],
                "inspections": [
                    {"classification": kind, "ended_on": ended, "resolved_on": resolved}
                    for kind, ended, resolved in inspections
                ],
            }
        },
        "products": [],
    }
    return read_portfolio(document).frames


@pytest.mark.parametrize(
    ("qmm", "as_of", "level"),
    [
        ([], date(2026, 11, 1), None),
        ([("2023-11-01", 3)], date(2026, 11, 1), 3),
        ([("2023-11-01", 3)], date(2026, 11, 2), None),
        ([("2024-02-29", 3)], date(2027, 2, 28), 3),
        ([("2024-02-29", 3)], date(2027, 3, 1), None),
        ([("2026-11-02", 3)], date(2026, 11, 1), None),
        ([("2026-01-01", 5), ("2026-05-01", 2)], date(2026, 11, 1), 2),
        ([("2026-01-01", 5), ("2026-05-01", 2)], date(2026, 4, 30), 5),
        ([("2026-05-01", 4), ("2026-05-01", 2), ("2026-05-01", 3)], date(2026, 11, 1), 2),
    ],
)
def test_the_latest_valid_assessment_counts(qmm, as_of, level):
    found = establishment_levels(frames_with(qmm=qmm), METHODOLOGY, as_of)
    assert found.tolist() == pytest.approx([np.nan if level is None else level], nan_ok=True)


def test_an_assessment_with_an_impossible_level_spoils_its_establishment():
    frames = frames_with(qmm=[("2026-05-01", 4), ("2026-05-01", 3)])
    frames.assessment_levels[0, 2] = 7
    assert establishment_levels(frames, METHODOLOGY, date(2026, 11, 1)).tolist() == [-np.inf]


@pytest.mark.parametrize(
    ("inspections", "under_action"),
    [
        ([], False),
        ([("OAI", "2026-03-03", None)], True),
        ([("OAI", "2026-03-03", "2026-11-01")], False),
        ([("OAI", "2026-03-03", "2026-11-02")], True),
        ([("OAI", "2026-11-02", None)], False),
        ([("OAI", "2026-03-03", None), ("VAI", "2026-03-04", None)], False),
        ([("OAI", "2026-03-03", None), ("NAI", "2026-03-03", None)], True),
        ([("OAI", "2026-03-03", "2026-04-01"), ("OAI", "2026-03-03", None)], True),
        ([("OAI", "2026-03-03", None), ("OAI", "2026-03-03", "2026-04-01")], True),
    ],
)
def test_the_latest_inspection_decides_on_official_action(inspections, under_action):
    found = establishments_under_action(frames_with(inspections=inspections), date(2026, 11, 1))
    assert found.tolist() == [under_action]
