"""The list of NDCs: every filter, every order, and what it answers to values that make no sense."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dscr.access.roles import Role
from products.models import DrugList, DrugListEntry, Product, Shortage
from ratings.filters import RatingFilter
from ratings.queries.rating_list import rating_list
from tests.pages import factory
from tests.pages.rating_rows import filtered, letters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "debacxy"),
        ("molecule=cisplatin", "acy"),
        ("molecule=cis", ""),
        ("dosage_form=tablet", "b"),
        ("route=topical", "d"),
        ("route=oral", "d"),
        ("route=INTRAVENOUS&molecule=atropine", "ex"),
        ("labeler=vant", "bc"),
        ("labeler=%25", ""),
        ("band=5", "b"),
        ("band=3&band=2", "da"),
        ("status=rated", "dba"),
        ("status=insufficient_data&status=not_enrolled", "cxy"),
        ("status=not_yet_rated", ""),
        ("status=cannot_be_computed", "e"),
        ("enrolled=yes", "debac"),
        ("enrolled=false", "xy"),
        ("min_score=61.2", "ba"),
        ("max_score=61.2", "da"),
        ("min_score=41&max_score=87", "a"),
        ("q=atropine", "dex"),
        ("q=atropnie", "dex"),
        ("q=0001-0003", "c"),
        ("q=vantry&molecule=CISPLATIN&status=insufficient_data", "c"),
        ("molecule=&band=&sort=&q=", "debacxy"),
    ],
)
def test_filters(rows: dict[str, Product], query: str, expected: str) -> None:
    assert letters(query) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", "debacxy"),
        ("-name", "cabedyx"),
        ("labeler", "edabcxy"),
        ("-labeler", "cbadeyx"),
        ("score", "dabcexy"),
        ("-score", "badecyx"),
        ("band", "dabcexy"),
        ("-band", "badecyx"),
        ("coverage", "badcexy"),
        ("-coverage", "dabceyx"),
        ("updated", "abcdexy"),
        ("-updated", "dcbaeyx"),
    ],
)
def test_orders(rows: dict[str, Product], sort: str, expected: str) -> None:
    """Without a score last in both directions of what only a score has; not enrolled after all."""
    assert letters(f"sort={sort}") == expected
    parts = filtered(f"sort={sort}").parts
    assert "".join(product.proprietary_name for part in parts for product in part) == expected


def test_shortage_is_what_the_latest_change_of_a_package_says(rows: dict[str, Product]) -> None:
    today = timezone.localdate()
    entries = [
        ("a", "01", "current", 5),
        ("a", "01", "resolved", 9),
        ("b", "01", "current", 9),
        ("b", "01", "resolved", 3),
        ("c", "01", "resolved", 9),
        ("c", "02", "current", 9),
        ("d", "01", "current", 4),
        ("d", "01", "resolved", 4),
        ("y", "01", "current", 1),
        ("x", "01", "current", -2),
    ]
    for place, (letter, package, status, days) in enumerate(entries):
        Shortage.objects.create(
            package_ndc=f"{rows[letter].ndc}-{package}",
            status=status,
            changed_on=today - timedelta(days=days),
            entry_key=str(place),
        )
    assert letters("in_shortage=yes") == "dacy"
    assert letters("in_shortage=no") == "ebx"


def test_a_list_names_molecules_by_every_route_or_by_one(rows: dict[str, Product]) -> None:
    essential = DrugList.objects.create(name="Essential")
    DrugListEntry.objects.create(drug_list=essential, molecule="cisplatin")
    DrugListEntry.objects.create(drug_list=essential, molecule="ATROPINE", route="intravenous")
    assert letters(f"list={essential.pk}") == "eacxy"


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("band=9", "band", "Band: “9” is no band; give 1 (very low) to 5 (very high)."),
        ("band=3&band=low", "band", "Band: “low” is no band; give 1 (very low) to 5 (very high)."),
        ("list=77", "list", "Drug list: There is no such list; give the number of one."),
        ("in_shortage=maybe", "in_shortage", "In shortage: “maybe” is neither yes nor no."),
        ("enrolled=2", "enrolled", "Enrolled: “2” is neither yes nor no."),
        ("min_score=high", "min_score", "Lowest score: Give a number from 0 to 100."),
        ("max_score=101", "max_score", "Highest score: Give a number from 0 to 100."),
        ("min_score=nan", "min_score", "Lowest score: Give a number from 0 to 100."),
        ("min_score=60&max_score=40", "max_score", "Highest score: 40 is below the lowest score, 60."),
        ("molecule=a&molecule=b", "molecule", "Molecule: Give one value only."),
    ],
)
def test_a_bad_value_is_named_and_finds_nothing(rows: dict[str, Product], query: str, name: str, message: str) -> None:
    found = filtered(query)
    assert found.errors == {name: [message]}
    assert list(found.qs) == []


def test_unknown_status_and_order_say_what_there_is(rows: dict[str, Product]) -> None:
    errors = filtered("status=good&sort=price").errors
    assert errors["status"][0].startswith("Status: “good” is no status; give one of rated, insufficient_data,")
    assert errors["sort"] == [
        "Sort: “price” is no order; give one of name, labeler, score, band, coverage, updated, with a - for down."
    ]


def test_a_mistyped_filter_is_not_silently_ignored(rows: dict[str, Product]) -> None:
    assert filtered("bnd=3&page=2").unknown("page") == {"bnd": ["There is no filter called “bnd”."]}


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.LEAD_ASSESSOR, None])
def test_other_roles_find_nothing(rows: dict[str, Product], role: str | None) -> None:
    assert not RatingFilter({}, queryset=rating_list(factory.user_with(role))).qs


def test_ordering_is_apart_from_filtering(rows: dict[str, Product]) -> None:
    found = filtered("sort=-score")
    assert not found.filtered.query.order_by
    assert len(found.ordering) == 3  # with a score first, the score, the NDC
