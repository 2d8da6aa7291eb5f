"""The page of the method says all that its file says, and its worked example is scored by the real scorer."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from dscr.access.roles import Role
from ratings.scoring import INDICATORS, load_methodology
from ratings.scoring.example import appendix_b_bytes
from ratings.scoring.explain import rate_portfolio
from ratings.views.methodology.pictures import geometric
from ratings.worked_example.comparison import compare
from ratings.worked_example.document import document_of
from ratings.worked_example.settings import LETTERS, example, read_setting
from tests.chromium import assert_sound, settled
from tests.pages import factory
from tests.scoring.portfolios import GOLDEN, golden
from tests.scoring.test_golden import differences

VERSION = "2026.1"
METHOD = load_methodology(VERSION)
PAGE, SCORE = f"/method/{VERSION}/", f"/method/{VERSION}/score/"
EXPECTED = dict(zip(LETTERS, golden("appendix_b.expected"), strict=True))


@pytest.fixture
def client(db: None) -> Client:
    """A purchaser: the method is open to everyone signed in."""
    signed_in = Client()
    signed_in.force_login(factory.user_with(Role.PURCHASER))
    return signed_in


def words(html: str) -> str:
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(text).replace("\u00a0", " "))


def scored(client: Client, status: int = 200, **query: str) -> dict[str, Any]:
    response = client.get(SCORE, query)
    assert response.status_code == status
    return response.json()


# --- The page says what the file says


def test_every_indicator_is_drawn_with_its_words_and_its_table(client: Client) -> None:
    html = client.get(PAGE).content.decode()
    text = words(html)
    for rule in METHOD.indicators:
        item = INDICATORS[rule.code]
        assert f'id="{rule.code}"' in html
        assert f'data-source="curve-{rule.code}"' in html
        assert all(said in text for said in (item.label, item.definition, item.remedy, item.team))
    assert html.count("Show as a table") == len(METHOD.indicators) + 5  # weights, coverage, means, bands, losses


def test_the_curves_drawn_are_those_of_the_file(client: Client) -> None:
    html = client.get(PAGE).content.decode()
    for rule in METHOD.indicators:
        source = re.search(rf'<script id="curve-{rule.code}" type="application/json">(.*?)</script>', html)
        assert source
        drawn = json.loads(source[1])
        if rule.answers or rule.ticks:
            assert [row["value"] for row in drawn["rows"]] == list((rule.answers or rule.ticks).values())
        else:
            assert [(post["value"], post["points"]) for post in drawn["posts"]] == list(rule.curve)


def test_weights_gates_bands_and_floors_stand_there(client: Client) -> None:
    html = client.get(PAGE).content.decode()
    text = words(html)
    for domain in METHOD.domains:
        assert f"{domain.label} {domain.weight:.0%} of the score." in text
    for gate in METHOD.gates.values():
        assert f'id="{gate.code}"' in html
        assert gate.reason in text
    for band in METHOD.bands[1:]:
        low, high = band.cut - METHOD.band_buffer, band.cut + METHOD.band_buffer
        assert f"{band.label} {band.cut:g} {high:.1f} {low:.1f}" in text
    assert (
        "Of 100 points, a score below 40 is Very low; then come Low from 40, Moderate from 55, High from 70 and "
        "Very high from 85."
    ) in text
    assert "any other time without a score, the band of the last rating counts." in text
    assert "Of everything that applies 60 Of the sites’ QMM 50" in text
    assert "times 20, gives its points" in text
    assert "valid for 36 months" in text


@pytest.mark.parametrize(
    "sentence",
    [
        "Less is better: 60% or less earns 100 points, 100% or more earns 0.",
        "Less is better: 80 hours per week or less earns 100 points, 168 hours per week earns 10.",
        "More is better: 100% earns 100 points, 50% or less earns 0.",
        "More is better: 50% or more earns 100 points, 0% or less earns 0.",
        "More is better: 3 backup suppliers or more earns 100 points, 0 backup suppliers earns 0.",
        "“Tested within 12 months” earns all 100 points.",
        "Without a written process none of them count.",
        "A product that is High becomes Very high only at 87.0 and Moderate only below 68.0.",
        "90 and 10 50.0 30.0",
    ],
)
def test_a_sentence_stands_above_each_picture(client: Client, sentence: str) -> None:
    assert sentence in words(client.get(PAGE).content.decode())


def test_the_two_means_are_the_scorers() -> None:
    assert geometric(METHOD, 90, 10) == pytest.approx(30)
    assert geometric(METHOD, 90, 0) == geometric(METHOD, 90, METHOD.score.floor)


def test_the_newest_method_is_found_and_an_unknown_one_is_not(client: Client) -> None:
    assert client.get("/method/").url == PAGE
    assert client.get("/method/1999.1/").status_code == 404
    assert client.get("/method/1999.1/score/").status_code == 404
    assert client.post(SCORE).status_code == 405


def test_it_asks_for_signing_in() -> None:
    for path in ("/method/", PAGE, SCORE):
        assert "/sign-in/" in Client().get(path)["Location"]


# --- The worked example is the published one


def test_the_packaged_example_is_the_published_file() -> None:
    assert appendix_b_bytes() == (GOLDEN / "appendix_b.json").read_bytes()


@pytest.mark.parametrize("letter", LETTERS)
def test_the_untouched_example_has_the_golden_figures(client: Client, letter: str) -> None:
    answer = scored(client, product=letter)
    expected = EXPECTED[letter] | {"ndc": answer["rating"]["ndc"]}
    assert differences(answer["rating"], expected) == []
    assert answer["rating"] == answer["example"]
    assert answer["change"] == 0
    assert answer["address"] == f"{PAGE}?product={letter}#example"
    text = words(client.get(PAGE, {"product": letter}).content.decode())
    assert f"Product {letter} as published scores {expected['score']}" in text


@pytest.mark.parametrize("letter", LETTERS)
def test_every_input_at_rest_is_the_published_document(letter: str) -> None:
    """Sending every value, as a browser without script does, changes nothing; each lies within its own range."""
    rest = {name: control.rest for name, control in example(VERSION, letter).controls.items()}
    setting = read_setting(VERSION, {"product": letter} | rest)
    assert setting.errors == {}
    published = golden("appendix_b")
    assert document_of(setting) == published | {"products": [published["products"][LETTERS.index(letter)]]}
    assert not compare(setting).is_moved


def test_every_question_that_an_indicator_reads_can_be_moved() -> None:
    asked = {question.code for question in example(VERSION, "A").questions}
    assert asked == {code for item in INDICATORS.values() for code in item.kpis}


def test_a_moved_figure_is_scored_as_the_command_scores_it(client: Client) -> None:
    portfolio = golden("appendix_b")
    portfolio["products"][1]["kpis"]["days_inventory_on_hand"] = {"value": 120}
    portfolio["products"][1]["kpis"]["contribution_margin"] = {"value": 0.25}
    expected = rate_portfolio(portfolio)[1]
    answer = scored(client, product="B", days_inventory_on_hand="120", contribution_margin="25.0")
    assert answer["rating"] == expected
    assert answer["change"] == round(expected["score"] - 29.8, 1)
    assert answer["address"] == f"{PAGE}?product=B&days_inventory_on_hand=120&contribution_margin=25#example"
    assert f"29.8 → to {expected['score']} +{answer['change']}" in words(answer["html"])
    text = words(client.get(answer["address"].partition("#")[0]).content.decode())
    assert f"Product B now scores {expected['score']}" in text


def test_a_withheld_figure_counts_as_the_worst(client: Client) -> None:
    answer = scored(client, days_inventory_on_hand_withheld="1")
    assert answer["rating"]["indicators"]["days_inventory_on_hand"] == 0
    assert answer["rating"]["coverage"] < 1
    assert answer["shown"]["days_inventory_on_hand"] == "Not disclosed: counts as the worst, 0\u00a0points."
    assert "down 4.7 from 80.1: still High" in answer["sentence"]


def test_too_little_known_is_no_score_and_no_low_one(client: Client) -> None:
    answer = scored(client, unassessed_3001000001="1")
    assert answer["rating"]["status"] == "insufficient_data"
    assert answer["change"] is None
    assert "of the sites’ QMM is known, and 50% is needed" in answer["sentence"]
    assert "no score" in words(answer["html"])


@pytest.mark.parametrize(
    ("query", "gates"),
    [
        ({"in_shortage": "1"}, ["active_shortage"]),
        ({"action_3001000001": "1"}, ["official_action"]),
        ({"product": "B", "days_inventory_on_hand": "60"}, []),
        ({"product": "B", "share_api": "50", "qualified_api_3001000003": "1"}, []),
        ({"product": "B", "qualified_lines": "2"}, []),
    ],
)
def test_gates_close_and_open(client: Client, query: dict[str, str], gates: list[str]) -> None:
    answer = scored(client, **query)
    assert answer["rating"]["gates"] == gates
    text = words(answer["html"])
    assert all(METHOD.gates[code].reason in text for code in gates)
    assert ("is lifted" in text) == (query.get("product") == "B")


def test_shares_always_add_up(client: Client) -> None:
    assert "Site 2 (India) 25% and Site 3 (Italy) 75%" in scored(client, share_api="25")["shown"]["api"]
    second = scored(client, share_fdf="0", qualified_fdf_3001000001="0", qualified_fdf_3001000002="1")
    assert second["shown"]["fdf"].startswith("Site 2 (India) 100%.")


def test_the_past_band_holds_within_the_buffer(client: Client) -> None:
    assert scored(client, prior_band="5")["rating"]["band"] == 4
    assert scored(client, prior_band="5", level_3001000001="4.6")["rating"]["band_uncapped"] == 5


@pytest.mark.parametrize("state", ["disruption_notice_rate_none", "disruption_notice_rate_withheld"])
def test_disruption_notices_may_not_apply(client: Client, state: str) -> None:
    points = scored(client, product="B", **{state: "1"})["rating"]["indicators"]
    assert points.get("disruption_notice_rate") == (None if state.endswith("none") else 0)


# --- What is wrong is said where it is wrong

BAD = [
    ("days_inventory_on_hand", "abc", "Days of inventory on hand: give a number from 0 to 225 days; “abc” is not one."),
    ("days_inventory_on_hand", "", "Days of inventory on hand: give a number from 0 to 225 days; it is empty."),
    ("days_inventory_on_hand", "NaN", "Days of inventory on hand: give a number from 0 to 225 days; “NaN” is not one."),
    ("days_inventory_on_hand", "1e3", "Days of inventory on hand: give a number from 0 to 225 days; “1e3” is not one."),
    ("fill_rate_numerator", "1.5", "Fill rate: give a whole number from 0 to 100,000 units; “1.5” is not one."),
    ("fill_rate_numerator", "100001", "Fill rate: give a whole number from 0 to 100,000 units; “100001” is not one."),
    ("contribution_margin", "-101", "Contribution margin: give a number from −100 to 100%; “-101” is not one."),
    (
        "capacity_utilisation_forecast",
        "101",
        "Capacity utilization, next 12 months: give a number from 0 to 100%; “101” is not one.",
    ),
    (
        "operating_mode_hours_per_week",
        "169",
        "Operating mode: give a number from 0 to 168 hours per week; “169” is not one.",
    ),
    ("qualified_lines", "6", "Qualified lines: give a whole number from 0 to 5 lines; “6” is not one."),
    ("level_3001000001", "0.9", "Site 1 (USA), QMM level: give a number from 1 to 5; “0.9” is not one."),
    ("share_api", "x" * 500, f"API, share of Site 2 (India): give a number from 0 to 100%; “{'x' * 20}…” is not one."),
    (
        "risk_management_plan",
        "perfect",
        "Risk management plan: choose one of no plan, written, reviewed within 12 months, tested within 12 months; "
        "“perfect” is not one.",
    ),
    ("in_shortage", "maybe", "On the shortage list today: give 1 for yes or 0 for no; “maybe” is not one."),
]


@pytest.mark.parametrize(("name", "value", "error"), BAD, ids=[f"{name}={value[:8]}" for name, value, _ in BAD])
def test_a_bad_input_is_named_with_its_range(client: Client, name: str, value: str, error: str) -> None:
    answer = scored(client, 400, **{name: value})
    assert answer["errors"] == {name: error}
    assert error in words(answer["html"])
    response = client.get(PAGE, {name: value})
    assert response.status_code == 400
    html = response.content.decode()
    beside = re.search(rf'id="error-{name}"[^>]*>(.*?)</span>', html, re.S)
    assert beside
    assert words(beside[1]).strip() == error
    assert f'href="#in-{name}"' in html


@pytest.mark.parametrize("query", [{"product": "C"}, {"utm_source": "x"}, {"<script>": "1"}, {"\x00": "\x00"}])
def test_a_query_that_means_nothing_is_refused_as_a_whole(client: Client, query: dict[str, str]) -> None:
    answer = scored(client, 400, **query)
    assert list(answer["errors"]) == [""]
    assert "<script>" not in answer["html"]
    assert client.get(PAGE, query).status_code == 400


def test_every_tick_and_number_refuses_what_it_is_not(client: Client) -> None:
    for letter in LETTERS:
        for name in example(VERSION, letter).controls:
            assert list(scored(client, 400, product=letter, **{name: "?"})["errors"]) == [name]


# --- Fast, and few questions to the database


def test_the_queries_are_counted(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):  # session, user
        client.get(PAGE)
    with django_assert_max_num_queries(2):  # session, user
        client.get(SCORE)


# --- In a browser


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_slider_moved_by_keyboard_moves_the_score(tab: Any) -> None:
    tab.goto(f"{PAGE}?product=B")
    tab.locator(".example-block", has_text="Inventory and safety stock").locator("summary").click()
    tab.get_by_label("Days of inventory on hand, slider").focus()
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    tab.get_by_text("Product B now scores 30").first.wait_for(timeout=5000)
    assert tab.get_by_role("textbox", name="Days of inventory on hand").input_value() == "21"
    assert tab.locator("#example-said").inner_text().startswith("Product B now scores 30")
    assert tab.url.endswith("?product=B&days_inventory_on_hand=21#example")

    tab.reload()
    assert tab.get_by_role("textbox", name="Days of inventory on hand").input_value() == "21"
    tab.get_by_role("textbox", name="Days of inventory on hand").fill("many")
    tab.locator('[data-error="days_inventory_on_hand"]', has_text="from 0 to 225 days").wait_for(timeout=5000)
    tab.get_by_role("link", name="Reset").click()
    tab.get_by_text("Product B as published scores 29.8").first.wait_for(timeout=5000)
    assert tab.locator('[data-error="days_inventory_on_hand"]').inner_text() == ""
    assert [said for said in tab.said if "400" not in said] == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_scores_without_script(tab: Any, live_server: Any) -> None:
    context = tab.context.browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(tab.context.cookies())
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_role("textbox", name="QMM level").first.fill("5")
    page.get_by_role("button", name="Score", exact=True).click()
    assert "level_3001000001=5" in page.url
    assert "Product A now scores" in page.locator("#example-result").inner_text()
    assert page.locator(".chart:visible").count() == 0
    context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["?product=B&days_inventory_on_hand=120", "?fill_rate_numerator=abc"])
def test_nothing_breaks_the_rules_of_access(tab: Any, query: str) -> None:
    """The page of the published example is looked at with every other page, in tests/browser."""
    tab.set_viewport_size({"width": 390, "height": 900})
    tab.goto(f"{PAGE}{query}")
    settled(tab)
    assert tab.locator(".chart--curve svg, .chart--steps svg").count() == len(METHOD.indicators)
    tab.said.clear()  # a wrong figure is told on the console
    assert_sound(tab)
