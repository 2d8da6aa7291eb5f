"""The rubric in a real Chromium: read on a screen and a phone, edited by two people, through a lost connection."""

import re

import pytest

from dscr.access.roles import Role
from qmm.models import Rubric
from qmm.rubric.shipped import shipped
from qmm.services.rubric import Change, draft_begin, draft_save
from tests.chromium import OpenAs, assert_sound
from tests.pages import factory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME, STATE = "MC1.name", "**/state/**"
SAVED = re.compile(r"^\s*Saved ")


@pytest.mark.parametrize("width", [1280, 390])
def test_reading(open_as: OpenAs, width: int) -> None:
    tab = open_as(factory.user_of("Assessors", Role.ASSESSOR), width)
    tab.goto("/rubric/")
    assert_sound(tab, "reading")
    cells = tab.locator("table.ladder").first.locator("td")
    boxes = [cells.nth(place).bounding_box() for place in range(10)]
    if width == 1280:  # five anchors beside each other, the evidence below
        assert len({box["y"] for box in boxes[:5]}) == 1
        assert [box["x"] for box in boxes[:5]] == sorted({box["x"] for box in boxes[:5]})
    else:  # an anchor, its evidence, the next anchor
        order = [place for level in range(5) for place in (level, level + 5)]
        assert [boxes[place]["y"] for place in order] == sorted({box["y"] for box in boxes})
    tab.goto("/rubric/versions/")
    assert_sound(tab, "versions")


def test_from_a_draft_to_a_version(open_as: OpenAs) -> None:
    operator, colleague = factory.operator(), factory.user_of("Office", Role.OPERATOR, "colleague@demo.example")
    tab = open_as(operator, 390)
    tab.goto("/rubric/versions/")
    tab.get_by_role("button", name="Begin a draft").click()
    assert_sound(tab, "draft")
    draft = Rubric.objects.draft().get()
    saved, name = tab.locator("#saved"), tab.locator(f'[name="{NAME}"]')

    name.fill("")
    tab.get_by_text("Missing. Write it.").wait_for()
    tab.get_by_text("19 of 20").wait_for()
    name.fill("Culture")
    tab.get_by_text("20 of 20").wait_for()
    assert_sound(tab, "typed")
    tab.get_by_text("Changed since 2026.1: Name").wait_for()

    tab.context.set_offline(True)  # nothing typed is lost
    name.fill("Culture and leaders")
    tab.get_by_text("Not saved: no connection, kept in this browser").wait_for()
    tab.context.set_offline(False)
    saved.filter(has_text=SAVED).wait_for(timeout=15_000)
    assert Rubric.objects.get(pk=draft.pk).texts["MC1"]["name"] == "Culture and leaders"
    tab.said.clear()  # Chromium reports the connection that was lost on purpose

    tab.route(STATE, lambda route: route.abort())  # or the page would take in what the colleague wrote
    draft_save(draft, user=colleague, changes={NAME: Change("Culture and leaders", "Culture, by all")})
    name.fill("Culture, by leaders")
    tab.get_by_text("Not saved: no connection, kept in this browser").wait_for()
    tab.unroute(STATE)
    tab.get_by_role("button", name="Keep mine").wait_for()
    tab.said.clear()
    assert_sound(tab, "conflict")
    tab.get_by_role("button", name="Keep mine").click()
    saved.filter(has_text=SAVED).wait_for()
    tab.locator("#progress").get_by_role("link", name="Review and publish").click()
    tab.get_by_role("heading", name="Review the draft of the rubric").wait_for()
    assert_sound(tab, "review")
    tab.get_by_label("What changed, and why").fill("The name says what is meant.")
    tab.get_by_role("button", name="Go on to publish").click()
    tab.get_by_text("It changes 1 element:").wait_for()
    assert_sound(tab, "publish")
    tab.get_by_role("button", name="Publish version").click()
    tab.get_by_text("New assessments use it.").wait_for()
    new = Rubric.objects.in_force().get()
    assert new.texts["MC1"]["name"] == "Culture, by leaders"
    tab.goto(f"/rubric/{new.version}/changes/")
    assert_sound(tab, "changes")


def test_the_page_of_a_published_draft_says_so(open_as: OpenAs) -> None:
    operator = factory.operator()
    draft = draft_begin(user=operator)
    tab = open_as(operator)
    tab.goto("/rubric/draft/")
    Rubric.objects.filter(pk=draft.pk).update(state="discarded")
    tab.locator(f'[name="{NAME}"]').fill("Too late")
    tab.get_by_text("What you typed stays in this browser only.").wait_for()
    assert Rubric.objects.get(pk=draft.pk).texts == shipped()
