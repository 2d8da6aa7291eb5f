"""Before, during and after a grant: exactly what is disclosed reaches exactly whom it was disclosed to."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from dscr.access.scoping import may
from products.models import DisclosureGrant, Enrolment, KpiSubmission, SupplyNode
from products.services.grants import grant_withdraw
from tests.grants.conftest import CANARIES, GRANTS, NOTHING, client_of, surfaces, told
from tests.pages.factory import settle
from tests.walk.world import World

Give = Callable[..., DisclosureGrant]
EXPLAINED = ("explanation", "program: explanation")
WHERE = {
    "fill_rate": {"page", *EXPLAINED, "list", "csv", "xlsx"},
    "days_inventory_on_hand": {"page", *EXPLAINED, "list", "csv", "xlsx"},
    "supply": {"page", *EXPLAINED},
    "maturity": {"page", *EXPLAINED},
}
OTHERS = ("purchaser", "editor outside", "attestor outside", "contact outside", "coordinator", "assessor outside")


@pytest.mark.parametrize("thing", list(GRANTS))
def test_one_thing_is_told_to_one_organization_while_it_is_disclosed(world: World, give: Give, thing: str) -> None:
    assert told(surfaces(world, "granted")) == NOTHING

    grant = give(**GRANTS[thing])
    during = told(surfaces(world, "granted"))
    assert during.pop(thing) == WHERE[thing]
    named = during.pop("either")
    assert named == ({"page", *EXPLAINED} if thing in ("supply", "maturity") else set())
    assert all(where == set() for where in during.values()), during

    grant_withdraw(grant, user=world.users["attestor"])
    assert told(surfaces(world, "granted")) == NOTHING


def test_everybody_of_the_organization_is_told_and_nothing_is_kept_by_who_asked_before(
    world: World, give: Give
) -> None:
    """Conditional answers: what a browser or a program kept of the time of the grant is not confirmed after it."""
    grants = [give(**fields) for fields in GRANTS.values()]
    readers = ("granted", "granted colleague")
    for reader in readers:
        found = told(surfaces(world, reader))
        assert {thing: found[thing] for thing in WHERE} == WHERE, reader
    addresses = (f"/api/v1/ratings/{world.own.ndc}/explanation/", f"/products/{world.own.ndc}/", "/products/")
    kept = {address: client_of(world, "granted").get(address) for address in addresses}
    for grant in grants:
        grant_withdraw(grant, user=world.users["attestor"])
    for address, before in kept.items():
        asked = {"If-None-Match": before.headers.get("ETag", "*"), "If-Modified-Since": before.headers.get("Date", "")}
        after = client_of(world, "granted").get(address, headers={name: text for name, text in asked.items() if text})
        assert after.status_code == 200, address
        assert "private" in before.headers["Cache-Control"] or "no-store" in before.headers["Cache-Control"], address
    for reader in readers:
        assert told(surfaces(world, reader)) == NOTHING, reader


@pytest.mark.parametrize("reader", OTHERS)
def test_nobody_else_meets_any_of_it(world: World, give: Give, reader: str) -> None:
    before = told(surfaces(world, reader))
    grants = [give(**fields) for fields in GRANTS.values()]
    assert told(surfaces(world, reader)) == before
    assert before["fill_rate"] == before["days_inventory_on_hand"] == before["maturity"] == set()
    for grant in grants:
        grant_withdraw(grant, user=world.users["attestor"])
    assert told(surfaces(world, reader)) == before


def test_all_purchasers_are_purchasers_and_never_makers(world: World, give: Give) -> None:
    give(kpis=["fill_rate"], shows_supply=True, to_all_purchasers=True)
    for reader in ("granted", "purchaser"):
        found = told(surfaces(world, reader))
        assert found["fill_rate"] == WHERE["fill_rate"], reader
        assert found["supply"] == WHERE["supply"], reader
        assert found["days_inventory_on_hand"] == found["maturity"] == set()
    for reader in ("editor outside", "attestor outside", "contact outside", "coordinator"):
        assert told(surfaces(world, reader))["fill_rate"] == set(), reader


def test_the_buying_arm_of_a_competitor_is_not_all_purchasers(world: World, give: Give) -> None:
    firm = Organisation.objects.get(name="Otherfirm")
    firm.kinds = ["manufacturer", "purchaser"]
    firm.save()
    Membership.objects.filter(user=world.users["editor outside"]).update(role=Role.PURCHASER)
    give(kpis=["fill_rate"], to_all_purchasers=True)
    assert may(User.objects.get(pk=world.users["editor outside"].pk), "read_granted")
    assert told(surfaces(world, "editor outside")) == NOTHING


@pytest.mark.parametrize(("starts", "ends", "is_told"), [(1, 30, False), (0, 1, True), (-30, 0, False), (-30, 1, True)])
def test_it_holds_from_its_first_day_to_its_last(
    world: World, give: Give, starts: int, ends: int, is_told: bool
) -> None:
    today = timezone.localdate()
    give(kpis=["fill_rate"], valid_from=today + timedelta(days=starts), valid_to=today + timedelta(days=ends))
    assert bool(told(surfaces(world, "granted"))["fill_rate"]) == is_told


def test_a_grant_for_all_products_opens_those_of_its_firm_only(world: World, give: Give) -> None:
    give(product=None, kpis=["fill_rate"])
    client = client_of(world, "granted")
    assert "987,654,321" in client.get(f"/products/{world.own.ndc}/").content.decode()
    other = client.get(f"/products/{world.other.ndc}/").content.decode()
    assert "880,000,000" not in other
    assert "Disclosed to you" not in other.partition("<main")[2]  # the menu has it for everybody who may be given
    lines = b"".join(client.get("/products/export.csv?columns=ndc&columns=kpi-fill_rate").streaming_content)
    cells = {line.split(",")[3]: line for line in lines.decode().splitlines() if line.count("09990")}
    assert "987,654,321" in cells[world.own.ndc]
    assert cells[world.other.ndc].endswith(",")


def test_after_a_take_over_the_grant_of_the_earlier_firm_opens_nothing(world: World, give: Give) -> None:
    today = timezone.localdate()
    everything = {"kpis": ["fill_rate", "days_inventory_on_hand"], "shows_supply": True, "shows_maturity": True}
    give(**everything)
    give(**everything, product=None)
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=today)
    assert told(surfaces(world, "granted")) == NOTHING
    taker = Organisation.objects.get(name="Otherfirm")
    Enrolment.objects.create(product=world.own, organisation=taker, enrolled_on=today)
    settle(world.own)
    assert told(surfaces(world, "granted")) == NOTHING


def attest_anew(world: World, who: str) -> None:
    """The same figures, by that person, in the place of those that counted."""
    for row in KpiSubmission.objects.filter(product=world.own, superseded_at=None):
        KpiSubmission.objects.filter(pk=row.pk).update(superseded_at=timezone.now())
        row.pk, row.attested_at, row.attested_by = None, timezone.now(), world.users[who]
        row.save(force_insert=True)


def test_a_new_firm_gives_away_only_what_is_its_own(world: World, give: Give) -> None:
    """It may not show what the earlier firm reported, though that still counts in the rating."""
    today = timezone.localdate()
    taker = Organisation.objects.get(name="Otherfirm")
    grant = {"organisation": taker, "kpis": ["fill_rate"], "shows_supply": True, "shows_maturity": True}
    give(**grant)
    assert told(surfaces(world, "granted")) == NOTHING  # it has not enrolled the product
    Enrolment.objects.filter(product=world.own).update(withdrawn_on=today)
    Enrolment.objects.create(product=world.own, organisation=taker, enrolled_on=today)
    settle(world.own)
    assert told(surfaces(world, "granted")) == NOTHING

    attest_anew(world, "attestor")
    assert told(surfaces(world, "granted")) == NOTHING  # the earlier firm's person, on the very day
    attest_anew(world, "attestor outside")
    assert told(surfaces(world, "granted")) == NOTHING | {"fill_rate": WHERE["fill_rate"]}
    SupplyNode.objects.filter(product=world.own).update(valid_from=today)
    settle(world.own)
    assert told(surfaces(world, "granted"))["supply"] == WHERE["supply"]


def test_levels_of_other_firms_sites_are_never_given_away(world: World, give: Give) -> None:
    give(shows_supply=True, shows_maturity=True)
    html = client_of(world, "granted").get(f"/products/{world.own.ndc}/").content.decode()
    assert "Quibblemoor Chemicals" in html
    assert html.count("3.14") == 5  # the areas of the firm's own plant
    assert "4.29" not in html
    assert "/establishments/" not in html.split('id="rating"')[1]


def test_a_figure_that_was_not_reported_is_said_to_be_so(world: World, give: Give) -> None:
    KpiSubmission.objects.filter(product=world.own).update(fill_rate_numerator=None, fill_rate_denominator=None)
    settle(world.own)
    give(kpis=["fill_rate"])
    body = client_of(world, "granted").get(f"/api/v1/ratings/{world.own.ndc}/explanation/").json()
    assert body["figures"] is None
    assert [(item["code"], item["reported"]) for item in body["disclosed"]["kpis"]] == [("fill_rate", "not disclosed")]
    assert (body["disclosed"]["supply"], body["disclosed"]["maturity"]) == (None, None)


def test_the_api_tells_each_thing_with_its_last_day(world: World, give: Give) -> None:
    today = timezone.localdate()
    give(kpis=["fill_rate"], shows_supply=True)
    give(kpis=["fill_rate"], shows_maturity=True, valid_to=today + timedelta(days=60))
    told_now = client_of(world, "granted").get(f"/api/v1/ratings/{world.own.ndc}/explanation/").json()["disclosed"]
    assert told_now["by"] == "Ownfirm"
    assert told_now["kpis"][0]["last_day"] == (today + timedelta(days=59)).isoformat()
    assert told_now["supply"]["last_day"] == (today + timedelta(days=29)).isoformat()
    api = next(stage for stage in told_now["supply"]["stages"] if stage["code"] == "api")
    assert api["establishments"] == [
        {"name": "Zyxwarren Plant", "country": "USA", "share": 0.6, "is_qualified": True},
        {"name": "Quibblemoor Chemicals", "country": "LIE", "share": 0.4, "is_qualified": True},
    ]
    levels = told_now["maturity"]["establishments"]
    assert [site["name"] for site in levels] == ["Zyxwarren Plant"]
    assert {level["level"] for level in levels[0]["levels"]} == {3.137}


def test_the_canaries_stand_where_the_maker_looks(world: World) -> None:
    """Otherwise the walk above would find nothing because there is nothing."""
    html = client_of(world, "editor").get(f"/products/{world.own.ndc}/").content.decode()
    for thing in ("fill_rate", "days_inventory_on_hand", "supply", "either"):
        assert any(canary in html for canary in CANARIES[thing]), thing
