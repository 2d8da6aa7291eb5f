"""The editor of a supply chain as its maker uses it, and as nobody else may."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from products.models import Product, SupplyNode
from products.services.supply_chain import chain_on, fingerprint, nodes_of
from qmm.models import Establishment
from tests.pages import factory
from tests.supply.conftest import FIRM


@pytest.fixture
def client(editor: User) -> Client:
    signed_in = Client()
    signed_in.force_login(editor)
    return signed_in


def form_of(product: Product, today: date, **changes: Any) -> dict[str, Any]:
    """What the browser would send of the chain as it holds, with changes."""
    nodes = nodes_of(product)
    held = chain_on(nodes, today)
    data: dict[str, Any] = {"on": today.isoformat(), "seen": fingerprint(nodes), "q": "", "stage": "api"}
    data["row"] = [f"{node.stage}.{node.establishment_id}" for node in held]
    for node in held:
        key = f"{node.stage}.{node.establishment_id}"
        data[f"share.{key}"] = f"{node.share * 100:g}"
        data[f"batch.{key}"] = node.last_batch_on.isoformat() if node.last_batch_on else ""
        if node.is_qualified:
            data[f"qualified.{key}"] = "on"
    return data | changes


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def address(product: Product) -> str:
    return f"/products/{product.ndc}/supply/"


def test_it_shows_every_stage_and_saves_a_new_site(
    client: Client, product: Product, newcomer: Establishment, today: date
) -> None:
    page = client.get(address(product))
    assert [word in words(page) for word in ("Key starting material", "Finished dose", "Halden Plant 2")] == [True] * 3
    held = [node for node in chain_on(nodes_of(product), today) if node.stage == "api"]
    data = form_of(product, today, add=f"api.{newcomer.pk}")
    data |= {f"share.api.{newcomer.pk}": "0", f"batch.api.{newcomer.pk}": "2026-05-04"}
    data |= {f"qualified.api.{newcomer.pk}": "on", "save": "1"}
    saved = client.post(address(product), data, follow=True)
    assert "Saved: the supply chain as you gave it holds from" in words(saved)
    node = SupplyNode.objects.get(product=product, establishment=newcomer)
    assert (node.stage, node.share, node.is_qualified, node.last_batch_on) == ("api", 0.0, True, date(2026, 5, 4))
    assert node.valid_from == today
    now = [node for node in chain_on(nodes_of(product), today) if node.stage == "api"]
    assert {node.pk for node in held} < {node.pk for node in now}, "the others were left as they are"


@pytest.mark.parametrize(
    ("text", "found"), [("3009990001", True), ("300999", True), ("basel", True), ("rheinweg", True), ("nowhere", False)]
)
def test_a_site_is_found_by_number_name_and_place(
    client: Client, product: Product, newcomer: Establishment, today: date, text: str, found: bool
) -> None:
    page = words(client.post(address(product), form_of(product, today, q=text, find="1")))
    assert ("Basel Actives" in page) is found
    assert (f"Nothing found for “{text}”" in page) is not found


def test_wrong_entries_are_named_and_nothing_is_stored(client: Client, product: Product, today: date) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    key = f"fdf.{plant.pk}"
    before = list(SupplyNode.objects.values())
    for changes, message in (
        ({f"share.{key}": "abc"}, "Give a percentage from 0 to 100; “abc” is not one."),
        ({f"share.{key}": "101"}, "Give a percentage from 0 to 100; “101” is not one."),
        ({f"share.{key}": "90"}, "The shares add up to 90%, not 100%: 10% too little."),
        ({f"batch.{key}": (today + timedelta(days=1)).isoformat()}, "Give a date that is not in the future"),
        ({f"batch.{key}": ""}, "A qualified establishment needs the date of its last batch."),
        ({"on": "tomorrow"}, "Give a date as year-month-day, such as 2026-03-31; “tomorrow” is not one."),
    ):
        page = client.post(address(product), form_of(product, today, save="1", **changes))
        assert message in words(page), changes
        assert "Not saved yet" in words(page)
    assert list(SupplyNode.objects.values()) == before


def test_shares_are_helped_to_add_up(client: Client, product: Product, newcomer: Establishment, today: date) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    data = form_of(product, today, add=f"fdf.{newcomer.pk}")
    data |= {f"share.fdf.{plant.pk}": "60", f"share.fdf.{newcomer.pk}": "20"}

    def typed(wish: str) -> list[str]:
        page = client.post(address(product), data | {"help": wish}).content.decode()
        return [re.search(rf'name="share\.fdf\.{site.pk}"[^>]*value="([^"]*)"', page)[1] for site in (plant, newcomer)]

    assert typed(f"rest:fdf.{newcomer.pk}") == ["60", "40"]
    assert typed("scale:fdf") == ["75", "25"]
    data[f"share.fdf.{plant.pk}"] = "40"
    assert typed("scale:fdf") == ["66.7", "33.3"]
    assert typed("equal:fdf") == ["50", "50"]


def test_a_site_on_no_register_is_given_in_confidence(
    client: Client, product: Product, today: date, newcomer: Establishment
) -> None:
    data = form_of(product, today, stage="ksm", create="1")
    data |= {"new-name": "Hidden Intermediates", "new-address": "Pune", "new-country": "IND", "new-fei": "3009990001"}
    assert "This number stands for a site that the list does not show you." in words(
        client.post(address(product), data)
    )
    data |= {"new-fei": "3009990002"}
    page = client.post(address(product), data)
    site = Establishment.objects.get(name="Hidden Intermediates")
    assert site.reported_by == Organisation.objects.get(name=FIRM)
    assert f'name="share.ksm.{site.pk}"' in page.content.decode()
    rival = Client()
    rival.force_login(factory.user_of("Rival", Role.MANUFACTURER_EDITOR))
    other = Product.objects.exclude(pk=product.pk).first()
    other.enrolments.update(organisation=Organisation.objects.get(name="Rival"))
    found = rival.post(address(other), form_of(other, today, q="Hidden", find="1"))
    assert "Nothing found for “Hidden”" in words(found)
    named = rival.post(address(other), form_of(other, today, add=f"ksm.{site.pk}"))
    assert "Hidden Intermediates" not in words(named)


def test_two_people_who_edit_at_once_are_told(client: Client, product: Product, today: date) -> None:
    page = client.post(address(product), form_of(product, today, seen="older", save="1"))
    assert "Somebody changed this supply chain while you edited it." in words(page)


def test_the_picture_follows_what_is_typed(
    client: Client, product: Product, newcomer: Establishment, today: date
) -> None:
    data = form_of(product, today, add=f"api.{newcomer.pk}")
    page = client.post(f"{address(product)}preview/", data)
    assert "Basel Actives" in words(page)
    assert not SupplyNode.objects.filter(establishment=newcomer).exists()
    page = words(client.post(f"{address(product)}preview/", data | {f"share.api.{newcomer.pk}": "20"}))
    assert (
        "The picture waits until the shares of each stage add up to 100%: Active ingredient (API) adds up to 120%."
        in page
    )
    assert "Basel Actives" not in page


def test_history_tells_every_period(client: Client, product: Product, today: date) -> None:
    page = words(client.get(f"{address(product)}history/"))
    assert (
        page.count("Halden Plant 2")
        == SupplyNode.objects.filter(product=product, establishment__name="Halden Plant 2").count()
    )


def test_one_change_of_a_site_for_the_chosen_products(
    client: Client, pair: tuple[Product, Product], newcomer: Establishment, today: date
) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    node = SupplyNode.objects.filter(product=pair[0], establishment=plant, stage="fdf").get()
    where = f"/supply/establishments/{plant.pk}/"
    assert "parts of your supply chains rest on it" in words(client.get(where))
    data = {"on": today.isoformat(), "node": [node.pk], "what": "batch", "batch": "", "save": "1"}
    assert "Not saved: Give the date of the last batch." in words(client.post(where, data))
    data["batch"] = "2026-06-01"
    assert "Saved for 1 product" in words(client.post(where, data, follow=True))
    held = {
        node.product_id: node.last_batch_on
        for product in pair
        for node in chain_on(nodes_of(product), today)
        if node.stage == "fdf" and node.establishment_id == plant.pk
    }
    assert held[pair[0].pk] == date(2026, 6, 1)
    assert held[pair[1].pk] != date(2026, 6, 1)


def test_a_backup_is_added_for_the_chosen_products(
    client: Client, pair: tuple[Product, Product], newcomer: Establishment, today: date
) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    node = SupplyNode.objects.filter(product=pair[0], establishment=plant, stage="fdf").get()
    where = f"/supply/establishments/{plant.pk}/"
    assert "checked" not in client.get(where).content.decode()
    data = {"on": today.isoformat(), "node": [node.pk], "what": "backup", "q": "Basel", "save": "1"}
    assert "Search for the other establishment, and choose it." in words(client.post(where, data))
    data |= {"by": newcomer.pk, "backup_qualified": "on", "backup_batch": (today + timedelta(days=1)).isoformat()}
    assert "The last batch lies in the future" in words(client.post(where, data))
    data["backup_batch"] = "2026-06-01"
    before = {(held.establishment_id, held.share) for held in chain_on(nodes_of(pair[0]), today) if held.stage == "fdf"}
    assert "Saved for 1 product, from" in words(client.post(where, data, follow=True))
    added = SupplyNode.objects.get(establishment=newcomer, voided_at=None)
    assert (added.product, added.stage, added.share) == (pair[0], "fdf", 0)
    assert (added.is_qualified, added.last_batch_on, added.valid_from) == (True, date(2026, 6, 1), today)
    after = {(held.establishment_id, held.share) for held in chain_on(nodes_of(pair[0]), today) if held.stage == "fdf"}
    assert after == before | {(newcomer.pk, 0.0)}
    assert "Nothing would change" in words(client.post(where, data))
    assert SupplyNode.objects.filter(establishment=newcomer).count() == 1


@pytest.mark.parametrize(
    ("role", "editor_page", "history"),
    [
        (Role.PURCHASER, 404, 404),
        (Role.COORDINATOR, 404, 404),
        (Role.ASSESSOR, 404, 404),
        (Role.ESTABLISHMENT_CONTACT, 404, 404),
        (Role.OPERATOR, 404, 200),
        (Role.AUDITOR, 404, 200),
    ],
)
def test_others_do_not_edit(product: Product, role: str, editor_page: int, history: int) -> None:
    client = Client()
    client.force_login(factory.user_of("Someone", role))
    plant = Establishment.objects.get(name="Halden Plant 2")
    assert client.get(address(product)).status_code == editor_page
    assert client.get(f"{address(product)}history/").status_code == history
    assert client.get(f"/supply/establishments/{plant.pk}/").status_code == editor_page
    assert client.post(f"{address(product)}preview/").status_code == editor_page


def test_a_competitor_does_not_see_the_chain(product: Product) -> None:
    client = Client()
    client.force_login(factory.user_of("Rival", Role.MANUFACTURER_EDITOR))
    Organisation.objects.filter(name="Rival").update(kinds=[OrganisationKind.MANUFACTURER])
    plant = Establishment.objects.get(name="Halden Plant 2")
    for place in (address(product), f"{address(product)}history/", f"/supply/establishments/{plant.pk}/"):
        assert client.get(place).status_code == 404


def test_the_pages_cost_a_fixed_number_of_queries(
    client: Client, product: Product, today: date, django_assert_num_queries: Any
) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    data = form_of(product, today)
    client.get(f"{address(product)}history/")
    with django_assert_num_queries(5):
        client.get(address(product))
    with django_assert_num_queries(6):
        client.post(f"{address(product)}preview/", data)
    with django_assert_num_queries(5):
        client.get(f"{address(product)}history/")
    with django_assert_num_queries(5):
        client.get(f"/supply/establishments/{plant.pk}/")
