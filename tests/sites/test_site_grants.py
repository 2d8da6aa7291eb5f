"""What an owner lets a buying maker see: on its own products, while it holds, and nothing else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import KpiDraft, KpiSubmission, Product
from qmm.models import AREAS, Assessment, Establishment, SiteGrant
from qmm.queries.sight import levels_readable
from tests.api.conftest import Machine
from tests.pages import factory
from tests.pages.test_establishment_page import client_of
from tests.pages.test_rating_page import words

FORM = {"recipient": "one", "grantee": "halden group", "reason": "Yearly talks"}


def form(**more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return FORM | {"valid_from": today, "last_day": today + timedelta(days=30)} | more


def give(site: Establishment, attestor: User, **more: Any) -> SiteGrant:
    response = client_of(attestor).post(f"/establishments/{site.pk}/shown/new/", form(**more))
    assert response.status_code == 302, words(response.content.decode())
    return SiteGrant.objects.latest("pk")


def told(user: User, product: Product) -> tuple[bool, Any, list[Any]]:
    """Whether levels stay hidden, the value of the QMM domain, and the levels of the API stage's sites by API."""
    client = client_of(user)
    view = client.get(f"/products/{product.ndc}/").context["figures"]
    answer = client.get(f"/api/v1/ratings/{product.ndc}/explanation/").json()["figures"]
    api = next(stage for stage in answer["stages"] if stage["code"] == "api")
    ashvale = [site["level"] for site in api["establishments"] if site["name"] == "Ashvale Chemicals"]
    return view.hides_levels, view.domains[0].value is not None, ashvale


@pytest.fixture
def other_sites_shown(pair: tuple[Product, Product]) -> None:
    """So that one site alone decides whether levels are hidden."""
    mine = Organisation.objects.get(name="Halden Group")
    Establishment.objects.exclude(name="Ashvale Chemicals").update(owner=mine)


@pytest.mark.usefixtures("other_sites_shown")
class TestEffect:
    def test_the_maker_sees_the_level_while_it_holds(
        self, pair: tuple[Product, Product], site: Establishment, maker: User, attestor: User
    ) -> None:
        hidden, value, levels = told(maker, pair[0])
        assert (hidden, value, levels) == (True, False, [None])
        grant = give(site, attestor)
        hidden, value, levels = told(maker, pair[0])
        assert (hidden, value) == (False, True)
        assert levels[0] is not None
        assert client_of(maker).get(f"/establishments/{site.pk}/").status_code == 404
        client_of(attestor).post(f"/establishments/shown/{grant.pk}/withdraw/")
        assert told(maker, pair[0]) == (True, False, [None])

    @pytest.mark.parametrize("case", ["ended", "coming", "sold", "another maker"])
    def test_not_before_nor_after_nor_for_others(
        self, pair: tuple[Product, Product], site: Establishment, maker: User, attestor: User, case: str
    ) -> None:
        today = timezone.localdate()
        third = Organisation.objects.create(name="Third firm", kinds=["manufacturer"])
        days = {"ended": (-9, 0), "coming": (1, 9)}.get(case, (0, 9))
        SiteGrant.objects.create(
            establishment=site,
            organisation=third if case == "sold" else site.owner,
            grantee=third if case == "another maker" else maker.membership.organisation,
            valid_from=today + timedelta(days=days[0]),
            valid_to=today + timedelta(days=days[1]),
            granted_by=attestor,
        )
        assert told(maker, pair[0]) == (True, False, [None])

    def test_all_makers_are_makers_only(
        self, pair: tuple[Product, Product], site: Establishment, maker: User, attestor: User
    ) -> None:
        give(site, attestor, recipient="all", grantee="")
        assert told(maker, pair[0])[:2] == (False, True)
        for role in (Role.PURCHASER, Role.COORDINATOR, Role.ASSESSOR):
            assert site not in levels_readable(factory.user_of("Elsewhere", role))
        contact = factory.user_of("Halden Group", Role.ESTABLISHMENT_CONTACT)
        assert site not in levels_readable(contact)

    def test_who_looked_is_noted_for_the_owner(
        self, pair: tuple[Product, Product], site: Establishment, maker: User, attestor: User, operator: User
    ) -> None:
        grant = give(site, attestor)
        address = f"/establishments/{site.pk}/shown/"
        assert "Nobody has looked yet." in words(client_of(attestor).get(address).content.decode())
        told(maker, pair[0])
        noted = AuditEntry.objects.filter(kind="site-grant", action="viewed")
        assert list(noted.values_list("subject_id", "organisation", "detail")) == [(grant.pk, "Halden Group", "")]
        text = words(client_of(attestor).get(address).content.decode())
        assert "Halden Group" in text
        assert str(maker) not in text
        assert pair[0].display_ndc not in text
        assert str(maker) in words(client_of(operator).get(address).content.decode())
        by_machine = f"establishments/{site.pk}/grants/looks/"
        for user, person in ((attestor, None), (operator, str(maker))):
            (look,) = Machine(user).get(by_machine).json()["results"]
            assert (look["organization"], look["person"]) == ("Halden Group", person)
        for user in (maker, factory.user_of("Assessors", Role.ASSESSOR)):
            assert Machine(user).get(by_machine).status_code == 404

    def test_who_read_the_history_by_machine_is_noted_too(
        self, pair: tuple[Product, Product], site: Establishment, maker: User, attestor: User
    ) -> None:
        grant = give(site, attestor)
        Assessment.objects.create(
            establishment=site, completed_on=timezone.localdate(), **dict.fromkeys(AREAS, Decimal("4.750"))
        )
        factory.settle(*pair)
        told_now = client_of(maker).get(f"/api/v1/ratings/{pair[0].ndc}/history/").json()["results"]
        assert "QMM level of Ashvale Chemicals from" in str(told_now)
        noted = AuditEntry.objects.filter(kind="site-grant", action="viewed")
        assert list(noted.values_list("subject_id", "organisation")) == [(grant.pk, "Halden Group")]

    def test_the_planner_s_answers_and_a_draft_s_effect_are_noted_too(
        self, pair: tuple[Product, Product], site: Establishment, maker: User, attestor: User
    ) -> None:
        grant = give(site, attestor)
        quarter = KpiSubmission.objects.filter(product=pair[0]).latest("quarter_end").quarter_end
        draft = KpiDraft.objects.create(
            product=pair[0], organisation=maker.membership.organisation, quarter_end=quarter, updated_by=maker
        )
        addresses = (
            f"/api/v1/products/{pair[0].ndc}/what-if/",
            f"/drafts/{draft.pk}/effect/",
            "/portfolio/actions/",
        )
        for number, address in enumerate(addresses):  # each by another reader: one is noted once an hour
            reader = factory.user_of("Halden Group", Role.MANUFACTURER_EDITOR, f"reader{number}@demo.example")
            assert client_of(reader).get(address).status_code == 200
            noted = AuditEntry.objects.filter(kind="site-grant", action="viewed", user_id=reader.pk)
            assert list(noted.values_list("subject_id", flat=True)) == [grant.pk], address

    def test_a_page_without_it_notes_nothing(self, pair: tuple[Product, Product], maker: User, operator: User) -> None:
        told(maker, pair[0])
        told(operator, pair[0])
        assert not AuditEntry.objects.filter(kind="site-grant").exists()


class TestForm:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"grantee": ""}, "Give the maker’s name."),
            ({"grantee": "Ashvale Group"}, "No other maker is called “Ashvale Group”."),
            ({"grantee": "No\x00body"}, "Null characters are not allowed."),
            ({"valid_from": "2020-01-01"}, "The first day lies in the past"),
            ({"last_day": "2020-01-01"}, "The last day comes before the first."),
            ({"last_day": "2300-01-01"}, "Give a year before 2200."),
            ({"last_day": ""}, "Give the last day"),
            ({"recipient": "x"}, "Select a valid choice"),
        ],
    )
    def test_says_what_is_wrong(self, site: Establishment, attestor: User, given: dict[str, str], said: str) -> None:
        response = client_of(attestor).post(f"/establishments/{site.pk}/shown/new/", form(**given))
        assert said in words(response.content.decode())
        assert not SiteGrant.objects.exists()

    def test_two_makers_whose_names_differ_in_capitals_alone(self, site: Establishment, attestor: User) -> None:
        for name in ("Ferrow Labs", "FERROW LABS"):
            Organisation.objects.create(name=name, kinds=["manufacturer"])
        assert give(site, attestor, grantee="FERROW LABS").grantee.name == "FERROW LABS"
        response = client_of(attestor).post(f"/establishments/{site.pk}/shown/new/", form(grantee="ferrow labs"))
        assert "No other maker is called “ferrow labs”." in words(response.content.decode())

    def test_the_same_twice_is_refused_and_nothing_is_edited(self, site: Establishment, attestor: User) -> None:
        grant = give(site, attestor)
        again = client_of(attestor).post(f"/establishments/{site.pk}/shown/new/", form())
        assert "You have granted exactly this already." in words(again.content.decode())
        with pytest.raises(InternalError, match="never edited"), transaction.atomic():
            SiteGrant.objects.filter(pk=grant.pk).update(to_all_makers=True, grantee=None)

    def test_who_may(self, site: Establishment, maker: User, attestor: User, operator: User) -> None:
        editor = factory.user_of("Ashvale Group", Role.MANUFACTURER_EDITOR)
        contact = factory.user_of("Ashvale Group", Role.ESTABLISHMENT_CONTACT)
        pages = [f"/establishments/{site.pk}/shown/", f"/establishments/{site.pk}/shown/new/"]
        seen = {
            user.email: [client_of(user).get(page).status_code for page in pages]
            for user in (attestor, contact, editor, operator, maker)
        }
        assert list(seen.values()) == [[200, 200], [200, 200], [200, 404], [200, 404], [404, 404]]
        grant = give(site, contact)
        assert client_of(maker).post(f"/establishments/shown/{grant.pk}/withdraw/").status_code == 404
        assert client_of(editor).post(f"/establishments/shown/{grant.pk}/withdraw/").status_code == 404
