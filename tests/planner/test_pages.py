"""The planner and the what-if page, as their maker and as others meet them."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.roles import Role
from products.models import KpiSubmission, Product
from products.models.kpi_submission import COUNT_PAIRS, FIGURE_RANGES
from ratings.models import PlannerEffort, ProductRating, Scenario
from tests.pages import factory
from tests.planner.conftest import FIRM

Pair = tuple[Product, Product]


def words(html: str) -> str:
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(text).replace("\u00a0", " "))


def get(client: Client, product: Product, path: str, status: int = 200) -> str:
    response = client.get(f"/products/{product.ndc}/{path}")
    assert response.status_code == status
    return response.content.decode()


def test_the_planner_shows_actions_sets_and_the_catalogue(maker: Client, pair: Pair) -> None:
    text = words(get(maker, pair[1], "plan/"))
    assert "Today this product scores 29.8: Very low." in text
    assert "gains most" in text
    assert "The planner proposes 18 kinds of actions" in text
    assert "keeps the band at Low at most" in text


def test_trying_an_action_gives_the_promised_score(maker: Client, pair: Pair) -> None:
    html = get(maker, pair[1], "plan/")
    rows = re.findall(r"<tr>.*?</tr>", html, re.S)
    tried = 0
    for row in rows:
        link = re.search(r'href="(/products/[^"]+/what-if/\?[^"]+)"', row)
        if not link:
            continue
        promised = re.search(r'data-label="Score">([\d.]+)<', row)
        page = words(maker.get(unescape(link[1])).content.decode())
        assert promised
        assert re.search(rf"This product (now|still) scores {re.escape(promised[1])}\b", page)
        tried += 1
    assert tried > 10


def test_what_if_scores_and_stores_nothing(maker: Client, pair: Pair) -> None:
    before = (KpiSubmission.objects.count(), ProductRating.objects.get(product=pair[1]).published_snapshot_id)
    text = words(get(maker, pair[1], "what-if/"))
    assert "This product as it stands scores 29.8: Very low." in text
    answer = maker.get(f"/products/{pair[1].ndc}/what-if/score/", {"days_inventory_on_hand": "120"}).json()
    assert answer["sentence"].startswith("This product now scores ")
    assert answer["address"] == f"/products/{pair[1].ndc}/what-if/?days_inventory_on_hand=120"
    after = (KpiSubmission.objects.count(), ProductRating.objects.get(product=pair[1]).published_snapshot_id)
    assert after == before


def test_a_backup_supplier_is_added_by_its_country(maker: Client, pair: Pair) -> None:
    answer = maker.get(f"/products/{pair[1].ndc}/what-if/score/", {"backup_api": "DEU"}).json()
    assert "A new site (Germany) as a qualified backup" in answer["shown"]["api"]
    assert "Backup API suppliers 65" in words(answer["shown"]["api"])


def test_a_wrong_setting_is_named(maker: Client, pair: Pair) -> None:
    response = maker.get(f"/products/{pair[1].ndc}/what-if/score/", {"backup_api": "ATLANTIS"})
    assert response.status_code == 400
    assert response.json()["errors"] == {"backup_api": "API, backup: choose one from the list; “ATLANTIS” is not one."}
    get(maker, pair[1], "what-if/?nothing=1", 400)


def test_efforts_are_kept_for_the_firm_and_order_the_list(maker: Client, pair: Pair) -> None:
    address = f"/products/{pair[0].ndc}/plan/effort/"
    answer = maker.post(address, {"action": "second_line", "effort": "4"}, headers={"HX-Request": "true"})
    assert answer.content == b"Saved"
    assert PlannerEffort.objects.get().effort == 4
    assert maker.post(address, {"action": "second_line", "effort": ""}).status_code == 302
    assert not PlannerEffort.objects.exists()
    for wrong in ({"action": "fly", "effort": "1"}, {"action": "second_line", "effort": "3"}):
        assert maker.post(address, wrong).status_code == 400
    get(maker, pair[0], "plan/?order=effort")


def test_a_scenario_is_saved_opened_and_deleted(maker: Client, pair: Pair) -> None:
    address = f"/products/{pair[1].ndc}/what-if/scenarios/"
    response = maker.post(address, {"name": " More  stock ", "query": "days_inventory_on_hand=120"}, follow=True)
    text = words(response.content.decode())
    assert "The scenario “More stock” is saved" in text
    assert "This product now scores" in text
    scenario = Scenario.objects.get()
    assert (scenario.name, scenario.query, scenario.methodology) == (
        "More stock",
        "days_inventory_on_hand=120",
        "2026.1",
    )
    for name, query, said in (
        ("More stock", "days_inventory_on_hand=90", "There is a scenario “More stock” of this product already"),
        ("", "days_inventory_on_hand=90", "Give the scenario a name"),
        ("Nothing", "", "Nothing is moved yet"),
        ("Wrong", "days_inventory_on_hand=many", "give a number from 0 to"),
    ):
        refused = maker.post(address, {"name": name, "query": query}, follow=True)
        assert said in words(refused.content.decode())
    assert Scenario.objects.count() == 1
    maker.post(f"{address}{scenario.pk}/delete/")
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    ("firm", "role"),
    [
        ("Another firm", Role.MANUFACTURER_EDITOR),
        (FIRM, Role.ESTABLISHMENT_CONTACT),
        ("Office", Role.OPERATOR),
        ("Office", Role.AUDITOR),
        ("Buyers", Role.PURCHASER),
    ],
)
def test_nobody_else_sees_a_plan_or_a_scenario(maker: Client, pair: Pair, firm: str, role: Role) -> None:
    product = pair[1]
    maker.post(f"/products/{product.ndc}/what-if/scenarios/", {"name": "Ours", "query": "in_shortage=1"})
    scenario = Scenario.objects.get()
    other = Client()
    other.force_login(factory.user_of(firm, role))
    for path in ("plan/", "plan/next/", "what-if/", "what-if/score/"):
        get(other, product, path, 404)
    for path in ("plan/effort/", "what-if/scenarios/", f"what-if/scenarios/{scenario.pk}/delete/"):
        assert other.post(f"/products/{product.ndc}/{path}").status_code == 404
    assert Scenario.objects.exists()


def test_the_product_page_asks_for_the_card_later(maker: Client, pair: Pair) -> None:
    assert f'hx-get="/products/{pair[1].ndc}/plan/next/"' in get(maker, pair[1], "")
    card = get(maker, pair[1], "plan/next/")
    assert card.count('class="next-steps__name"') == 3


def test_the_queries_are_counted(maker: Client, pair: Pair, django_assert_num_queries: Any) -> None:
    for path, number in (("plan/", 19), ("plan/next/", 16), ("what-if/", 19), ("what-if/score/", 16)):
        get(maker, pair[0], path)
        with django_assert_num_queries(number):
            get(maker, pair[0], path)


def test_a_product_without_a_score_is_told_how_to_get_one(maker: Client, pair: Pair) -> None:
    kept = ("id", "product", "quarter_end", "attested_at")
    KpiSubmission.objects.filter(product=pair[0]).update(
        **{name: None for name in FIGURE_RANGES if name not in kept}
        | {f"{name}_{part}": None for name in COUNT_PAIRS for part in ("numerator", "denominator")}
    )
    text = words(get(maker, pair[0], "plan/"))
    assert "There is no score yet: " in text
    assert "actions are enough for a score" in text or "One action is enough for a score" in text
    assert "Report fill rate" in text
    card = words(get(maker, pair[0], "plan/next/"))
    assert "What is not known costs most" in card
    assert "would score" in words(
        get(
            maker,
            pair[0],
            "what-if/?days_inventory_on_hand_withheld=0&fill_rate_withheld=0"
            "&on_time_delivery_withheld=0&capacity_utilisation_withheld=0",
        )
    )


def test_a_product_that_is_not_scored_has_nothing_to_plan(maker: Client, pair: Pair) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(voided_at=timezone.now(), void_reason="Wrong product")
    for path in ("plan/", "what-if/"):
        assert "This product is not scored at the moment: enrolled, not yet rated." in words(get(maker, pair[0], path))
    assert maker.get(f"/products/{pair[0].ndc}/plan/next/").status_code == 204
    get(maker, pair[0], "what-if/score/", 404)


def test_the_gain_for_the_effort_comes_first_when_asked(maker: Client, pair: Pair) -> None:
    def first(query: str) -> str:
        html = get(maker, pair[1], f"plan/{query}")
        return words(html[html.index('id="single"') :]).split("Your effort")[1].strip()

    assert first("").startswith("Dual-sourced critical materials to 100%")
    small = {"action": "further_fdf", "effort": "1"}
    maker.post(f"/products/{pair[1].ndc}/plan/effort/", small)
    assert first("?order=effort").startswith("Add a second finished-dose site")
