"""The page of an establishment and the list: who finds which, and what of it they see."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Enrolment, Product, SupplyNode
from qmm.models import AREAS, Assessment, AssessmentCase, CaseAssignment, Establishment, EstablishmentIdentifier
from ratings.establishment_sentences import assessments_sentence, dependents_sentence
from ratings.queries.establishment_dependents import Dependents
from ratings.queries.establishment_detail import AssessmentFact
from tests.pages import factory
from tests.pages.test_rating_page import words

FIRM, SUPPLIER = "Halden Group", "Ashvale Group"
LEVELS = ("3.17", "Defined", "Level (of 5)")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reader(role: str, firm: str = "Office") -> Client:
    return client_of(factory.user_of(firm, role))


@pytest.fixture
def sites(pair: tuple[Product, Product]) -> tuple[Establishment, Establishment]:
    """The firm's own plant, and a supplier's site that only the first product depends on (and shares with another)."""
    plant, supplier = (Establishment.objects.get(name=name) for name in ("Halden Plant 2", "Ashvale Chemicals"))
    for site, owner in ((plant, FIRM), (supplier, SUPPLIER)):
        firm, _ = Organisation.objects.get_or_create(name=owner, defaults={"kinds": ["manufacturer"]})
        site.owner, site.address, site.operations = firm, "1 Lantern Road", "API MANUFACTURE; ANALYSIS"
        site.save()
        Assessment.objects.filter(establishment=site).update(**dict.fromkeys(AREAS, 3.173))
    EstablishmentIdentifier.objects.create(establishment=supplier, scheme="duns", value="987654321")
    return plant, supplier


def show(client: Client, site: Establishment) -> str:
    response = client.get(f"/establishments/{site.pk}/")
    assert response.status_code == 200
    return words(response.content.decode())


class TestDetail:
    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
    def test_oversight_sees_it_all(self, sites: tuple[Establishment, Establishment], role: str) -> None:
        text = show(reader(role), sites[1])
        for said in (
            *LEVELS,
            "Ashvale Chemicals",
            "India",
            "FEI 3001000002",
            "987654321",
            "owned by Ashvale Group",
            "API manufacture; analysis",
            "No inspection is on record.",
            "mean level 3.17 of 5. It counts until November 20, 2028.",
            "Active ingredient (API), 60%",
            "80.1",
            "About steady supply.",
        ):
            assert said in text, said
        assert "Two rated products of one molecule depend on it; for one it is the only source of a stage." in text

    def test_the_coordinator_sees_no_level_and_no_share(self, sites: tuple[Establishment, Establishment]) -> None:
        text = show(reader(Role.COORDINATOR), sites[1])
        for canary in (*LEVELS, "mean level", "60%", "backup", "Assessment cases"):
            assert canary not in text, canary
        assert "Assessed on November 20, 2025." in text
        assert "for one it is the only establishment given at a stage." in text
        assert "99901-101" in text

    @pytest.mark.parametrize("role", [Role.MANUFACTURER_EDITOR, Role.ATTESTOR])
    def test_a_manufacturer_sees_its_own_site_and_its_own_products(
        self, sites: tuple[Establishment, Establishment], role: str
    ) -> None:
        text = show(reader(role, FIRM), sites[0])
        for said in (*LEVELS, "Last inspected on September 12, 2025: voluntary action indicated.", "99901-101"):
            assert said in text, said
        assert reader_status(role, FIRM, sites[1]) == 404
        assert reader_status(role, "A third firm", sites[0]) == 404

    def test_another_firm_s_products_are_not_named(self, sites: tuple[Establishment, Establishment]) -> None:
        """The supplier's editor reads the page of the site, and nothing of who buys there."""
        text = show(reader(Role.MANUFACTURER_EDITOR, SUPPLIER), sites[1])
        assert "3.17" in text
        assert "No enrolled product depends on it." in text
        for canary in ("99901-101", "cisplatin", "60%"):
            assert canary not in text, canary

    def test_a_contact_sees_the_site_and_not_what_depends_on_it(
        self, sites: tuple[Establishment, Establishment]
    ) -> None:
        text = show(reader(Role.ESTABLISHMENT_CONTACT, FIRM), sites[0])
        assert "3.17" in text
        for canary in ("depends on it", "depend on it", "99901-101"):
            assert canary not in text, canary
        assert reader_status(Role.ESTABLISHMENT_CONTACT, FIRM, sites[1]) == 404

    @pytest.mark.parametrize("role", [Role.ASSESSOR, Role.LEAD_ASSESSOR])
    def test_an_assessor_sees_what_is_assigned(self, sites: tuple[Establishment, Establishment], role: str) -> None:
        user = factory.user_of("Assessors", role)
        today = timezone.localdate()
        case = AssessmentCase.objects.create(establishment=sites[1], state="scheduled", requested_on=today)
        assignment = CaseAssignment.objects.create(
            case=case, membership=user.membership, assigned_on=today, accepted_at=timezone.now()
        )
        text = show(client_of(user), sites[1])
        assert "3.17" in text
        assert "Scheduled" in text
        for canary in ("99901-101", "depend on it"):
            assert canary not in text, canary
        assert client_of(user).get(f"/establishments/{sites[0].pk}/").status_code == 404
        assignment.ended_on = today
        assignment.save()
        assert client_of(user).get(f"/establishments/{sites[1].pk}/").status_code == 404

    def test_purchasers_have_no_establishments(self, sites: tuple[Establishment, Establishment]) -> None:
        client = reader(Role.PURCHASER)
        for path in ("/establishments/", f"/establishments/{sites[0].pk}/", "/establishments/?product=099901-0101"):
            response = client.get(path)
            assert response.status_code == 404
            assert "Halden Plant" not in response.content.decode()

    @pytest.mark.parametrize("path", ["999999999", "99999999999999999999"])
    def test_a_number_that_is_none(self, db: None, path: str) -> None:
        assert reader(Role.OPERATOR).get(f"/establishments/{path}/").status_code == 404

    def test_withdrawn_nodes_do_not_count(self, sites: tuple[Establishment, Establishment]) -> None:
        SupplyNode.objects.filter(establishment=sites[1]).update(valid_to=timezone.localdate())
        assert "No enrolled product depends on it." in show(reader(Role.OPERATOR), sites[1])

    def test_synthetic_sites_say_so(self, sites: tuple[Establishment, Establishment], settings) -> None:
        settings.LOCAL = False
        assert "Synthetic demonstration data" in show(reader(Role.OPERATOR), sites[0])

    @pytest.mark.parametrize(
        ("role", "firm", "queries"),
        [
            # session, user, site, its numbers, assessments, inspections, cases, evidence,
            # counts, molecules, products, their roles, note of the view
            (Role.OPERATOR, "Office", 14),  # and the merges of which it came
            (Role.MANUFACTURER_EDITOR, FIRM, 13),
            # no levels, no cases, no note
            (Role.COORDINATOR, "Coordination", 10),
            (Role.ESTABLISHMENT_CONTACT, FIRM, 9),
        ],
    )
    def test_queries(
        self,
        sites: tuple[Establishment, Establishment],
        role: str,
        firm: str,
        queries: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        client = reader(role, firm)
        show(client, sites[0])
        with django_assert_num_queries(queries):
            show(client, sites[0])


def reader_status(role: str, firm: str, site: Establishment) -> int:
    return reader(role, firm).get(f"/establishments/{site.pk}/").status_code


class TestList:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("ashv", ["Ashvale"]),
            ("3001000002", ["Ashvale"]),
            ("30010000", ["Ashvale", "Corvo", "Halden"]),
            ("987654321", ["Ashvale"]),
            ("India", ["Ashvale"]),
            ("ita", ["Corvo"]),
            ("nowhere", []),
            ("\x00", ["Ashvale", "Corvo", "Halden"]),
        ],
    )
    def test_finds(self, sites: tuple[Establishment, Establishment], text: str, found: list[str]) -> None:
        html = reader(Role.OPERATOR).get("/establishments/", {"q": text}).content.decode()
        assert [name for name in ("Ashvale", "Corvo", "Halden Plant") if name in html] == [
            name.replace("Halden", "Halden Plant") for name in found
        ]

    def test_each_finds_only_its_own(self, sites: tuple[Establishment, Establishment]) -> None:
        html = reader(Role.MANUFACTURER_EDITOR, FIRM).get("/establishments/").content.decode()
        assert "Halden Plant 2" in html
        assert "Ashvale" not in html

    def test_the_establishments_of_a_product(self, sites: tuple[Establishment, Establishment]) -> None:
        own = reader(Role.MANUFACTURER_EDITOR, FIRM).get("/establishments/?product=099901-0101")
        assert "Halden Plant 2" in own.content.decode()
        assert "Ashvale" not in own.content.decode()
        other = reader(Role.MANUFACTURER_EDITOR, SUPPLIER)
        assert other.get("/establishments/?product=099901-0101").status_code == 404
        assert other.get("/establishments/?product=1").status_code == 404
        text = words(reader(Role.COORDINATOR).get("/establishments/?product=099901-0101").content.decode())
        assert "Finished dose, Packaging, Testing" in text
        assert "%" not in text.partition("Establishments that")[2]

    def test_queries_do_not_grow(
        self, sites: tuple[Establishment, Establishment], django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = reader(Role.OPERATOR)
        for number in range(60):
            Establishment.objects.create(name=f"Site {number}")
        with django_assert_num_queries(6):  # session, user, count, sites, numbers, dependents
            text = words(client.get("/establishments/").content.decode())
        assert "63 establishments, page 1 of 2" in text
        with django_assert_num_queries(6):
            page = client.get("/establishments/?sort=-dependents&q=s")
        assert 'href="?sort=-dependents&amp;q=s&amp;page=2"' in page.content.decode()

    def test_by_what_depends_on_them(self, sites: tuple[Establishment, Establishment]) -> None:
        Establishment.objects.create(name="Aaa unused")
        ended = SupplyNode.objects.filter(establishment__name="Ashvale Chemicals", product__ndc="099901-0202")
        ended.update(valid_to=timezone.localdate())
        client = reader(Role.OPERATOR)

        def listed(query: str) -> list[tuple[str, int]]:
            rows = client.get(f"/establishments/?{query}").context["rows"]
            return [(row["site"].name, row["dependents"]) for row in rows]

        by_name = [("Aaa unused", 0), ("Ashvale Chemicals", 1), ("Corvo Fine Chem", 1), ("Halden Plant 2", 2)]
        assert listed("") == by_name
        assert listed("sort=dependents") == by_name
        assert listed("sort=-dependents") == [by_name[3], *by_name[1:3], by_name[0]]
        page = client.get("/establishments/?sort=-dependents").content.decode()
        assert 'aria-sort="descending"' in page
        assert 'href="?sort=dependents">Products that depend on it' in page
        assert 'href="?">By name</a>' in page
        assert 'href="?sort=-dependents">Most dependents first</a>' in client.get("/establishments/").content.decode()

    def test_an_order_that_is_none_says_so(self, sites: tuple[Establishment, Establishment]) -> None:
        page = reader(Role.OPERATOR).get("/establishments/?sort=size").content.decode()
        assert "Sort: “size” is no order; give one of name, dependents, -dependents." in page
        assert "Halden Plant 2" not in page
        contact = reader(Role.ESTABLISHMENT_CONTACT, FIRM)
        said = "Sort: “-dependents” is no order; give one of name."
        assert said in contact.get("/establishments/?sort=-dependents").content.decode()
        page = contact.get("/establishments/").content.decode()
        assert "aria-sort" not in page
        assert "Most dependents first" not in page


def dependents(products: int, rated: int, molecules: int, only: int, by_sources: bool = True) -> Dependents:
    return Dependents(by_sources, products, rated, molecules, only, [], [], None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            dependents(7, 7, 3, 2),
            "Seven rated products of three molecules depend on it; for two it is the only source of a stage.",
        ),
        (
            dependents(1, 1, 1, 1),
            "One rated product of one molecule depends on it; for this one it is the only source of a stage.",
        ),
        (
            dependents(3, 1, 2, 3, False),
            "Three products of two molecules depend on it, one of them rated; for all of them it is the only "
            "establishment given at a stage.",
        ),
        (dependents(2, 0, 1, 0), "Two products of one molecule depend on it, none of them rated."),
        (dependents(0, 0, 0, 0), "No enrolled product depends on it."),
    ],
)
def test_what_depends_on_it_in_words(given: Dependents, said: str) -> None:
    assert dependents_sentence(given) == said


def test_assessments_in_words() -> None:
    today = timezone.localdate()
    old = AssessmentFact(date(2020, 1, 31), date(2023, 1, 31), 3.4)
    assert assessments_sentence([old]) == (
        "Assessed on January 31, 2020, mean level 3.4 of 5. It counted until January 31, 2023 and has expired."
    )
    assert assessments_sentence([AssessmentFact(today, today + timedelta(days=1), None)]).startswith("Assessed on ")
    assert "neither good nor bad" in assessments_sentence([])


def test_an_enrolment_that_passed_on_takes_the_product_along(sites: tuple[Establishment, Establishment]) -> None:
    """The earlier firm no longer sees that the product depends on its plant."""
    today = timezone.localdate()
    product = Product.objects.get(ndc="099901-0101")
    Enrolment.objects.filter(product=product).update(withdrawn_on=today - timedelta(days=1))
    new = Organisation.objects.create(name="New firm", kinds=["manufacturer"])
    Enrolment.objects.create(product=product, organisation=new, enrolled_on=today)
    text = show(reader(Role.MANUFACTURER_EDITOR, FIRM), sites[0])
    assert "99901-202" in text
    assert "99901-101" not in text
