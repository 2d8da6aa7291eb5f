"""What a report says, without a database: validity, quartiles of others, sentences."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from qmm.report import sentences
from qmm.report.contents import AreaPart, Earlier, FactCheck, FindingPart, Place, Report
from qmm.report.peers import Peers, Spread, spread_of
from qmm.report.pictures import areas_picture
from qmm.rubric import AREAS
from qmm.services.validity import expired_before, last_day

TODAY = date(2026, 11, 23)


def report(*levels: str, **more: object) -> Report:
    """Of five area levels."""
    areas = [
        AreaPart(area.code, area.prefix, area.label, Decimal(level), None, [], None)
        for area, level in zip(AREAS, levels or ["3.000"] * 5, strict=True)
    ]
    given = {
        "case": 1,
        "place": Place(1, "Halden Plant 2", "3001000001", "1 Plant Road", "USA", "Halden Group"),
        "is_draft": False,
        "is_voided": False,
        "rubric": "2026.1",
        "visit_from": date(2026, 9, 1),
        "visit_to": date(2026, 9, 4),
        "completed_on": date(2026, 11, 2),
        "valid_until": date(2029, 11, 2),
        "assessors": ["Lena, Assessors", "Aron, Assessors"],
        "areas": areas,
        "findings": [],
        "fact_check": FactCheck(True, 0, 0, 0, 0),
        "earlier": None,
        "peers": Peers(TODAY),
    }
    return Report(**given | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("completed", "last"),
    [
        (date(2026, 11, 2), date(2029, 11, 2)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2026, 12, 31), date(2029, 12, 31)),
    ],
)
def test_an_assessment_is_valid_for_36_calendar_months(completed: date, last: date) -> None:
    assert last_day(completed) == last
    assert expired_before(last) <= completed


@pytest.mark.parametrize(
    ("today", "oldest"),
    [
        (date(2026, 11, 23), date(2023, 11, 23)),
        (date(2028, 2, 29), date(2025, 3, 1)),
        (date(2027, 2, 28), date(2024, 2, 28)),
        (date(2027, 3, 1), date(2024, 3, 1)),
    ],
)
def test_the_oldest_day_that_counts_is_the_first_whose_validity_reaches_today(today: date, oldest: date) -> None:
    assert expired_before(today) == oldest
    assert last_day(oldest) >= today


def test_four_others_tell_nothing_five_their_quartiles() -> None:
    assert spread_of([1, 2, 3, 4]) is None
    assert spread_of([4, 1, 2, 5, 3]) == Spread(2, 3, 4)
    assert spread_of([2.04, 2.04, 3.149, 3.86, 3.86]) == Spread(2.0, 3.1, 3.9)


def test_where_a_site_stands_is_told_by_the_band_that_is_shown() -> None:
    spread = Spread(2.5, 3.0, 3.5)
    assert [spread.standing(level) for level in (2.4, 2.46, 3.54, 3.56)] == ["below", "within", "within", "above"]


def test_the_whole_is_the_mean_of_the_areas_times_twenty() -> None:
    found = report("2.750", "3.250", "2.833", "2.667", "3.667")
    assert (found.mean_level, found.qmm) == (Decimal("3.0334"), Decimal("60.6680"))
    assert sentences.overall(found) == (
        "The establishment’s quality management maturity is 60.7 of 100: the mean of the five practice areas is level "
        "3.03 of 5, defined."
    )
    assert sentences.areas(found) == ("Highest is employee engagement at 3.67, lowest is technical excellence at 2.67.")
    assert sentences.areas(report()) == "All practice areas are at level 3.00."
    two = report("4.000", "3.000", "4.000", "3.500", "3.000")
    assert sentences.areas(two) == (
        "Highest are management commitment to quality and advanced pharmaceutical quality system at 4.00, lowest are "
        "business continuity and employee engagement at 3.00."
    )


def test_the_change_names_what_moved_most() -> None:
    found = report("3.000", "3.250", "3.000", "3.000", "3.000", earlier=Earlier(date(2023, 5, 4), Decimal(62)))
    areas = [replace(area, before=Decimal("3.100") if area.prefix != "BC" else Decimal(4)) for area in found.areas]
    assert sentences.change(replace(found, areas=areas)) == (
        "Since the assessment of May 4, 2023 it fell by 1.0 points, from 62.0; business continuity moved most, by "
        "−0.75 levels."
    )
    both = [replace(area, before=Decimal("3.500")) for area in found.areas[2:4]]  # one half up, one half down
    assert sentences.change(replace(found, areas=[replace(both[0], level=Decimal(4)), both[1]])).endswith(
        "from 62.0; advanced pharmaceutical quality system rose and technical excellence fell most, by 0.50 levels."
    )
    same = replace(found, earlier=Earlier(date(2023, 5, 4), Decimal("60.98")))
    assert sentences.change(same) == "Since the assessment of May 4, 2023 it is the same."
    assert sentences.change(report()) == ""


def test_peers_are_told_in_counts_of_areas_and_too_few_in_a_sentence() -> None:
    assert sentences.peers(report()) == (
        "Too few other organizations had an assessment that counted on November 23, 2026 to show them beside this one."
    )
    found = report("2.000", "3.000", "3.000", "4.000", "4.500", peers=Peers(TODAY, 7))
    areas = [replace(area, peers=Spread(2.5, 3.0, 3.5)) for area in found.areas]
    told = replace(found, areas=areas)
    assert sentences.peers(told) == (
        "Against the middle half of 7 other organizations, the site is above it in two, within it in two and below it "
        "in one of the areas. They are those whose assessments counted on November 23, 2026, the first day of a "
        "quarter; each counts once, by the mean of its sites."
    )
    assert sentences.area(areas[0]) == (
        "Level 2.00 of 5, developing: the mean of its elements, below the middle half of other organizations "
        "(2.5 to 3.5)."
    )
    [first, *_] = areas_picture(told).rows
    assert (first.at, first.band_at, first.band_width, first.median_at) == (65.0, 92.5, 55.0, 120.0)
    assert (first.level, first.word, first.peers) == ("2.00", "Developing", "3.0, 2.5 to 3.5")
    assert not areas_picture(report()).has_peers


def test_findings_are_counted_critical_gaps_first() -> None:
    findings = [FindingPart(kind, "MC1", "Culture", "Text", "") for kind in ("strength", "critical_gap", "strength")]
    found = report(findings=findings)
    assert sentences.findings(found) == "One critical gap, two strengths and no opportunities."
    assert [(kind, len(rows)) for kind, _, rows in found.groups] == [("critical_gap", 1), ("strength", 2)]
    assert sentences.findings(report()) == "No finding was recorded."


@pytest.mark.parametrize(
    ("check", "is_draft", "said"),
    [
        ((False, 0, 0, 0, 0), True, "The establishment has made no comment yet."),
        ((True, 0, 0, 0, 0), False, "The establishment made no comment on the draft."),
        (
            (True, 4, 1, 1, 2),
            False,
            "The establishment made four comments on the draft: one corrected, one corrected in part and two left as "
            "written.",
        ),
        ((False, 1, 0, 0, 0), True, "The establishment made one comment on the draft: one not answered yet."),
    ],
)
def test_the_factual_accuracy_review(check: tuple, is_draft: bool, said: str) -> None:
    assert sentences.fact_check(report(fact_check=FactCheck(*check), is_draft=is_draft)) == said


def test_the_head_of_a_report() -> None:
    assert dict(sentences.facts(report())) == {
        "Establishment": "Halden Plant 2",
        "FEI": "3001000001",
        "Address": "1 Plant Road, USA",
        "Organization": "Halden Group",
        "Visit": "September 1, 2026 to September 4, 2026",
        "Rubric": "Version 2026.1",
        "Completed": "November 2, 2026",
        "Valid until": "November 2, 2029",
        "Lead assessor": "Lena, Assessors",
        "Second assessor": "Aron, Assessors",
    }
    assert sentences.standing(report()) == "Completed November 2, 2026, valid until November 2, 2029"
    assert sentences.standing(report(is_draft=True, completed_on=None)) == "Draft, not final"
