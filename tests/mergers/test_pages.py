"""The operator's pages of pairs and merges, and where a merged record leads."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import Product
from qmm.models import AssessmentCase, DuplicatePair, Establishment, EstablishmentIdentifier, EstablishmentMerge
from qmm.services.duplicates import duplicates_find
from ratings.mergers.services import establishments_merge
from tests.pages import factory
from tests.pages.test_establishment_page import client_of, reader
from tests.pages.test_rating_page import words

PAGE = "/establishments/merge/"


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def merge(stays: Establishment, goes: Establishment, operator: User) -> EstablishmentMerge:
    return establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator)


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return words(response.content.decode())


class TestQueue:
    def test_both_records_stand_side_by_side(self, client: Client, stays: Establishment, goes: Establishment) -> None:
        AssessmentCase.objects.create(establishment=goes, requested_on=timezone.localdate(), state="scheduled")
        duplicates_find()
        text = shown(client, "/establishments/duplicates/")
        for said in (
            "1 pair of records waits for a decision",
            "Same name and place",
            "3001000002",
            "912345678",
            "Ashvale Group",
            "Scheduled",
            "in the register file of January 1, 2026",
            "2 products, 2 supply nodes",
            "1 product, 1 supply node",
        ):
            assert said in text, said

    def test_a_pair_is_kept_apart_with_a_reason(
        self, client: Client, stays: Establishment, goes: Establishment
    ) -> None:
        client.post("/establishments/duplicates/find/")
        pair = DuplicatePair.objects.get()
        address = f"/establishments/duplicates/{pair.pk}/apart/"
        assert "Say why they are two sites." in client.post(address).content.decode()
        assert client.post(address, {"reason": "Two licenses"}).status_code == 302
        text = shown(client, "/establishments/duplicates/")
        assert "No pair of records waits" in text
        assert "Two licenses" in text

    def test_queries_do_not_grow(
        self, client: Client, stays: Establishment, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(12):
            Establishment.objects.create(name=f"Corvo Labs {number // 2}", country="ITA")
        assert duplicates_find() > 5
        # session, user, count, pairs, sites, numbers, assessments, inspections, cases, nodes, apart, merges
        with django_assert_num_queries(12):
            client.get("/establishments/duplicates/")

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PURCHASER, Role.ASSESSOR, Role.ATTESTOR])
    def test_is_nobody_else_s(self, db: None, role: str) -> None:
        other = reader(role)
        for address in ("/establishments/duplicates/", PAGE, "/establishments/merges/1/"):
            assert other.get(address).status_code == 404

    def test_the_auditor_reads_and_writes_nothing(self, merge: EstablishmentMerge) -> None:
        auditor = reader(Role.AUDITOR)
        assert "Look again" not in shown(auditor, "/establishments/duplicates/")
        assert "Undo" not in shown(auditor, f"/establishments/merges/{merge.pk}/")
        assert auditor.get(PAGE).status_code == 404
        assert auditor.post(f"/establishments/merges/{merge.pk}/undo/", {"reason": "x"}).status_code == 404


class TestMergePage:
    def test_it_is_all_seen_before_it_is_confirmed(
        self, client: Client, pair: tuple[Product, Product], stays: Establishment, goes: Establishment
    ) -> None:
        response = client.get(PAGE, {"stays": stays.pk, "goes": goes.pk})
        text = words(response.content.decode())
        for said in (
            "Merge Ashvale Chemicals Ltd into Ashvale Chemicals?",
            "One number and one assessment move. Two overlapping supply nodes become two.",
            "Of 2 products, 2 rise.",
            "20%, qualified, from",
            "60%, qualified, from",
            "Ashvale Group owns the site and reads all that is known of it.",
        ):
            assert said in text, said
        assert not EstablishmentMerge.objects.exists()
        seen = response.context["preview"].seen
        address = f"{PAGE}?stays={stays.pk}&goes={goes.pk}"
        no_reason = client.post(address, {"seen": seen})
        assert "Say why, in a sentence" in no_reason.content.decode()
        assert client.post(address, {"seen": seen, "reason": "One plant"}).status_code == 302
        merge = EstablishmentMerge.objects.get()
        text = shown(client, f"/establishments/merges/{merge.pk}/")
        assert "One number and one assessment move." in text
        changed = set(AuditEntry.objects.filter(user_email="operator@demo.example").values_list("kind", flat=True))
        assert {"establishment-merge", "supply-node", "assessment", "establishment", "establishment-number"} <= changed

    def test_what_changed_since_is_shown_again(self, client: Client, stays: Establishment, goes: Establishment) -> None:
        address = f"{PAGE}?stays={stays.pk}&goes={goes.pk}"
        seen = client.get(address).context["preview"].seen
        EstablishmentIdentifier.objects.create(establishment=goes, scheme="duns", value="987654321")
        answer = client.post(address, {"seen": seen, "reason": "One plant"})
        assert "Nothing was merged" in answer.content.decode()
        assert client.post(address, {"reason": "One plant"}).status_code == 200
        assert not EstablishmentMerge.objects.exists()

    def test_what_stands_against_it(self, client: Client, stays: Establishment, goes: Establishment) -> None:
        for site in (stays, goes):
            AssessmentCase.objects.create(establishment=site, requested_on=timezone.localdate())
        address = f"{PAGE}?stays={stays.pk}&goes={goes.pk}"
        text = shown(client, address)
        assert "Both have an open assessment case. Close one of them first" in text
        assert "Effect on scores" not in text
        assert client.post(address, {"reason": "One plant", "seen": "x"}).status_code == 200
        assert not EstablishmentMerge.objects.exists()

    def test_records_are_named_by_their_numbers(
        self, client: Client, stays: Establishment, goes: Establishment
    ) -> None:
        text = shown(client, f"{PAGE}?stays=3001000002&goes=91-234-5678")
        assert "Merge Ashvale Chemicals Ltd into Ashvale Chemicals?" in text
        answer = client.get(f"{PAGE}?stays=3001000002&goes=99999999999999999999")
        assert answer.status_code == 404
        assert "“99999999999999999999” is no establishment." in answer.content.decode()
        assert "Show what would move" in shown(client, PAGE)

    def test_undone_by_its_record(self, client: Client, merge: EstablishmentMerge, goes: Establishment) -> None:
        address = f"/establishments/merges/{merge.pk}/undo/"
        assert client.post(address, {}).status_code == 409
        assert client.post(address, {"reason": "Two plants"}).status_code == 302
        goes.refresh_from_db()
        assert goes.merged_into is None
        again = client.post(address, {"reason": "Two plants"})
        assert "It was undone already." in again.content.decode()
        assert "Undone on" in shown(client, f"/establishments/merges/{merge.pk}/")


class TestWhereItLeads:
    def test_pages(self, client: Client, merge: EstablishmentMerge, goes: Establishment, stays: Establishment) -> None:
        response = client.get(f"/establishments/{goes.pk}/")
        assert response["Location"] == f"/establishments/{stays.pk}/"
        text = shown(client, response["Location"])
        assert "Ashvale Chemicals Ltd into Ashvale Chemicals" in text
        assert "912345678" in text
        listed = client.get("/establishments/?q=ashvale").context["rows"]
        assert [row["site"] for row in listed] == [stays]
        owner = reader(Role.MANUFACTURER_EDITOR, "Ashvale Group")
        assert owner.get(f"/establishments/{goes.pk}/")["Location"] == f"/establishments/{stays.pk}/"
        assert "Records merged" not in shown(owner, f"/establishments/{stays.pk}/")
        assert reader(Role.MANUFACTURER_EDITOR, "Halden Group").get(f"/establishments/{goes.pk}/").status_code == 404

    def test_the_former_owner_is_led_nowhere(self, stays: Establishment, goes: Establishment, operator: User) -> None:
        third = Organisation.objects.create(name="Third firm", kinds=["manufacturer"])
        Establishment.objects.filter(pk=goes.pk).update(owner=third)
        establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator)
        former = client_of(factory.user_of("Third firm", Role.MANUFACTURER_EDITOR))
        for site in (stays, goes):
            assert former.get(f"/establishments/{site.pk}/").status_code == 404
            assert former.get(f"/api/v1/establishments/{site.pk}/").status_code == 404

    def test_api(self, client: Client, stays: Establishment, goes: Establishment, operator: User) -> None:
        EstablishmentIdentifier.objects.create(establishment=goes, scheme="fei", value="3009999999")
        establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator)
        answer = client.get(f"/api/v1/establishments/{goes.pk}/").json()
        assert (answer["id"], answer["name"], len(answer["assessments"])) == (stays.pk, "Ashvale Chemicals", 2)
        by_fei = client.get("/api/v1/establishments/?fei=3009999999").json()["results"]
        assert [row["id"] for row in by_fei] == [stays.pk]
        ids = [row["id"] for row in client.get("/api/v1/establishments/").json()["results"]]
        assert stays.pk in ids
        assert goes.pk not in ids
        maker = reader(Role.MANUFACTURER_EDITOR, "Halden Group")
        found = maker.get("/api/v1/establishments/search/?fei=3009999999").json()["results"]
        assert [row["id"] for row in found] == [stays.pk]
