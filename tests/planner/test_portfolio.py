"""The portfolio of a firm: how its products stand and what would help them most, in parts."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from dscr.access.roles import Role
from products.models import Product
from ratings.models import ProductRating, Status
from ratings.queries import portfolio_plan
from tests.pages import factory, rating_rows
from tests.planner.test_pages import words

Pair = tuple[Product, Product]


@pytest.fixture(autouse=True)
def _nothing_is_kept(db: None) -> None:
    cache.clear()


def test_it_shows_every_product_and_what_moved(maker: Client, pair: Pair) -> None:
    text = words(maker.get("/portfolio/").content.decode())
    assert "2 products are rated; half of the scores are 80.1 or more. Cisplatin is the lowest." in text
    assert "99901-101 80.1 High" in text
    assert "No score of yours has moved in the last 90 days." in text
    assert "costs your products most" in text


def test_the_actions_add_up_over_the_products(maker: Client, pair: Pair) -> None:
    text = words(maker.get("/portfolio/actions/").content.decode())
    assert "brings most over the portfolio" in text
    user = factory.user_of("Halden Group", Role.ATTESTOR)
    whole = portfolio_plan.portfolio_plan(user)
    assert whole.is_done
    assert whole.actions == sorted(whole.actions, key=lambda row: -row.total)
    parts = [portfolio_plan.planned(user, [product]).plans[0] for product in pair]
    for row in whole.actions:
        of_it = [
            gain.exact
            for part in parts
            for gain in part.gains
            if gain.action.meaning == row.meaning and gain.action.label.split()[0] in row.label
        ]
        assert row.best_points <= row.total
        assert not of_it or row.best_points in [pytest.approx(value) for value in of_it]
    lost = sum(row.loss for row in whole.losses)
    assert lost == pytest.approx(sum(100 - part.now.exact for part in parts) / 2)


def test_a_large_portfolio_says_how_far_it_is(maker: Client, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio_plan, "CHUNK", 1)
    monkeypatch.setattr(portfolio_plan, "PATIENCE", 0)
    first, second = (maker.get("/portfolio/actions/").content.decode() for _ in range(2))
    assert "<progress" in first
    assert "1 of 2 products are computed so far" in words(first)
    assert "<progress" not in second
    assert "brings most over the portfolio" in words(second)


def test_only_makers_have_one(pair: Pair) -> None:
    for role, firm in ((Role.OPERATOR, "Office"), (Role.ESTABLISHMENT_CONTACT, "Halden Group")):
        client = Client()
        client.force_login(factory.user_of(firm, role))
        assert client.get("/portfolio/").status_code == 404
        assert client.get("/portfolio/actions/").status_code == 404
        assert "/portfolio/" not in client.get("/").content.decode()


def test_another_firm_has_its_own(pair: Pair) -> None:
    client = Client()
    client.force_login(factory.user_of("Another firm", Role.ATTESTOR))
    assert "No product of yours is rated yet." in words(client.get("/portfolio/").content.decode())


def test_the_queries_are_counted(maker: Client, pair: Pair, django_assert_max_num_queries: Any) -> None:
    maker.get("/portfolio/")
    with django_assert_max_num_queries(9):
        maker.get("/portfolio/")


def test_a_band_on_watch_is_called_so_here_and_at_home(maker: Client, pair: Pair) -> None:
    """Moderate only by the buffer below 55."""
    for address in ("/portfolio/", "/"):
        assert "On watch" not in words(maker.get(address).content.decode())
    values: dict[str, Any] = {"status": Status.RATED, "score": 53.5, "band": 3, "coverage": 1.0}
    stood = rating_rows.snapshot(pair[0], band_uncapped=3, **values)
    ProductRating.objects.filter(product=pair[0]).update(published_snapshot=stood, **values)
    for address in ("/portfolio/", "/"):
        assert "53.5 Moderate On watch" in words(maker.get(address).content.decode())
