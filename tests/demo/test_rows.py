"""The rows as they are made, before any database: the same for a seed, sound, and plainly invented."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db.models import Model

from dscr.demo.calendar import Calendar
from dscr.demo.portfolio import Portfolio, build
from products.ndc import product_key

TODAY = date(2026, 11, 22)
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "appendix_b.json"


def digest(portfolio: Portfolio) -> str:
    """Of every field of every row; a reference counts by what it names."""
    lines = []
    for table, rows in portfolio.tables():
        for row in rows:
            values = [
                str(getattr(row, field.name)) if not isinstance(getattr(row, field.name), Model) else named(row, field)
                for field in row._meta.concrete_fields
                if not field.primary_key and not field.generated
            ]
            lines.append("|".join([table, *values]))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def named(row: Model, field: object) -> str:
    other = getattr(row, field.name)
    return str(getattr(other, "ndc", None) or getattr(other, "name", None) or other)


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return build(2026, TODAY)


def test_a_seed_and_a_date_give_the_same_rows_in_every_process(portfolio: Portfolio) -> None:
    script = (
        "import django; django.setup(); from datetime import date; from dscr.demo.portfolio import build;"
        f"from tests.demo.test_rows import digest; print(digest(build(2026, date.fromisoformat('{TODAY}'))))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dscr.settings", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == digest(portfolio)


def test_another_seed_or_date_gives_another_world(portfolio: Portfolio) -> None:
    assert len({digest(portfolio), digest(build(7, TODAY)), digest(build(2026, TODAY + timedelta(1)))}) == 3


def test_the_size_is_as_promised(portfolio: Portfolio) -> None:
    enrolled = [enrolment for enrolment in portfolio.enrolments if enrolment.withdrawn_on is None]
    assert len(enrolled) == 600
    assert len({enrolment.product.molecule for enrolment in enrolled}) == 60
    assert len({enrolment.organisation.name for enrolment in enrolled}) == 40
    assert len(portfolio.establishments) == 150
    assert len({establishment.country for establishment in portfolio.establishments}) == 15
    assert len({submission.quarter_end for submission in portfolio.submissions}) == 8
    assert portfolio.superseded_submissions
    assert len(portfolio.drug_lists) == 2
    assert len(portfolio.products) > 700  # some of the same molecules do not take part


def test_a_product_has_one_to_eight_supply_nodes(portfolio: Portfolio) -> None:
    now = Counter(node.product.ndc for node in portfolio.nodes if node.valid_to is None)
    assert set(now.values()) == {1, 4, 5, 6, 7, 8}


def test_shares_of_every_stage_add_up_to_one_on_every_day(portfolio: Portfolio) -> None:
    opening = Calendar(TODAY).opening
    stages = defaultdict(list)
    for node in portfolio.nodes:
        stages[node.product.ndc, node.stage].append(node)
    for key, nodes in stages.items():
        for day in {opening, TODAY, *(node.valid_from for node in nodes if node.valid_from > opening)}:
            in_force = [n.share for n in nodes if n.valid_from <= day and (n.valid_to is None or day < n.valid_to)]
            assert sum(in_force) == pytest.approx(1, abs=1e-9), (key, day)


def test_labeler_codes_have_six_digits_beginning_with_nine(portfolio: Portfolio) -> None:
    for product in portfolio.products:
        assert re.fullmatch(r"9\d{5}-\d{4}", product.ndc)
        assert product_key(product.display_ndc) == product.ndc


def test_everything_that_can_be_marked_synthetic_is(portfolio: Portfolio) -> None:
    markable = [row for _, rows in portfolio.tables() for row in rows if hasattr(row, "is_synthetic")]
    assert {type(row).__name__ for row in markable} == {
        "Product", "Establishment", "Organisation", "DrugList", "Shortage",
    }  # fmt: skip
    assert all(row.is_synthetic for row in markable)


def test_nothing_lies_in_the_future(portfolio: Portfolio) -> None:
    for rows, field in (
        (portfolio.assessments, "completed_on"),
        (portfolio.inspections, "ended_on"),
        (portfolio.submissions, "quarter_end"),
        (portfolio.shortages, "changed_on"),
        (portfolio.nodes, "valid_from"),
        (portfolio.enrolments, "enrolled_on"),
    ):
        assert all(getattr(row, field) <= TODAY for row in rows), field
    assert all(row.resolved_on is None or row.resolved_on <= TODAY for row in portfolio.inspections)


def test_some_establishments_were_never_assessed_some_expired_some_expire_soon(portfolio: Portfolio) -> None:
    last: dict[str, date] = {}
    for assessment in portfolio.assessments:
        name = assessment.establishment.name
        last[name] = max(assessment.completed_on, last.get(name, date.min))
    ends = [date(day.year + 3, day.month, min(day.day, 28)) for day in last.values()]
    assert len(last) < len(portfolio.establishments)
    assert any(end < TODAY - timedelta(3) for end in ends)
    assert any(TODAY < end < TODAY + timedelta(weeks=11) for end in ends)
    open_actions = [i for i in portfolio.inspections if i.classification == "OAI" and i.resolved_on is None]
    assert len(open_actions) == 4


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2028, 2, 29)])
def test_it_can_be_built_on_any_day(today: date) -> None:
    calendar = Calendar(today)
    assert len(build(1, today).products) > 700
    assert calendar.quarter_ends[-1] < today <= calendar.quarter_ends[-1] + timedelta(days=92)


def test_the_example_is_the_methodologys_own() -> None:
    ours = ROOT / "ratings" / "scoring" / "examples" / "appendix_b.json"
    assert json.loads(ours.read_text("utf-8")) == json.loads(GOLDEN.read_text("utf-8"))
