"""A preview in a real Chromium: it comes up on the firm's open page and on no purchaser's; the setting is changed."""

import pytest

from dscr.access.roles import Role
from ratings import tasks
from ratings.recompute import recompute_pending
from tests.chromium import OpenAs, assert_sound, settled
from tests.pages import factory
from tests.preview.conftest import FIRM, keep_stock, office, set_days
from tests.ratings.conftest import Portfolio, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portfolio(transactional_db: None) -> Portfolio:
    portfolio = build()
    recompute_pending()
    return portfolio


def test_from_the_setting_to_publication(portfolio: Portfolio, open_as: OpenAs) -> None:
    address = f"/products/{portfolio.strong.ndc}/"
    operator = open_as(office(), 390)
    operator.goto("/program/")
    assert_sound(operator, "program")
    operator.get_by_role("link", name="Change preview of new results").click()
    assert_sound(operator, "change")
    operator.get_by_label("Days").fill("99")
    operator.get_by_role("button", name="See what it means").click()
    operator.get_by_text("Give a whole number of days from 0 to 60.").first.wait_for()
    assert_sound(operator, "wrong")
    operator.get_by_label("Days").fill("14")
    operator.get_by_label("Reason").fill("Due process")
    operator.get_by_role("button", name="See what it means").click()
    operator.get_by_role("heading", name="Preview of new results: 14 days instead of 0 days?").wait_for()
    assert_sound(operator, "confirm")
    operator.get_by_role("button", name="Put in force").click()
    operator.get_by_text("Preview of new results: 14 days from now on.").wait_for()

    firm = open_as(factory.user_of(FIRM, Role.MANUFACTURER_EDITOR), 390)
    buyer = open_as(factory.user_of("Fernwick", Role.PURCHASER), 390)
    for tab in (firm, buyer):
        tab.goto(address)
        settled(tab)
    keep_stock(portfolio.strong, 20)
    recompute_pending()
    firm.get_by_role("heading", name="In preview").first.wait_for(timeout=10_000)
    assert firm.get_by_text("The score falls by 4.3 to 75.8 and the band stays High.").is_visible()
    firm.get_by_role("region", name="In preview").locator("summary").click()
    assert_sound(firm, "box")
    assert buyer.get_by_text("75.8").count() == 0
    firm.get_by_role("link", name="The whole page as it will be published").click()
    firm.get_by_text("As it will be published").first.wait_for()
    assert_sound(firm, "whole")
    firm.goto("/")
    assert_sound(firm, "home")
    firm.goto("/products/?mine=1")
    assert_sound(firm, "list")
    operator.goto("/program/")
    assert_sound(operator, "running")

    firm.goto(address)
    set_days(0)
    tasks.sweep()
    buyer.get_by_text("75.8").first.wait_for(timeout=10_000)
    firm.get_by_role("heading", name="In preview").first.wait_for(state="detached", timeout=10_000)
