"""The walk's world with a purchaser to whom figures are granted, and everything that a reader can ask of a product."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from dscr.api.tokens import token_create
from products.models import DisclosureGrant
from tests.walk.test_walk import everything_said
from tests.walk.world import World, build_world

# Thing -> what of the world's own product gives it away: figures, sites, levels.
CANARIES = {
    "fill_rate": ("987,654,321", "98.88", "98.9%"),
    "days_inventory_on_hand": ("31,313", "31313"),
    "supply": ("Quibblemoor Chemicals", "LIE<", "LIE\u00a0", "Liechtenstein"),
    "maturity": ("3.137", "3.14"),
    "either": ("Zyxwarren Plant",),  # the supply picture and levels alike name it
    "never": ("4.291", "4.29", "85.82", "62.74", "action open"),  # other firms' levels, points
}
GRANTS: dict[str, dict[str, Any]] = {
    "fill_rate": {"kpis": ["fill_rate"]},
    "days_inventory_on_hand": {"kpis": ["days_inventory_on_hand"]},
    "supply": {"shows_supply": True},
    "maturity": {"shows_maturity": True},
}


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for the tests of a file; each of them runs within its transaction and is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield disclosing_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    return deepcopy(standing_world)  # a test may change the objects too


def disclosing_world() -> World:
    world = build_world()
    DisclosureGrant.objects.all().delete()
    today = timezone.localdate()
    for reader, firm in (("granted", "Farbuyers"), ("granted colleague", "Farbuyers")):
        user = User.objects.create_user(f"{reader[-5:]}@far.example", "walk-password-1", full_name=f"Reader {reader}")
        organisation = Organisation.objects.get(name=firm)
        Membership.objects.create(
            user=user, organisation=organisation, role=Role.PURCHASER, starts_on=today - timedelta(days=9)
        )
        world.users[reader] = user
    return world


@pytest.fixture
def give(world: World) -> Callable[..., DisclosureGrant]:
    """give(kpis=[...], ...) discloses of the own product to Farbuyers, from today for a month."""

    def give(**fields: Any) -> DisclosureGrant:
        today = timezone.localdate()
        usual = {
            "organisation": Organisation.objects.get(name="Ownfirm"),
            "product": world.own,
            "grantee": None if fields.get("to_all_purchasers") else Organisation.objects.get(name="Farbuyers"),
            "valid_from": today,
            "valid_to": today + timedelta(days=30),
            "granted_by": world.users["attestor"],
        }
        return DisclosureGrant.objects.create(**(usual | fields))

    return give


def client_of(world: World, reader: str) -> Client:
    client = Client()
    client.force_login(world.users[reader])
    return client


def surfaces(world: World, reader: str) -> dict[str, str]:
    """Everything that a reader can ask of the product: page, poll, list, search, exports, API."""
    client, ndc = client_of(world, reader), world.own.ndc
    columns = "&".join(f"columns=kpi-{code}" for code in ("fill_rate", "days_inventory_on_hand"))
    asked = {
        "page": f"/products/{ndc}/",
        "poll": f"/products/{ndc}/freshness/",
        "list": f"/products/?columns=score&{columns}",
        "usual list": "/products/",
        "search": f"/products/?q=987654321&{columns}",
        "search of a site": "/products/?q=Quibblemoor",
        "sort": "/products/?sort=kpi-fill_rate",
        "csv": f"/products/export.csv?columns=ndc&{columns}",
        "xlsx": f"/products/export.xlsx?columns=ndc&{columns}",
        "molecule": "/molecules/WALKAMINE/",
        "establishments": "/establishments/",
        "disclosures": "/disclosures/",
        "explanation": f"/api/v1/ratings/{ndc}/explanation/",
        "history": f"/api/v1/ratings/{ndc}/history/",
        "rating": f"/api/v1/ratings/{ndc}/",
        "ratings": "/api/v1/ratings/?q=walkamine",
        "product": f"/api/v1/products/{ndc}/",
        "grants": "/api/v1/grants/",
        "home": "/",
    }
    said = {name: _said(client.get(address), address) for name, address in asked.items()}
    return said | _said_to_a_program(world.users[reader], ndc)


def _said_to_a_program(user: User, ndc: str) -> dict[str, str]:
    """What the reader's token is told, by itself and without a session."""
    _, secret = token_create(User.objects.get(pk=user.pk).membership, name="walk")
    client = Client(headers={"Authorization": f"Token {secret}"})
    told = {
        f"program: {name}": _said(client.get(f"/api/v1/ratings/{path}"), path)
        for name, path in (("explanation", f"{ndc}/explanation/"), ("history", f"{ndc}/history/"), ("list", ""))
    }
    looked_up = client.post("/api/v1/ratings/lookup/", {"ndcs": [ndc]}, content_type="application/json")
    return told | {"program: look-up": _said(looked_up, "lookup/")}


def _said(response: Any, address: str) -> str:
    assert response.status_code < 500, address
    if response.streaming:
        response.walked = b"".join(response.streaming_content)
    return everything_said(response)


def told(said: dict[str, str]) -> dict[str, set[str]]:
    """Thing -> where its canaries stand."""
    return {
        thing: {name for name, text in said.items() if any(canary in text for canary in canaries)}
        for thing, canaries in CANARIES.items()
    }


NOTHING: dict[str, set[str]] = {thing: set() for thing in CANARIES}
