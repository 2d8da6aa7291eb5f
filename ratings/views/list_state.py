"""What a list's address says, and addresses that say it a little differently: nothing of a list is kept elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict

from ratings.columns import SORTED_DOWN_FIRST, USUAL, Column
from ratings.filters import RatingFilter
from ratings.queries.rating_list import typed
from ratings.scoring import available_versions, load_methodology

OTHER_NAMES = ("page", "columns")
LAST_PAGE = 100_000
YES_AND_NO = {
    "in_shortage": ("On the FDA shortage list", "Not on the FDA shortage list"),
    "enrolled": ("Enrolled", "Not enrolled"),
    "mine": ("My products", "Not my products"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter in words, and the address without it."""

    text: str
    address: str


def address(data: QueryDict, **changes: Any) -> str:
    """The query string with changes (None or "" takes out), without the page unless it is one of them, and without
    what is empty: two ways to the same list have one address."""
    wanted: dict[str, Sequence[str]] = {name: data.getlist(name) for name in data if name != "page"}
    if set(wanted.get("columns", ())) == set(USUAL):
        del wanted["columns"]  # a form sends its boxes also where nobody touched them
    if "q" in wanted:
        wanted["q"] = [typed(data["q"])]
    wanted |= {name: value if isinstance(value, list) else [value] for name, value in changes.items()}
    kept = QueryDict(mutable=True)
    for name, values in wanted.items():
        kept.setlist(name, [str(value) for value in dict.fromkeys(values) if value not in (None, "")])
    text = kept.urlencode()
    return f"?{text}" if text else "?"


def page_number(data: Mapping[str, Any]) -> tuple[int, list[str]]:
    """(from 1, what is wrong with it)."""
    given = data.get("page") or "1"
    if given.isascii() and given.isdecimal() and len(given) <= 9 and 1 <= int(given) <= LAST_PAGE:
        return int(given), []
    return 1, [f"Page: there is no page “{given[:40]}”."]


def chips(found: RatingFilter) -> list[Chip]:
    made = []
    for name, value in found.form.cleaned_data.items():
        if name == "sort" or value in (None, "", []):
            continue
        given = [name_of for name_of in found.data.getlist(name) if name_of]
        for one in given if isinstance(value, list) else given[-1:]:
            left = [other for other in given if other != one] if isinstance(value, list) else None
            made.append(Chip(_in_words(found, name, one), address(found.data, **{name: left})))
    return made


def _in_words(found: RatingFilter, name: str, value: str) -> str:
    if name == "q":
        return f"Search: “{typed(value)}”"
    field, cleaned = found.form.fields[name], found.form.cleaned_data[name]
    if isinstance(cleaned, bool):
        return YES_AND_NO[name][0 if cleaned else 1]
    if isinstance(cleaned, list):
        return f"{field.label}: {dict(field.choices).get(value, value)}"
    return f"{field.label}: {cleaned}"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: a click sorts by it, or turns the order round."""

    column: Column
    address: str
    direction: str  # ascending, descending, or "" where the list is sorted by another


def heads(found: RatingFilter, columns: Sequence[Column]) -> list[Head]:
    key, down = found.sorted_by
    made = []
    for column in columns:
        direction = ("descending" if down else "ascending") if column.sort and column.sort == key else ""
        turned = direction == "ascending" if direction else column.sort in SORTED_DOWN_FIRST
        made.append(Head(column, address(found.data, sort=f"{'-' if turned else ''}{column.sort}"), direction))
    return made


def filters_in_words(found: RatingFilter) -> str:
    """For an export and its note in the audit."""
    return "; ".join(chip.text for chip in chips(found)) or "none"


def method_version() -> str:
    return load_methodology(available_versions()[-1]).version


def pages(data: QueryDict, number: int, per_page: int, count: int | None, *, has_next: bool) -> dict[str, Any]:
    """Of templates/ratings/_filter_pages_part.html. `count` is None where rows were not counted to the end: then there
    are only the pages before and after."""
    paginator = Paginator(range(count or 0), per_page)
    shows_numbers = 1 <= number <= paginator.num_pages > 1
    return {
        "number": number,
        "pages": [
            (page, address(data, page=page) if isinstance(page, int) else "")
            for page in paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)
        ]
        if shows_numbers
        else [],
        "previous": address(data, page=number - 1 if number > 2 else None) if number > 1 else "",
        "next": address(data, page=number + 1) if has_next else "",
        "first": address(data),
    }
