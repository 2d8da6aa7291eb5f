"""The course in a real Chromium: the pages of every side are sound, and answers survive a lost connection."""

import re
from collections.abc import Callable

import pytest

from qmm.course.steps import State
from qmm.models import CaseSheet
from qmm.services.course_sheet import sheet_of
from qmm.services.fact_check import comment_add
from tests.chromium import OpenAs, assert_sound
from tests.course.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = re.compile(r"^\s*Saved ")


@pytest.fixture
def desk(transactional_db: None, later: Callable[[int], None]) -> Desk:
    return Desk(later)


def test_pages_of_every_side_are_sound(desk: Desk, open_as: OpenAs) -> None:
    firm, office, lead = (open_as(user, 390) for user in (desk.contact, desk.operator, desk.lead))
    firm.goto("/assessments/request/")
    assert_sound(firm, "request")
    case = desk.in_state(State.ACCEPTED)
    place = f"/assessments/{case.pk}/"
    for tab, name, address in ((office, "board", "/assessments/"), (office, "assign", f"{place}assign/")):
        tab.goto(address)
        assert_sound(tab, name)
    desk.assign(case)
    lead.goto(place)
    assert_sound(lead, "declare")
    desk.take(case)
    office.goto(place)
    assert_sound(office, "case")
    while case.state != State.FACT_CHECK:
        desk.go_on(case)
    comment_add(case, user=desk.contact, element="MC1", text="The council meets every two weeks.")
    # Weeks have passed for the sessions too.
    firm, office, lead = (open_as(user, 390) for user in (desk.contact, desk.operator, desk.lead))
    for tab, name in ((firm, "firm"), (lead, "lead"), (office, "office")):
        tab.goto(f"{place}fact-check/")
        assert_sound(tab, f"facts-{name}")
        tab.goto(place)
        assert tab.url.endswith(place)
        assert_sound(tab, f"late-{name}")
    lead.goto(f"{place}draft/?section=2")
    assert_sound(lead, "draft")
    lead.goto(f"{place}questionnaire/review/")
    assert_sound(lead, "review")


def test_an_answer_survives_a_lost_connection(desk: Desk, open_as: OpenAs) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    tab = open_as(desk.contact)
    tab.goto(f"/assessments/{case.pk}/questionnaire/")
    tab.locator("#l1").fill("A council of five")
    tab.locator("#saved", has_text=SAVED).wait_for()
    assert sheet_of(case, CaseSheet.Kind.QUESTIONNAIRE).texts == {"l1": "A council of five"}
    assert_sound(tab, "questionnaire")
    tab.context.set_offline(True)
    tab.locator("#l2").fill("Written without a connection")
    tab.locator("#saved", has_text="kept in this browser").wait_for()
    tab.context.set_offline(False)
    tab.locator("#saved", has_text=SAVED).wait_for()
    texts = sheet_of(case, CaseSheet.Kind.QUESTIONNAIRE).texts
    assert texts == {"l1": "A council of five", "l2": "Written without a connection"}
    tab.get_by_role("button", name="Save and go on to quality").click()
    tab.wait_for_url("**/?section=2")
    assert tab.locator("#progress").inner_text().startswith("2 of 15")


def test_a_comment_that_was_not_sent_stands_there_again(desk: Desk, open_as: OpenAs) -> None:
    case = desk.in_state(State.FACT_CHECK)
    tab = open_as(desk.contact)
    place = f"/assessments/{case.pk}/fact-check/"
    tab.goto(place)
    tab.locator("#passage-MC2 summary").click()
    tab.locator("#text-MC2").fill("It is every two weeks.")
    tab.goto(place)
    assert tab.locator("#text-MC2").input_value() == "It is every two weeks."
    tab.locator("#passage-MC2").get_by_role("button", name="Keep the comment").click()
    tab.locator("#passage-MC2 .comment").wait_for()
    tab.goto(place)
    assert tab.locator("#text-MC2").input_value() == ""
    assert case.comments.get().text == "It is every two weeks."
