"""A thread in a real Chromium, from the product page to the decision; and a text that outlives its session."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session

from ratings.models import ReviewRequest
from ratings.reviews.rules import Event
from tests.chromium import OpenAs, assert_sound
from tests.evidence.files import EXE, PDF
from tests.reviews.conftest import WHY, Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(transactional_db: None, private: Path) -> Desk:
    return Desk()


def test_from_the_product_page_to_the_decision(desk: Desk, open_as: OpenAs) -> None:
    firm, office = open_as(desk.attestor, 390), open_as(desk.operator, 390)
    firm.goto(f"/products/{desk.product.ndc}/")
    firm.get_by_role("link", name="Something is wrong with this rating?").click()
    assert_sound(firm, "kinds")
    firm.get_by_role("link", name="Correction request").click()
    firm.get_by_label("Which record is wrong").select_option("kpi:days_inventory_on_hand")
    firm.get_by_label("What it should be").fill("41 days")
    firm.get_by_label("What is wrong").fill(WHY)
    evidence = firm.get_by_label("Evidence", exact=True)
    evidence.set_input_files({"name": "count.pdf", "mimeType": "application/pdf", "buffer": EXE})
    firm.get_by_role("button", name="Send to the program operator").click()
    firm.get_by_text("its content is a Windows program").first.wait_for()
    firm.said.clear()  # 422 is told on the console
    assert_sound(firm, "refused")
    assert firm.get_by_label("What is wrong").input_value() == WHY
    evidence.set_input_files({"name": "count.pdf", "mimeType": "application/pdf", "buffer": PDF})
    firm.get_by_role("button", name="Send to the program operator").click()
    firm.get_by_role("heading", name="The thread").wait_for()
    assert_sound(firm, "thread-firm")
    review = ReviewRequest.objects.get()

    office.goto("/")
    assert_sound(office, "home-office")
    office.get_by_role("link", name=f"Correction request {review.pk}").click()
    office.locator("summary", has_text="Take it into review").click()
    office.get_by_role("button", name="Take into review").click()
    office.get_by_text("You have taken the request into review.").wait_for()
    office.locator("summary", has_text="Note for colleagues").click()
    office.get_by_label("Note", exact=True).fill("Olga knows the site")
    office.get_by_role("button", name="Keep the note").click()
    office.get_by_text("not visible to the firm").last.wait_for()
    office.locator("summary", has_text="Ask the firm for more").click()
    office.get_by_label("What you need to know").fill("Which day was it counted?")
    office.get_by_role("button", name="Ask the firm").click()
    office.get_by_text("the time to decide stands still").first.wait_for()
    assert_sound(office, "thread-office")

    firm.goto("/")
    firm.get_by_role("link", name="Answer it").click()
    assert firm.get_by_text("Olga knows").count() == 0
    firm.get_by_label("Your answer").fill("September 30")
    firm.get_by_role("button", name="Send the answer").click()
    firm.get_by_text("Your answer is with the program operator.").wait_for()

    office.reload()
    office.locator("summary", has_text="Decide").click()
    office.locator("label").filter(has_text="Partly upheld").click()
    office.locator("label").filter(has_text="The firm submits corrected figures").click()
    office.get_by_label("Reasons", exact=True).fill("The count is later than the quarter.")
    assert_sound(office, "decide")
    office.get_by_role("button", name="Keep the decision").click()
    office.get_by_text("The decision is kept, and the firm is told.").wait_for()

    firm.reload()
    assert_sound(firm, "decided")
    with firm.expect_download() as download:
        firm.get_by_role("link", name="count.pdf").click()
    assert Path(download.value.path()).read_bytes() == PDF
    firm.get_by_role("link", name="Appeal the decision").click()
    assert_sound(firm, "appeal")
    firm.goto("/reviews/")
    assert_sound(firm, "list")
    assert firm.said == office.said == []


def test_a_text_outlives_its_session(desk: Desk, open_as: OpenAs) -> None:
    review = desk.open()
    firm = open_as(desk.editor)
    page = f"/reviews/{review.pk}/"
    firm.goto(page)
    firm.get_by_label("Message", exact=True).fill("A long thought about stock")
    Session.objects.all().delete()
    firm.get_by_role("button", name="Send").click()
    firm.get_by_role("heading", name="Sign in").first.wait_for()
    again = desk_session(desk)
    firm.context.add_cookies([{"name": "sessionid", "value": again, "url": firm.url.split("/sign-in")[0]}])
    firm.goto(page)
    assert firm.get_by_label("Message", exact=True).input_value() == "A long thought about stock"
    assert firm.get_by_text("What you had typed before stands here again.").is_visible()
    firm.get_by_role("button", name="Send").click()
    firm.get_by_text("Your message is in the thread.").wait_for()
    assert firm.get_by_label("Message", exact=True).input_value() == ""
    firm.reload()
    assert firm.get_by_label("Message", exact=True).input_value() == ""
    assert firm.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('kept:'))") == []
    assert [message.event for message in review.messages.all()] == [Event.OPEN, Event.WRITE]


def desk_session(desk: Desk) -> str:
    from tests.reviews.conftest import client_of

    return client_of(desk.editor).cookies["sessionid"].value
