"""The pages on which a firm discloses, withdraws, and sees who looked."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation
from dscr.audit.models import AuditEntry
from products.models import DisclosureGrant
from qmm.models import Establishment
from tests.api.conftest import Machine
from tests.grants.conftest import client_of
from tests.walk.world import World

Give = Callable[..., DisclosureGrant]


def filled(world: World, **changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "scope": "some",
        "products": [world.own.ndc],
        "kpis": ["fill_rate"],
        "recipient": "one",
        "grantee": "farbuyers",
        "valid_from": today.isoformat(),
        "last_day": (today + timedelta(days=29)).isoformat(),
        "reason": "Contract",
    } | changes


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_form_shows_exactly_what_will_be_seen_before_anything_is_disclosed(world: World) -> None:
    client = client_of(world, "attestor")
    form = client.get(f"/disclosures/new/?product={world.own.ndc}").content.decode()
    assert re.search(rf'value="{world.own.ndc}"\s+id="id_products_0"\s+checked', form)
    assert world.other.ndc not in form
    given = filled(world, kpis=["fill_rate", "on_time_delivery"], shows_supply="on", shows_maturity="on")
    response = client.post("/disclosures/new/", given)
    today = timezone.localdate()
    last = today + timedelta(days=29)
    assert response.context["preview"] == [
        f"From {today:%B} {today.day}, {today.year} to {last:%B} {last.day}, {last.year}, Farbuyers will see of "
        "Walkamine (099901-0101):",
        "What you reported for fill rate and on-time delivery; of a rate, the counts behind it too.",
        "The supply picture: every establishment of every stage with its name, country, share, and whether it is "
        "qualified. No levels and no official actions.",
        "The levels of the five practice areas of the establishments that you own and that supply the product, "
        "with their names. Nothing of establishments of other firms.",
    ]
    assert not DisclosureGrant.objects.exists()
    again = client.post("/disclosures/new/", given | {"change": "yes"})
    assert again.templates[0].name == "products/grant_create.html"
    sent = dict(response.context["sent"])
    assert sent["grantee"] == "farbuyers"
    done = client.post("/disclosures/new/", given | {"confirmed": "yes"}, follow=True)
    assert "You disclose fill rate, on-time delivery, the supply picture and QMM area levels to Farbuyers." in words(
        done.content.decode()
    )
    grant = DisclosureGrant.objects.get()
    assert (grant.organisation.name, grant.product, grant.last_day) == ("Ownfirm", world.own, last)
    assert (grant.kpis, grant.shows_supply, grant.shows_maturity) == (["fill_rate", "on_time_delivery"], True, True)
    assert grant.granted_by == world.users["attestor"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"products": []}, "Choose at least one product."),
        ({"products": ["099902-0202"]}, "“099902-0202” is no product that you have enrolled today."),
        ({"products": ["x"]}, "“x” is no product that you have enrolled today."),
        ({"kpis": []}, "Choose at least one thing to disclose."),
        ({"kpis": ["price"]}, "“price” is no figure of the questionnaire."),
        ({"scope": ""}, "Choose these products or all."),
        ({"recipient": ""}, "Choose one organization or all purchasers."),
        ({"grantee": ""}, "Give the organization's name."),
        ({"grantee": "Otherfirm"}, "No purchaser or coordinator is called “Otherfirm”. Choose one of the list."),
        ({"grantee": "Ownfirm"}, "No purchaser or coordinator is called “Ownfirm”."),
        ({"valid_from": "2020-01-01"}, "The first day lies in the past; give today or a later day."),
        ({"valid_from": ""}, "Give the first day."),
        ({"last_day": ""}, "Give the last day; you may withdraw before."),
        ({"last_day": "2020-01-01"}, "The last day comes before the first."),
        ({"last_day": "9999-12-31"}, "Give a year before 2200."),
    ],
)
def test_what_makes_no_sense_is_said_and_not_stored(world: World, changes: dict[str, Any], said: str) -> None:
    response = client_of(world, "attestor").post("/disclosures/new/", filled(world, **changes, confirmed="yes"))
    assert escape(said) in response.content.decode() or said in response.content.decode()
    assert not DisclosureGrant.objects.exists()


def test_a_form_that_is_sent_twice_discloses_once(world: World) -> None:
    client = client_of(world, "attestor")
    for _ in range(2):
        response = client.post("/disclosures/new/", filled(world, confirmed="yes"))
    assert "You have disclosed exactly this already." in response.content.decode()
    assert DisclosureGrant.objects.count() == 1


def test_all_products_are_one_grant(world: World) -> None:
    given = filled(world, scope="all", recipient="all", grantee="", confirmed="yes")
    client_of(world, "attestor").post("/disclosures/new/", given)
    grant = DisclosureGrant.objects.get()
    assert (grant.product, grant.grantee, grant.to_all_purchasers) == (None, None, True)


@pytest.mark.parametrize("reader", ["editor", "purchaser", "operator", "attestor outside", "auditor", "coordinator"])
def test_only_the_firms_attestor_withdraws(world: World, give: Give, reader: str) -> None:
    grant = give(kpis=["fill_rate"])
    assert client_of(world, reader).post(f"/disclosures/{grant.pk}/withdraw/").status_code == 404
    grant.refresh_from_db()
    assert grant.withdrawn_at is None


def test_withdrawing_asks_first_and_is_noted_with_who_and_when(world: World, give: Give) -> None:
    grant, client = give(kpis=["fill_rate"]), client_of(world, "attestor")
    assert "Withdraw this disclosure?" in client.get(f"/disclosures/{grant.pk}/withdraw/").content.decode()
    for said in ("Withdrawn: fill rate, disclosed to Farbuyers.", "It was withdrawn already."):
        response = client.post(f"/disclosures/{grant.pk}/withdraw/", follow=True)
        assert said in response.content.decode()
    grant.refresh_from_db()
    assert grant.withdrawn_by == world.users["attestor"]
    changed = AuditEntry.objects.get(kind="disclosure-grant", action="changed")
    assert set(changed.after) == {"withdrawn_at", "withdrawn_by_id"}


def test_a_grant_is_never_edited(world: World, give: Give) -> None:
    grant = give(kpis=["fill_rate"])
    for changes in ({"kpis": ["shelf_life_months"]}, {"valid_to": timezone.localdate() + timedelta(days=99)}):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            DisclosureGrant.objects.filter(pk=grant.pk).update(**changes)
    DisclosureGrant.objects.filter(pk=grant.pk).update(withdrawn_at=timezone.now())
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        DisclosureGrant.objects.filter(pk=grant.pk).update(withdrawn_at=None)


# Reader -> status, whether the person is told, how many looks.
LOOKS_TOLD = {
    "editor": (200, None, 2),
    "auditor": (200, "Reader granted", 2),
    "editor outside": (200, None, 0),
    "granted": (404, None, 0),
    "assessor": (404, None, 0),
}


def test_the_firm_sees_which_organization_looked_and_oversight_who(world: World, give: Give) -> None:
    give(kpis=["fill_rate"])
    reader = client_of(world, "granted")
    for _ in range(2):  # within the hour noted once
        reader.get(f"/products/{world.own.ndc}/")
    b"".join(reader.get("/products/export.csv?columns=kpi-fill_rate").streaming_content)
    shown = client_of(world, "editor").get("/disclosures/")
    looks = [(look.organisation, look.person, look.what) for look in shown.context["found"].looks]
    assert looks == [
        ("Farbuyers", "", "export of list of NDCs (CSV)"),
        ("Farbuyers", "", "NDC 099901-0101"),
    ]
    text = shown.content.decode()
    assert "Farbuyers" in text
    assert "Reader granted" not in text
    assert "An attestor of your organization discloses figures and withdraws them." in text
    seen = client_of(world, "operator").get("/disclosures/").content.decode()
    assert "Reader granted" in seen
    assert client_of(world, "editor outside").get("/disclosures/").context["found"].looks == []
    by_machine = {reader: Machine(world.users[reader]).get("grants/looks/") for reader in LOOKS_TOLD}
    for reader, (status, person, count) in LOOKS_TOLD.items():
        assert by_machine[reader].status_code == status, reader
        told = by_machine[reader].json().get("results", [])
        assert [(look["organization"], look["person"]) for look in told] == [("Farbuyers", person)] * count, reader
    assert [look["what"] for look in by_machine["editor"].json()["results"]] == [what for _, _, what in looks]
    editor = Machine(world.users["editor"])
    assert editor.get(f"grants/looks/?ndc={world.other.ndc}").json() == {"results": []}
    assert editor.get("grants/looks/?ndc=x").status_code == 400


def test_a_grant_of_all_products_notes_each_product(world: World, give: Give) -> None:
    give(product=None, kpis=["fill_rate"])
    give(product=None, organisation=Organisation.objects.get(name="Otherfirm"), kpis=["fill_rate"])
    reader = client_of(world, "granted")
    for product in (world.own, world.other, world.own):
        reader.get(f"/products/{product.ndc}/")
    looks = AuditEntry.objects.filter(kind="disclosure-grant", action="viewed").order_by("pk")
    assert [look.detail for look in looks] == ["NDC 099901-0101", "NDC 099902-0202"]


def test_what_is_published_is_no_look(world: World, give: Give) -> None:
    give(kpis=["fill_rate"])
    client_of(world, "purchaser").get(f"/products/{world.own.ndc}/")
    client_of(world, "granted").get(f"/products/{world.other.ndc}/")
    client_of(world, "granted").get("/products/")
    assert not AuditEntry.objects.filter(kind="disclosure-grant", action="viewed").exists()


def test_the_list_tells_what_is_in_force_coming_and_ended(world: World, give: Give) -> None:
    today = timezone.localdate()
    now = give(kpis=["fill_rate"])
    coming = give(shows_supply=True, valid_from=today + timedelta(days=3))
    ended = give(shows_maturity=True, valid_from=today - timedelta(days=9), valid_to=today)
    withdrawn = give(kpis=["contribution_margin"], withdrawn_at=timezone.now())
    found = client_of(world, "attestor").get("/disclosures/").context["found"]
    assert (found.in_force, found.coming, found.ended) == ([now], [coming], [withdrawn, ended])
    other = client_of(world, "attestor outside").get("/disclosures/").context["found"]
    assert (other.in_force, other.coming, other.ended) == ([], [], [])
    one = client_of(world, "editor").get(f"/disclosures/?product={world.own.ndc}")
    assert one.context["found"].in_force == [now]
    assert client_of(world, "editor").get(f"/disclosures/?product={world.other.ndc}").status_code == 404


def test_the_makers_product_page_says_to_whom(world: World, give: Give) -> None:
    def said() -> str:
        return words(client_of(world, "editor").get(f"/products/{world.own.ndc}/").content.decode())

    assert "Disclosed to: nobody." in said()
    give(kpis=["fill_rate"])
    give(shows_supply=True, to_all_purchasers=True)
    assert "Disclosed to: Farbuyers (fill rate) and all purchasers (the supply picture)." in said()


def test_the_page_says_by_whom_and_until_when(world: World, give: Give) -> None:
    give(kpis=["fill_rate"])
    last = timezone.localdate() + timedelta(days=29)
    html = client_of(world, "granted").get(f"/products/{world.own.ndc}/").content.decode()
    assert f"Disclosed to you by Ownfirm until {last:%B} {last.day}, {last.year}." in words(html)
    assert "Supply chain" not in words(html)


def test_an_open_page_follows_a_withdrawal(world: World, give: Give) -> None:
    """The poll says that the body is another one, and the body that is then fetched has nothing of it."""
    client, address = client_of(world, "granted"), f"/products/{world.own.ndc}/"
    shown = client.get(address)
    token = shown.context["freshness"].token
    poll = {"state": token}
    assert client.get(f"{address}freshness/", poll).status_code == 204
    assert "HX-Trigger" not in client.get(f"{address}freshness/", poll).headers
    grant = give(kpis=["fill_rate"])
    assert client.get(f"{address}freshness/", poll).headers["HX-Trigger"] == "rating-changed"
    shown = client.get(address)
    assert "987,654,321" in shown.content.decode()
    poll = {"state": shown.context["freshness"].token}
    assert "HX-Trigger" not in client.get(f"{address}freshness/", poll).headers
    DisclosureGrant.objects.filter(pk=grant.pk).update(withdrawn_at=timezone.now())
    assert client.get(f"{address}freshness/", poll).headers["HX-Trigger"] == "rating-changed"
    shown = client.get(address)
    assert "987,654,321" not in shown.content.decode()
    assert shown.context["freshness"].token == token
    assert "no-store" in shown.headers["Cache-Control"]


def test_queries(world: World, give: Give, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Without a grant the product page asks as much as ever, the list once more; a hundred grants cost no query."""
    client, address = client_of(world, "granted"), f"/products/{world.own.ndc}/"
    with django_assert_num_queries(8):
        client.get(address)
    for _ in range(3):
        give(kpis=["fill_rate"], shows_supply=True, shows_maturity=True)
    with django_assert_num_queries(12):  # grants, names, levels, note of the view
        client.get(address)
    with django_assert_num_queries(3):  # session, user, product with its grants
        client.get(f"{address}freshness/")
    # Session, user; columns, grants, heads, snapshots; two notes; two parts of the list.
    with django_assert_num_queries(10):
        list(client.get("/products/export.csv?columns=kpi-fill_rate").streaming_content)
    maker = client_of(world, "attestor")
    with django_assert_num_queries(6):  # session, user; lasting ones, ended ones, looks; requests
        maker.get("/disclosures/")
    with django_assert_num_queries(5):  # session, user; products, organizations, own sites
        maker.get("/disclosures/new/")


def test_levels_are_not_offered_where_the_firm_owns_no_site(world: World) -> None:
    client = client_of(world, "attestor")
    assert "there are no levels to disclose" not in client.get("/disclosures/new/").content.decode()
    Establishment.objects.update(owner=None)
    shown = client.get("/disclosures/new/")
    assert "there are no levels to disclose" in shown.content.decode()
    assert shown.context["form"].fields["shows_maturity"].disabled
