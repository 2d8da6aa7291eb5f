"""The search: by words, by NDC in any form, and what it makes of typing errors."""

import re

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from products.models import Product
from products.queries import product_names
from ratings import filters
from ratings.queries.rating_list import words as words_of
from tests.pages.test_rating_page import words


@pytest.fixture(autouse=True)
def not_enrolled(pair: tuple[Product, Product]) -> None:
    Product.objects.create(
        ndc="000002-0800",
        display_ndc="0002-0800",
        nonproprietary_name="Cisplatin 100% pure",
        labeler_name="Bexley",
        strength="10 mg/mL",
    )


def answer(client: Client, text: str) -> str:
    return client.get("/products/", {"q": text}).content.decode()


def found(client: Client, text: str) -> list[str]:
    return re.findall(r'data-label="NDC"><span class="ndc">([^<]+)<', answer(client, text))


@pytest.mark.parametrize(
    ("text", "ndcs"),
    [
        ("", ["99901-101", "99901-202", "0002-0800"]),
        ("cisplatin", ["99901-101", "99901-202", "0002-0800"]),
        ("CISPLATIN vantry", ["99901-202"]),
        ("bexley", ["0002-0800"]),
        ("100%", ["0002-0800"]),
        ("_", []),
        ("cisplatin 1 mg/mL", ["99901-101", "99901-202"]),
        ("10mg/ml cisplatin", ["0002-0800"]),
        ("99901", ["99901-101", "99901-202"]),
        ("099901", ["99901-101", "99901-202"]),
        ("no such drug", []),
    ],
)
def test_by_words(operator_client: Client, text: str, ndcs: list[str]) -> None:
    assert found(operator_client, text) == ndcs


@pytest.mark.parametrize("text", ["0002-0800", "0002-0800-01", "00002080001", "000002-0800", "NDC 0002-0800-01"])
def test_by_ndc_goes_to_the_product(operator_client: Client, text: str) -> None:
    response = operator_client.get("/products/", {"q": text})
    assert response.url == "/products/000002-0800/"


def test_not_enrolled_ones_stand_apart(operator_client: Client) -> None:
    text = words(operator_client.get("/products/", {"q": "cisplatin"}).content.decode())
    apart = text.index("Not enrolled, which is neither good nor bad Nobody has enrolled these")
    assert text.index("Halden Sterile") < apart < text.index("Bexley")


def test_fifty_a_page_in_a_known_number_of_queries(
    operator_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Product.objects.bulk_create(
        Product(ndc=f"000003-{number:04}", display_ndc=f"0003-{number:04}", nonproprietary_name="cisplatin")
        for number in range(60)
    )
    # Session, user, the names that hold it, which products bear one, two parts of the rows, one count,
    # three choices.
    with django_assert_num_queries(10):
        assert len(found(operator_client, "cisplatin")) == 50
    with django_assert_num_queries(9):  # no search, but two counts: nobody knows that there are few
        operator_client.get("/products/")
    html = operator_client.get("/products/", {"q": "cisplatin", "page": 2}).content.decode()
    assert 'aria-label="Page 2" aria-current="page"' in html


@pytest.mark.parametrize("text", ["cisplatni", "sisplatin", "cisplatine", "Cisplatni 1 mg/mL"])
def test_a_typing_error_still_finds(operator_client: Client, text: str) -> None:
    assert found(operator_client, text)[:2] == ["99901-101", "99901-202"]
    said = words(answer(operator_client, text))
    assert f"Nothing is called “{text}” Did you mean cisplatin" in said
    assert "with names like it, the nearest first." in said


def test_a_typing_error_in_a_labeler(operator_client: Client) -> None:
    assert found(operator_client, "cisplatin vamtry") == ["99901-202"]
    assert 'href="?q=cisplatin%20vantry"' in answer(operator_client, "cisplatin vamtry")


def test_a_word_in_very_many_names_is_looked_for_in_the_products(
    operator_client: Client, pair: tuple[Product, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [found(operator_client, text) for text in ("cisplatin", "cisplatin halden", "halden steril", "ci")]
    monkeypatch.setattr(product_names, "MOST_NAMES", 0)
    assert asked == [found(operator_client, text) for text in ("cisplatin", "cisplatin halden", "halden steril", "ci")]
    assert asked[0] == asked[3]


def test_names_are_known_however_they_came(pair: tuple[Product, Product]) -> None:
    """By insert, by update and by raw SQL, in lower case, each once."""
    Product.objects.filter(pk=pair[0].pk).update(proprietary_name="Zyplara XR")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE products_product SET labeler_name = 'ZYPLARA ÄSTHETIK' WHERE id = %s", [pair[1].pk])
    assert product_names.names_with(["zyplara", "ÄSTHETIK", "xr"]) == {
        "zyplara": ["zyplara xr", "zyplara ästhetik"],
        "ÄSTHETIK": ["zyplara ästhetik"],
        "xr": None,  # two letters: too short for the index
    }
    assert product_names.names_near(["zyplaar"]) == {"zyplaar": {0.63: ["zyplara xr", "zyplara ästhetik"]}}


def test_strengths_are_found_as_labels_write_them(operator_client: Client, pair: tuple[Product, Product]) -> None:
    Product.objects.filter(pk=pair[0].pk).update(strength=".5 ug/mL")
    assert found(operator_client, "cisplatin 0.5 mcg/mL") == ["99901-101"]
    assert "0.5 mcg/mL" in words(answer(operator_client, "cisplatin 0.5 mcg/mL cisplatin").split("<table")[1])
    assert found(operator_client, "cisplatin 5 mcg") == []


def test_a_forgiving_search_costs_two_queries_more(
    operator_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """No name holds it, so no product is asked for it; the threshold is set and the names near to it are read."""
    with django_assert_num_queries(11):
        found(operator_client, "cisplatni")


@pytest.mark.parametrize("text", ["\0", "cis\0platin", "x" * 10_000, "\x1b[31m", "' OR 1=1 --", "(", "1(", "/", "."])
def test_no_text_breaks_the_search(operator_client: Client, text: str) -> None:
    assert operator_client.get("/products/", {"q": text}).status_code == 200


def test_a_search_has_a_longest_length(operator_client: Client) -> None:
    assert "x" * 201 not in answer(operator_client, "x" * 10_000)


@pytest.mark.parametrize("path", ["/products/%00/", "/products/%00/freshness/", "/method/%00/", "/products/%0a/"])
def test_control_characters_are_no_address(operator_client: Client, path: str) -> None:
    assert operator_client.get(path).status_code == 404


def test_bare_digits_say_how_they_were_read(operator_client: Client) -> None:
    assert "Read as 99901-101. Read as 9990-1101, it fits no product." in words(answer(operator_client, "99901101"))


def test_bare_digits_that_fit_nothing_invent_no_reading(operator_client: Client) -> None:
    said = words(answer(operator_client, "1234567890"))
    assert "No product has this NDC. 10 digits without dashes can be read in several ways" in said
    assert "1234-5678-90" not in said
    assert "Did you mean" not in said


def test_an_ndc_is_shown_as_it_was_typed(operator_client: Client) -> None:
    said = words(answer(operator_client, "0002-9999-01"))
    assert "No product has the NDC 0002-9999-01." in said
    assert "000002" not in said


def test_a_search_of_very_many_words_looks_for_the_first_eight() -> None:
    """Each word is a condition for every row: a hundred of them took seconds."""
    assert words_of("a b c d e f g h i j") == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert words_of("a a a a") == ["a"]


def test_many_found_or_few_are_the_same_list(
    operator_client: Client, pair: tuple[Product, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few are named by their keys, many by the question itself."""
    texts = ("cisplatin", "cisplatni", "cisplatin vantry", "99901", "no such drug")
    asked = [found(operator_client, text) for text in texts]
    monkeypatch.setattr(filters, "FEW", 1)
    assert asked == [found(operator_client, text) for text in texts]
    assert [len(ndcs) for ndcs in asked] == [3, 3, 1, 2, 0]
