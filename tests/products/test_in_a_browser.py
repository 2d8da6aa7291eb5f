"""The questionnaire in a real Chromium: it saves itself, two people are told of each other, nothing typed is lost."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from products.models import KpiDraft, KpiSubmission
from products.services.kpi_draft import Change, draft_copy_forward, draft_save, draft_withhold_open
from tests.chromium import WIDTHS, OpenAs, assert_sound
from tests.products.conftest import QUARTER, Desk, client_of, make_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLANNING, STATE = "?section=demand_and_supply", "**/state/**"
WAIT = 15_000
# As if it had been typed before somebody else wrote "many".
CONFLICT = """() => {
    const field = document.getElementById("shelf_life_months");
    field.form.elements["was-shelf_life_months"].value = "";
    field.value = "36";
    field.dispatchEvent(new Event("input", { bubbles: true }));
}"""


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk()


def said(tab: Any, text: str) -> None:
    """The line of what is saved says it."""
    tab.locator("#saved", has_text=re.compile(rf"^\s*{re.escape(text)}")).wait_for(timeout=WAIT)


def answers() -> dict[str, str]:
    return KpiDraft.objects.get(submission=None, discarded_at=None).answers


def test_what_is_typed_is_saved_and_its_rate_shown(desk: Desk, open_as: OpenAs) -> None:
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    tab.get_by_label("Units shipped complete on first order").fill("19")
    tab.get_by_label("Units ordered").fill("20")
    said(tab, "Saved ")
    tab.locator("#said-fill_rate", has_text="95% 95% confidence interval: 76.4% to 99.1%").wait_for(timeout=WAIT)
    assert answers() == {"fill_rate_numerator": "19", "fill_rate_denominator": "20"}
    assert "20 units are unusually few." in tab.locator("#said-fill_rate").inner_text()
    assert tab.locator("#progress").inner_text().startswith("1 of 18 answered")
    tab.get_by_label("Units shipped complete on first order").fill("21")
    tab.locator("#error-fill_rate_numerator", has_text="cannot exceed units ordered (20)").wait_for(timeout=WAIT)
    tab.locator("label[for=fill_rate_state-2]").click()
    tab.locator("#said-fill_rate", has_text="Not disclosed: counts as the lowest points.").wait_for(timeout=WAIT)
    assert tab.said == []


def test_one_click_copies_last_quarter_and_keeps_what_was_just_typed(desk: Desk, open_as: OpenAs) -> None:
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    tab.get_by_role("button", name="Copy into this section").click()
    tab.get_by_text("What was blank now holds the last figures.").wait_for(timeout=WAIT)
    assert answers()["fill_rate_numerator"] == "98200"
    tab.locator("#shelf_life_months").fill("24")
    tab.get_by_role("button", name="Copy into all sections").click()
    tab.wait_for_function("document.getElementById('shelf_life_months').value === '24'")
    tab.locator("#progress", has_text="18 of 18 answered").wait_for(timeout=WAIT)
    assert answers()["shelf_life_months"] == "24"
    assert tab.said == []


def test_a_click_while_an_answer_is_on_its_way_is_not_lost(desk: Desk, open_as: OpenAs) -> None:
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    held: list[Any] = []
    tab.route(STATE, lambda route: held.append(route))
    with tab.expect_request(lambda request: request.method == "POST"):
        tab.locator("#shelf_life_months").fill("24")
    tab.locator("#safety_stock_days").fill("30")
    tab.get_by_role("button", name="Save and go on to").click()
    tab.route(STATE, lambda route: route.continue_())
    for route in held:
        route.continue_()
    tab.wait_for_url(lambda url: "section=" in url and PLANNING not in url, timeout=WAIT)
    assert {key: answers()[key] for key in ("shelf_life_months", "safety_stock_days")} == {
        "shelf_life_months": "24",
        "safety_stock_days": "30",
    }


def test_a_note_answers_a_doubt(desk: Desk, open_as: OpenAs) -> None:
    desk.draft(fill_rate_numerator="19", fill_rate_denominator="20")
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    tab.locator("[name='fill_rate.size']").fill("Launched in the last month.")
    said(tab, "Saved ")
    tab.get_by_role("button", name="Save", exact=True).focus()
    assert KpiDraft.objects.get().notes == {"fill_rate.size": "Launched in the last month."}


def test_two_people_are_told_and_choose(desk: Desk, open_as: OpenAs) -> None:
    ada, bo = open_as(desk.editor), open_as(desk.attestor)
    for tab in (ada, bo):
        tab.goto(desk.address(PLANNING))
    ada.locator("#shelf_life_months").fill("24")
    said(ada, "Saved ")
    bo.locator("#changed-by", has_text="Last changed by Ada Editor").wait_for(timeout=WAIT)
    assert bo.locator("#shelf_life_months").input_value() == "24"
    assert "Ada Editor" in bo.locator("[data-by=shelf_life_months]").inner_text()

    bo.route(STATE, lambda route: route.abort())
    bo.locator("#shelf_life_months").fill("36")
    said(bo, "Not saved: no connection, kept in this browser")
    ada.locator("#shelf_life_months").fill("18")
    said(ada, "Saved ")
    ada.wait_for_function("localStorage.length === 0")
    bo.unroute(STATE)
    conflict = bo.locator("[data-conflict=shelf_life_months] .conflict")
    conflict.wait_for(timeout=WAIT)
    assert "“18”. You: “36”." in conflict.inner_text()
    said(bo, "Not saved: 1 answer that somebody else changed.")
    assert answers()["shelf_life_months"] == "18"
    conflict.get_by_role("button", name="Keep mine").click()
    said(bo, "Saved ")
    assert answers()["shelf_life_months"] == "36"

    bo.route(STATE, lambda route: route.abort())  # before Bo types, or the page would take in what Ada wrote
    draft_save(desk.draft(), user=desk.editor, answers={"shelf_life_months": Change("36", "12")})
    bo.locator("#shelf_life_months").fill("48")
    said(bo, "Not saved")
    bo.unroute(STATE)
    bo.get_by_role("button", name="Take theirs").click(timeout=WAIT)
    assert bo.locator("#shelf_life_months").input_value() == "12"
    assert answers()["shelf_life_months"] == "12"


def test_a_lost_connection_and_a_closed_tab_lose_nothing(desk: Desk, open_as: OpenAs) -> None:
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    tab.context.set_offline(True)
    tab.locator("#shelf_life_months").fill("24")
    tab.locator("#safety_stock_days").fill("30")
    said(tab, "Not saved: no connection, kept in this browser")
    tab.close()
    assert not KpiDraft.objects.exists()
    again = tab.context.new_page()
    tab.context.set_offline(False)
    again.goto(desk.address(PLANNING))
    said(again, "Saved ")
    assert again.locator("#shelf_life_months").input_value() == "24"
    assert answers() == {"shelf_life_months": "24", "safety_stock_days": "30"}
    assert again.evaluate("localStorage.length") == 0


def test_an_ended_session_loses_nothing(desk: Desk, open_as: OpenAs) -> None:
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    Session.objects.all().delete()
    tab.locator("#shelf_life_months").fill("24")
    said(tab, "Signed out. Sign in again in a new tab; nothing is lost.")
    assert not KpiDraft.objects.exists()
    session = client_of(desk.editor).cookies["sessionid"].value
    tab.context.add_cookies([{"name": "sessionid", "value": session, "url": tab.evaluate("location.origin")}])
    said(tab, "Saved ")
    assert answers() == {"shelf_life_months": "24"}


def test_another_person_in_the_same_browser_saves_nothing(desk: Desk, open_as: OpenAs) -> None:
    tab = open_as(desk.editor)
    tab.goto(desk.address(PLANNING))
    session = client_of(desk.attestor).cookies["sessionid"].value
    tab.context.add_cookies([{"name": "sessionid", "value": session, "url": tab.evaluate("location.origin")}])
    tab.locator("#shelf_life_months").fill("24")
    said(tab, "You are signed in as somebody else in this browser. Reload the page.")
    assert not KpiDraft.objects.exists()


def test_review_attest_and_read(desk: Desk, open_as: OpenAs) -> None:
    draft = desk.draft(days_inventory_on_hand="20")
    draft_copy_forward(draft, previous=desk.before, user=desk.editor)
    draft.refresh_from_db()
    draft_withhold_open(draft, user=desk.editor)
    tab = open_as(desk.attestor)
    tab.goto(desk.address("review/"))
    tab.locator("#effect", has_text="With these figures").wait_for(timeout=WAIT)
    tab.get_by_label("Your title").fill("Vice President")
    tab.get_by_text("I attest to this statement.").click()
    tab.get_by_role("button", name="Attest these figures").click()
    tab.get_by_text("Attested. The figures of").wait_for(timeout=WAIT)
    submission = KpiSubmission.objects.get(quarter_end=QUARTER.ends_on, product=desk.product)
    assert submission.days_inventory_on_hand == 20
    assert "by Bo Attestor, Vice President" in tab.locator("main").inner_text()
    assert tab.said == []


def test_the_pages_are_sound(desk: Desk, open_as: OpenAs) -> None:
    draft = desk.draft(fill_rate_numerator="19", fill_rate_denominator="20", shelf_life_months="many")
    tab = open_as(desk.attestor, 390)
    for address in (
        "/figures/",
        f"/products/{desk.product.ndc}/kpis/",
        desk.address(PLANNING),
        desk.address("?section=customer_service"),
        desk.address("review/"),
        desk.address(quarter_end=desk.before.quarter_end),
        f"/products/{desk.product.ndc}/kpis/submissions/{desk.before.pk}/",
        f"/drafts/{draft.pk}/effect/",
    ):
        tab.goto(address)
        assert_sound(tab, axe_at=WIDTHS)
    tab.goto(desk.address(PLANNING))
    tab.evaluate(CONFLICT)
    tab.locator(".conflict").wait_for(timeout=WAIT)
    assert_sound(tab, "conflict")
