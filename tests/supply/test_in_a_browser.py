"""The editor in a real Chromium: it follows what is typed, fits a phone and breaks no rule of access."""

from typing import Any

import pytest

from dscr.access.models import User
from products.models import Product
from qmm.models import Establishment
from tests.chromium import assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_editor_follows_what_is_typed(
    open_as: Any, product: Product, editor: User, newcomer: Establishment
) -> None:
    tab = open_as(editor, 390)
    tab.goto(f"/products/{product.ndc}/supply/")
    tab.wait_for_selector("#supply-live svg", state="attached")
    assert_sound(tab)
    tab.get_by_label("FEI, DUNS number, name or place").fill("Basel")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("button", name="Add Basel Actives").click()
    share = tab.get_by_label("Share, % of Basel Actives")
    share.wait_for()
    share.fill("30")
    share.press("Tab")
    tab.get_by_role("button", name="Scale to 100 %").click()
    tab.locator("#stage-api .supply-sum", has_text="Adds up to 100 %").wait_for()
    tab.locator("#supply-live", has_text="Basel Actives").wait_for()
    assert_sound(tab)
    tab.get_by_role("button", name="Save the supply chain").click()
    tab.get_by_text("Saved: the supply chain as you gave it holds from").wait_for()
    assert tab.said == []
    for page in (f"/products/{product.ndc}/supply/history/", f"/supply/establishments/{newcomer.pk}/"):
        tab.goto(page)
        assert_sound(tab)
