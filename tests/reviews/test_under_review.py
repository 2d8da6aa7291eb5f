"""“Under review” beside the score, for everybody who reads ratings, from the request to its end; and not why."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dscr.access.roles import Role
from products.models import Enrolment
from ratings.figures import day
from ratings.models import ReviewRequest
from ratings.queries.under_review import open_reviews, with_reviews
from ratings.reviews.rules import Event, State
from tests.pages import factory
from tests.reviews.conftest import ANSWER, FIRM, WHY, Desk, client_of
from tests.reviews.test_pages import words

READERS = {
    "purchaser": ("Buyers", Role.PURCHASER),
    "coordinator": ("Coordination", Role.COORDINATOR),
    "competitor": ("Other Firm", Role.ATTESTOR),
    "contact": (FIRM, Role.ESTABLISHMENT_CONTACT),
    "auditor": ("Office", Role.AUDITOR),
}


def said(client: Client, desk: Desk) -> dict[str, bool]:
    """Where it says that the product is under review."""
    ndc, since = desk.product.ndc, timezone.localdate()
    rows = list(csv.reader(io.StringIO(_read(client.get("/products/export.csv?columns=ndc&columns=band")))))
    heads = next(row for row in rows if "NDC" in row)
    exported = next(row for row in rows if desk.product.display_ndc in row)
    api = f"/api/v1/ratings/{ndc}/"
    in_list = next(row for row in client.get("/api/v1/ratings/").json()["results"] if row["ndc"] == ndc)
    looked_up = client.post("/api/v1/ratings/lookup/", {"ndcs": [ndc]}, content_type="application/json").json()
    found = {
        "page": f"Under review since {day(since)}: its manufacturer contests" in words(client.get(f"/products/{ndc}/")),
        "twin's page": "Under review" in words(client.get(f"/products/{desk.twin.ndc}/")),
        "list": "Under review" in results(client, "columns=band"),
        "column": f"Since {day(since)}" in results(client, "columns=review"),
        "filter": desk.product.display_ndc in results(client, "status=under_review&columns=ndc"),
        "molecule": "Under review" in words(client.get("/molecules/CISPLATIN/")),
        "export": exported[heads.index("Under review since (date)")] == since.isoformat(),
        "API": client.get(api).json()["under_review"] and client.get(api).json()["under_review_since"] == str(since),
        "API list": in_list["under_review"],
        "API filter": [row["ndc"] for row in client.get("/api/v1/ratings/?status=under_review").json()["results"]]
        == [ndc],
        "look-up": looked_up["results"][0]["rating"]["under_review"],
    }
    return {name: bool(value) for name, value in found.items()}


def results(client: Client, query: str) -> str:
    """The rows alone: the form of the filters names everything."""
    return client.get(f"/products/?{query}", headers={"HX-Request": "true"}).content.decode()


def _read(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.mark.parametrize("reader", READERS)
def test_everybody_reads_it_and_nobody_else_why(desk: Desk, reader: str) -> None:
    client = client_of(factory.user_of(*READERS[reader], f"{reader}@reads.example"))
    assert set(said(client, desk).values()) == {False}
    review = desk.open(subject="indicator:fill_rate")
    desk.step(review, Event.WRITE)
    assert said(client, desk) == dict.fromkeys(said(client, desk), True)
    page = client.get(f"/products/{desk.product.ndc}/").content.decode()
    assert "80.1" in page  # the score stays
    if reader != "auditor":
        assert f"/reviews/{review.pk}/" not in page
        assert "/reviews/" not in page.split("<main", 1)[1]
        for secret in (WHY, ANSWER, "alculation review"):
            assert secret not in page
    desk.step(review, Event.WITHDRAW, text="")
    assert set(said(client, desk).values()) == {False}


def test_a_decision_ends_it_and_an_appeal_begins_it_again(desk: Desk) -> None:
    client = client_of(factory.user_with(Role.PURCHASER))
    state = lambda: client.get(f"/api/v1/ratings/{desk.product.ndc}/").json()["under_review"]  # noqa: E731
    decided = desk.in_state(State.DECIDED)
    assert not state()
    from ratings.reviews.services import Given, review_appeal

    appeal = review_appeal(decided, user=desk.editor, given=Given("No"))
    assert state()
    desk.step(appeal, Event.WITHDRAW, text="")
    assert not state()


def test_of_several_the_oldest_tells_since_when(desk: Desk, days_later: Any) -> None:
    first = desk.open()
    days_later(3)
    desk.open(subject="result:band")
    row = with_reviews(type(desk.product).objects.filter(pk=desk.product.pk)).get()
    assert row.reviewed_since == first.opened_at


def test_what_an_earlier_firm_contested_is_not_told_of_the_next(desk: Desk) -> None:
    desk.open()
    today = timezone.localdate()
    Enrolment.objects.filter(product=desk.product).update(withdrawn_on=today)
    assert not open_reviews().exists()
    firm = factory.user_of("Next Firm", Role.ATTESTOR)
    Enrolment.objects.create(
        product=desk.product, organisation=firm.membership.organisation, enrolled_on=today, withdrawn_on=None
    )
    page = words(client_of(firm).get(f"/products/{desk.product.ndc}/"))
    assert "Under review" not in page
    assert "Something is wrong with this rating?" in page
    assert "Calculation" not in words(client_of(firm).get("/reviews/"))
    assert "Calculation review" in words(client_of(desk.editor).get("/reviews/"))


def test_the_open_page_follows(desk: Desk) -> None:
    client = client_of(factory.user_with(Role.PURCHASER))
    page = client.get(f"/products/{desk.product.ndc}/")
    address = f"/products/{desk.product.ndc}/freshness/"
    token = page.context["freshness"].token
    assert client.get(address, {"state": token}).headers.get("HX-Trigger") is None
    desk.open()
    assert client.get(address, {"state": token})["HX-Trigger"] == "rating-changed"


def test_it_costs_no_query_more(desk: Desk) -> None:
    client = client_of(factory.user_with(Role.PURCHASER))
    addresses = (
        f"/products/{desk.product.ndc}/",
        "/products/",
        "/molecules/CISPLATIN/",
        f"/api/v1/ratings/{desk.product.ndc}/",
    )

    def counted() -> list[int]:
        counts = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        return counts

    before = counted()
    desk.open()
    assert counted() == before


def test_the_index_of_open_requests_answers(desk: Desk) -> None:
    """Whatever number of closed ones there is."""
    desk.open()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT opened_at FROM ratings_reviewrequest WHERE product_id = 1 AND closed_at IS NULL "
            "ORDER BY opened_at LIMIT 1"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "review_open" in plan


def test_who_may_ask_is_offered_it_while_there_is_something_to_contest(desk: Desk) -> None:
    offer, page = "Something is wrong with this rating?", f"/products/{desk.product.ndc}/"
    assert offer in words(client_of(desk.editor).get(page))
    assert offer in words(client_of(desk.attestor).get(page))
    for user in (desk.operator, desk.auditor, factory.user_of("Other Firm", Role.ATTESTOR)):
        assert offer not in words(client_of(user).get(page))
    Enrolment.objects.filter(product=desk.product).update(withdrawn_on=timezone.localdate() + timedelta(days=1))
    assert offer in words(client_of(desk.editor).get(page))
    Enrolment.objects.filter(product=desk.product).update(withdrawn_on=timezone.localdate())
    assert offer not in words(client_of(desk.editor).get(page))
    assert client_of(desk.editor).get(f"{page}reviews/new/").status_code == 404
    assert not ReviewRequest.objects.exists()
