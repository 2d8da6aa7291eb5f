"""The working page in a real Chromium: by keyboard, offline for a minute, signed out, in two windows, on a phone."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from qmm.models import ConsensusScore, EarlierEntry, ElementScore, Finding
from qmm.services.findings import Given, finding_add, finding_change
from qmm.services.scoring import Change, levels_save
from tests.chromium import WIDTHS, OpenAs, assert_sound, violations
from tests.scores.conftest import CODES, Visit, client_of, make_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATE, WAIT = "**/state/**", 15_000
MINUTE = "Observed on the night shift: the hold was lifted only after the second signature, and the record says why. "


@pytest.fixture
def visit(transactional_db: None) -> Visit:
    return make_visit()


def said(tab: Any, text: str) -> None:
    tab.locator("#saved", has_text=re.compile(rf"^\s*{re.escape(text)}")).wait_for(timeout=WAIT)


def stored() -> dict[str, tuple[int | None, str]]:
    return {row.element: (row.level, row.notes) for row in ElementScore.objects.order_by("pk")}


def notes(tab: Any, code: str) -> Any:
    return tab.locator(f'[name="{code}.notes"]')


def test_levels_by_keyboard_alone(visit: Visit, open_as: OpenAs) -> None:
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    assert tab.locator("[data-element]:visible").count() == 1
    for key in ("4", "n", "2", "n", "n", "5", "p", "3"):
        tab.keyboard.press(key)
    tab.keyboard.press("e")
    tab.keyboard.type("1 note with n and p")
    tab.keyboard.press("Escape")
    tab.keyboard.press("1")
    said(tab, "Saved ")
    tab.locator("#progress", has_text="4 of 20").wait_for(timeout=WAIT)
    assert stored() == {"MC1": (4, ""), "MC2": (2, ""), "MC4": (5, ""), "MC3": (1, "1 note with n and p")}
    tab.keyboard.press("o")
    tab.locator("#element-BC1:focus").wait_for()
    tab.keyboard.press("0")
    tab.get_by_label("Keyboard shortcuts").uncheck()
    tab.locator("#element-BC1").focus()
    tab.keyboard.press("5")
    assert not tab.locator("#BC1-5").is_checked()
    assert tab.said == []


def test_an_offline_minute_loses_no_character(visit: Visit, open_as: OpenAs) -> None:
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    tab.keyboard.press("3")
    said(tab, "Saved ")
    tab.clock.install()
    tab.context.set_offline(True)
    typed = {code: f"{MINUTE}{code}" for code in CODES}
    for code in CODES:  # the whole form is in the page: no element asks the network
        tab.keyboard.press("4")
        tab.keyboard.press("e")
        tab.keyboard.type(typed[code])
        tab.keyboard.press("Escape")
        tab.keyboard.press("n")
    tab.clock.run_for(60_000)
    said(tab, "Not saved: no connection, kept in this browser")
    assert stored() == {"MC1": (3, "")}
    tab.context.set_offline(False)
    tab.clock.run_for(5_000)
    said(tab, "Saved ")
    assert stored() == {code: (4, typed[code]) for code in CODES}
    assert tab.evaluate("localStorage.length") == 0


def test_a_tab_closed_offline_comes_back(visit: Visit, open_as: OpenAs) -> None:
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    tab.context.set_offline(True)
    tab.keyboard.press("2")
    notes(tab, "MC1").fill("x" * 20_000)  # longer than a request that outlives its page may be
    said(tab, "Not saved: no connection")
    tab.close()
    again = tab.context.new_page()
    tab.context.set_offline(False)
    again.goto(visit.address)
    said(again, "Saved ")
    assert stored() == {"MC1": (2, "x" * 20_000)}


def test_what_was_stored_without_an_answer_is_no_conflict_with_oneself(visit: Visit, open_as: OpenAs) -> None:
    """The server died, or the connection, between the saving and its answer; meanwhile more was typed."""
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    lost: list[str] = []

    def answer_is_lost(route: Any) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    tab.route("**/scores/state/**", answer_is_lost)
    notes(tab, "MC1").fill("Half a word")
    said(tab, "Not saved: no connection, kept in this browser")
    assert stored()["MC1"][1] == "Half a word"
    notes(tab, "MC1").fill("Half a word and the rest of it.")
    said(tab, "Saved ")
    assert tab.locator(".conflict").count() == 0
    assert stored()["MC1"][1] == "Half a word and the rest of it."
    assert tab.evaluate("localStorage.length") == 0


def test_an_ended_session_loses_nothing(visit: Visit, open_as: OpenAs) -> None:
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    Session.objects.all().delete()
    tab.keyboard.press("5")
    notes(tab, "MC1").fill("After midnight")
    said(tab, "Signed out. Sign in again in a new tab; nothing is lost.")
    assert stored() == {}
    session = client_of(visit.ada).cookies["sessionid"].value
    tab.context.add_cookies([{"name": "sessionid", "value": session, "url": tab.evaluate("location.origin")}])
    said(tab, "Saved ")
    assert stored() == {"MC1": (5, "After midnight")}


def test_two_windows_are_told_and_choose(visit: Visit, open_as: OpenAs) -> None:
    one, two = open_as(visit.ada), open_as(visit.ada)
    for tab in (one, two):
        tab.goto(visit.address)
    two.route(STATE, lambda route: route.abort())
    notes(two, "MC1").fill("from the second")
    said(two, "Not saved")
    notes(one, "MC1").fill("from the first")
    said(one, "Saved ")
    two.unroute(STATE)
    conflict = two.locator('[data-conflict="MC1.notes"] .conflict')
    conflict.wait_for(timeout=WAIT)
    assert "“from the first”. Here: “from the second”." in conflict.inner_text()
    assert violations(two) == []
    two.locator("[data-go=next]").click()
    said(two, "Not saved: 1 answer that somebody else changed.")
    two.locator("#saved").get_by_role("link", name="Choose").click()  # leads back to the element
    conflict.get_by_role("button", name="Keep what stands here").click()
    said(two, "Saved ")
    assert stored() == {"MC1": (None, "from the second")}
    assert [row.entry["notes"] for row in EarlierEntry.objects.all()] == ["from the first"]


def test_a_changed_finding_survives_a_tab_closed_offline_and_meets_a_newer_text(visit: Visit, open_as: OpenAs) -> None:
    finding = finding_add(visit.first, "MC2", user=visit.ada, given=Given("strength", "Doors are shut", "Tour"))
    tab = open_as(visit.ada)
    tab.goto(visit.address + "?element=MC2")
    part = tab.locator("#findings-MC2 article")
    part.get_by_text("Change or take out").click()
    tab.context.set_offline(True)
    part.get_by_label("What you found").fill("Doors are open at night")
    part.get_by_label("Kind").select_option("critical_gap")
    part.get_by_role("button", name="Keep the change").click()
    part.get_by_text("No connection. The words are kept in this browser").wait_for()
    tab.close()
    tab.context.set_offline(False)
    finding_change(finding, user=visit.ada, version=1, given=Given("strength", "Doors are shut by day", "Tour, log"))

    again = tab.context.new_page()
    again.goto(visit.address)  # another element stands first
    again.locator("#unsent").get_by_role("link", name="MC2").click()
    form = again.locator("#findings-MC2 article form")
    texts = [form.get_by_label("What you found").input_value(), form.get_by_label("Evidence").input_value()]
    assert texts == ["Doors are open at night", "Tour, log"]
    assert form.get_by_label("Kind").input_value() == "critical_gap"
    conflict = form.locator(".conflict")
    assert "Another window : “Doors are shut by day”. Here: “Doors are open at night”." in conflict.inner_text()
    assert violations(again) == []
    visit.save(visit.first, **{f"{code}_level": "3" for code in CODES})
    again.get_by_role("button", name="Finish and keep it so").click()
    again.locator("#unsent:focus").wait_for()
    conflict.get_by_role("button", name="Keep what stands here").click()
    form.get_by_role("button", name="Keep the change").click()
    again.locator("#findings-MC2 .finding--critical_gap", has_text="Doors are open at night").wait_for(timeout=WAIT)
    assert again.locator("#unsent").is_hidden()
    finding.refresh_from_db()
    assert (finding.version, finding.kind, finding.evidence) == (3, "critical_gap", "Tour, log")
    assert again.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('kept:')).length") == 0


def test_a_finding_that_another_window_changed_comes_back_beside_ones_own(visit: Visit, open_as: OpenAs) -> None:
    finding = finding_add(visit.first, "MC1", user=visit.ada, given=Given("strength", "Doors are shut"))
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    part = tab.locator("#findings-MC1 article")
    part.get_by_text("Change or take out").click()
    finding_change(finding, user=visit.ada, version=1, given=Given("strength", "From the other"))
    part.get_by_label("What you found").fill("From here")
    part.get_by_role("button", name="Keep the change").click()
    conflict = part.locator(".conflict")
    conflict.get_by_role("button", name="Take the other").click()
    assert part.get_by_label("What you found").input_value() == "From the other"
    assert tab.locator("#unsent").is_hidden()


def test_findings_and_the_search_in_ones_notes(visit: Visit, open_as: OpenAs) -> None:
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    part = tab.locator("#findings-MC1")
    part.get_by_text("Add a finding").click()
    part.get_by_label("What you found").fill("Doors are open")
    tab.context.set_offline(True)
    part.get_by_role("button", name="Keep the finding").click()
    part.get_by_text("No connection. The words are kept in this browser").wait_for()
    tab.context.set_offline(False)
    tab.reload()
    assert part.get_by_label("What you found").input_value() == "Doors are open"
    part.get_by_role("button", name="Keep the finding").click()
    part.locator(".finding__text", has_text="Doors are open").wait_for(timeout=WAIT)
    assert Finding.objects.get().text == "Doors are open"
    tab.locator("[data-go=next]").click()
    notes(tab, "MC2").fill("The doors of the lab")
    tab.get_by_label("Search your notes").fill("DOORS")
    assert tab.locator("#notes-found li").all_inner_texts() == ["MC2: The doors of the lab", "MC1: Doors are open"]
    tab.locator("#notes-found button").last.click()
    tab.locator("#element-MC1:focus").wait_for()


def test_finishing_waits_for_what_is_not_saved(visit: Visit, open_as: OpenAs) -> None:
    levels_save(visit.first, {f"{code}.level": Change("", "3") for code in CODES}, user=visit.ada)
    tab = open_as(visit.ada)
    tab.goto(visit.address)
    tab.route(STATE, lambda route: route.abort())
    notes(tab, "MC1").fill("Last words")
    tab.get_by_role("button", name="Finish and keep it so").click()
    said(tab, "Not saved: no connection")
    visit.first.refresh_from_db()
    assert visit.first.finished_at is None
    tab.unroute(STATE)
    said(tab, "Saved ")
    tab.get_by_role("button", name="Finish and keep it so").click()
    tab.get_by_text("You have finished.").first.wait_for(timeout=WAIT)
    assert stored()["MC1"] == (3, "Last words")


def test_both_agree_on_levels(visit: Visit, open_as: OpenAs) -> None:
    visit.finish(visit.first)
    visit.finish(visit.second, MC1="5")
    visit.move("consensus")
    ada, bo = open_as(visit.ada), open_as(visit.bo)
    for tab in (ada, bo):
        tab.goto(visit.consensus)
    ada.keyboard.press("4")
    ada.get_by_text("Levels two or more apart need a recorded reason.").wait_for(timeout=WAIT)
    bo.locator("#changed-by", has_text="Last changed by Ada Person").wait_for(timeout=WAIT)
    assert bo.locator("#MC1-4").is_checked()
    bo.get_by_label("Why this level: the two lie 2 apart").fill("Two shifts differ")
    said(bo, "Saved ")
    ada.locator("#progress", has_text="1 of 20").wait_for(timeout=WAIT)
    row = ConsensusScore.objects.get()
    assert (row.element, row.level, row.reason, row.decided_by) == ("MC1", 4, "Two shifts differ", visit.bo)
    assert ada.said == bo.said == []


def test_the_pages_are_sound(visit: Visit, open_as: OpenAs) -> None:
    visit.save(visit.first, MC1_level="3", MC1_notes="The head of quality walks the floor on Mondays.")
    finding_add(visit.first, "MC1", user=visit.ada, given=Given("critical_gap", "No trend charts", "SOP-12"))
    tab = open_as(visit.ada, 390)

    def look_at(address: str) -> None:
        tab.goto(address)
        assert_sound(tab, address, axe_at=WIDTHS)

    for address in ("", "?element=MC1", "?element=PQ2&view=area", "workbook/"):
        look_at(f"{visit.address}{address}")
    look_at(visit.consensus)
    visit.finish(visit.second, MC1="5")
    levels_save(visit.first, {f"{code}.level": Change("", "3") for code in CODES[1:]}, user=visit.ada)
    client_of(visit.ada).post(f"{visit.address}finish/")
    look_at(visit.address)
    visit.move("consensus")
    look_at(f"{visit.consensus}?element=MC1")
