"""Disclosing in a real Chromium: from the form to the reader's open page, and back."""

from typing import Any

import pytest

from products.models import DisclosureGrant
from tests.chromium import OpenAs, assert_sound
from tests.walk.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> Any:
    from tests.grants.conftest import disclosing_world

    return disclosing_world()


def test_from_the_form_to_the_open_page_and_back(world: World, open_as: OpenAs) -> None:
    reader, firm = open_as(world.users["granted"], 390), open_as(world.users["attestor"], 390)
    reader.goto(f"/products/{world.own.ndc}/")
    assert reader.get_by_text("987,654,321").count() == 0

    firm.goto(f"/disclosures/new/?product={world.own.ndc}")
    assert_sound(firm, "create")
    firm.locator("label").filter(has_text="Fill rate").click()
    firm.locator("label").filter(has_text="On-time delivery").click()
    firm.locator("label").filter(has_text="The supply picture").click()
    firm.locator("label").filter(has_text="QMM area levels").click()
    firm.get_by_role("button", name="Show exactly what they will see").click()
    firm.get_by_text("Give the organization's name.").first.wait_for()
    assert_sound(firm, "wrong")
    assert firm.get_by_label("Fill rate").is_checked()
    firm.get_by_label("Which organization").fill("Farbuyers")
    firm.get_by_role("button", name="Show exactly what they will see").click()
    firm.get_by_role("heading", name="Disclose these figures?").wait_for()
    assert_sound(firm, "confirm")
    firm.get_by_role("button", name="Disclose").click()
    firm.get_by_text("1 disclosure is in force, to Farbuyers.").wait_for()

    reader.get_by_text("987,654,321").wait_for(timeout=10_000)
    assert reader.get_by_text("Disclosed to you by Ownfirm until").first.is_visible()
    assert_sound(reader, "reader")

    firm.reload()
    assert_sound(firm, "list")
    firm.get_by_role("link", name="Withdraw").click()
    assert_sound(firm, "withdraw")
    firm.get_by_role("button", name="Withdraw").click()
    firm.get_by_text("Nothing is disclosed today").wait_for()

    reader.get_by_text("987,654,321").wait_for(state="detached", timeout=10_000)
    assert reader.get_by_text("Quibblemoor Chemicals").count() == 0
    assert reader.get_by_text("Disclosed to you by").count() == 0
    assert reader.said == firm.said == []
    assert DisclosureGrant.objects.get().withdrawn_by == world.users["attestor"]


def test_a_product_is_withdrawn_and_enrolled_again(world: World, open_as: OpenAs) -> None:
    firm = open_as(world.users["attestor"], 390)
    firm.goto(f"/products/{world.own.ndc}/")
    firm.get_by_role("link", name="Withdraw").click()
    assert_sound(firm, "leave")
    firm.get_by_label("Your full name").fill("Wobblethorpe")
    firm.get_by_label("Your title").fill("VP Supply")
    firm.locator("label").filter(has_text="I state").click()
    firm.get_by_role("button", name="Withdraw from the program").click()
    firm.locator("main").get_by_role("link", name="Enroll").click()
    assert_sound(firm, "join")
    firm.get_by_role("button", name="Enroll").click()  # the browser itself asks for the statement
    firm.locator("label").filter(has_text="I state that").click()
    firm.get_by_role("button", name="Enroll").click()
    firm.get_by_text("is enrolled. Its rating begins with attested KPI figures.").wait_for()
    assert firm.said == []
