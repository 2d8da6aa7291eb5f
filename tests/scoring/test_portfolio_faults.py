"""Every fault of a portfolio file is reported once, at its place, and nothing is rated."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ratings.scoring.explain import rate_portfolio
from ratings.scoring.json_cursor import Fault, PortfolioError, decode
from ratings.scoring.portfolio_report import report

from .portfolios import sound_portfolio

Document = dict[str, Any]
SITE = '$.establishments["3001000001"]'
NODES = "$.products[0].nodes"
KPIS = "$.products[0].kpis"


def faults_of(document: Any) -> tuple[Fault, ...]:
    with pytest.raises(PortfolioError) as caught:
        rate_portfolio(document)
    return caught.value.faults


def set_at(*keys: Any) -> Callable[[Document], None]:
    """Sets the value at the end of a path: set_at("products", 0, "ndc", value)."""
    *path, last, value = keys

    def change(document: Document) -> None:
        for key in path:
            document = document[key]
        document[last] = value

    return change


def remove_at(*keys: Any) -> Callable[[Document], None]:
    *path, last = keys

    def change(document: Document) -> None:
        for key in path:
            document = document[key]
        del document[last]

    return change


def node(number: int, field: str, value: Any) -> Callable[[Document], None]:
    return set_at("products", 0, "nodes", number, field, value)


def kpi(code: str, value: Any) -> Callable[[Document], None]:
    return set_at("products", 0, "kpis", code, value)


def level(area: str, value: Any) -> Callable[[Document], None]:
    return set_at("establishments", "3001000001", "qmm", 0, "areas", area, value)


def site(*keys: Any) -> Callable[[Document], None]:
    return set_at("establishments", "3001000001", *keys)


CASES: dict[str, tuple[Callable[[Document], None], str, str]] = {
    "unknown methodology": (set_at("methodology", "1999.9"), "$.methodology", "2026.1"),
    "as_of missing": (remove_at("as_of"), "$.as_of", "missing field"),
    "as_of no date": (set_at("as_of", "2026-02-30"), "$.as_of", "YYYY-MM-DD"),
    "as_of written compactly": (set_at("as_of", "20261101"), "$.as_of", "YYYY-MM-DD"),
    "unknown field at the top": (set_at("owner", "x"), "$.owner", "unknown field"),
    "establishments a list": (set_at("establishments", []), "$.establishments", "an object"),
    "products an object": (set_at("products", {}), "$.products", "a list"),
    "product a text": (set_at("products", 0, "x"), "$.products[0]", "an object"),
    "country of two letters": (site("country", "US"), f"{SITE}.country", "alpha-3"),
    "country that is none": (site("country", "XQZ"), f"{SITE}.country", "alpha-3"),
    "country in lower case": (site("country", "usa"), f"{SITE}.country", "alpha-3"),
    "country a number": (site("country", 1), f"{SITE}.country", "alpha-3"),
    "assessment without a day": (
        remove_at("establishments", "3001000001", "qmm", 0, "completed_on"),
        f"{SITE}.qmm[0].completed_on",
        "missing field",
    ),
    "area missing": (
        remove_at("establishments", "3001000001", "qmm", 0, "areas", "advanced_pqs"),
        f"{SITE}.qmm[0].areas.advanced_pqs",
        "missing field",
    ),
    "area too many": (level("cgmp", 3), f"{SITE}.qmm[0].areas.cgmp", "unknown field"),
    "level below 1": (level("advanced_pqs", 0.9), f"{SITE}.qmm[0].areas.advanced_pqs", "from 1 to 5"),
    "level above 5": (level("advanced_pqs", 5.1), f"{SITE}.qmm[0].areas.advanced_pqs", "from 1 to 5"),
    "level true": (level("advanced_pqs", True), f"{SITE}.qmm[0].areas.advanced_pqs", "found true"),
    "unknown classification": (
        site("inspections", 0, "classification", "WL"),
        f"{SITE}.inspections[0].classification",
        "NAI, VAI, OAI",
    ),
    "inspection without an end": (site("inspections", 0, "ended_on", None), f"{SITE}.inspections[0].ended_on", "date"),
    "resolved on no date": (
        site("inspections", 0, "resolved_on", "soon"),
        f"{SITE}.inspections[0].resolved_on",
        "null",
    ),
    "ndc empty": (set_at("products", 0, "ndc", ""), "$.products[0].ndc", "a text"),
    "ndc of half a character": (set_at("products", 0, "ndc", "\ud800"), "$.products[0].ndc", "printable"),
    "ndc repeated": (set_at("products", 1, "ndc", "99901-101"), "$.products[1].ndc", "repeats"),
    "prior band 6": (set_at("products", 0, "prior_band", 6), "$.products[0].prior_band", "from 1 to 5"),
    "prior band 2.5": (set_at("products", 0, "prior_band", 2.5), "$.products[0].prior_band", "whole number"),
    "shortage a word": (set_at("products", 0, "in_shortage", "no"), "$.products[0].in_shortage", "true or false"),
    "unknown stage": (node(0, "stage", "apis"), f"{NODES}[0].stage", "ksm, api, fdf"),
    "unknown FEI": (node(2, "fei", "3009999999"), f"{NODES}[2].fei", "unknown FEI"),
    "FEI twice in a stage": (node(1, "fei", "3001000002"), f"{NODES}[1].fei", "twice at stage api"),
    "share above 1": (node(1, "share", 1.4), f"{NODES}[1].share", "from 0 to 1"),
    "share negative": (node(1, "share", -0.4), f"{NODES}[1].share", "from 0 to 1"),
    "share a text": (node(1, "share", "0.4"), f"{NODES}[1].share", "a number"),
    "share not a number": (node(1, "share", float("nan")), f"{NODES}[1].share", "NaN"),
    "sum too small": (node(1, "share", 0.394), NODES, "stage api add up to 0.994"),
    "sum too large": (node(1, "share", 0.406), NODES, "stage api add up to 1.006"),
    "qualified a number": (node(0, "qualified", 1), f"{NODES}[0].qualified", "true or false"),
    "node with an extra field": (node(0, "name", "Acme"), f"{NODES}[0].name", "unknown field"),
    "unknown KPI": (kpi("price", {"value": 1}), f"{KPIS}.price", "unknown KPI"),
    "answer a bare number": (kpi("shelf_life_months", 24), f"{KPIS}.shelf_life_months", "an object"),
    "answer empty": (kpi("shelf_life_months", {}), f"{KPIS}.shelf_life_months.value", "missing field"),
    "answer null": (kpi("shelf_life_months", {"value": None}), f"{KPIS}.shelf_life_months.value", "found null"),
    "answer infinite": (kpi("shelf_life_months", {"value": 1e999}), f"{KPIS}.shelf_life_months.value", "Infinity"),
    "answer negative": (kpi("safety_stock_days", {"value": -1}), f"{KPIS}.safety_stock_days.value", "0 or more"),
    "numerator too large": (
        kpi("fill_rate", {"numerator": 11, "denominator": 10}),
        f"{KPIS}.fill_rate.numerator",
        "larger than the denominator",
    ),
    "denominator 0": (
        kpi("fill_rate", {"numerator": 0, "denominator": 0}),
        f"{KPIS}.fill_rate.denominator",
        "more than 0",
    ),
    "notices of no disruption": (
        kpi("disruption_notice_rate", {"numerator": 1, "denominator": 0}),
        f"{KPIS}.disruption_notice_rate.denominator",
        "more than 0",
    ),
    "negative count": (
        kpi("fill_rate", {"numerator": -1, "denominator": 10}),
        f"{KPIS}.fill_rate.numerator",
        "0 or more",
    ),
    "half a pair": (kpi("fill_rate", {"numerator": 1}), f"{KPIS}.fill_rate.denominator", "missing field"),
    "hours above 168": (
        kpi("operating_mode", {"hours_per_week": 168.5}),
        f"{KPIS}.operating_mode.hours_per_week",
        "from 0 to 168",
    ),
    "half a line": (kpi("qualified_lines", {"value": 1.5}), f"{KPIS}.qualified_lines.value", "whole number"),
    "unknown answer": (
        kpi("risk_management_plan", {"value": "drafted"}),
        f"{KPIS}.risk_management_plan.value",
        "none, exists, reviewed, tested",
    ),
    "tick a number": (
        kpi("emergency_stock_process", {"process_exists": 1}),
        f"{KPIS}.emergency_stock_process.process_exists",
        "true or false",
    ),
    "unknown tick": (
        kpi("emergency_stock_process", {"process_exists": True, "drone": True}),
        f"{KPIS}.emergency_stock_process.drone",
        "unknown field",
    ),
    "no tick at all": (kpi("emergency_stock_process", {}), f"{KPIS}.emergency_stock_process", "empty object"),
    "not applicable elsewhere": (
        kpi("fill_rate", {"state": "not_applicable"}),
        f"{KPIS}.fill_rate.state",
        "one of not_disclosed",
    ),
    "unknown state": (
        kpi("disruption_notice_rate", {"state": "unknown"}),
        f"{KPIS}.disruption_notice_rate.state",
        "not_applicable",
    ),
    "state and a value": (
        kpi("shelf_life_months", {"state": "not_disclosed", "value": 1}),
        f"{KPIS}.shelf_life_months.value",
        "unknown field",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_reported_once_at_its_place(case: str):
    change, path, words = CASES[case]
    document = sound_portfolio()
    change(document)
    faults = faults_of(document)
    assert [fault.path for fault in faults] == [path], faults
    assert words in faults[0].message


def test_all_faults_are_reported_in_one_pass():
    document = sound_portfolio()
    names = [
        "unknown methodology",
        "as_of no date",
        "country of two letters",
        "level above 5",
        "prior band 6",
        "unknown stage",
        "unknown FEI",
        "share negative",
        "hours above 168",
        "ndc repeated",
    ]
    for name in names:
        CASES[name][0](document)
    faults = faults_of(document)
    assert sorted(fault.path for fault in faults) == sorted(CASES[name][1] for name in names)


@pytest.mark.parametrize(
    "answer",
    [
        {"historical": 0.4},
        {"historical": 0.4, "forecast": 0.5},
        {"state": "not_disclosed"},
    ],
)
def test_capacity_may_be_given_in_part(answer: Any):
    document = sound_portfolio()
    kpi("capacity_utilisation", answer)(document)
    rating = rate_portfolio(document)[0]
    assert rating["indicators"]["capacity_utilisation"] == (100 if len(answer) == 2 else 0)


@pytest.mark.parametrize("share", [0.395, 0.405, 0.4 + 1e-10])
def test_a_sum_within_the_tolerance_is_accepted(share: float):
    document = sound_portfolio()
    node(1, "share", share)(document)
    assert rate_portfolio(document)[0]["status"] == "rated"


def test_titles_are_allowed():
    document = sound_portfolio()
    document["title"] = document["products"][0]["title"] = document["establishments"]["3001000001"]["title"] = "x"
    assert len(rate_portfolio(document)) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1,\n "b": ]}', "line 2, column 7"),
        ("", "line 1, column 1"),
        ("[" * 200_000, "nested too deeply"),
        ('{"as_of": ' + "9" * 5000 + "}", "not JSON that can be read"),
    ],
)
def test_what_is_not_json_has_one_fault(text: str, words: str):
    with pytest.raises(PortfolioError) as caught:
        decode(text)
    assert [fault.path for fault in caught.value.faults] == ["$"]
    assert words in str(caught.value)


@pytest.mark.parametrize("document", [None, [], 3, "x", {}])
def test_other_json_is_no_portfolio(document: Any):
    assert all(fault.path.startswith("$") for fault in faults_of(document))


def test_a_repeated_key_is_a_fault_at_its_place():
    text = json.dumps(sound_portfolio())
    twice = text.replace('"3001000002": {', '"3001000001": {', 1)
    with pytest.raises(PortfolioError) as caught:
        report(twice.encode())
    paths = [fault.path for fault in caught.value.faults]
    assert paths[0] == SITE
    assert set(paths[1:]) == {"$.products[0].nodes[0].fei", "$.products[1].nodes[0].fei"}  # it is missing now


def test_literals_that_json_does_not_have_are_faults():
    text = json.dumps(sound_portfolio()).replace('"value": 36', '"value": NaN').replace("0.44", "-Infinity")
    with pytest.raises(PortfolioError) as caught:
        report(text.encode())
    assert [fault.path for fault in caught.value.faults] == [
        f"{KPIS}.capacity_utilisation.forecast",
        f"{KPIS}.shelf_life_months.value",
    ]


def test_text_that_is_not_utf8_is_a_fault():
    with pytest.raises(PortfolioError, match="not UTF-8 text: byte 3"):
        report(b'{"\xff": 1}')
