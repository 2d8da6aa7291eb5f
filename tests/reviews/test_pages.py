"""The pages of a thread: what each side reads, what it may do, and what is refused with the text kept."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from dscr.intake import private_files
from products.models import KpiSubmission
from ratings.figures import day
from ratings.models import ReviewFile, ReviewMessage, ReviewRequest
from ratings.reviews.rules import Event, Kind, State
from tests.evidence.files import EXE, PDF, given
from tests.pages import factory
from tests.reviews.conftest import WHY, Desk, client_of, with_pdf


def words(response: Any) -> str:
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", main, flags=re.DOTALL)).split())


def form_of(client: Client, address: str) -> dict[str, str]:
    """The hidden fields of the page's first form."""
    page = client.get(address).content.decode()
    names = ("form", "contested", "seen")
    found = {name: re.search(rf'name="{name}"\s+value="([^"]*)"', page) for name in names}
    return {name: match.group(1) for name, match in found.items() if match}


@pytest.fixture
def editor(desk: Desk) -> Client:
    return client_of(desk.editor)


@pytest.fixture
def operator(desk: Desk) -> Client:
    return client_of(desk.operator)


def test_from_the_product_page_to_the_thread(desk: Desk, editor: Client) -> None:
    product = f"/products/{desk.product.ndc}/"
    new = f"{product}reviews/new/"
    assert f'href="{new}">Something is wrong with this rating?</a>' in editor.get(product).content.decode()
    text = words(editor.get(new))
    assert "A record behind the rating is wrong" in text
    assert "The records are right, but a number does not follow from them" in text
    assert "Decided within 20 calendar days; while a question to you is open, they stand still." in text
    assert "No decision about this product can be appealed today." in text

    address = f"{new}?kind=correction"
    page = editor.get(address)
    assert "80.1" in words(page)
    sent = form_of(editor, address) | {
        "subject": "kpi:days_inventory_on_hand",
        "should_be": "41 days",
        "text": WHY,
        "evidence": given("../count 1.pdf", PDF),
    }
    response = editor.post(address, sent)
    review = ReviewRequest.objects.get()
    assert response["Location"] == f"/reviews/{review.pk}/"
    text = words(editor.get(response["Location"]))
    assert f"Correction request {review.pk}: Days of inventory on hand" in text
    assert f"The program operator takes it into review. A decision is due by {day(review.due_on)}." in text
    assert "It should be 41 days" in text
    assert WHY in text
    assert f"count 1.pdf PDF, {len(PDF)} bytes, SHA-256 {ReviewFile.objects.get().sha256}" in text.replace("\xa0", " ")
    assert "Days of inventory on hand then:" in text
    assert "The result has not changed since it was contested." in text


def test_what_is_missing_is_named_and_what_was_typed_stays(desk: Desk, editor: Client) -> None:
    address = f"/products/{desk.product.ndc}/reviews/new/?kind=correction"
    response = editor.post(address, {"text": WHY, "should_be": "41 days"})
    assert response.status_code == 422
    text = words(response)
    assert "Which record is wrong: Choose one." in text
    assert "Evidence: Attach at least one file that shows what is right." in text
    assert WHY in response.content.decode()
    bad = {"subject": "record:supply", "text": WHY, "should_be": "x", "evidence": given("count.pdf", EXE)}
    assert "count.pdf is no PDF: its content is a Windows program." in words(editor.post(address, bad))
    assert not ReviewRequest.objects.exists()


def test_the_contested_result_is_the_one_that_was_shown(desk: Desk, editor: Client) -> None:
    address = f"/products/{desk.product.ndc}/reviews/new/?kind=calculation"
    sent = form_of(editor, address) | {"subject": "result:score", "text": WHY}
    shown = desk.product.rating.published_snapshot_id
    KpiSubmission.objects.filter(product=desk.product).update(fill_rate_numerator=70_000)
    factory.settle(desk.product)
    editor.post(address, sent)
    review = ReviewRequest.objects.get()
    assert review.snapshot_id == shown
    text = words(editor.get(f"/reviews/{review.pk}/"))
    assert "Another result was published since." in text
    desk.product.rating.refresh_from_db()
    now = desk.product.rating.score
    assert re.search(rf"Score 80\.1 {now:.1f} ", text)
    assert now < 80
    # One of another product, or made up, counts for nothing.
    for wrong in ("", "x", sent["contested"][:-2]):
        editor.post(address, {"subject": "result:band", "text": WHY, "contested": wrong})
    assert ReviewRequest.objects.get(subject="result:band").snapshot_id != shown


def test_the_course_of_a_request_in_the_browser(desk: Desk, editor: Client, operator: Client) -> None:
    review = desk.open()
    page = f"/reviews/{review.pk}/"

    def step(client: Client, event: str, **sent: Any) -> str:
        response = client.post(f"{page}{event}/", form_of(client, page) | sent, follow=True)
        assert response.status_code == 200
        return words(response)

    assert "You have taken the request into review. " in step(operator, "take")
    assert "In review. You decide by" in words(operator.get(page))
    newest = str(ReviewMessage.objects.order_by("pk").last().pk)
    step(operator, "ask", text="Which count is it?", seen=newest)
    text = words(editor.get(page))
    assert "More information is asked. You answer by" in text
    assert "20 days of it are left." in text
    assert "Answer the question" in text
    assert "Which count is it?" in text
    step(editor, "answer", text="That of September", evidence=[given("a.pdf", PDF), given("b.txt", b"counted")])
    text = words(operator.get(page))
    assert "a.pdf" in text
    assert "b.txt" in text
    newest = str(ReviewMessage.objects.order_by("pk").last().pk)
    step(operator, "decide", text="The record is wrong.", outcome="partly", next_step="office", seen=newest)
    text = words(editor.get(page))
    assert "The request was upheld in part. The program operator corrects a record; the score then follows" in text
    assert "Partly upheld. The program operator corrects a record. The record is wrong." in text
    assert "Appeal the decision Once, until" in text
    assert "What you can do" not in words(operator.get(page))
    assert "Correct the record" not in text


def test_a_refused_step_says_why_and_keeps_the_text(desk: Desk, editor: Client, operator: Client) -> None:
    review = desk.in_state(State.IN_REVIEW)
    desk.step(review, Event.WITHDRAW, text="")
    sent = {"text": "My reasons\nin two lines", "outcome": "upheld", "next_step": "office", "seen": "0"}
    response = operator.post(f"/reviews/{review.pk}/decide/", sent)
    assert response.status_code == 409
    assert "Nothing was changed The firm has withdrawn the request, so nothing more happens in it." in words(response)
    assert "My reasons in two lines" in words(response)
    second = desk.open(subject="result:band")
    desk.step(second, Event.TAKE)
    seen = str(second.messages.last().pk)
    desk.step(second, Event.WRITE, text="One more thing")
    response = operator.post(f"/reviews/{second.pk}/decide/", sent | {"seen": seen})
    assert response.status_code == 409
    assert "The firm has written since you opened this page." in words(response)
    assert "One more thing" in words(response)
    again = form_of(operator, f"/reviews/{second.pk}/")["seen"]
    assert operator.post(f"/reviews/{second.pk}/decide/", sent | {"seen": again}).status_code == 302


def test_an_empty_message_and_a_wrong_number_are_refused(desk: Desk, editor: Client) -> None:
    review = desk.open()
    for sent in ({"text": ""}, {"text": "x", "form": "no-number"}, {"text": "a" * 8001}):
        assert editor.post(f"/reviews/{review.pk}/write/", sent).status_code == 422
    assert ReviewMessage.objects.count() == 1


def test_an_address_kept_over_a_sign_in_leads_to_the_thread(desk: Desk, editor: Client) -> None:
    review = desk.open()
    assert (
        Client().post(f"/reviews/{review.pk}/write/", {"text": "x"})["Location"].startswith("/sign-in/?next=/reviews/")
    )
    assert editor.get(f"/reviews/{review.pk}/write/")["Location"] == f"/reviews/{review.pk}/"


def test_appealing(desk: Desk, editor: Client) -> None:
    decided = desk.in_state(State.DECIDED)
    text = words(editor.get(f"/products/{desk.product.ndc}/reviews/new/"))
    assert f"Appeal the decision of calculation review {decided.pk}" in text
    page = f"/reviews/{decided.pk}/appeal/"
    assert editor.post(page, {"text": ""}).status_code == 422
    response = editor.post(page, form_of(editor, page) | {"text": "The reasons do not hold"})
    appeal = ReviewRequest.objects.get(appealed=decided)
    assert response["Location"] == f"/reviews/{appeal.pk}/"
    assert f"Appeal {appeal.pk}: The decision" in words(editor.get(response["Location"]))
    assert "Its appeal : submitted." in words(editor.get(f"/reviews/{decided.pk}/"))
    assert "it can be appealed but once" in words(editor.get(page))
    assert editor.post(page, {"text": "Again"}).status_code == 422


def test_the_lists(desk: Desk, editor: Client, operator: Client, days_later: Any) -> None:
    assert "No request for review is open." in words(editor.get("/reviews/"))
    asked, waiting, decided = desk.in_state(State.MORE_ASKED, Kind.CORRECTION), desk.open(), desk.open(subject="other")
    desk.step(decided, Event.TAKE)
    desk.step(decided, Event.DECIDE)
    text = words(editor.get("/reviews/"))
    assert "1 waits for your firm; 1 waits for the program operator." in text
    assert text.index(f"Correction request {asked.pk}") < text.index(f"Calculation review {waiting.pk}")
    assert f"Not upheld, {day(timezone.localdate())}" in text
    assert "Request Product State Deadline" in text
    text = words(operator.get("/reviews/"))
    assert "1 waits for the program operator; 1 waits for firms." in text
    assert "Halden Group" in text
    days_later(21)
    text = words(client_of(desk.auditor).get("/reviews/"))
    assert "2 wait for the program operator, 2 of them late." in text  # the answer is late too: it can be decided
    assert text.index(f"Correction request {asked.pk}") < text.index(f"Calculation review {waiting.pk}")
    assert f"late since {day(waiting.due_on)}" in text
    operator = client_of(desk.operator)  # the session has ended in these days
    assert "Calculation" not in words(operator.get(f"/reviews/?product={desk.twin.ndc}"))
    assert operator.get("/reviews/?product=nothing").status_code == 404


def test_first_pages_show_what_awaits(desk: Desk, editor: Client, operator: Client) -> None:
    assert "No request for review waits for the program operator." in words(operator.get("/"))
    review = desk.in_state(State.IN_REVIEW)
    assert "One request for review waits for the program operator." in words(operator.get("/"))
    assert f"Calculation review {review.pk}" in words(client_of(desk.auditor).get("/"))
    assert "Question of the program operator" not in words(editor.get("/"))
    desk.step(review, Event.ASK)
    text = words(editor.get("/"))
    assert f"Due {day(review.answer_due_on)} Question of the program operator: calculation review {review.pk}" in text
    assert "No request for review waits" in words(operator.get("/"))
    assert "Question of the program operator" not in words(client_of(factory.user_of("Other", Role.ATTESTOR)).get("/"))


def test_files_come_as_they_were_given_and_who_looked_is_noted(desk: Desk, operator: Client) -> None:
    review = desk.open(given=with_pdf(name='co"unt\r\n;x.pdf'))
    file = ReviewFile.objects.get()
    response = operator.get(f"/reviews/{review.pk}/files/{file.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="co unt x.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    entry = AuditEntry.objects.filter(action="downloaded").get()
    assert (entry.kind, entry.subject_id, entry.user_id) == ("review-file", file.pk, desk.operator.pk)
    assert entry.detail == f"SHA-256 {file.sha256}"
    operator.get(f"/reviews/{review.pk}/")
    assert AuditEntry.objects.filter(action="viewed", kind="review-request", subject_id=review.pk).count() == 1


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_file_that_is_not_what_was_given_is_not_sent(desk: Desk, operator: Client, harm: str) -> None:
    review = desk.open(given=with_pdf())
    file = ReviewFile.objects.get()
    path = private_files.path_of(file.stored_name)
    path.write_bytes(PDF[:-1] + b" ") if harm == "changed" else path.unlink()
    response = operator.get(f"/reviews/{review.pk}/files/{file.pk}/")
    assert response.status_code == 409
    assert "What is stored as “count.pdf” is not what was given" in words(response)
    assert not AuditEntry.objects.filter(action="downloaded").exists()
    assert AuditEntry.objects.get(action="refused").detail == "the stored file is not what was given"


def test_the_audit_keeps_no_word_of_a_thread(desk: Desk) -> None:
    review = desk.open(Kind.CORRECTION, "kpi:fill_rate", given=with_pdf())
    desk.step(review, Event.NOTE, text="Grumbleworth doubts it")
    kept = str([(entry.after, entry.before, entry.label) for entry in AuditEntry.objects.all()])
    assert "review-message" in {entry.kind for entry in AuditEntry.objects.all()}
    for secret in (WHY, "41 days", "Grumbleworth"):
        assert secret not in kept


def test_queries(
    desk: Desk, editor: Client, operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    review = desk.open(Kind.CORRECTION, "kpi:days_inventory_on_hand", given=with_pdf())
    for _ in range(3):
        desk.step(review, Event.WRITE, given=with_pdf("More"))
    ndc = desk.product.ndc
    signed_in = 2  # session, user
    for client, address, queries in (
        (editor, "/reviews/", 2),
        (operator, "/reviews/", 2),
        (operator, f"/reviews/{review.pk}/", 6),  # request, messages, files, appeal, note; names of an indicator's view
        (editor, f"/reviews/{review.pk}/", 9),  # and which figures and levels are its own
        (editor, f"/products/{ndc}/reviews/new/", 4),
        (editor, f"/products/{ndc}/reviews/new/?kind=correction", 4),
    ):
        client.get(address)
        with django_assert_num_queries(signed_in + queries):
            assert client.get(address).status_code == 200
