"""Asking a firm to disclose: who may, how often, what each side sees, and what a mail says."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from dscr.access.models import Membership, Organisation
from dscr.audit.models import AuditEntry
from products.models import DisclosureGrant, DisclosureRequest, Enrolment, Product
from products.services import disclosure_requests
from tests.grants.conftest import client_of
from tests.grants.test_pages import filled, words
from tests.walk.world import World

GIVEN = {"kpis": ["fill_rate", "on_time_delivery"], "shows_supply": "on", "why": "We are choosing a second source."}


@pytest.fixture
def buyer(world: World) -> Client:
    with connection.cursor() as cursor:  # the database keeps requests; without triggers it lets the world's go
        cursor.execute("SET session_replication_role = replica")
        DisclosureRequest.objects.all().delete()
        cursor.execute("SET session_replication_role = origin")
    return client_of(world, "purchaser")


def ask(client: Client, ndc: str, **changes: Any) -> Any:
    return client.post(f"/disclosures/requests/new/{ndc}/", GIVEN | changes)


def asked() -> DisclosureRequest:
    return DisclosureRequest.objects.get()


def test_a_purchaser_asks_from_the_product_page(
    world: World, buyer: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    address = f"/disclosures/requests/new/{world.own.ndc}/"
    assert address in buyer.get(f"/products/{world.own.ndc}/").content.decode()
    assert "Ask the firm to disclose" in words(buyer.get(address).content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        assert ask(buyer, world.own.ndc)["Location"] == "/disclosures/requests/"
    request = asked()
    assert (request.organisation.name, request.asking.name, request.state) == ("Ownfirm", "Buyers", "open")
    (sent,) = mail.outbox
    assert sent.to == ["attestor@walk.example"]
    assert sent.subject == "Buyers asks you to disclose figures"
    assert "NDC" in sent.body
    for secret in ("fill rate", "second source", "987"):
        assert secret not in sent.body
    said = words(buyer.get("/disclosures/requests/").content.decode())
    assert "for fill rate, on-time delivery and the supply picture. Not answered yet ." in said
    assert AuditEntry.objects.filter(kind="disclosure-request", action="added", organisation="Buyers").count() == 1


def test_several_products_of_one_firm_at_once(
    world: World, buyer: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    second = Product.objects.exclude(pk__in=[world.own.pk, world.other.pk]).first() or world.other
    Enrolment.objects.filter(product=second).delete()
    Enrolment.objects.create(
        product=second, organisation=Organisation.objects.get(name="Ownfirm"), enrolled_on=timezone.localdate()
    )
    for also, said in (
        ("12", "an NDC has 8 to 12"),
        ("99999-9999", "“99999-9999” is no product that is listed here."),
        ("\n".join([second.ndc] * 20), "These are 20 products."),
    ):
        refused = ask(buyer, world.own.ndc, also=also)
        assert refused.status_code == 422
        assert said in words(refused.content.decode())
    if second != world.other:
        refused = ask(buyer, world.own.ndc, also=f"{second.ndc}\n{world.other.ndc}")
        assert f"NDC {world.other.display_ndc}: Another firm has it enrolled." in words(refused.content.decode())
    assert not DisclosureRequest.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert ask(buyer, world.own.ndc, also=f"NDC {second.display_ndc}\n{world.own.ndc}").status_code == 302
    assert {row.product for row in DisclosureRequest.objects.all()} == {world.own, second}
    (sent,) = mail.outbox
    assert world.own.display_ndc in sent.body
    assert second.display_ndc in sent.body
    assert "kpis" not in sent.body
    again = ask(buyer, world.other.ndc, also=second.ndc) if second != world.other else ask(buyer, second.ndc)
    assert again.status_code == 422


def test_once_a_product_and_30_days(world: World, buyer: Client) -> None:
    ask(buyer, world.own.ndc)
    again = ask(buyer, world.own.ndc)
    assert again.status_code == 422
    assert "You may ask again from" in again.content.decode()
    told = buyer.get(f"/disclosures/requests/new/{world.own.ndc}/").content.decode()
    assert "You may ask again from" in told  # before anything is typed
    assert "Send the request" not in told
    assert ask(buyer, world.other.ndc).status_code == 302, "of another product one may"
    DisclosureRequest.objects.update(asked_at=timezone.now() - timedelta(days=30, minutes=1))
    assert ask(buyer, world.own.ndc).status_code == 302


def test_a_day_has_an_end(world: World, buyer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure_requests, "MOST_A_DAY", 1)
    ask(buyer, world.own.ndc)
    assert "has asked 1 times within a day" in ask(buyer, world.other.ndc).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kpis": [], "shows_supply": ""}, "Choose at least one thing to ask for."),
        ({"kpis": ["secret"]}, "“secret” is no figure of the questionnaire."),
        ({"why": "  "}, "Say why you ask: the firm decides by it."),
        ({"why": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_is_missing_is_said(world: World, buyer: Client, changes: dict[str, Any], said: str) -> None:
    response = ask(buyer, world.own.ndc, **changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not DisclosureRequest.objects.exists()


def test_nobody_is_asked_of_a_product_that_nobody_has_enrolled(world: World, buyer: Client) -> None:
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=timezone.localdate())
    assert "there is no firm to ask" in ask(buyer, world.own.ndc).content.decode()
    assert "Ask the firm" not in buyer.get(f"/products/{world.own.ndc}/").content.decode()


@pytest.mark.parametrize("reader", ["editor", "attestor", "coordinator", "assessor", "operator", "contact"])
def test_only_purchasers_ask(world: World, buyer: Client, reader: str) -> None:
    assert ask(client_of(world, reader), world.own.ndc).status_code == 404
    assert client_of(world, reader).get("/disclosures/requests/").status_code == 404
    assert not DisclosureRequest.objects.exists()


def test_the_firm_grants_by_the_form_filled_in(
    world: World, buyer: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    ask(buyer, world.own.ndc)
    attestor = client_of(world, "attestor")
    said = words(attestor.get("/disclosures/").content.decode())
    assert "1 request to answer" in said
    assert "We are choosing a second source." in said
    address = f"/disclosures/new/?request={asked().pk}"
    form = attestor.get(address)
    assert form.context["form"].initial | {"valid_from": 0, "last_day": 0} == {
        "scope": "some",
        "products": [world.own.ndc],
        "recipient": "one",
        "grantee": "Buyers",
        "kpis": ["fill_rate", "on_time_delivery"],
        "shows_supply": True,
        "shows_maturity": False,
        "valid_from": 0,
        "last_day": 0,
    }
    given = filled(world, grantee="Buyers", kpis=GIVEN["kpis"], shows_supply="on", request=asked().pk)
    confirm = attestor.post("/disclosures/new/", given).content.decode()
    assert f'name="request" value="{asked().pk}"' in confirm
    with django_capture_on_commit_callbacks(execute=True):
        attestor.post("/disclosures/new/", given | {"confirmed": "yes"})
    request = asked()
    assert (request.state, request.grant.shows_supply, request.answered_by) == (
        "granted",
        True,
        world.users["attestor"],
    )
    assert mail.outbox[-1].to == ["purchaser@walk.example"]
    assert "987,654,321" in buyer.get(f"/products/{world.own.ndc}/").content.decode()
    said = words(buyer.get("/disclosures/requests/").content.decode())
    assert "Granted" in said
    assert "Disclosed: fill rate, on-time delivery and the supply picture, until" in said
    assert "to answer" not in words(attestor.get("/disclosures/").content.decode())


def test_a_grant_to_somebody_else_answers_nothing(world: World, buyer: Client) -> None:
    ask(buyer, world.own.ndc)
    given = filled(world, request=asked().pk, confirmed="yes")
    client_of(world, "attestor").post("/disclosures/new/", given)
    assert DisclosureGrant.objects.count() == 1
    assert asked().state == "open"


def test_the_firm_declines_and_the_purchaser_reads_why(
    world: World, buyer: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    ask(buyer, world.own.ndc)
    attestor = client_of(world, "attestor")
    address = f"/disclosures/requests/{asked().pk}/decline/"
    assert "Decline this request?" in words(attestor.get(address).content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        attestor.post(address, {"answer": "Only under a supply agreement."})
    assert (asked().state, asked().answered_by) == ("declined", world.users["attestor"])
    assert "agreement" not in mail.outbox[-1].body
    said = words(buyer.get("/disclosures/requests/").content.decode())
    assert "Declined" in said
    assert "“Only under a supply agreement.”" in said
    assert "It was answered already." in words(attestor.post(address, {"answer": ""}, follow=True).content.decode())
    assert AuditEntry.objects.filter(kind="disclosure-request", action="changed").count() == 1


def test_no_answer_is_mailed_to_who_left_the_organization_that_asked(
    world: World, buyer: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    ask(buyer, world.own.ndc)
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=world.users["purchaser"]).update(ends_on=yesterday)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        address = f"/disclosures/requests/{asked().pk}/decline/"
        client_of(world, "attestor").post(address, {"answer": "Only under a supply agreement."})
    assert (asked().state, mail.outbox) == ("declined", [])


def test_an_editor_sees_the_request_and_answers_nothing(world: World, buyer: Client) -> None:
    ask(buyer, world.own.ndc)
    editor = client_of(world, "editor")
    assert "An attestor of your organization grants or declines." in words(editor.get("/disclosures/").content.decode())
    assert editor.post(f"/disclosures/requests/{asked().pk}/decline/").status_code == 404


@pytest.mark.parametrize("reader", ["attestor outside", "operator", "auditor", "purchaser", "coordinator"])
def test_nobody_else_answers(world: World, buyer: Client, reader: str) -> None:
    ask(buyer, world.own.ndc)
    client = client_of(world, reader)
    assert client.post(f"/disclosures/requests/{asked().pk}/decline/").status_code == 404
    assert client.get(f"/disclosures/new/?request={asked().pk}").status_code == 404
    assert asked().state == "open"


def test_another_purchaser_sees_none_of_it(world: World, buyer: Client) -> None:
    ask(buyer, world.own.ndc)
    far = client_of(world, "granted")
    for address in ("/disclosures/requests/", f"/disclosures/requests/new/{world.own.ndc}/"):
        assert "second source" not in far.get(address).content.decode()


def test_a_firm_that_no_longer_has_the_product_does_not_answer(world: World, buyer: Client) -> None:
    ask(buyer, world.own.ndc)
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=timezone.localdate())
    attestor = client_of(world, "attestor")
    assert "to answer" not in words(attestor.get("/disclosures/").content.decode())
    assert attestor.post(f"/disclosures/requests/{asked().pk}/decline/").status_code == 404


def test_the_number_of_queries(world: World, buyer: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for place in range(12):
        DisclosureRequest.objects.create(
            organisation=Organisation.objects.get(name="Ownfirm"),
            product=Product.objects.get(pk=world.own.pk),
            asking=Organisation.objects.get(name="Buyers"),
            asked_by=world.users["purchaser"],
            asked_at=timezone.now() - timedelta(days=31 * place),
            kpis=["fill_rate"],
            why="Tender",
        )
    attestor = client_of(world, "attestor")
    for client, address, queries in (
        (buyer, "/disclosures/requests/", 3),
        (buyer, f"/disclosures/requests/new/{world.own.ndc}/", 6),
        (attestor, "/disclosures/", 6),
    ):
        client.get(address)
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_who_is_disclosed_to_finds_it_from_home(world: World) -> None:
    DisclosureGrant.objects.all().delete()
    first = timezone.localdate()
    grant = DisclosureGrant.objects.create(
        organisation=world.users["attestor"].membership.organisation,
        product=world.own,
        grantee=world.users["purchaser"].membership.organisation,
        kpis=["fill_rate"],
        valid_from=first,
        valid_to=first + timedelta(days=3),
        granted_by=world.users["attestor"],
    )
    for reader in ("purchaser", "coordinator"):
        assert 'href="/disclosures/received/"' in client_of(world, reader).get("/").content.decode(), reader
    said = words(client_of(world, "purchaser").get("/disclosures/received/").content.decode())
    assert f"Fill rate Ownfirm {grant.last_day:%b} {grant.last_day.day}, {grant.last_day.year}" in said
    said = words(client_of(world, "coordinator").get("/disclosures/received/").content.decode())
    assert "Nothing is disclosed to your organization today" in said
    assert client_of(world, "attestor").get("/disclosures/received/").status_code == 404
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=first)
    said = words(client_of(world, "purchaser").get("/disclosures/received/").content.decode())
    assert "Nothing is disclosed to your organization today" in said


def test_an_attestor_finds_the_enrollment_from_home_and_figures(world: World) -> None:
    for address in ("/", "/figures/"):
        assert 'href="/enrollments/new/"' in client_of(world, "attestor").get(address).content.decode()
        assert 'href="/enrollments/new/"' not in client_of(world, "editor").get(address).content.decode()
