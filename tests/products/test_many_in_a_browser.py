"""Many products in a real Chromium, by keyboard, at a desk and on a phone; axe finds nothing on any of its pages."""

import pytest

from dscr.access.roles import Role
from products.models import DisclosureRequest, KpiDraft
from products.services.disclosure_requests import requests_ask
from products.services.figures_jobs import jobs_run
from products.services.kpi_draft import draft_withhold_open
from tests.chromium import OpenAs, assert_sound
from tests.pages import factory
from tests.products.conftest import make_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_empty_drafts_to_one_attestation(transactional_db: None, open_as: OpenAs) -> None:
    desk = make_desk()
    tab = open_as(desk.attestor, 390)
    tab.goto("/figures/")
    tab.get_by_role("button", name="Copy the last figures into 2 empty drafts").press("Enter")
    tab.get_by_role("heading", name="Last figures are being copied").wait_for()
    assert_sound(tab)
    jobs_run()
    tab.get_by_role("heading", name="2 drafts hold the last figures").wait_for(timeout=20_000)
    for draft in KpiDraft.objects.all():
        draft_withhold_open(draft, user=desk.editor)
    tab.goto("/figures/")
    assert_sound(tab)
    for box in tab.get_by_role("checkbox").all():
        box.press("Space")
    tab.get_by_role("button", name="Review those ticked").press("Enter")
    tab.get_by_text("Effect on the scores.").wait_for()
    assert_sound(tab)
    assert tab.locator("[id^=effect-] .band").count() == 2
    tab.get_by_label("Your title").fill("VP Quality")
    tab.get_by_label("I attest the statement above.").press("Space")
    tab.get_by_role("button", name="Attest all 2 products").press("Enter")
    tab.get_by_role("heading", name="The figures are being attested").wait_for()
    assert_sound(tab)
    jobs_run()
    tab.get_by_role("heading", name="2 products are attested").wait_for(timeout=20_000)
    assert_sound(tab)


def test_a_request_and_its_answer(transactional_db: None, open_as: OpenAs) -> None:
    desk = make_desk()
    buyer = factory.user_of("Fernwick Purchasing", Role.PURCHASER)
    tab = open_as(buyer, 390)
    tab.goto(f"/products/{desk.product.ndc}/")
    tab.get_by_role("link", name="Ask the firm to disclose").click()
    assert_sound(tab)
    tab.get_by_label("Fill rate").press("Space")
    tab.get_by_label("Why you ask").fill("We are choosing a second source.")
    tab.get_by_role("button", name="Send the request").press("Enter")
    tab.get_by_text("You asked for fill rate.").wait_for()
    assert_sound(tab)
    firm = open_as(desk.attestor, 390)
    firm.goto("/disclosures/")
    assert_sound(firm)
    firm.get_by_role("link", name="Decline what Fernwick Purchasing asks").click()
    assert_sound(firm)
    firm.get_by_label("Your answer (optional)").fill("Only under a supply agreement.")
    firm.get_by_role("button", name="Decline").press("Enter")
    firm.get_by_role("heading", name="Answered requests").wait_for()
    assert_sound(firm)
    tab.reload()
    tab.get_by_text("“Only under a supply agreement.”").wait_for()
    assert DisclosureRequest.objects.get().state == "declined"


def test_the_form_is_filled_in_as_they_ask(transactional_db: None, open_as: OpenAs) -> None:
    desk = make_desk()
    buyer = factory.user_of("Fernwick Purchasing", Role.PURCHASER)
    requests_ask([desk.product], user=buyer, kpis=["fill_rate"], shows_supply=True, shows_maturity=False, why="Tender")
    tab = open_as(desk.attestor)
    tab.goto("/disclosures/")
    tab.get_by_role("link", name="Grant what Fernwick Purchasing asks").click()
    assert_sound(tab)
    tab.get_by_role("button", name="Show exactly what they will see").press("Enter")
    tab.get_by_role("button", name="Disclose").press("Enter")
    tab.get_by_text("You disclose fill rate and the supply picture").wait_for()
    assert DisclosureRequest.objects.get().state == "granted"
