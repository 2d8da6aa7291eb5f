"""The list of NDCs: searched, filtered, sorted, in chosen columns; those not enrolled apart; all in its address."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from dscr.audit.notes import note_each
from products.models import Product
from products.ndc import Ndc
from ratings import figures, sentences
from ratings.columns import BY_KEY, CHOOSABLE, Column, Marks, chosen_columns, with_columns
from ratings.figures import joined
from ratings.filters import RatingFilter, band_choices, status_choices
from ratings.models import Status
from ratings.queries.granted_list import DisclosedFigures, asked_columns, disclosed_columns, still_disclosed
from ratings.queries.list_parts import (
    COUNTED,
    Standings,
    count_standings,
    count_standings_of_few,
    directory_values,
    routes,
    slice_of,
    standings_of,
)
from ratings.queries.preview import preview_notes
from ratings.queries.rating_list import SEARCHED, is_strength, ndc_readings, own_products, typed, words
from ratings.queries.rating_list import rating_list as read_list
from ratings.views.list_state import OTHER_NAMES, address, chips, heads, page_number, pages

PER_PAGE = 50
SUGGESTIONS = 3


@require_safe
@vary_on_headers("HX-Request")
def rating_list(request: HttpRequest) -> HttpResponse:
    found = RatingFilter(request.GET, queryset=read_list(request.user), own=own_products(request.user))
    is_part = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    text = typed(request.GET.get("q", ""))
    read = ndc_readings(text)
    asked = request.GET.getlist("columns")
    disclosed = asked_columns(request.user, asked) if is_part else disclosed_columns(request.user)
    columns, strangers = chosen_columns(still_disclosed(asked, disclosed), disclosed)
    number, wrong_page = page_number(request.GET)
    wrong = [said for name in (found.errors, found.unknown(*OTHER_NAMES)) for lines in name.values() for said in lines]
    wrong += [f"Columns: “{key}” is no column." for key in strangers] + wrong_page
    rows = [] if wrong else _rows(request, found, columns, (number - 1) * PER_PAGE)
    if len(read) == 1 and len(rows) == 1 and not is_part:
        return redirect("ratings:rating-detail", ndc=rows[0].ndc)
    context: dict[str, Any] = {
        "text": text,
        "found": found,
        "wrong": wrong,
        "chips": [] if found.errors else chips(found),
        "heads": [] if wrong else heads(found, columns),
        "columns": columns,
        "every_column": [*CHOOSABLE, *disclosed],
        "offers_mine": found.own is not None,
        "only_mine": "" if found.own is None or "mine" in request.GET else address(request.GET, mine=1),
        "shows_limits": BY_KEY["limits"] in columns,
        "shows_reviews": BY_KEY["review"] in columns,
        "enrolled": [row for row in rows[:PER_PAGE] if not row.not_enrolled],
        "heads_caption": heads_caption(rows[:PER_PAGE]),
        "not_enrolled": [row for row in rows[:PER_PAGE] if row.not_enrolled],
        "ndc_sentence": ndc_sentence(read, {product.ndc for product in rows}),
        "forgave": found.forgave,
        "suggestions": suggestions(text, rows[:PER_PAGE]) if found.forgave else [],
        "steady_supply": sentences.STEADY_SUPPLY,
        "shows_synthetic": any(product.is_synthetic for product in rows),
        "export_query": address(request.GET),
        "list_address": address(request.GET, page=number if number > 1 else None),
    }
    context |= _pages(request, found, number, rows) if not wrong else {"count_sentence": ""}
    if not is_part:
        context |= {"dosage_forms": directory_values("dosage_form"), "routes": routes()}
        context |= {"bands": band_choices(), "statuses": status_choices()}
    response = render(request, f"ratings/{'_filter_results_part' if is_part else 'rating_list'}.html", context)
    if disclosed:
        add_never_cache_headers(response)  # no copy outlives a withdrawal
    if is_part:
        response["HX-Push-Url"] = reverse("ratings:rating-list") + context["list_address"].rstrip("?")
    return response


def _rows(request: HttpRequest, found: RatingFilter, columns: Sequence[Column], start: int) -> list[Product]:
    """A page of rows and one more, which says that there is a next page. Disclosed figures on it are noted."""
    rows = slice_of([with_columns(part, columns) for part in found.parts], start, PER_PAGE + 1)
    marks = Marks(columns, [row.ndc for row in rows])
    disclosed = DisclosedFigures(request.user, columns, [row.pk for row in rows[:PER_PAGE]])
    note_each(request, "viewed", disclosed.grants, detail="list of NDCs")
    previews = preview_notes(request.user, (getattr(row, "rating", None) for row in rows))
    for row in rows:
        row.preview_note = previews.get(row.pk)
    return [disclosed.mark(marks.mark(row)) for row in rows]


def _pages(request: HttpRequest, found: RatingFilter, number: int, rows: Sequence[Product]) -> dict[str, Any]:
    counted = _counted(found, number, rows)
    count = counted.heads + counted.rest if max(counted.heads, counted.rest) <= COUNTED else None
    said = {"count_sentence": count_sentence(*counted), "has_rows": bool(counted.heads + counted.rest)}
    return said | pages(request.GET, number, PER_PAGE, count, has_next=len(rows) > PER_PAGE)


def _counted(found: RatingFilter, number: int, rows: Sequence[Product]) -> Standings:
    """Nothing is asked again where the first page holds all."""
    if number == 1 and len(rows) <= PER_PAGE:
        return standings_of(rows)
    return count_standings_of_few(found.filtered) if found.is_few else count_standings(found.filtered)


def count_sentence(heads: int, withdrawn: int, rest: int) -> str:
    """7 enrolled products, 1 that is withdrawn and 2 that are not enrolled; of many only that they are more than 1,000.

    heads: enrolled or withdrawn; withdrawn: of those; rest: never enrolled.
    """
    told = []
    if heads > COUNTED:
        told.append(f"{_many(heads)} enrolled or withdrawn products")
    elif heads > withdrawn or not heads + rest:
        enrolled = heads - withdrawn
        told.append(f"{_many(enrolled)} enrolled {'product' if enrolled == 1 else 'products'}")
    for count, state in ((0 if heads > COUNTED else withdrawn, "withdrawn"), (rest, "not enrolled")):
        if count:
            what = "" if told else " product" if count == 1 else " products"
            told.append(f"{_many(count)}{what} that {'is' if count == 1 else 'are'} {state}")
    return figures.first_up(joined(told))


def heads_caption(rows: Sequence[Product]) -> str:
    """Of the table of products with a head."""
    has_left = any(not row.not_enrolled and row.rating.status == Status.WITHDRAWN for row in rows)
    return "Enrolled and withdrawn products" if has_left else "Enrolled products"


def _many(count: int) -> str:
    return f"more than {COUNTED:,}" if count > COUNTED else f"{count:,}" if count else "no"


def ndc_sentence(read: Sequence[Ndc], found: set[str]) -> str:
    """How the digits were read; where they fit nothing, no reading is made up for them."""
    if not read:
        return ""
    fits = [ndc.written for ndc in read if ndc.product in found]
    misses = [ndc.written for ndc in read if ndc.product not in found]
    if not fits:
        if len(read) == 1:
            return f"No product has the NDC {read[0].written}."
        digits = len(read[0].written.replace("-", ""))
        return (
            f"No product has this NDC. {digits} digits without dashes can be read in several ways: "
            "write it with its dashes, such as 0002-0800-01."
        )
    said = f"Read as {joined(fits, 'or')}."
    return f"{said} Read as {joined(misses, 'or')}, it fits no product." if misses else said


def suggestions(text: str, rows: Sequence[Product]) -> list[str]:
    """What the text may have meant: each word as the nearest names found write it."""
    meant = (" ".join(_nearest(word, product) for word in words(text)) for product in rows)
    return list(dict.fromkeys(meant))[:SUGGESTIONS]


def _nearest(word: str, product: Product) -> str:
    if is_strength(word):
        return word
    names = " ".join(getattr(product, field) for field in SEARCHED).lower().replace(",", " ").split()
    return max(names, key=lambda name: SequenceMatcher(None, word.lower(), name).ratio(), default=word)
