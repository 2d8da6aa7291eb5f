"""The planner, the what-if page and the portfolio as a maker uses them, wide and narrow."""

from typing import Any

import pytest

from dscr.access.roles import Role
from products.models import Product
from ratings.models import PlannerEffort, Scenario
from tests.chromium import WIDTHS, OpenAs, assert_sound
from tests.pages import factory
from tests.planner.conftest import FIRM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def maker_tab(pair: tuple[Product, Product], open_as: OpenAs) -> Any:
    return open_as(factory.user_of(FIRM, Role.MANUFACTURER_EDITOR))


def test_an_effort_is_saved_at_once(maker_tab: Any, pair: tuple[Product, Product]) -> None:
    maker_tab.goto(f"/products/{pair[1].ndc}/plan/")
    maker_tab.get_by_label("Effort for your organization: Qualify a second finished-dose line").select_option("4")
    maker_tab.get_by_text("Saved").first.wait_for(timeout=5000)
    assert PlannerEffort.objects.get().action == "second_line"
    assert maker_tab.said == []


def test_a_setting_is_moved_and_saved_under_a_name(maker_tab: Any, pair: tuple[Product, Product]) -> None:
    maker_tab.goto(f"/products/{pair[1].ndc}/what-if/")
    maker_tab.locator(".example-block", has_text="Inventory and safety stock").locator("summary").click()
    maker_tab.get_by_label("Days of inventory on hand, slider").focus()
    for _ in range(3):
        maker_tab.keyboard.press("ArrowRight")
    maker_tab.get_by_text("This product now scores").first.wait_for(timeout=5000)
    maker_tab.get_by_label("Name of this setting").fill("Three days more")
    maker_tab.get_by_role("button", name="Save scenario").click()
    maker_tab.get_by_role("link", name="Three days more").wait_for(timeout=5000)
    assert Scenario.objects.get().query == "days_inventory_on_hand=21"
    maker_tab.get_by_role("button", name="Delete Three days more").click()
    maker_tab.get_by_text("is deleted").wait_for(timeout=5000)
    assert maker_tab.said == []


def test_the_product_page_fetches_what_to_do_next(maker_tab: Any, pair: tuple[Product, Product]) -> None:
    maker_tab.goto(f"/products/{pair[1].ndc}/")
    maker_tab.get_by_text("Every action, and the fastest way to the next band").wait_for(timeout=5000)
    assert maker_tab.said == []


@pytest.mark.parametrize("path", ["products/{}/plan/", "products/{}/what-if/?backup_api=DEU", "portfolio/"])
def test_nothing_breaks_the_rules_of_access(maker_tab: Any, pair: tuple[Product, Product], path: str) -> None:
    maker_tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
    maker_tab.goto(f"/{path.format(pair[1].ndc)}")
    if path == "portfolio/":
        maker_tab.get_by_text("brings most over the portfolio").wait_for(timeout=8000)
    assert_sound(maker_tab, axe_at=WIDTHS)
