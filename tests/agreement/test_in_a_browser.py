"""Agreement and calibration in a real Chromium: sound at both widths, a sheet that saves itself, by keyboard."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.models import CalibrationCase, CalibrationLevel
from qmm.services.agreement import recompute
from qmm.services.calibration import Given, case_begin, sheet_save, sheet_submit
from tests.agreement.conftest import Finish
from tests.agreement.panel import simulated
from tests.chromium import OpenAs, assert_sound
from tests.pages import factory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def year(assessors: list[User], finish: Finish) -> list[User]:
    """Twenty-four assessments of 2026 by four, of whom the first is lenient."""
    levels = simulated(24, [0.7, 0, 0, 0], noise=0.45)
    for people, given in zip(levels.assessors, levels.levels, strict=True):
        finish(assessors[people[0] - 1], assessors[people[1] - 1], given[:6, 0].tolist(), given[:6, 1].tolist())
    recompute()
    return assessors


def test_figures_for_everybody_the_office_and_oneself(open_as: OpenAs, year: list[User]) -> None:
    tab = open_as(None, 390)
    tab.goto("/agreement/?cycle=2026")
    assert_sound(tab, "public")
    tab.goto("/agreement/?cycle=1999")
    assert_sound(tab, "empty")
    tab.get_by_role("link", name="See 2026, the latest year that can be shown").click()
    tab.locator(".score__number").wait_for()
    office = open_as(factory.user_of("Office", Role.OPERATOR), 390)
    office.goto("/agreement/assessors/")
    office.get_by_text("1 of 4 assessors differs clearly from the others").wait_for()
    assert_sound(office, "people")
    own = open_as(year[0], 390)
    own.goto("/agreement/mine/")
    own.get_by_text("clearly more lenient").first.wait_for()
    assert_sound(own, "own")


def test_a_sheet_saves_itself_and_is_answered(open_as: OpenAs, assessors: list[User]) -> None:
    case = CalibrationCase.objects.get(title="Tessaly Oral Solids")
    tab = open_as(assessors[0], 390)
    tab.goto("/calibration/")
    assert_sound(tab, "cases")
    tab.get_by_role("link", name="Tessaly Oral Solids").click()
    assert_sound(tab, "sheet")
    saved = tab.locator("#saved")
    tab.locator("#BC2-2").focus()
    tab.keyboard.press("Space")
    tab.keyboard.press("ArrowDown")
    tab.get_by_label("Why this level").first.fill("Nobody knew of the plan")
    assert saved.inner_text() == "Saving…"
    saved.get_by_text(re.compile("Saved ")).wait_for()
    tab.locator("#progress", has_text="1 of 4").wait_for()
    kept = CalibrationLevel.objects.get(element="BC2")
    assert (kept.level, kept.note) == (3, "Nobody knew of the plan")

    tab.get_by_role("button", name="Submit and see").click()
    tab.get_by_text("Not submitted: some elements have no level yet.").wait_for()
    assert_sound(tab, "missing")
    for code, level in (("BC4", 3), ("PQ5", 4), ("TE1", 4)):
        tab.locator(f"#{code}-{level} + label").click()
    tab.get_by_role("button", name="Submit and see").click()
    tab.get_by_text("You gave the panel’s level on 2 of 4 elements.").wait_for()
    assert_sound(tab, "feedback")
    assert case.sheets.get().submitted_at


def test_a_sheet_survives_a_tab_closed_offline_and_an_ended_session(open_as: OpenAs, assessors: list[User]) -> None:
    tab = open_as(assessors[0])
    case = CalibrationCase.objects.get(title="Tessaly Oral Solids")
    tab.goto(f"/calibration/{case.pk}/")
    tab.context.set_offline(True)
    tab.locator("#BC4-3 + label").click()
    tab.get_by_label("Why this level").last.fill("Seen on nights")
    tab.locator("#saved", has_text="Not saved: no connection, kept in this browser").wait_for()
    tab.close()
    again = tab.context.new_page()
    tab.context.set_offline(False)
    again.goto(f"/calibration/{case.pk}/")
    again.locator("#progress", has_text="1 of 4").wait_for()
    assert set(CalibrationLevel.objects.values_list("element", "level", "note")) == {
        ("BC4", 3, ""),
        ("TE1", None, "Seen on nights"),
    }

    Session.objects.all().delete()
    again.locator("#PQ5-2 + label").click()
    again.locator("#saved", has_text="Signed out. Sign in again in a new tab; nothing is lost.").wait_for()
    origin = again.evaluate("location.origin")
    again.close()
    assert not CalibrationLevel.objects.filter(element="PQ5").exists()
    client = Client()
    client.force_login(assessors[0])
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": origin}
    tab.context.add_cookies([cookie])
    last = tab.context.new_page()
    last.goto(f"/calibration/{case.pk}/")
    last.locator("#progress", has_text="2 of 4").wait_for()
    assert CalibrationLevel.objects.get(element="PQ5").level == 2


def test_the_office_writes_and_reads(open_as: OpenAs, assessors: list[User]) -> None:
    operator = factory.user_of("Office", Role.OPERATOR)
    marrow = CalibrationCase.objects.get(title="Marrow Bay Injectables")
    for number, person in enumerate(assessors[:3]):
        given = {item.element: Given(item.reference + number - 1, "") for item in marrow.items.all()}
        sheet_save(marrow, user=person, given=given)
        sheet_submit(marrow, user=person)
    recompute()
    case_begin(user=operator)
    tab = open_as(operator, 390)
    tab.goto("/calibration/")
    assert_sound(tab, "overview")
    tab.get_by_role("link", name="Marrow Bay Injectables").click()
    assert_sound(tab, "results")
    tab.get_by_role("button", name="Begin a copy").click()
    assert_sound(tab, "draft")
    tab.get_by_label("Title").fill("Marrow Bay, second look")
    tab.get_by_role("button", name="Save and publish").click()
    assert_sound(tab, "publish")
    tab.get_by_role("button", name="Publish").click()
    tab.get_by_text("Published. Every assessor finds the case under Calibration.").wait_for()
