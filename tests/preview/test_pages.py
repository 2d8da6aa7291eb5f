"""The pages of those who see a preview: what is new beside what is published, when it is published, what changed."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.roles import Role
from products.models import Enrolment, Product
from ratings.marks import settle_heads
from ratings.models import Preview
from ratings.previews import published_from
from ratings.queries.figures_effect import Given, figures_effects, with_previews
from tests.pages import factory
from tests.preview.conftest import FIRM, client_of, compute, head, keep_stock, set_days, when, words


@pytest.fixture
def maker(previewed: Product) -> Client:
    return client_of(FIRM, Role.MANUFACTURER_EDITOR)


def card(client: Client, product: Product, query: str = "") -> str:
    html = client.get(f"/products/{product.ndc}/{query}").content.decode()
    found = re.search(r'<section class="card card--wide preview".*?</section>', html, re.DOTALL)
    return words(found.group()) if found else ""


def test_the_box_tells_both_results_the_cause_and_the_time(maker: Client, previewed: Product) -> None:
    text = card(maker, previewed)
    due = when(Preview.objects.get().since, 14)
    assert due.endswith(" at 9:00 am ET")
    assert f"To be published on {due}." in text
    assert "The score falls by 4.3 to 75.8 and the band stays High." in text
    assert re.search(r"Published now 80\.1 High", text)
    assert re.search(r"In preview 75\.8 High", text)
    assert re.search(r"What changed Days of inventory on hand [0-9]+ days → 20 days", text)
    assert "Inventory and safety stock 1.1 5.9" in text
    assert "The whole page as it will be published" in text
    assert "Ask for a correction" in text


def test_the_rest_of_the_page_stays_what_is_published(maker: Client, previewed: Product) -> None:
    html = maker.get(f"/products/{previewed.ndc}/").content.decode()
    assert 'data-score="80.1"' in html
    assert "Published now" in html
    assert 'hx-get="/products/099901-0101/"' in html


def test_the_whole_page_as_it_will_be(maker: Client, previewed: Product) -> None:
    html = maker.get(f"/products/{previewed.ndc}/?preview=1").content.decode()
    assert 'data-score="75.8"' in html
    assert "As it will be published" in html
    assert 'hx-get="/products/099901-0101/?preview=1"' in html
    assert "Back to what is published" in card(maker, previewed, "?preview=1")


def test_the_box_costs_three_queries_and_nothing_where_there_is_none(
    maker: Client, previewed: Product, pair: tuple[Product, Product], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for product in pair:
        maker.get(f"/products/{product.ndc}/")  # the view is noted once
    with django_assert_num_queries(13):
        maker.get(f"/products/{pair[1].ndc}/")
    with django_assert_num_queries(16):
        maker.get(f"/products/{previewed.ndc}/")


def test_a_first_result(db: None) -> None:
    """Never published: others read “Enrolled, not yet rated”, the firm its result."""
    product, _ = factory.appendix_b()
    set_days(14)
    with connection.cursor() as cursor:
        settle_heads(cursor, [product.pk])
    compute(product)
    text = card(client_of(FIRM, Role.ATTESTOR), product)
    assert "Others will see “80.1, High” instead of “Enrolled, not yet rated”." in text
    assert "Published now Enrolled, not yet rated" in text
    html = client_of("Fernwick", Role.PURCHASER).get(f"/products/{product.ndc}/").content.decode()
    assert "Enrolled, not yet rated" in html
    assert "Enrolled; no rating is published yet. A rating begins with attested KPI figures." in html
    assert "80.1" not in html


def test_the_list_notes_it_below_the_band(maker: Client, previewed: Product) -> None:
    text = words(maker.get("/products/?mine=1").content.decode())
    due = timezone.localtime(published_from(Preview.objects.get().since, 14))
    assert f"In preview: 75.8, High, to be published on {due:%B} {due.day}, {due.year}" in text
    assert text.count("In preview:") == 1


def test_the_home_page_lists_what_is_in_preview(maker: Client, previewed: Product) -> None:
    text = words(maker.get("/").content.decode())
    due = when(Preview.objects.get().since, 14)
    assert f"One product is in preview. To be published on {due}." in text
    assert re.search(rf"99901-101 80\.1, High 75\.8 , High {due}", text)


def test_the_operator_reads_on_the_home_page_what_is_not_published(pair: tuple[Product, Product]) -> None:
    set_days(14)
    keep_stock(pair[0], 20)
    compute(pair[0])
    text = words(client_of("Office", Role.OPERATOR).get("/").content.decode())
    assert "One product is in preview." in text
    assert "In preview, not published" in text  # the latest change
    assert "Program settings: how long results are in preview" in text


def test_what_is_computed_says_what_is_published_instead(maker: Client, previewed: Product) -> None:
    due = timezone.localdate(published_from(Preview.objects.get().since, 14))
    aside = f"in preview; 80.1 is published until {due:%B} {due.day}, {due.year}"
    plan = words(maker.get(f"/products/{previewed.ndc}/plan/").content.decode())
    assert f"Today this product scores 75.8 ({aside}): High." in plan
    assert f"Today’s result is {aside}." in words(maker.get(f"/products/{previewed.ndc}/what-if/").content.decode())
    portfolio = words(maker.get("/portfolio/").content.decode())
    assert "One product is in preview: what is published stands here as the score." in portfolio
    assert f"80.1 High In preview: 75.8, High, to be published on {due:%B} {due.day}, {due.year}" in portfolio
    given = Given(previewed.pk, previewed.display_ndc, "Cisplatin", timezone.localdate(), None)
    editor = factory.user_of(FIRM, Role.MANUFACTURER_EDITOR)
    [effect] = with_previews(editor, figures_effects([given]))
    assert (effect.score_now, effect.aside) == (75.8, aside)


def test_previews_of_one_cause_are_told_together_and_still_as_not_published(pair: tuple[Product, Product]) -> None:
    for product in pair:
        keep_stock(product, 60)
    factory.settle(*pair)
    set_days(14)
    for product in pair:
        keep_stock(product, 20)
        compute(product)
    office = client_of("Office", Role.OPERATOR)
    text = words(office.get("/").content.decode())
    assert re.search(r"2 products of .*? ([Nn]o band changed|band or status) In preview, not published", text)
    Enrolment.objects.filter(product=pair[0]).update(withdrawn_on=timezone.localdate())
    compute(pair[0])
    text = words(office.get("/").content.decode())
    assert "Previewed, never published" in text
    assert text.count("In preview, not published") == 1


def test_the_page_follows_a_new_preview(pair: tuple[Product, Product]) -> None:
    """The firm's page fetches its body when a preview begins; a purchaser's does not."""
    firm, buyer = client_of(FIRM, Role.MANUFACTURER_EDITOR), client_of("Fernwick", Role.PURCHASER)
    states = [_state(client, pair[0]) for client in (firm, buyer)]
    set_days(14)
    keep_stock(pair[0], 20)
    compute(pair[0], head(pair[0]).verified_at)
    answers = [
        client.get(f"/products/{pair[0].ndc}/freshness/?state={state}")
        for client, state in zip((firm, buyer), states, strict=True)
    ]
    assert [answer.headers.get("HX-Trigger") for answer in answers] == ["rating-changed", None]
    assert [answer.status_code for answer in answers] == [204, 204]


def _state(client: Client, product: Product) -> str:
    html = client.get(f"/products/{product.ndc}/").content.decode()
    return re.search(r"freshness/\?state=([^\"]+)", html).group(1)


def test_without_the_setting_nothing_speaks_of_previews(pair: tuple[Product, Product]) -> None:
    keep_stock(pair[0], 20)
    factory.settle(pair[0])
    html = client_of(FIRM, Role.MANUFACTURER_EDITOR).get(f"/products/{pair[0].ndc}/").content.decode()
    assert "In preview" not in html
    assert 'data-score="75.8"' in html
