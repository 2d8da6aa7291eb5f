"""Every page once as the reader who sees most of it, the first page of every role, and the signed-out ones: axe finds
nothing, no page is wider than the screen, and the content policy refuses nothing of ours.

Axe looks at every page on the phone, and on a wide screen at those pages that every role has: its rules are about the
same elements there, but for colors and sizes of what only a wide screen shows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.chromium import WIDTHS, OpenAs, assert_sound
from tests.walk.addresses import addresses, every_url
from tests.walk.world import READERS, World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ELSEWHERE = (
    "admin:",  # Django's own pages
    "api:",  # JSON
    "tokens:api-docs-interactive",  # a third party's tool with violations of its own; tokens:api-docs holds all of it
)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def pages(client: Client, world: World) -> Iterator[str]:
    """Of each page the first address that answers this reader with it."""
    for url in every_url():
        if url.name.startswith(ELSEWHERE):
            continue
        for address in addresses(url, world):
            response = client.get(address)
            if response.status_code == 200 and not response.streaming and b"<main" in response.content:
                yield address
                break


def assert_page_sound(tab: Any, address: str, axe_at: tuple[int, ...] = WIDTHS) -> None:
    tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
    tab.goto(address)
    assert_sound(tab, address, axe_at)


def test_every_page_of_the_operator(world: World, open_as: OpenAs) -> None:
    client = Client()
    client.force_login(world.users["operator"])
    tab = open_as(world.users["operator"])
    walked = list(dict.fromkeys(pages(client, world)))
    assert {"/", "/products/", f"/products/{world.own.ndc}/", "/method/2026.1/"} <= set(walked)
    for address in walked:
        assert_page_sound(tab, address, WIDTHS[:1])


def test_the_signed_out_pages(world: World, open_as: OpenAs) -> None:
    tab = open_as(None)
    for address in dict.fromkeys(pages(Client(), world)):
        assert_page_sound(tab, address)


@pytest.mark.parametrize("reader", [reader for reader in READERS if not reader.endswith("outside")])
def test_the_first_page_and_the_product_of_every_role(world: World, open_as: OpenAs, reader: str) -> None:
    client = Client()
    client.force_login(world.users[reader])
    tab = open_as(world.users[reader])
    for address in ("/", f"/products/{world.own.ndc}/", f"/establishments/{world.plant.pk}/"):
        if client.get(address).status_code == 200:
            assert_page_sound(tab, address, WIDTHS[1:])
