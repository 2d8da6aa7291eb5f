"""Exports: the page's rows, order and columns, streamed, and harmless to open."""

import csv
import io
from datetime import date
from types import GeneratorType
from typing import Any

import openpyxl
import pytest
from django.test import Client

from dscr.access.roles import Role
from products.models import Product
from tests.pages import factory
from tests.pages.rating_rows import limit_some
from tests.pages.test_search import words

STEADY = "About steady supply. It says nothing about safety, effectiveness or quality."


def client_of(role: str | None) -> Client:
    client = Client()
    client.force_login(factory.user_with(role))
    return client


@pytest.fixture
def buyer(db: None) -> Client:
    return client_of(Role.PURCHASER)


def lines(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"/products/export.csv?{query}")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text[0] == "\ufeff"
    return list(csv.reader(io.StringIO(text[1:])))


def table(client: Client, query: str = "") -> list[list[str]]:
    """Heads and rows, below the empty line."""
    found = lines(client, query)
    return found[found.index([]) + 1 :]


def sheets(client: Client, query: str = "") -> tuple[list[list[Any]], list[list[Any]]]:
    response = client.get(f"/products/export.xlsx?{query}")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    first, second = ([[cell.value for cell in row] for row in book[name]] for name in ("NDCs", "About"))
    return first, second


def test_the_rows_and_columns_of_the_page(rows: dict[str, Product], buyer: Client) -> None:
    heads, *body = table(buyer, "sort=-score&columns=score&columns=band&columns=coverage")
    assert heads == [
        "Product",
        "Dosage form",
        "Strength",
        "Score (0 to 100)",
        "Band (1 very low to 5 very high)",
        "Band or status",
        "Limits of the band",
        "On watch",
        "Under review since (date)",
        "Based on (% of what applies)",
    ]
    assert [row[3:] for row in body] == [
        ["88.0", "5", "Very high", "none", "no", "", "70"],
        ["61.2", "3", "Moderate", "none", "no", "", "90"],
        ["40.5", "2", "Low", "none", "no", "", "100"],
        ["", "", "Cannot be computed", "", "", "", ""],
        ["", "", "Insufficient data", "", "", "", "95"],
        ["", "", "Not enrolled", "", "", "", ""],
        ["", "", "Not enrolled", "", "", "", ""],
    ]


@pytest.mark.parametrize("columns", ["columns=band", "columns=limits", "columns=limits&columns=band"])
def test_limits_are_in_both_files(rows: dict[str, Product], buyer: Client, columns: str) -> None:
    limit_some(rows)
    query = f"{columns}&status=rated&sort=name"
    expected = {
        "0001-0004": ("single point of failure", "yes"),
        "0001-0002": ("none in effect", "no"),
        "0001-0001": ("active shortage, unresolved official action", "no"),
    }
    heads, *body = table(buyer, f"{query}&columns=ndc")
    (_, *cells), _ = sheets(buyer, f"{query}&columns=ndc")
    first = heads.index("Limits of the band")
    for found in (body, cells):
        assert {row[3]: (row[first], row[first + 1]) for row in found} == expected


@pytest.mark.parametrize("query", ["", "sort=-labeler", "band=2&band=3&sort=score", "q=cisplatni", "columns=ndc"])
def test_page_and_both_files_say_the_same(rows: dict[str, Product], buyer: Client, query: str) -> None:
    context = buyer.get(f"/products/?{query}").context
    shown = [row.display_ndc for row in [*context["enrolled"], *context["not_enrolled"]]]
    heads, *body = table(buyer, query)
    assert [row[heads.index("NDC")] for row in body] == shown
    (xlsx_heads, *xlsx_body), _ = sheets(buyer, query)
    assert xlsx_heads == heads
    assert [row[heads.index("NDC")] for row in xlsx_body] == shown
    columns = [head for column in context["columns"] for head in column.heads]
    # What the page notes below a band is three cells in a file.
    noted = ("Limits of the band", "On watch", "Under review since (date)")
    assert [head for head in heads if head not in noted] == columns


def test_numbers_are_numbers_and_dates_dates(rows: dict[str, Product], buyer: Client) -> None:
    (_, first, *_), _ = sheets(buyer, "molecule=cisplatin&columns=score&columns=band&columns=updated")
    assert first[3:8] == [61.2, 3, "Moderate", "none", "no"]
    assert first[9].date() >= date(2026, 1, 1)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\tx", "  =1+1"])
def test_a_name_never_becomes_a_formula(buyer: Client, name: str) -> None:
    Product.objects.create(ndc="000001-0001", display_ndc="0001-0001", nonproprietary_name=name, labeler_name=name)
    row = table(buyer)[1]
    assert (row[0].lower(), row[4]) == (f"'{name}".lower(), f"'{name}")
    response = buyer.get("/products/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    cell = book["NDCs"]["A2"]
    assert (cell.data_type, cell.value.strip().lower()) == ("s", name.strip().lower())
    assert cell.hyperlink is None


def test_both_say_who_exported_what(rows: dict[str, Product], buyer: Client) -> None:
    about = {line[0]: line[1] for line in lines(buyer, "band=3&sort=-score")[:7]}
    assert about["Exported by"] == "purchaser@demo.example, Purchaser, DSCR program office"
    assert about["Filters"] == "Band: Moderate"
    assert about["Sorted by"] == "score, descending; not enrolled last"
    assert about["Method"] == "DSCR methodology 2026.1"
    assert about["About"] == STEADY
    _, second = sheets(buyer, "band=3&sort=-score")
    assert {row[0]: row[1] for row in second} == about


def test_it_is_streamed_by_a_cursor_of_the_server(rows: dict[str, Product], buyer: Client) -> None:
    response = buyer.get("/products/export.csv")
    assert response.streaming
    assert isinstance(response._iterator, map | GeneratorType)  # type: ignore[attr-defined]
    assert response["Content-Disposition"].startswith('attachment; filename="dscr-ndcs-')


def test_an_export_is_noted(rows: dict[str, Product], buyer: Client, django_assert_num_queries: Any) -> None:
    # Session, user, the note, and two parts of the list.
    with django_assert_num_queries(5):
        lines(buyer, "band=3")
    from dscr.audit.models import AuditEntry

    entry = AuditEntry.objects.filter(action="exported").latest("pk")
    assert (entry.label, entry.detail) == ("List of NDCs (CSV)", "Filters: Band: Moderate")


def test_a_bad_address_is_plain_words(buyer: Client) -> None:
    for ending in ("csv", "xlsx"):
        response = buyer.get(f"/products/export.{ending}?band=9&bnd=1&columns=price")
        assert response.status_code == 400
        assert response.content.decode().splitlines() == [
            "Band: “9” is no band; give 1 (very low) to 5 (very high).",
            "There is no filter called “bnd”.",
            "Columns: “price” is no column.",
        ]


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.LEAD_ASSESSOR, None])
@pytest.mark.parametrize("path", ["/products/", "/products/export.csv", "/products/export.xlsx", "/molecules/"])
def test_assessors_find_none_of_it(rows: dict[str, Product], role: str | None, path: str) -> None:
    assert client_of(role).get(path).status_code == 404


def test_a_purchaser_reads_no_figure_beyond_the_published(pair: tuple[Product, Product]) -> None:
    client = client_of(Role.PURCHASER)
    every = "&".join(f"columns={key}" for key in ("ndc", "labeler", "molecule", "route", "score", "band", "coverage"))
    page = words(client.get(f"/products/?{every}").content.decode())
    for text in (page, str(table(client, every))):
        for hidden in ("Halden Plant 2", "Ashvale", "Corvo", str(pair[0].snapshots.get().exact)):
            assert hidden not in text
