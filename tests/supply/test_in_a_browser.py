"""The editor in a real Chromium: it follows what is typed, fits a phone and breaks no rule of access."""

from typing import Any

import pytest

from dscr.access.models import User
from products.models import Product
from qmm.models import Establishment
from tests.chromium import assert_sound, settled

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
    tab.get_by_role("button", name="Scale to 100%").click()
    tab.locator("#stage-api .supply-sum", has_text="Adds up to 100%").wait_for()
    tab.locator("#supply-live", has_text="Basel Actives").wait_for()
    assert_sound(tab)
    tab.get_by_role("button", name="Save the supply chain").click()
    tab.get_by_text("Saved: the supply chain as you gave it holds from").wait_for()
    assert tab.said == []
    for page in (f"/products/{product.ndc}/supply/history/", f"/supply/establishments/{newcomer.pk}/"):
        tab.goto(page)
        assert_sound(tab)


def held(tab: Any, address: str) -> list[Any]:
    """The editor's next question, whose answer waits until the test lets it go."""
    waiting: list[Any] = []

    def hold(route: Any) -> None:
        if waiting or route.request.method != "POST":
            route.continue_()
        else:
            waiting.append(route)

    tab.route(address, hold)
    return waiting


def test_an_answer_takes_nothing_from_who_types_on(open_as: Any, product: Product, editor: User) -> None:
    tab = open_as(editor, 390)
    address = f"/products/{product.ndc}/supply/"
    tab.goto(address)
    settled(tab)
    waiting = held(tab, f"**{address}")
    shares = tab.locator("#stage-api input[name^='share.'], #stage-fdf input[name^='share.']")
    first, second = shares.nth(0), shares.nth(1)
    batch = tab.locator("#stage-api input[name^='batch.']").first
    with tab.expect_request(lambda request: request.method == "POST" and request.url.endswith(address)):
        first.fill("55")
        first.press("Tab")
    batch.fill("2026-03-04")
    second.click()
    second.press("Control+A")
    second.type("4")
    with tab.expect_response(lambda answer: answer.url.endswith(address)):
        waiting[0].continue_()
    tab.locator("#stage-api .supply-sum.warning").wait_for()  # the answer stands in the page
    assert (first.input_value(), batch.input_value(), second.input_value()) == ("55", "2026-03-04", "4")
    tab.keyboard.type("5")
    assert second.input_value() == "45"
    with tab.expect_response(lambda answer: answer.url.endswith(address)) as asked:
        second.press("Tab")
    sent = asked.value.request.post_data
    assert "=45" in sent
    assert "=2026-03-04" in sent
    settled(tab)
    assert (first.input_value(), batch.input_value(), second.input_value()) == ("55", "2026-03-04", "45")
    assert tab.said == []


# In the first moment after a drawing: changes its first share, as a quick hand would.
QUICK_HAND = """
let done = false;
document.addEventListener("htmx:afterSwap", (event) => {
  if (done || event.target.id !== "supply-editor") return;
  done = true;
  setTimeout(() => {
    const share = document.querySelector("#stage-api input[name^='share.']");
    share.value = "12.75";
    share.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
"""


def test_a_new_drawing_hears_at_once(open_as: Any, product: Product, editor: User) -> None:
    tab = open_as(editor)
    address = f"/products/{product.ndc}/supply/"
    tab.goto(address)
    settled(tab)
    tab.evaluate(QUICK_HAND)
    share = tab.locator("#stage-api input[name^='share.']").first
    with tab.expect_request(lambda asked: asked.url.endswith(address) and "=12.75" in (asked.post_data or "")):
        share.fill("55")
        share.press("Tab")
    settled(tab)
    assert share.input_value() == "12.75"
