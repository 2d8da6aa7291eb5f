"""Molecules: their numbers, the order by weakness, and what a page says of one."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import Role
from products.models import DrugList, DrugListEntry, Enrolment, Product, Shortage
from ratings.models import ProductRating, Status
from tests.pages import factory
from tests.pages.rating_rows import limit_some
from tests.pages.test_rating_page import words


@pytest.fixture
def buyer(db: None) -> Client:
    client = Client()
    client.force_login(factory.user_with(Role.PURCHASER))
    return client


@pytest.fixture
def enrolled(rows: dict[str, Product]) -> dict[str, Product]:
    """a and c by one organisation, b and d by another, e withdrawn."""
    today = timezone.localdate()
    firms = [Organisation.objects.create(name=name, kinds=["manufacturer"]) for name in ("Halden Group", "Vantry")]
    for letter, firm in (("a", 0), ("c", 0), ("b", 1), ("d", 1), ("e", 1)):
        Enrolment.objects.create(
            product=rows[letter],
            organisation=firms[firm],
            enrolled_on=today - timedelta(days=90),
            withdrawn_on=today if letter == "e" else None,
        )
    Shortage.objects.create(
        package_ndc=f"{rows['c'].ndc}-01",
        status="current",
        changed_on=today,
        posted_on=date(2026, 3, 3),
        company_name="Halden Sterile",
        presentation="50 mL vial",
        reason="Demand increase",
        entry_key="1",
    )
    return rows


def test_numbers_of_each_molecule(enrolled: dict[str, Product], buyer: Client) -> None:
    found = {row.molecule: row for row, _, _ in buyer.get("/molecules/").context["rows"]}
    numbers = {
        name: (row.ndcs, row.enrolled, row.rated, row.makers, row.in_shortage, row.bands) for name, row in found.items()
    }
    assert numbers == {
        "ATROPINE": (3, 1, 1, 1, 0, (0, 1, 0, 0, 0)),
        "BLEOMYCIN": (1, 1, 1, 1, 0, (0, 0, 0, 0, 1)),
        "CISPLATIN": (3, 2, 1, 1, 1, (0, 0, 1, 0, 0)),
    }


def order(client: Client, query: str) -> list[str]:
    return [row.molecule[:2] for row, _, _ in client.get(f"/molecules/?{query}").context["rows"]]


def test_by_name_or_weakest_first(enrolled: dict[str, Product], buyer: Client) -> None:
    """Without any enrolled NDC a molecule is neither weak nor strong, so it is last."""
    Product.objects.create(ndc="000009-0001", display_ndc="0009-0001", nonproprietary_name="aa", molecule="AA")
    assert order(buyer, "") == ["AA", "AT", "BL", "CI"]
    assert order(buyer, "sort=weakest") == ["AT", "CI", "BL", "AA"]
    assert order(buyer, "q=in") == ["AT", "BL", "CI"] or order(buyer, "q=in") == ["AT", "BL", "CI"]
    assert order(buyer, "q=cispl") == ["CI"]


def test_of_the_same_band_the_one_with_fewer_makers_is_weaker(enrolled: dict[str, Product], buyer: Client) -> None:
    ProductRating.objects.filter(product=enrolled["d"]).update(band=3)
    Enrolment.objects.filter(product=enrolled["e"]).update(
        organisation=Organisation.objects.get(name="Halden Group"), withdrawn_on=None
    )
    assert order(buyer, "sort=weakest") == ["CI", "AT", "BL"]


def test_a_combination_is_neither_weak_nor_strong(enrolled: dict[str, Product], buyer: Client) -> None:
    ProductRating.objects.filter(product__molecule="ATROPINE").update(status=Status.OUT_OF_SCOPE, band=None, score=None)
    assert order(buyer, "sort=weakest") == ["CI", "BL", "AT"]
    said = words(buyer.get("/molecules/ATROPINE/").content.decode())
    assert "None of the three NDCs is rated: this is a combination, which the method does not rate yet." in said
    assert "The method does not rate combinations yet." in said
    assert "None of them has a score yet." not in said


def test_a_band_says_what_limits_it(enrolled: dict[str, Product], buyer: Client) -> None:
    limit_some(enrolled)
    assert "Low Limits: single point of failure; on watch" in words(buyer.get("/molecules/ATROPINE/").content.decode())
    assert "Limits" not in words(buyer.get("/molecules/BLEOMYCIN/").content.decode())


def test_a_molecule_without_a_score_has_no_scale(enrolled: dict[str, Product], buyer: Client) -> None:
    ProductRating.objects.filter(product__molecule="BLEOMYCIN").update(
        status=Status.INSUFFICIENT_DATA, band=None, score=None
    )
    assert "None of them has a score yet." in words(buyer.get("/molecules/BLEOMYCIN/").content.decode())


def test_a_list_is_weakest_first(enrolled: dict[str, Product], buyer: Client) -> None:
    essential = DrugList.objects.create(name="Essential")
    for molecule in ("bleomycin", "CISPLATIN"):
        DrugListEntry.objects.create(drug_list=essential, molecule=molecule)
    assert order(buyer, f"list={essential.pk}") == ["CI", "BL"]
    assert order(buyer, f"list={essential.pk}&sort=name") == ["BL", "CI"]
    assert "Essential" in words(buyer.get("/molecules/BLEOMYCIN/").content.decode())


def test_a_pager_like_that_of_the_products(buyer: Client) -> None:
    Product.objects.bulk_create(
        Product(ndc=f"000003-{number:04}", display_ndc=f"0003-{number:04}", molecule=f"M{number:04}")
        for number in range(101)
    )
    page = buyer.get("/molecules/?page=2")
    assert page.context["pages"] == [(1, "?page=1"), (2, "?page=2"), (3, "?page=3")]
    assert (page.context["previous"], page.context["next"]) == ("?", "?page=3")
    assert 'aria-label="Page 2" aria-current="page"' in " ".join(page.content.decode().split())
    assert [row.molecule for row, _, _ in buyer.get("/molecules/?page=3").context["rows"]] == ["M0100"]
    beyond = words(buyer.get("/molecules/?page=4").content.decode())
    assert "There is no page 4. Back to the first page" in beyond
    assert "No molecule fits." not in beyond


def test_pages_go_on_beyond_what_is_counted(buyer: Client) -> None:
    Product.objects.bulk_create(
        Product(ndc=f"000003-{number:04}", display_ndc=f"0003-{number:04}", molecule=f"M{number:04}")
        for number in range(1051)
    )
    page = buyer.get("/molecules/?page=21")
    assert (page.context["count"], page.context["previous"], page.context["next"]) == (
        "More than 1,000",
        "?page=20",
        "?page=22",
    )
    assert "Page 21" in words(page.content.decode())
    assert [row.molecule for row, _, _ in buyer.get("/molecules/?page=22").context["rows"]] == ["M1050"]


def test_bad_values_are_named(buyer: Client) -> None:
    assert buyer.get("/molecules/?list=9&sort=price&page=x&nam=1").context["wrong"] == [
        "Page: there is no page “x”.",
        "There is no filter called “nam”.",
        "Drug list: There is no such list.",
        "Sort: “price” is no order; give one of name, weakest.",
    ]


def test_the_sentence_comes_first(enrolled: dict[str, Product], buyer: Client) -> None:
    said = words(buyer.get("/molecules/CISPLATIN/").content.decode())
    assert (
        "One of three NDCs is rated, by one manufacturer; none is High or better; on the FDA shortage list since "
        "March 3, 2026." in said
    )
    assert "One is not enrolled, which is neither good nor bad. Orrin 0001-0007" in said
    assert "Halden Sterile 50 mL vial Demand increase March 3, 2026" in said
    assert "Cisplatin" in said


def test_a_statistic_takes_five_manufacturers(enrolled: dict[str, Product], buyer: Client) -> None:
    template = enrolled["a"]
    today = timezone.localdate()
    for number in range(4):
        product = Product.objects.create(
            ndc=f"000007-{number:04}", display_ndc=f"0007-{number:04}", molecule="CISPLATIN", labeler_name=f"L{number}"
        )
        template.rating.product_id = product.pk
        template.rating.score = 70 + number
        template.rating.save(force_insert=True)
        firm = Organisation.objects.create(name=f"Firm {number}", kinds=["manufacturer"])
        Enrolment.objects.create(product=product, organisation=firm, enrolled_on=today - timedelta(days=9))
        said = words(buyer.get("/molecules/CISPLATIN/").content.decode())
        if number < 3:
            assert "No mean or median is given: that takes five manufacturers" in said
            assert "mean score" not in said
    assert "The mean score is 69.4 and the median 71.0, over five rated NDCs of five manufacturers." in said


def test_one_molecule_by_its_name_in_any_case(enrolled: dict[str, Product], buyer: Client) -> None:
    assert buyer.get("/molecules/cisplatin/").url == "/molecules/CISPLATIN/"  # type: ignore[attr-defined]
    assert buyer.get("/molecules/NOTHING/").status_code == 404


def test_a_name_with_a_slash_has_a_page(buyer: Client) -> None:
    Product.objects.create(ndc="000009-0001", display_ndc="0009-0001", molecule="A/B; C", nonproprietary_name="abc")
    html = buyer.get("/molecules/").content.decode()
    assert 'href="/molecules/A/B;%20C/"' in html
    assert buyer.get("/molecules/A/B;%20C/").status_code == 200


def test_in_a_known_number_of_queries(
    enrolled: dict[str, Product], buyer: Client, django_assert_num_queries: Any
) -> None:
    """Session, user, then: lists, a page of names, their rows, the count; for one molecule eight."""
    with django_assert_num_queries(6):
        buyer.get("/molecules/")
    with django_assert_num_queries(9):
        buyer.get("/molecules/CISPLATIN/")
