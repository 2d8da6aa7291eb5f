"""The list of NDCs as a page: its address, its counts, its parts, and what a firm finds of its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import Role
from products.models import Enrolment, Product
from ratings.models import ProductRating, Status
from ratings.queries.list_parts import slice_of
from tests.pages import factory
from tests.pages.rating_rows import filtered, limit_some


def test_state_goes_round_by_the_address(rows: dict[str, Product], buyer: Client) -> None:
    query = "?molecule=cisplatin&band=3&band=5&sort=-score&columns=ndc&columns=coverage"
    page = buyer.get(f"/products/{query}")
    assert page.context["list_address"] == query
    html = " ".join(page.content.decode().split())
    assert 'name="sort" form="filters" value="-score"' in html
    assert 'value="cisplatin"' in html
    assert [column.key for column in page.context["columns"]] == ["product", "ndc", "coverage"]
    assert [chip.text for chip in page.context["chips"]] == ["Molecule: cisplatin", "Band: Moderate", "Band: Very high"]
    assert page.context["chips"][1].address == query.replace("&band=3", "")


def test_what_is_empty_leaves_the_address(rows: dict[str, Product], buyer: Client) -> None:
    part = buyer.get("/products/?q=&molecule=&band=2&sort=&page=1", headers={"HX-Request": "true"})
    assert part["HX-Push-Url"] == "/products/?band=2"
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]


def test_the_usual_columns_need_no_address(rows: dict[str, Product], buyer: Client) -> None:
    page = buyer.get("/products/?columns=ndc&columns=labeler&columns=score&columns=band&band=2")
    assert page.context["list_address"] == "?band=2"


def test_back_in_the_history_is_a_whole_page(rows: dict[str, Product], buyer: Client) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in buyer.get("/products/", headers=headers).content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "5 enrolled products and 2 that are not enrolled"),
        ("band=5", "1 enrolled product"),
        ("enrolled=no", "2 products that are not enrolled"),
        ("q=y&enrolled=no&molecule=cisplatin", "1 product that is not enrolled"),
    ],
)
def test_counts_in_words(rows: dict[str, Product], buyer: Client, query: str, said: str) -> None:
    assert buyer.get(f"/products/?{query}").context["count_sentence"] == said


def test_withdrawn_products_are_told_apart(rows: dict[str, Product], buyer: Client) -> None:
    """They keep a head and take no part: on the list, by its filter, on the molecule's page and beside another NDC."""
    left = rows["b"]
    ProductRating.objects.filter(product=left).update(status=Status.WITHDRAWN, score=None, band=None)
    page = buyer.get("/products/")
    assert page.context["count_sentence"] == "4 enrolled products, 1 that is withdrawn and 2 that are not enrolled"
    assert "Enrolled and withdrawn products" in page.content.decode()
    yes, no = (buyer.get(f"/products/?enrolled={said}") for said in ("yes", "no"))
    assert yes.context["count_sentence"] == "4 enrolled products"
    assert "Enrolled and withdrawn products" not in yes.content.decode()
    assert no.context["count_sentence"] == "1 product that is withdrawn and 2 that are not enrolled"
    assert [row.ndc for row in no.context["enrolled"]] == [left.ndc]
    detail = " ".join(buyer.get(f"/molecules/{left.molecule}/").content.decode().split())
    assert "<dt>Withdrawn</dt> <dd> 1 </dd>" in detail
    assert "Enrolled and withdrawn NDCs by dosage form" in detail


def test_many_are_not_counted_on(buyer: Client) -> None:
    Product.objects.bulk_create(
        Product(ndc=f"000003-{number:04}", display_ndc=f"0003-{number:04}") for number in range(1001)
    )
    page = buyer.get("/products/?page=21")
    assert page.context["count_sentence"] == "More than 1,000 products that are not enrolled"
    assert (page.context["previous"], page.context["next"], len(page.context["not_enrolled"])) == ("?page=20", "", 1)


def test_pages_run_on_from_part_to_part(rows: dict[str, Product], buyer: Client) -> None:
    found = filtered("sort=-score").parts
    every = [row.proprietary_name for row in slice_of(found, 0, 50)]
    assert every == list("badecyx")
    for start in range(9):
        assert [row.proprietary_name for row in slice_of(found, start, 2)] == every[start : start + 2]


def test_wrong_values_show_nothing_and_say_why(rows: dict[str, Product], buyer: Client) -> None:
    page = buyer.get("/products/?band=9&page=0&columns=price&bnd=1")
    assert page.context["wrong"] == [
        "Band: “9” is no band; give 1 (very low) to 5 (very high).",
        "There is no filter called “bnd”.",
        "Columns: “price” is no column.",
        "Page: there is no page “0”.",
    ]
    assert "Halden" not in page.content.decode()
    assert "Nothing is shown until this is corrected:" in page.content.decode()


def test_nothing_found_says_what_to_try(rows: dict[str, Product], buyer: Client) -> None:
    assert "No product fits all of this." in buyer.get("/products/?band=5&molecule=cisplatin").content.decode()
    assert "There is no page 9." in buyer.get("/products/?page=9").content.decode()


def test_heads_sort_and_turn_round(rows: dict[str, Product], buyer: Client) -> None:
    heads = {head.column.key: head for head in buyer.get("/products/?sort=-score&band=5").context["heads"]}
    assert (heads["score"].direction, heads["score"].address) == ("descending", "?sort=score&band=5")
    assert (heads["band"].direction, heads["band"].address) == ("", "?sort=-band&band=5")
    assert heads["labeler"].address == "?sort=labeler&band=5"
    assert 'aria-sort="descending"' in buyer.get("/products/?sort=-score").content.decode()


def test_limits_and_watch_are_noted_below_the_band(rows: dict[str, Product], buyer: Client) -> None:
    limit_some(rows)
    page = buyer.get("/products/?status=rated&sort=name")
    notes = {row.proprietary_name: row.limits.note for row in page.context["enrolled"]}
    assert notes == {
        "a": "Limits: active shortage, unresolved official action",
        "b": "",
        "d": "Limits: single point of failure; on watch",
    }
    html = page.content.decode()
    assert html.count('<span class="hint">Limits: ') == 2
    assert '<span class="hint">Limits: single point of failure; on watch</span>' in html
    # In a column of their own they are not told twice.
    html = buyer.get("/products/?columns=band&columns=limits&status=rated&sort=name").content.decode()
    told = ("Single point of failure; on watch", "None in effect", "Active shortage, unresolved official action")
    places = [html.index(f'<td data-label="Limits">{text}</td>') for text in told]
    assert places == sorted(places)
    assert "Limits: " not in html


def test_names_are_in_one_casing(rows: dict[str, Product], buyer: Client) -> None:
    Product.objects.filter(pk=rows["a"].pk).update(nonproprietary_name="CISPLATIN HCL", molecule="CISPLATIN")
    page = buyer.get("/products/?molecule=cisplatin&columns=molecule").content.decode()
    assert ">Cisplatin HCl</a>" in page
    assert '<td data-label="Molecule">Cisplatin</td>' in page


def test_the_list_in_a_known_number_of_queries(
    rows: dict[str, Product], buyer: Client, django_assert_num_queries: Any
) -> None:
    """Session, user, what is disclosed, parts of the rows, three choices; the shortage column is one more.
    The first page holds all, so nothing is counted."""
    counts = {"": 8, "sort=-score": 9, "columns=shortage&columns=updated": 9, "columns=limits": 8}
    for query, count in counts.items():
        with django_assert_num_queries(count):
            buyer.get(f"/products/?{query}")


class TestMine:
    @pytest.fixture
    def maker(self, rows: dict[str, Product]) -> Client:
        """Holds a and x; held c until yesterday, when another firm took it over."""
        client = Client()
        client.force_login(factory.user_of("Halden Group", Role.MANUFACTURER_EDITOR))
        today = timezone.localdate()
        own, other = (
            Organisation.objects.get_or_create(name=name, defaults={"kinds": ["manufacturer"]})[0]
            for name in ("Halden Group", "Vantry")
        )
        begun = today - timedelta(days=90)
        for letter, firm, start in (("a", own, begun), ("x", own, begun), ("b", other, begun), ("c", other, today)):
            Enrolment.objects.create(product=rows[letter], organisation=firm, enrolled_on=start)
        Enrolment.objects.create(product=rows["c"], organisation=own, enrolled_on=begun, withdrawn_on=today)
        return client

    def found(self, client: Client, query: str) -> str:
        context = client.get(f"/products/?{query}").context
        return "".join(row.proprietary_name for row in [*context["enrolled"], *context["not_enrolled"]])

    def test_a_manufacturer_finds_its_own(self, maker: Client) -> None:
        assert self.found(maker, "mine=1") == "ax"
        assert self.found(maker, "mine=1&molecule=cisplatin") == "a"
        assert self.found(maker, "mine=no") == "debcy"
        page = maker.get("/products/?mine=1&band=3")
        assert [(chip.text, chip.address) for chip in page.context["chips"]] == [
            ("Band: Moderate", "?mine=1"),
            ("My products", "?band=3"),
        ]
        assert "checked" in page.content.decode().partition('id="filter-mine"')[2].partition(">")[0]
        assert "Only my products" not in page.content.decode()
        assert maker.get("/products/?mine=maybe").context["wrong"] == ["My products: “maybe” is neither yes nor no."]

    def test_the_list_leads_to_it_and_the_file_follows(self, maker: Client) -> None:
        page = maker.get("/products/?sort=-score")
        assert page.context["only_mine"] == "?sort=-score&mine=1"
        assert 'href="?sort=-score&amp;mine=1">Only my products</a>' in page.content.decode()
        response = maker.get("/products/export.csv?mine=1&columns=ndc")
        file = b"".join(response.streaming_content).decode()
        assert "Filters,My products" in file
        assert [line.rpartition(",")[2] for line in file.splitlines()[-2:]] == ["0001-0001", "0001-0006"]

    def test_it_is_one_query_more_for_manufacturers(self, maker: Client, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(8):
            maker.get("/products/?mine=1")

    @pytest.mark.parametrize("role", [Role.PURCHASER, Role.OPERATOR, Role.ATTESTOR, Role.ESTABLISHMENT_CONTACT])
    def test_who_has_none_of_its_own_has_no_such_filter(self, maker: Client, role: Role) -> None:
        client = Client()
        client.force_login(factory.user_of("Newcomer", role))
        assert client.get("/products/?mine=1").context["wrong"] == ["There is no filter called “mine”."]
        page = client.get("/products/").content.decode()
        assert "My products" not in page
        assert "Only my products" not in page
        assert client.get("/products/export.csv?mine=1").status_code == 400
