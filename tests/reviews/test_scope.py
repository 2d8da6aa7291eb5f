"""Who is no side of a thread meets nothing of it; the firm meets no note of the operator."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind, Role
from ratings.models import ReviewFile, ReviewMessage, ReviewNotice, ReviewRequest
from ratings.reviews.mails import notices_send
from ratings.reviews.rules import STEPS, Event, Kind
from tests.pages import factory
from tests.reviews.conftest import FIRM, Desk, client_of, with_pdf
from tests.walk.test_walk import everything_said

STRANGERS = {
    "competitor": ("Other Firm", Role.ATTESTOR),
    "competitor's editor": ("Other Firm", Role.MANUFACTURER_EDITOR),
    "contact": (FIRM, Role.ESTABLISHMENT_CONTACT),
    "purchaser": ("Buyers", Role.PURCHASER),
    "coordinator": ("Coordination", Role.COORDINATOR),
    "assessor": ("Assessors", Role.ASSESSOR),
    "lead assessor": ("Assessors", Role.LEAD_ASSESSOR),
}
NOTE = "Grumbleworth thinks little of it"


@pytest.fixture
def review(desk: Desk) -> ReviewRequest:
    review = desk.open(Kind.CORRECTION, "kpi:fill_rate", given=with_pdf())
    desk.step(review, Event.TAKE)
    desk.step(review, Event.NOTE, text=NOTE)
    return review


def addresses(review: ReviewRequest) -> list[str]:
    file = ReviewFile.objects.get()
    page = f"/reviews/{review.pk}/"
    return [page, f"{page}files/{file.pk}/", f"{page}appeal/", *(f"{page}{event}/" for event in (*STEPS, "open", "x"))]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_meet_nothing(desk: Desk, review: ReviewRequest, stranger: str) -> None:
    user = factory.user_of(*STRANGERS[stranger], f"{stranger[:5]}@stranger.example")
    client, before = client_of(user), (ReviewMessage.objects.count(), ReviewFile.objects.count())
    for address in (*addresses(review), f"/products/{desk.product.ndc}/reviews/new/"):
        assert client.get(address).status_code == 404, address
        sent = {"text": "x", "outcome": "upheld", "next_step": "office"}
        assert client.post(address, sent).status_code in (404, 405), address
    answer = client.get("/reviews/")
    assert answer.status_code == (200 if "competitor" in stranger else 404)
    assert "orrection" not in answer.content.decode()
    assert client.get(f"/reviews/?product={desk.product.ndc}").content.decode().count("orrection") == 0
    assert (ReviewMessage.objects.count(), ReviewFile.objects.count()) == before
    assert not ReviewRequest.objects.for_user(user, "read_reviews").exists()


def test_nobody_signed_in_meets_nothing(review: ReviewRequest) -> None:
    for address in addresses(review):
        assert Client().get(address)["Location"].startswith("/sign-in/")


def test_each_side_takes_its_own_steps_and_an_auditor_none(desk: Desk, review: ReviewRequest) -> None:
    sides = {
        desk.editor: {Event.WRITE, Event.ANSWER, Event.WITHDRAW},
        desk.attestor: {Event.WRITE, Event.ANSWER, Event.WITHDRAW},
        desk.operator: {Event.WRITE, Event.TAKE, Event.ASK, Event.NOTE, Event.DECIDE},
        desk.auditor: set(),
    }
    for user, own in sides.items():
        client = client_of(user)
        opened = {event for event in STEPS if client.get(f"/reviews/{review.pk}/{event}/").status_code == 302}
        assert opened == own
        assert client.get(f"/reviews/{review.pk}/").status_code == 200
    text = client_of(desk.auditor).get(f"/reviews/{review.pk}/").content.decode()
    assert "What you can do" not in text
    assert "<form method" not in text.split("<main")[1].split("</main>")[0]
    assert client_of(desk.operator).get(f"/reviews/{review.pk}/appeal/").status_code == 404
    assert client_of(desk.operator).get(f"/products/{desk.product.ndc}/reviews/new/").status_code == 404


def test_a_note_for_colleagues_never_reaches_the_firm(desk: Desk, review: ReviewRequest) -> None:
    for user, reads in ((desk.editor, False), (desk.attestor, False), (desk.operator, True), (desk.auditor, True)):
        client = client_of(user)
        said = [
            everything_said(client.get(address))
            for address in (
                f"/reviews/{review.pk}/",
                "/reviews/",
                "/",
                f"/products/{desk.product.ndc}/",
                "/disclosures/",
            )
        ]
        assert ("Grumbleworth" in said[0]) == reads
        assert "Grumbleworth" not in "".join(said[1:])
        assert ("not visible to the firm" in said[0]) == reads
    assert client_of(desk.editor).get("/audit/").status_code == 404
    assert not ReviewNotice.objects.filter(message__is_internal=True).exists()
    notices_send()
    assert "Grumbleworth" not in str([message.body for message in mail.outbox])


def test_a_firm_that_is_also_an_operator_reads_no_note_as_a_maker(desk: Desk, review: ReviewRequest) -> None:
    kinds = [OrganisationKind.MANUFACTURER, OrganisationKind.OPERATOR]
    Organisation.objects.filter(name=FIRM).update(kinds=kinds)
    assert NOTE not in client_of(desk.editor).get(f"/reviews/{review.pk}/").content.decode()


def test_a_file_opens_in_its_own_thread_only(desk: Desk, review: ReviewRequest) -> None:
    other = desk.open(Kind.CORRECTION, "kpi:fill_rate", product=desk.twin, given=with_pdf())
    mine, theirs = ReviewFile.objects.order_by("pk")
    client = client_of(desk.editor)
    assert client.get(f"/reviews/{review.pk}/files/{theirs.pk}/").status_code == 404
    assert client.get(f"/reviews/{other.pk}/files/{theirs.pk}/").status_code == 200
    assert client.get(f"/reviews/{2**70}/files/{mine.pk}/").status_code == 404
    assert client.get(f"/reviews/{2**70}/").status_code == 404


def test_files_lie_outside_what_a_web_server_serves(desk: Desk, review: ReviewRequest, settings: Any) -> None:
    from dscr.intake import private_files

    path = private_files.path_of(ReviewFile.objects.get().stored_name)
    served = [entry[1] if isinstance(entry, tuple) else entry for entry in settings.STATICFILES_DIRS]
    roots = [settings.STATIC_ROOT, *served]
    assert not any(path.is_relative_to(root) for root in roots)
    assert "count" not in str(path.name)
