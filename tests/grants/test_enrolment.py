"""A firm enrolls a product by itself and withdraws it: voluntary, stated, dated, one organization at a time."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.audit.models import AuditEntry
from products.models import Enrolment, Product, SupplyNode
from products.services import enrolment as services
from products.services.enrolment import EnrolledError, enrolment_create
from ratings.models import ProductRating, Status
from tests.grants.conftest import client_of
from tests.pages.factory import settle
from tests.walk.world import World

STATED = {"stated": "on", "name": "Ada Attestor", "title": "Head of quality"}


@pytest.fixture
def free(world: World) -> Product:
    return Product.objects.create(
        ndc="000002-0800", display_ndc="0002-0800", nonproprietary_name="diluent", labeler_name="Elsewhere"
    )


def enroll(world: World, ndc: str, reader: str = "attestor", **changes: Any) -> Any:
    given = {"ndc": ndc, "enrolled_on": timezone.localdate().isoformat(), "stated": "on"} | changes
    return client_of(world, reader).post("/enrollments/new/", given)


@pytest.mark.parametrize("text", ["0002-0800", "0002-0800-01", "00002-0800-01", "000002-0800", "00002080001"])
def test_any_form_of_the_ndc_finds_the_product(world: World, free: Product, text: str) -> None:
    shown = client_of(world, "attestor").get("/enrollments/new/", {"ndc": text})
    assert shown.context["product"] == free
    assert "I state that Ownfirm is the labeler of this product or authorized by the labeler" in shown.content.decode()


def test_bare_digits_that_fit_several_are_chosen_from(world: World, free: Product) -> None:
    other = Product.objects.create(ndc="000020-0800", display_ndc="00020-800", nonproprietary_name="other")
    client = client_of(world, "attestor")
    shown = client.get("/enrollments/new/", {"ndc": "0002080001"})
    assert (shown.context["candidates"], shown.context["product"]) == ([free, other], None)
    assert [one.read_as for one in shown.context["candidates"]] == ["0002-0800-01", "00020-800-01"]
    assert client.get("/enrollments/new/", {"ndc": "00020-800"}).context["product"] == other


def test_bare_digits_say_how_they_were_read(world: World, free: Product) -> None:
    client = client_of(world, "attestor")
    html = client.get("/enrollments/new/", {"ndc": "0002080001"}).content.decode()
    assert "0002080001 was read as 0002-0800-01." in html
    assert "was read as" not in client.get("/enrollments/new/", {"ndc": "0002-0800"}).content.decode()


@pytest.mark.parametrize(
    ("text", "said"), [("abc", "is no NDC"), ("9999-9999", "No product of the FDA directory has the NDC 9999-9999.")]
)
def test_what_names_no_product_is_said(world: World, text: str, said: str) -> None:
    assert said in client_of(world, "attestor").get("/enrollments/new/", {"ndc": text}).content.decode()


def test_it_is_stated_by_whom_and_from_when(world: World, free: Product) -> None:
    assert enroll(world, free.ndc).status_code == 302
    enrolment = Enrolment.objects.get(product=free)
    assert (enrolment.organisation.name, enrolment.enrolled_on) == ("Ownfirm", timezone.localdate())
    assert enrolment.attested_by == world.users["attestor"]
    assert enrolment.attestation.startswith("I state that Ownfirm is the labeler of this product or authorized by")


def test_a_new_product_says_what_its_maker_has_to_give(world: World, free: Product) -> None:
    enroll(world, free.ndc)
    html = client_of(world, "editor").get(f"/products/{free.ndc}/").content.decode()
    assert html.count("<strong>Missing:</strong>") == 2
    assert f'href="/products/{free.ndc}/kpis/">Fill in the quarterly figures' in html
    assert f'href="/products/{free.ndc}/supply/">Give the supply chain' in html
    assert "Something is wrong with this rating?" not in html
    SupplyNode.objects.create(
        product=free, stage="fdf", establishment=world.plant, share=1, valid_from=timezone.localdate()
    )
    html = client_of(world, "editor").get(f"/products/{free.ndc}/").content.decode()
    assert html.count("<strong>Missing:</strong>") == 1
    assert "Change the supply chain" in html
    for reader in ("purchaser", "operator", "editor outside"):
        html = client_of(world, reader).get(f"/products/{free.ndc}/").content.decode()
        assert "What you give for a rating" not in html, reader


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stated": ""}, "Only with this statement can the product be enrolled."),
        ({"enrolled_on": ""}, "Give the first day."),
        ({"enrolled_on": "2020-01-01"}, "Give today or a day within the next year."),
        ({"enrolled_on": "2199-01-01"}, "Give today or a day within the next year."),
        ({"ndc": ""}, "NDC."),
    ],
)
def test_without_statement_or_day_nothing_is_enrolled(
    world: World, free: Product, changes: dict[str, Any], said: str
) -> None:
    response = enroll(world, **({"ndc": free.ndc} | changes))
    assert said in response.content.decode()
    assert not Enrolment.objects.filter(product=free).exists()


def test_a_conflict_is_told_and_not_with_whom(world: World) -> None:
    html = enroll(world, world.other.ndc).content.decode()
    assert "enrolled by another organization in that time" in html
    assert "Otherfirm Labs" in html  # the labeler, as the directory has it
    assert "Otherfirm" not in html.replace("Otherfirm Labs", "")
    assert "Your organization has enrolled this product already" in enroll(world, world.own.ndc).content.decode()
    assert Enrolment.objects.count() == 2


def test_it_may_begin_where_another_enrolment_ends(world: World) -> None:
    day = timezone.localdate() + timedelta(days=10)
    Enrolment.objects.filter(product=world.other).update(withdrawn_on=day)
    assert "another organization" in enroll(world, world.other.ndc).content.decode()
    assert enroll(world, world.other.ndc, enrolled_on=day.isoformat()).status_code == 302


def test_a_race_ends_in_the_same_words(world: World, free: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another firm's enrolment is committed between the look and the write: the database refuses the second."""
    other = Organisation.objects.get(name="Otherfirm")
    look = services._refuse_overlap

    def look_and_lose(product: Product, own_id: int, day: date) -> None:
        look(product, own_id, day)
        monkeypatch.setattr(services, "_refuse_overlap", look)
        Enrolment.objects.create(product=product, organisation=other, enrolled_on=day)

    monkeypatch.setattr(services, "_refuse_overlap", look_and_lose)
    with pytest.raises(EnrolledError) as caught:
        enrolment_create(free, user=world.users["attestor"], enrolled_on=timezone.localdate())
    assert not caught.value.by_own
    assert isinstance(caught.value.__context__, IntegrityError)


@pytest.mark.parametrize("reader", ["editor", "contact", "purchaser", "operator"])
def test_only_an_attestor_enrolls_and_withdraws(world: World, free: Product, reader: str) -> None:
    assert enroll(world, free.ndc, reader).status_code == 404
    assert client_of(world, reader).post(f"/enrollments/{world.own.ndc}/withdraw/").status_code == 404


def test_a_withdrawn_product_says_so_and_has_no_score(world: World) -> None:
    client = client_of(world, "attestor")
    page = client.get(f"/products/{world.own.ndc}/").content.decode()
    assert f'href="/enrollments/{world.own.ndc}/withdraw/"' in page
    address = f"/enrollments/{world.own.ndc}/withdraw/"
    assert "that is not a low rating" in client.get(address).content.decode()
    today = timezone.localdate()
    for wrong in ("2020-01-01", "2199-01-01", ""):
        assert client.post(address, STATED | {"withdrawn_on": wrong}).status_code == 200
    assert client.post(address, STATED | {"withdrawn_on": today.isoformat()}).status_code == 302
    settle(world.own)
    head = ProductRating.objects.get(product=world.own)
    assert (head.status, head.score) == (Status.WITHDRAWN, None)
    assert client.post(address, {"withdrawn_on": today.isoformat()}).status_code == 404
    page = client.get(f"/products/{world.own.ndc}/").content.decode()
    assert f'href="/enrollments/new/?ndc={world.own.ndc}"' in page
    assert enroll(world, world.own.ndc).status_code == 302  # it may take part again


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("stated", "Only with this statement can the product be withdrawn."),
        ("name", "Give your full name."),
        ("title", "Give your title."),
    ],
)
def test_a_withdrawal_is_stated_by_name_and_title(world: World, left_out: str, said: str) -> None:
    given = STATED | {"withdrawn_on": timezone.localdate().isoformat(), left_out: ""}
    html = client_of(world, "attestor").post(f"/enrollments/{world.own.ndc}/withdraw/", given).content.decode()
    assert said in html
    assert not Enrolment.objects.exclude(withdrawn_on=None).exists()


def test_a_coming_withdrawal_is_seen_and_taken_back(world: World) -> None:
    address, page = f"/enrollments/{world.own.ndc}/withdraw/", f"/products/{world.own.ndc}/"
    day = timezone.localdate() + timedelta(days=7)
    told = f"Ownfirm withdraws it from {day:%B}\xa0{day.day}, {day.year}".replace("\xa0", " ")
    client = client_of(world, "attestor")
    assert client.post(address, STATED | {"withdrawn_on": day.isoformat(), "reason": "No demand"}).status_code == 302
    enrolment = Enrolment.objects.get(product=world.own)
    assert enrolment.withdrawal_statement.endswith("state this for Ownfirm. Ada Attestor, Head of quality")
    assert (enrolment.withdrawn_by, enrolment.withdrawal_reason) == (world.users["attestor"], "No demand")
    for reader in ("attestor", "editor", "operator"):
        html = client_of(world, reader).get(page).content.decode().replace("\xa0", " ")
        assert told in html, reader
        assert "No demand" in html
        assert f"/enrollments/new/?ndc={world.own.ndc}" not in html
    html = client_of(world, "purchaser").get(page).content.decode()
    assert "withdraws it from" not in html
    assert "No demand" not in html
    assert "Take the withdrawal back" in client.get(address).content.decode()
    assert client.post(address, {"take_back": "1"}).status_code == 302
    enrolment.refresh_from_db()
    assert (enrolment.withdrawn_on, enrolment.withdrawn_by, enrolment.withdrawal_statement) == (None, None, "")
    changes = AuditEntry.objects.filter(kind="enrollment", subject_id=enrolment.pk, action="changed")
    assert [entry.user_name for entry in changes] == [world.users["attestor"].full_name] * 2


def test_a_withdrawal_stands_where_another_firm_has_enrolled_from_its_day(world: World) -> None:
    day = timezone.localdate() + timedelta(days=7)
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=day)
    Enrolment.objects.create(
        product=world.own, organisation=Organisation.objects.get(name="Otherfirm"), enrolled_on=day
    )
    client = client_of(world, "attestor")
    answer = client.post(f"/enrollments/{world.own.ndc}/withdraw/", {"take_back": "1"}, follow=True)
    assert "It cannot be taken back" in answer.content.decode()
    assert Enrolment.objects.filter(product=world.own, withdrawn_on=day).exists()


def test_another_firms_product_is_not_there_to_withdraw(world: World) -> None:
    client = client_of(world, "attestor")
    today = timezone.localdate().isoformat()
    for ndc in (world.other.ndc, "000000-0000", "x\0"):
        assert client.post(f"/enrollments/{ndc}/withdraw/", {"withdrawn_on": today}).status_code == 404
    assert not Enrolment.objects.exclude(withdrawn_on=None).exists()
