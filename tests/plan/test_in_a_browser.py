"""A plan in a real Chromium: its pages are sound at both widths, and what is typed survives a lost connection."""

import re
from collections.abc import Callable

import pytest

from qmm.models import ImprovementAction, ImprovementPlan
from tests.chromium import OpenAs, assert_sound, settled
from tests.plan.conftest import Planner

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = re.compile(r"^\s*Saved ")


@pytest.fixture
def planner(transactional_db: None, later: Callable[[int], None]) -> Planner:
    return Planner(later)


def test_the_pages_of_a_plan_are_sound(planner: Planner, open_as: OpenAs) -> None:
    firm, office = open_as(planner.contact, 390), open_as(planner.operator, 390)
    place = f"/assessments/{planner.case.pk}/"
    firm.goto(f"{place}plan/")
    assert_sound(firm, "plan-empty")
    planner.draft(answers=f"BC2:{planner.gap.pk}", target="3")
    planner.draft(due="2001-01-01")
    firm.goto(f"{place}plan/")
    assert_sound(firm, "plan-draft")
    office.goto(f"{place}plan/")
    assert_sound(office, "plan-drafted")
    firm.goto(place)
    assert_sound(firm, "plan-case")
    planner.change_due(2)
    planner.send()
    firm.goto(f"{place}plan/")
    assert_sound(firm, "plan-sent")
    planner.later(800)
    firm, office = open_as(planner.contact, 390), open_as(planner.operator, 390)  # sessions have ended too
    office.goto("/assessments/ending/")
    assert_sound(office, "plan-ending")
    firm.goto(f"/establishments/{planner.site.pk}/")
    assert_sound(firm, "plan-site")
    firm.goto(f"{place}plan/")
    assert_sound(firm, "plan-late")
    firm.goto(f"{place}report/#plan-title")
    assert_sound(firm, "plan-report")


def test_an_action_survives_a_lost_connection_and_is_sent(planner: Planner, open_as: OpenAs) -> None:
    tab = open_as(planner.contact)
    tab.goto(f"/assessments/{planner.case.pk}/plan/")
    tab.get_by_role("button", name="Plan an action for BC2").click()
    tab.wait_for_url("**/plan/#action-1")
    tab.locator('[id="1.what"]').fill("Qualify a second source for both excipients.")
    tab.locator("#saved", has_text=SAVED).wait_for()
    tab.context.set_offline(True)
    tab.locator('[id="1.who"]').fill("Kim Lee")
    tab.locator('[id="1.target"]').select_option("3")
    tab.locator("#saved", has_text="kept in this browser").wait_for()
    tab.context.set_offline(False)
    tab.locator("#saved", has_text=SAVED).wait_for()
    tab.locator("#said-1", has_text="Aim: 3 Defined.").wait_for()
    tab.locator('[id="1.due"]').fill(planner.case.due_on.isoformat())
    tab.locator("#progress", has_text="It can be sent.").wait_for()
    assert ImprovementPlan.objects.get().texts["1.who"] == "Kim Lee"
    tab.get_by_role("button", name="Send the improvement plan").click()
    tab.locator(".plan-done").wait_for()
    action = ImprovementAction.objects.get()
    assert (action.responsible, action.target, action.element) == ("Kim Lee", 3, "BC2")
    tab.get_by_text("Say how it goes on").click()
    tab.locator(f"#text-{action.pk}").fill("The vendor audit is done.")
    tab.locator(f"#standing-{action.pk}").select_option("under_way")
    tab.get_by_role("button", name="Keep it so").click()
    tab.locator(".state", has_text="Under way").wait_for()
    settled(tab)
    said = tab.locator("#effect .lead").inner_text()
    assert said.startswith("If the one action were achieved, both of your products made there")
